"""Stripes of global tokens, built from rectangles."""

from __future__ import annotations

import numpy as np

from attnproof.theory.core import check, counterexample, exact, note, refute_unless
from attnproof.theory.operator.attention_mask import mask_slice, window
from attnproof.theory.paper.longca_bench.slice_area import GLOBAL_STRIPES, GLOBAL_STRIPES_FULL


def built(tokens: int, width: int, kinds: tuple[str, str], reach: int) -> np.ndarray:
    """Two stripes of the given kinds, and a window on the other tokens."""
    allowed = np.zeros((tokens, tokens), dtype=bool)
    allowed[:, :width] = mask_slice(tokens, width, kinds[0])
    allowed[:width, width:] = mask_slice(width, tokens - width, kinds[1])
    rest = np.arange(tokens - width)
    allowed[width:, width:] = window(reach + 1)(rest[:, None], rest)
    return allowed


@check(
    GLOBAL_STRIPES,
    establishes=counterexample(over="T = 24, w = 3", by="cells of the mask"),
    claimed=dict(kinds=("causal", "causal"), tokens=24, width=3),
    controls={
        "first stripe causal": dict(kinds=("causal", "full")),
        "second stripe causal": dict(kinds=("full", "causal")),
        "inverse causal": dict(kinds=("inverse causal", "full")),
    },
    repairs={
        "full": dict(kinds=("full", "full")),
        "one global token, second stripe causal": dict(kinds=("full", "causal"), width=1),
    },
)
def global_tokens_are_seen(kinds, tokens, width) -> None:
    """Cells of the two stripes that are missing."""
    allowed = built(tokens, width, kinds, width)
    unseen = int((~allowed[:, :width]).all(axis=1).sum())
    note(cells=int(allowed.sum()), queries_that_see_no_global_token=unseen)
    refute_unless(
        bool(allowed[:, :width].all() and allowed[:width].all()),
        "a query does not see a global token, or the reverse",
        cells=int(allowed.sum()),
        cells_intended=int(built(tokens, width, ("full", "full"), width).sum()),
        queries_that_see_no_global_token=unseen,
    )


@check(
    GLOBAL_STRIPES_FULL,
    establishes=exact(bound="every 1 ≤ w, 2w ≤ T ≤ 24", by="cells of the mask"),
    claimed=dict(kinds=("full", "full"), beyond=0),
    controls={
        "causal stripes": dict(kinds=("causal", "causal")),
        "window one wider": dict(beyond=1),
    },
)
def union_of_stripes_and_window(kinds, beyond) -> None:
    """Cell by cell, against the predicate of two positions."""
    for tokens in range(2, 25):
        i, j = np.ogrid[:tokens, :tokens]
        for width in range(1, tokens // 2 + 1):
            meant = (i < width) | (j < width) | (abs(i - j) <= width)
            refute_unless(
                bool((built(tokens, width, kinds, width + beyond) == meant).all()),
                "another mask",
                tokens=tokens,
                width=width,
            )
