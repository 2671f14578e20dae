"""Cells of the causal mask by rank and step, for three partitions."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.attention_mask import causal
from attnproof.theory.operator.sequence_partition import contiguous, striped, zigzag
from attnproof.theory.paper.longca_bench.balance import CAUSAL_BALANCE

UP_TO = exact(bound="P ≤ 8, T = 2Ph tokens, h ≤ 4", by="cells of the mask")


def cells_by_step(partition, length: int, ranks: int) -> np.ndarray:
    """``n_{r,s}``, shape (P, P): queries of rank r, keys of rank r − s mod P."""
    held = partition(length, ranks)
    return np.array(
        [
            [int(causal(held[r][:, None], held[(r - s) % ranks]).sum()) for s in range(ranks)]
            for r in range(ranks)
        ]
    )


def _sizes():
    return [(2 * ranks * half, ranks) for ranks in range(1, 9) for half in range(1, 5)]


def contiguous_cells(r, c, P):
    """``c(c + 1)/2 + rc²``."""
    return Fraction(c * (c + 1), 2) + r * c * c


def zigzag_cells(r, c, P):
    """``h(2Ph + 1)``, h = c/2."""
    return Fraction(c, 2) * (P * c + 1)


def striped_cells(r, c, P):
    """``(r + 1)c(c + 1)/2 + (P − 1 − r)c(c − 1)/2``."""
    return Fraction((r + 1) * c * (c + 1) + (P - 1 - r) * c * (c - 1), 2)


def _compare(partition, formula) -> None:
    for length, ranks in _sizes():
        counted = cells_by_step(partition, length, ranks).sum(axis=1)
        for r in range(ranks):
            stated = formula(r, length // ranks, ranks)
            refute_unless(
                stated == int(counted[r]),
                "a rank has another number of cells",
                tokens=length,
                ranks=ranks,
                rank=r,
                stated=stated,
                counted=int(counted[r]),
            )


@check(
    CAUSAL_BALANCE,
    part="contiguous",
    establishes=UP_TO,
    claimed=dict(partition=contiguous, formula=contiguous_cells),
    controls={
        "zig-zag instead": dict(partition=zigzag),
        "without the diagonal": dict(formula=lambda r, c, P: Fraction(c * (c - 1), 2) + r * c * c),
        "ranks counted from one": dict(
            formula=lambda r, c, P: Fraction(c * (c + 1), 2) + (r + 1) * c * c
        ),
    },
)
def cells_of_contiguous(partition, formula) -> None:
    """Counted in the mask."""
    _compare(partition, formula)
    note(tokens_64_on_4_ranks=cells_by_step(partition, 64, 4).sum(axis=1).tolist())


@check(
    CAUSAL_BALANCE,
    part="zig-zag",
    establishes=UP_TO,
    claimed=dict(partition=zigzag, formula=zigzag_cells),
    controls={
        "contiguous instead": dict(partition=contiguous),
        "striped instead": dict(partition=striped),
        "without the diagonal": dict(formula=lambda r, c, P: Fraction(c, 2) * P * c),
    },
)
def cells_of_zigzag(partition, formula) -> None:
    """Counted in the mask."""
    _compare(partition, formula)
    note(tokens_64_on_4_ranks=cells_by_step(partition, 64, 4).sum(axis=1).tolist())


@check(
    CAUSAL_BALANCE,
    part="striped",
    establishes=UP_TO,
    claimed=dict(partition=striped, formula=striped_cells),
    controls={
        "zig-zag instead": dict(partition=zigzag),
        "every rank alike": dict(formula=zigzag_cells),
        "ranks counted backwards": dict(formula=lambda r, c, P: striped_cells(P - 1 - r, c, P)),
    },
)
def cells_of_striped(partition, formula) -> None:
    """Counted in the mask."""
    _compare(partition, formula)
    note(tokens_64_on_4_ranks=cells_by_step(partition, 64, 4).sum(axis=1).tolist())


def zigzag_step(s, h):
    """``2h² + h`` at step 0, ``2h²`` later."""
    return 2 * h * h + (h if s == 0 else 0)


@check(
    CAUSAL_BALANCE,
    part="zig-zag by step",
    establishes=UP_TO,
    claimed=dict(partition=zigzag, formula=zigzag_step),
    controls={
        "contiguous instead": dict(partition=contiguous),
        "striped instead": dict(partition=striped),
        "diagonal at every step": dict(formula=lambda s, h: 2 * h * h + h),
    },
)
def cells_of_a_step(partition, formula) -> None:
    """Every rank has the same cells at every step."""
    for length, ranks in _sizes():
        counted = cells_by_step(partition, length, ranks)
        for r, s in np.ndindex(ranks, ranks):
            stated = formula(s, length // (2 * ranks))
            refute_unless(
                int(counted[r, s]) == stated,
                "a step has another number of cells",
                tokens=length,
                ranks=ranks,
                rank=int(r),
                step=int(s),
                stated=stated,
                counted=int(counted[r, s]),
            )


r, c, P, h = scalars("r c P h")
# Position a of the first token of a piece of n tokens: its queries see a + 1, …, a + n keys.
EVERY = proof(over="every P, r and piece size")


def _piece(start, tokens):
    """``Σ_{t<n} (a + t + 1) = na + n(n + 1)/2``."""
    return tokens * start + tokens * (tokens + 1) / 2


@check(
    CAUSAL_BALANCE,
    part="zig-zag",
    establishes=EVERY,
    claimed=dict(second=2 * P - 1 - r, cells=h * (2 * P * h + 1)),
    controls={
        "next piece instead": dict(second=r + 1),
        "mirror image off by one": dict(second=2 * P - r),
        "without the diagonal": dict(cells=2 * P * h * h),
    },
)
def two_pieces_complement_each_other(second, cells) -> None:
    """The pieces r and 2P − 1 − r begin at rh and (2P − 1 − r)h; a piece from position a has
    ``na + n(n + 1)/2`` cells, by induction over n, of which the step is checked as well. Rank r
    drops out of the sum."""
    _piece_by_induction()
    total = _piece(r * h, h) + _piece(second * h, h)
    follows(total - cells, message="the two pieces have another number of cells")


def _piece_by_induction() -> None:
    a, n = scalars("a n")
    follows(_piece(a, 0 * n), message="no token, yet cells")
    follows(_piece(a, n + 1) - _piece(a, n) - (a + n + 1), message="a token more adds others")


@check(
    CAUSAL_BALANCE,
    part="contiguous",
    establishes=EVERY,
    claimed=dict(cells=c * (c + 1) / 2 + r * c * c, lost=1, more=0),
    controls={
        "without the diagonal": dict(cells=c * (c - 1) / 2 + r * c * c),
        "largest rank counted as P": dict(lost=0),
        "a bound one less over P": dict(more=1),
    },
)
def contiguous_ratio(cells, lost, more) -> None:
    """Rank r begins at rc. The largest is rank P − 1; the mean is ``c(Pc + 1)/2``, as all ranks
    together are one piece of Pc tokens. Cross-multiplied, the ratio is below (2P − 1)/P by
    ``P − 1 ≥ 0``."""
    _piece_by_induction()
    follows(_piece(r * c, c) - cells, message="the piece has another number of cells")
    largest = _piece((P - lost) * c, c)
    mean_times_P = _piece(0 * c, P * c)
    follows(P * c * (P * c + 1) / 2 - mean_times_P, message="the mean is another one")
    follows(2 * largest - c * ((2 * P - 1) * c + 1), message="the largest is another one")
    entails(
        (2 * P - 1 - more) * (P * c + 1) - P * ((2 * P - 1) * c + 1),
        given={"P ≥ 1": P - 1, "c ≥ 1": c - 1},
        certificate=[(1, ["P ≥ 1"], [])],
        message="the ratio exceeds the bound",
    )


@check(
    CAUSAL_BALANCE,
    part="striped",
    establishes=EVERY,
    claimed=dict(cells=(r + 1) * c * (c + 1) / 2 + (P - 1 - r) * c * (c - 1) / 2, difference=1 * c),
    controls={
        "one stripe fewer": dict(cells=r * c * (c + 1) / 2 + (P - 1 - r) * c * (c - 1) / 2),
        "difference of one cell": dict(difference=c * 0 + 1),
    },
)
def stripes(cells, difference) -> None:
    """Query r + tP sees r + tP + 1 keys; their sum over t < c is ``c(r + 1) + Pc(c − 1)/2``, by
    induction over c."""
    total = lambda n, r: n * (r + 1) + P * n * (n - 1) / 2
    follows(total(c * 0, r), message="no token, yet cells")
    follows(total(c + 1, r) - total(c, r) - (r + c * P + 1), message="a token more adds others")
    follows(total(c, r) - cells, message="the stripe has another number of cells")
    follows(total(c, r + 1) - total(c, r) - difference, message="neighbours differ otherwise")


q = scalars("q")[0]


@check(
    CAUSAL_BALANCE,
    part="zig-zag by step",
    establishes=EVERY,
    claimed=dict(second=lambda r: 2 * P - 1 - r, diagonal=h * (h + 1) / 2),
    controls={
        "neighbouring piece": dict(second=lambda r: r + 1),
        "second piece not mirrored": dict(second=lambda r: r + P),
        "strict diagonal": dict(diagonal=h * (h - 1) / 2),
    },
)
def four_blocks_of_a_step(second, diagonal) -> None:
    """Ranks r and q hold the pieces r, r' = 2P − 1 − r and q, q'. With queries of r and keys of
    q ≠ r there are four blocks of h × h: full where the query's piece comes later, else empty. For
    q < r both pieces of r come after q and before q'; for q > r the piece r comes before q and q',
    and r' after both. Either way two blocks are full. For q = r two blocks are triangles with
    their diagonal, one is full and one empty."""
    models = [
        {name: rational(value) for name, value in zip("rqP", point)}
        for point in product(range(4), repeat=3)
    ]
    ranks = {"r": 1 * r, "q": 1 * q, "r < P": P - 1 - r, "q < P": P - 1 - q}

    def comes_after(one, other, case, because) -> None:
        entails(
            one - other - 1,
            given={**ranks, "case": case},
            certificate=[(1, [name], []) for name in because],
            models=models,
            message="a block is not full, or not empty",
        )

    both, order = ("r < P", "q < P"), ("case",)
    earlier, later = r - q - 1, q - r - 1
    for one, other, because in ((second(q), second(r), order), (second(q), r, both)):
        comes_after(one, other, earlier, because)
    for one, other, because in ((r, q, order), (second(r), q, both)):
        comes_after(one, other, earlier, because)
    for one, other, because in ((second(r), q, both), (second(r), second(q), order)):
        comes_after(one, other, later, because)
    for one, other, because in ((q, r, order), (second(q), r, both)):
        comes_after(one, other, later, because)
    follows(2 * diagonal + h * h - (2 * h * h + h), message="the first step has other cells")
