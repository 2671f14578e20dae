"""Zig-zag under masks that are not causal alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    exact,
    note,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.attention_mask import (
    causal,
    causal_documents,
    causal_window,
    causal_with_prefix,
    full,
)
from attnproof.theory.operator.sequence_partition import (
    contiguous,
    striped,
    zigzag,
    zigzag_of_each_document,
)
from attnproof.theory.paper.longca_bench.balance import (
    BALANCED_FOR_ALL,
    BALANCED_WHERE,
    CAUSAL_BALANCE,
)

DOCUMENTS = (48, 8, 8)


def cells(mask, held) -> list[int]:
    """Allowed cells of each rank."""
    keys = np.arange(sum(map(len, held)))
    return [int(mask(positions[:, None], keys).sum()) for positions in held]


@check(
    BALANCED_FOR_ALL,
    establishes=counterexample(over="64 tokens on 4 ranks", by="cells of the mask"),
    claimed=dict(mask=causal_documents(DOCUMENTS), held=zigzag(64, 4)),
    controls={
        "a prefix of 24 tokens": dict(mask=causal_with_prefix(24)),
        "a causal window of 8": dict(mask=causal_window(8)),
        "striped documents": dict(held=striped(64, 4)),
        "causal, contiguous": dict(mask=causal, held=contiguous(64, 4)),
    },
    repairs={
        "causal": dict(mask=causal),
        "full": dict(mask=full),
        "documents, each in zig-zag": dict(held=zigzag_of_each_document(DOCUMENTS, 4)),
    },
)
def every_rank_has_the_mean(mask, held) -> None:
    """Counted cell by cell."""
    counted = cells(mask, held)
    ratio = Fraction(max(counted) * len(counted), sum(counted))
    note(cells=counted, largest_over_mean=f"{float(ratio):.4f}")
    refute_unless(
        min(counted) == max(counted),
        "some rank has more cells than another",
        cells_by_rank=counted,
        largest_over_mean=ratio,
    )


alpha, beta, n, r, P, h, w = scalars("alpha beta n r P h w")


@check(
    BALANCED_WHERE,
    part="linear rows",
    establishes=proof(over="every α, β, P, h and r"),
    claimed=dict(second=2 * P - 1 - r, row=lambda i: alpha + beta * i),
    controls={
        "next piece instead": dict(second=r + 1),
        "quadratic rows": dict(row=lambda i: alpha + beta * i + i * i),
    },
)
def linear_rows_balance(second, row) -> None:
    """Rows a + t and b + n − 1 − t of two pieces that begin at a = rh and b = (2P − 1 − r)h are
    paired: ``m(a + t) + m(b + h − 1 − t) = 2α + β(2Ph − 1)``, whatever r and t are."""
    (t,) = scalars("t")
    pair = row(r * h + t) + row(second * h + h - 1 - t)
    follows(
        pair - (2 * alpha + beta * (2 * P * h - 1)),
        message="two paired rows do not always have the same cells",
    )


def _documents():
    """Some up to three documents on up to four ranks, every length 2P, 4P or 6P."""
    for ranks in (1, 2, 3, 4):
        for count in (1, 2, 3):
            for sizes in np.ndindex(*[3] * count):
                yield [2 * ranks * (int(size) + 1) for size in sizes], ranks


def document_cells(lengths, ranks):
    """``Σ h(2Ph + 1)``."""
    halves = [length // (2 * ranks) for length in lengths]
    return sum(half * (2 * ranks * half + 1) for half in halves)


@check(
    BALANCED_WHERE,
    part="documents",
    establishes=exact(bound="up to 3 documents of 2P, 4P or 6P tokens, P ≤ 4", by="cells"),
    claimed=dict(partition=zigzag_of_each_document, formula=document_cells),
    controls={
        "zig-zag of the whole": dict(partition=lambda lengths, P: zigzag(sum(lengths), P)),
        "one document of the sum": dict(
            formula=lambda lengths, P: document_cells([sum(lengths)], P)
        ),
        "without the diagonals": dict(
            formula=lambda lengths, P: sum(length**2 // (2 * P) for length in lengths)
        ),
    },
)
def documents_in_zigzag_each(partition, formula) -> None:
    """Counted in the mask."""
    for lengths, ranks in _documents():
        counted = cells(causal_documents(lengths), partition(lengths, ranks))
        stated = formula(lengths, ranks)
        refute_unless(
            counted == [stated] * ranks,
            "a rank has another number of cells",
            lengths=lengths,
            ranks=ranks,
            counted=counted,
            stated=stated,
        )


(total,) = scalars("total")


@check(
    BALANCED_WHERE,
    part="documents",
    establishes=proof(over="every P, every number of documents (induction) of lengths 2Ph_e"),
    claimed=dict(second=2 * P - 1 - r),
    controls={
        "next piece instead": dict(second=r + 1),
        "mirror image off by one": dict(second=2 * P - r),
    },
)
def another_document(second) -> None:
    """Base: no document, no cell. Step: a document more, of 2Ph tokens, adds
    ``h(2Ph + 1)`` cells on rank r, since its rows see only itself; `total` is what came before."""
    piece = lambda start: h * start + h * (h + 1) / 2
    added = piece(r * h) + piece(second * h)
    follows((total + added) - (total + h * (2 * P * h + 1)), message="the ranks differ")


def window_cells(rank, half, width):
    """``2hw − w(w − 1)/2`` on rank 0, ``2hw`` on the others."""
    return 2 * half * width - (width * (width - 1) // 2 if rank == 0 else 0)


@check(
    BALANCED_WHERE,
    part="window",
    establishes=exact(bound="P ≤ 5, h ≤ 6, every w ≤ h + 1", by="cells of the mask"),
    claimed=dict(widths=lambda half: range(1, half + 2), formula=window_cells),
    controls={
        "no loss on rank 0": dict(formula=lambda rank, half, width: 2 * half * width),
        "loss on every rank": dict(formula=lambda rank, half, width: window_cells(0, half, width)),
        "wider than a piece": dict(widths=lambda half: [half + 2], drops="short window"),
    },
)
def window_in_zigzag(widths, formula) -> None:
    """Counted in the mask."""
    for ranks in range(1, 6):
        for half in range(1, 7):
            for width in widths(half):
                counted = cells(causal_window(width), zigzag(2 * ranks * half, ranks))
                stated = [formula(rank, half, width) for rank in range(ranks)]
                refute_unless(
                    counted == stated,
                    "a rank has another number of cells",
                    ranks=ranks,
                    half=half,
                    width=width,
                    counted=counted,
                    stated=stated,
                )


@check(
    BALANCED_WHERE,
    part="window",
    establishes=proof(over="every P, h and w ≤ h + 1"),
    claimed=dict(deficit=w * (w - 1) / 2),
    controls={"one row too many": dict(deficit=w * (w + 1) / 2), "none": dict(deficit=0 * w)},
)
def first_rows_lack_cells(deficit) -> None:
    """Row i sees ``min(i + 1, w)`` keys: w from row w − 1 on, and i + 1 before. The first w − 1
    rows lack ``Σ_{i<w−1} (w − 1 − i) = w(w − 1)/2`` cells, by induction over rows: n rows lack
    ``n(w − 1) − n(n − 1)/2``. For w − 1 ≤ h they lie on the first piece, which rank 0 holds."""
    lacking = lambda rows: rows * (w - 1) - rows * (rows - 1) / 2
    follows(lacking(n * 0), message="no row lacks cells")
    follows(lacking(n + 1) - lacking(n) - (w - 1 - n), message="a row lacks another number")
    follows(lacking(w - 1) - deficit, message="the first rows lack another number of cells")


@plot(BALANCED_FOR_ALL)
def largest_over_mean() -> Plot:
    """64 tokens on 4 ranks: the busiest rank against the mean."""
    masks = {
        "causal": causal,
        "documents 48, 8, 8": causal_documents(DOCUMENTS),
        "prefix 24": causal_with_prefix(24),
        "window 8": causal_window(8),
    }
    series = []
    for name, held in (
        ("contiguous", contiguous(64, 4)),
        ("zig-zag", zigzag(64, 4)),
        ("striped", striped(64, 4)),
    ):
        counted = [cells(mask, held) for mask in masks.values()]
        ratios = [4 * max(one) / sum(one) for one in counted]
        series.append(Series(label=name, x=list(masks), y=ratios))
    return Plot(
        title="The busiest of four ranks, 64 tokens",
        x_label="mask",
        y_label="cells over the mean",
        series=series,
        caption="Zig-zag is level for the causal mask only; stripes are never far off.",
    )


@plot(CAUSAL_BALANCE)
def work_of_each_rank() -> Plot:
    """64 tokens on 4 ranks under the causal mask."""
    ranks = [f"rank {r}" for r in range(4)]
    return Plot(
        title="Allowed cells of each rank, causal mask, 64 tokens on 4 ranks",
        x_label="rank",
        y_label="cells",
        series=[
            Series(label=name, x=ranks, y=cells(causal, laid(64, 4)))
            for name, laid in (
                ("contiguous", contiguous),
                ("zig-zag", zigzag),
                ("striped", striped),
            )
        ],
        caption="Zig-zag is level; contiguous pieces leave the last rank 1.74 times the mean.",
    )
