"""No matrix of rank one comes close to a solution of rank two."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.matrix import determinant, rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.nuclear_norm_certificate import lower_violations
from attnproof.theory.paper.att_svm import data_sets
from attnproof.theory.paper.att_svm.nuclear_norm import FACTORISED_STALL

DATA = data_sets.RANK_TWO
SQUARED_OPTIMUM = rational("529/936")

# Margins x, y ≥ 1 of two samples, and u = a_1ᵀWz_2, v = a_2ᵀWz_1.
x, y, u, v, θ = scalars("x y u v θ")
p, q, k, l_ = scalars("p q k l")


@check(
    FACTORISED_STALL,
    part="rank one",
    establishes=proof(over="every W of rank one, every θ > 0", by="non-negative combination"),
    claimed=dict(product=p * q * k * l_, least=2),
    controls={
        "three": dict(least=3),
        "another product": dict(product=p * p * k * k),
        "five halves": dict(least=Fraction(5, 2)),
    },
)
def mixed_margins_are_bounded_below(product, least) -> None:
    """For W = f gᵀ let p = a_1ᵀf, q = a_2ᵀf, k = z_1ᵀg, l = z_2ᵀg: the margins are x = pk and
    y = ql, the mixed ones u = pl and v = qk, and uv = xy ≥ 1. So u and v have one sign. If it is
    plus, then with r = u/θ and w = θv, rw ≥ 1,

        (r + w)² − 4 = (r − w)² + 4 (rw − 1) ≥ 0,   so that u/θ + θv ≥ 2.

    If it is minus, the same holds for −u and −v.
    """
    mixed = (p * l_) * (q * k)
    refute_unless((mixed - product).is_zero, "uv is not xy", difference=str(mixed - product))
    r, w = scalars("r w")
    entails(
        (r + w) * (r + w) - least * least,
        given={"r": r, "w": w, "rw": r * w - 1},
        certificate=[(1, [], [r - w]), (4, ["rw"], [])],
        models=[{"r": rational(a), "w": 1 / rational(a)} for a in (1, 2, 3)],
        message="the sum of the mixed margins can be smaller",
    )


# Sign of the mixed margins → the two constraints, θ, multipliers of both and of the mixed
# constraint ½ sign (u/θ + θv) ≥ 1, and a bound of the largest singular value of the combination.
CLASSES = {
    1: ((0, 1), (1, 0), "23/16", ("176/1000", "228/1000", "395/1000"), "1001/1000"),
    -1: ((0, 2), (1, 1), "5/4", ("254/1000", "208/1000", "438/1000"), "1001/1000"),
}


def _mixed_constraint(sign: int, first, second, theta, of=lambda sample: 1 - sample) -> np.ndarray:
    """½ sign (a_1 z_2ᵀ/θ + θ a_2 z_1ᵀ)."""
    ahead = [
        rational_array(DATA.tokens[i][DATA.optimal[i]]) - rational_array(DATA.tokens[i][t])
        for i, t in (first, second)
    ]
    asked = [rational_array(DATA.queries[of(i)]) for i, _ in (first, second)]
    theta = rational(theta)
    both = np.outer(ahead[0], asked[0]) / theta + theta * np.outer(ahead[1], asked[1])
    return rational(sign) * both / 2


@check(
    FACTORISED_STALL,
    part="rank one",
    establishes=exact(
        bound="the data set of rank two, all matrices of rank one", by="dual certificate, LDLᵀ"
    ),
    claimed=dict(limit="942/1000", classes=CLASSES, of=lambda sample: 1 - sample, factor=1),
    controls={
        "a smaller limit": dict(limit="941/1000"),
        "multipliers larger by a hundredth": dict(factor=rational("101/100")),
        "queries not exchanged": dict(of=lambda sample: sample),
        "without the mixed constraint": dict(
            classes={
                sign: (*entry[:3], (*entry[3][:2], "0"), entry[4])
                for sign, entry in CLASSES.items()
            }
        ),
        "the same certificate for both signs": dict(classes={s: CLASSES[1] for s in (1, -1)}),
    },
)
def every_rank_one_matrix_is_longer(limit, classes, of, factor) -> None:
    """A feasible W of rank one also meets the mixed constraint of its sign. The dual certificate of
    the problem with that constraint bounds its norm from below, and ϱ(W) = ν*/‖W/m(W)‖_*.
    """
    given = DATA.constraints(DATA.optimal)
    for sign, (first, second, theta, multipliers, bound) in classes.items():
        constraints = {
            first: given[first],
            second: given[second],
            "mixed": _mixed_constraint(sign, first, second, theta, of),
        }
        weights = {
            key: factor * rational(y) for key, y in zip(constraints, multipliers, strict=True)
        }
        broken = lower_violations(constraints, weights, bound)
        refute_unless(not broken, "the certificate fails", sign=sign, broken=broken)
        least = sum(weights.values(), rational(0)) / rational(bound)
        squared = SQUARED_OPTIMUM / least**2
        refute_unless(
            squared <= rational(limit) ** 2,
            "a larger ratio is not excluded",
            sign=sign,
            lower_bound=least,
            squared_ratio=squared,
        )
        note(**{f"bound, sign {sign:+d}": f"{(int(squared.p) / int(squared.q)) ** 0.5:.4f}"})


def _rank_one_matrices() -> Iterator[np.ndarray]:
    for f in product(range(-2, 3), repeat=2):
        for g in product(range(-7, 8), repeat=2):
            yield np.outer(rational_array(f), rational_array(g))


@check(
    FACTORISED_STALL,
    part="rank one",
    establishes=exact(
        bound="the data set of rank two, W = fgᵀ, f in {−2, …, 2}², g in {−7, …, 7}²"
    ),
    claimed=dict(matrices=_rank_one_matrices, limit="942/1000", ranks=(1,)),
    controls={
        "a solution of rank two": dict(
            matrices=lambda: [rational_array([[-33, 33], [-82, 56]])], ranks=(2,)
        ),
        "a limit that is reached": dict(limit="937/1000"),
        "a limit of nine tenths": dict(limit="9/10"),
    },
)
def rank_one_matrices_of_a_grid(matrices, limit, ranks) -> None:
    """ϱ² = ν*² m²/‖W‖_*² with ‖W‖_*² = ‖W‖_F² + 2|det W|, without any certificate."""
    constraints = [rational_array(rows) for rows in DATA.constraints(DATA.optimal).values()]
    largest, where = rational(0), None
    for matrix in matrices():
        margin = min((entries * matrix).sum() for entries in constraints)
        if not margin > 0:
            continue
        refute_unless(rank(matrix) in ranks, "another rank", W=matrix)
        norm = (matrix * matrix).sum() + 2 * abs(determinant(matrix))
        squared = SQUARED_OPTIMUM * margin**2 / norm
        if squared > largest:
            largest, where = squared, matrix
        refute_unless(
            squared <= rational(limit) ** 2,
            "the ratio exceeds the limit",
            W=matrix,
            squared_ratio=squared,
        )
    note(largest_ratio=f"{(int(largest.p) / int(largest.q)) ** 0.5:.4f}", reached_at=where)
