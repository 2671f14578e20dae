"""How good a direction is for the nuclear norm: correlation with a solution, and margin ratio."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from flint import fmpq

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.matrix import determinant
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, counterexample, exact, note, proof, refute_unless
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.nuclear_norm_certificate import zero_gap_violations
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.att_svm import data_sets
from attnproof.theory.paper.att_svm.nuclear_norm import MARGIN_RATIO, NUCLEAR_CORRELATION


def _constraints(data: data_sets.DataSet) -> list[np.ndarray]:
    return [rational_array(rows) for rows in data.constraints(data.optimal).values()]


def _margin(data: data_sets.DataSet, matrix: np.ndarray) -> fmpq:
    return min((entries * matrix).sum() for entries in _constraints(data))


def _squared_nuclear_norm(matrix: np.ndarray) -> fmpq:
    """``(σ_1 + σ_2)² = ‖W‖_F² + 2 |det W|`` for a 2×2 matrix."""
    return (matrix * matrix).sum() + 2 * abs(determinant(matrix))


def _squared_ratio(data, square, matrix) -> fmpq:
    """ϱ(W)², from the squared optimum."""
    return square * _margin(data, matrix) ** 2 / _squared_nuclear_norm(matrix)


def _squared_correlation(data, square, matrix, other) -> fmpq:
    inner = (matrix * other).sum()
    sign = 1 if inner >= 0 else -1
    return sign * inner**2 / ((matrix * matrix).sum() * (other * other).sum())


ENDS = (rational_array([[1, 1], [1, 1]]), rational_array([[1, -1], [-1, 1]]))
MIDDLE = rational_array([[1, 0], [0, 1]])


@check(
    NUCLEAR_CORRELATION,
    establishes=counterexample(over="two samples in the plane", by="certified solutions"),
    claimed=dict(measure=_squared_correlation, least=1, pair=ENDS),
    controls={
        "at most 45 degrees apart": dict(least=fmpq(1, 2)),
        "against the middle of the segment": dict(pair=(ENDS[0], MIDDLE)),
        "any positive correlation": dict(least=fmpq(1, 10**6)),
    },
    repairs={
        "margin ratio": dict(
            measure=lambda data, square, W, other: _squared_ratio(data, square, W)
        ),
        "the same solution": dict(pair=(ENDS[0], ENDS[0])),
    },
)
def two_solutions_may_be_orthogonal(measure, least, pair) -> None:
    """Both matrices are certified as solutions; at the ends of the segment ⟨W, Ŵ⟩ = 0."""
    data, square = data_sets.NOT_UNIQUE, rational(4)
    constraints = data.constraints(data.optimal)
    for matrix in pair:
        broken = zero_gap_violations(constraints, matrix, dict.fromkeys(constraints, 1), 1)
        refute_unless(not broken, "no solution", W=matrix, broken=broken)
    reached = measure(data, square, *pair)
    note(squared_measure=reached)
    refute_unless(
        reached >= least,
        "two solutions do not count as equally good",
        W=pair[0],
        other=pair[1],
        squared_measure=reached,
    )


excess, margin, ν = scalars("excess margin ν")


@check(
    MARGIN_RATIO,
    part="bound",
    establishes=proof(over="every norm, every data", by="non-negative combination"),
    claimed=dict(given=dict(excess=excess, margin=margin, ν=ν), numerator=ν * margin),
    controls={
        "numerator twice": dict(numerator=2 * ν * margin),
        "margin left out": dict(numerator=ν),
        "margin negative": dict(
            given=dict(excess=excess, margin=-margin, ν=ν), drops="positive margin"
        ),
    },
)
def ratio_is_at_most_one(given, numerator) -> None:
    """W/m is feasible for m > 0, so that ‖W‖/m = ν + (excess ≥ 0); then ‖W‖ − νm = m·excess ≥ 0."""
    norm = (ν + excess) * margin
    entails(
        norm - numerator,
        given=given,
        certificate=[(1, ["margin", "excess"], [])],
        message="the ratio exceeds one",
    )


@check(
    MARGIN_RATIO,
    part="equality",
    establishes=proof(over="every norm, every data", by="rational-function identity"),
    claimed=dict(ratio=lambda ν, margin, norm: ν * margin / norm),
    controls={
        "upside down": dict(ratio=lambda ν, margin, norm: norm / (ν * margin)),
        "squared margin": dict(ratio=lambda ν, margin, norm: ν * margin * margin / norm),
        "not scaled by the optimum": dict(ratio=lambda ν, margin, norm: margin / norm),
    },
)
def ratio_is_one_at_solutions_only(ratio) -> None:
    """‖W/m‖ = ν/ϱ, so ϱ = 1 exactly if W/m is feasible with the least norm; and ϱ(cW) = ϱ(W)."""
    optimum, m, norm, c = variables("ν m norm c")
    value = ratio(optimum, m, norm)
    identical(norm / m, optimum / value, "the norm of W/m is not ν/ϱ")
    identical(ratio(optimum, c * m, c * norm), value, "the ratio depends on the length of W")


GRID = {
    data_sets.NOT_UNIQUE: (rational(4), (-2, -1, 0, 1, 2)),
    data_sets.RANK_TWO: (rational("529/936"), (-2, -1, 0, 1, 2)),
}


def _grid(side) -> Iterator[np.ndarray]:
    for entries in product(side, repeat=4):
        yield rational_array(np.reshape(entries, (2, 2)).tolist())


@check(
    MARGIN_RATIO,
    part="bound",
    establishes=exact(bound="two data sets, 2×2 matrices with entries in {−2, …, 2}"),
    claimed=dict(measure=_squared_ratio, solutions=5, factor=1),
    controls={
        "Frobenius norm": dict(
            measure=lambda data, square, W: square * _margin(data, W) ** 2 / (W * W).sum()
        ),
        "optimum too large": dict(factor=2),
        "a single solution": dict(solutions=1),
    },
)
def ratio_on_a_grid(measure, solutions, factor) -> None:
    """No matrix of the grid exceeds one. On the first data set those that reach it are multiples
    of the points t = 0, ±½, ±1 of the segment.
    """
    for data, (square, side) in GRID.items():
        reached = set()
        for matrix in _grid(side):
            margin = _margin(data, matrix)
            if not margin > 0:
                continue
            value = measure(data, factor * square, matrix)
            refute_unless(value <= 1, "the ratio exceeds one", W=matrix, squared_ratio=value)
            if value == 1:
                reached.add(tuple(map(str, (matrix / margin).ravel())))
        if data is data_sets.NOT_UNIQUE:
            refute_unless(
                len(reached) == solutions,
                "another number of solutions",
                found=sorted(map(list, reached)),
            )
