"""The numbers that decoding keeps."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.core import check, exact, note, refute_unless
from attnproof.theory.operator.neural_attention_search_linear import LINEAR, SOFTMAX
from attnproof.theory.paper.nats_l.decoding import Decoder
from attnproof.theory.paper.nats_l.search_and_cost import COST


def _kept(types, chunk, widths) -> list[int]:
    """How many numbers the decoder keeps at the end of each chunk."""
    decoder = Decoder(*widths, 0.0, power=lambda scores: 1 + 0 * scores)
    query, value = np.ones(widths[0]), np.ones(widths[1])
    kept = []
    for kind in types:
        for _ in range(chunk):
            decoder.step(query, query, value, 1.0, 1.0)
        kept.append(decoder.numbers)
        decoder.close(kind == SOFTMAX)
    return kept


@check(
    COST,
    part="memory",
    establishes=exact(
        bound="C = 1, 2, 3, 4 chunks, all patterns, d_k = 3, d_v = 2; the size is bilinear in both"
    ),
    claimed=dict(stated=lambda m, C, dk, dv: m * C * (dk + dv) + C * (dk + dv) + 2 * dk * dv),
    controls={
        "own chunk forgotten": dict(stated=lambda m, C, dk, dv: m * C * (dk + dv) + 2 * dk * dv),
        "one state": dict(stated=lambda m, C, dk, dv: (m + 1) * C * (dk + dv) + dk * dv),
        "keys only": dict(stated=lambda m, C, dk, dv: (m + 1) * C * dk + 2 * dk * dv),
    },
)
def numbers_in_the_cache(stated) -> None:
    """Counted in the decoder of `chunk-equals-recurrent`, which says that it computes the layer."""
    for chunk in (1, 2, 3):
        for types in product((SOFTMAX, LINEAR), repeat=4):
            for at, found in enumerate(_kept(types, chunk, (3, 2))):
                before = types[:at].count(SOFTMAX)
                refute_unless(
                    found == stated(before, chunk, 3, 2),
                    "the cache has another size",
                    types=list(types),
                    C=chunk,
                    chunk=at,
                    numbers=found,
                )
    for share in (0, 10, 25, 100):
        whole = stated(2048 * share // 100, 64, 128, 256) / (131_072 * (128 + 256))
        note(**{f"share_of_softmax_cache_at_{share}_per_cent": f"{whole:.4f}"})
