"""A solver in floating point proposes, rationals certify: small data sets and random ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from flint import fmpq

from attnproof.theory.algebra.matrix import determinant
from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.core import check, exact, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.nuclear_norm_certificate import (
    NuclearCertificate,
    nuclear_violations,
    zero_gap_violations,
)
from attnproof.theory.paper.att_svm import data_sets
from attnproof.theory.paper.att_svm.max_margin_matrix import Infeasible, max_margin_matrix
from attnproof.theory.paper.att_svm.nuclear_norm import NUCLEAR_CERTIFICATE, NUCLEAR_DATA
from attnproof.theory.paper.att_svm.nuclear_norm_matrix import (
    nuclear_proposal,
    round_to_certificate,
)

# Clarabel is asked for a relative gap of 1e−10, and ten digits are kept. What is left is the ridge
# of at most 2d·10^{−10} on both diagonal blocks, divided by an optimum above 1/10.
GAP = rational("1/10000000")


def _certified(constraints: Mapping, digits: int = 10) -> NuclearCertificate:
    return round_to_certificate(constraints, nuclear_proposal(constraints), digits=digits)


def _frobenius_instead(constraints: Mapping) -> NuclearCertificate:
    """The matrix of least Frobenius norm, with the multipliers of the nuclear problem."""
    proposal = nuclear_proposal(constraints)
    matrix = to_float(max_margin_matrix(constraints).matrix)
    return round_to_certificate(constraints, replace(proposal, matrix=matrix))


def _larger_multipliers(constraints: Mapping) -> NuclearCertificate:
    found = _certified(constraints)
    factor = rational("1001/1000")
    return replace(found, multipliers={k: factor * y for k, y in found.multipliers.items()})


def _decimal(value: fmpq) -> str:
    return f"{int(value.p) / int(value.q):.2e}"


SMALL = tuple(data for data in data_sets.ALL if data is not data_sets.STRICTLY_COMPLEMENTARY)


@check(
    NUCLEAR_DATA,
    part="strictly complementary",
    establishes=exact(
        bound="the stated data and six other small sets",
        by="Clarabel proposes, LDLᵀ in rationals certifies",
    ),
    claimed=dict(certificate=_certified, least="16838652/10000000", most="16838653/10000000"),
    controls={
        "the Frobenius solution": dict(certificate=_frobenius_instead),
        "multipliers larger by a thousandth": dict(certificate=_larger_multipliers),
        "two digits": dict(certificate=lambda given: _certified(given, digits=2)),
        "interval above": dict(least="16838653/10000000", most="16838654/10000000"),
        "interval below": dict(least="16838651/10000000", most="16838652/10000000"),
    },
)
def proposals_are_certified(certificate, least, most) -> None:
    """The rounded proposals are feasible on both sides, with a gap of at most 10^{−7}."""
    for data in (data_sets.STRICTLY_COMPLEMENTARY, *SMALL):
        constraints = data.constraints(data.optimal)
        found = certificate(constraints)
        broken = nuclear_violations(constraints, found)
        refute_unless(not broken, "the certificate fails", data=data.name, broken=broken)
        refute_unless(
            found.relative_gap <= GAP,
            "the bounds are apart",
            data=data.name,
            lower=found.lower,
            upper=found.upper,
        )
        if data is data_sets.STRICTLY_COMPLEMENTARY:
            refute_unless(
                rational(least) <= found.lower and found.upper <= rational(most),
                "the optimum is not in the interval",
                lower=found.lower,
                upper=found.upper,
            )
        note(**{f"relative gap, {data.name}": _decimal(found.relative_gap)})


@check(
    NUCLEAR_DATA,
    part="strictly complementary",
    establishes=exact(bound="the stated data"),
    claimed=dict(matrix=[["-11/14", "11/14"], ["10/14", "6/14"]], least="1929/1000"),
    controls={
        "above two": dict(least=2),
        "another matrix": dict(matrix=[["-11/14", "11/14"], ["6/14", "10/14"]]),
        "twice the matrix": dict(matrix=[["-11/7", "11/7"], ["10/7", "6/7"]]),
    },
)
def frobenius_solution_is_longer(matrix, least) -> None:
    """‖W‖_*² = ‖W‖_F² + 2 |det W| = 365/98 for the max-margin matrix, which the search confirms."""
    matrix, data = rational_array(matrix), data_sets.STRICTLY_COMPLEMENTARY
    found = max_margin_matrix(data.constraints(data.optimal)).matrix
    refute_unless(bool((found == matrix).all()), "another max-margin matrix", W=found)
    square = (matrix * matrix).sum() + 2 * abs(determinant(matrix))
    refute_unless(square > rational(least) ** 2, "the norm is not that large", square=square)
    refute_unless(square == rational("365/98"), "another square", square=square)
    note(squared_nuclear_norm=square)


RANK_TWO = rational_array([["-33/156", "33/156"], ["-82/156", "56/156"]])
MULTIPLIERS = {(0, 2): "276/936", (1, 0): "46/936", (1, 1): "207/936"}


@check(
    NUCLEAR_DATA,
    part="rank two",
    establishes=exact(bound="one data set, rank two", by="zero-gap certificate re-checked"),
    claimed=dict(matrix=RANK_TWO, multipliers=MULTIPLIERS, square="529/936", rank_one=False),
    controls={
        "the Frobenius solution": dict(
            matrix=rational_array([["15/422", "161/422"], ["-174/422", "45/422"]])
        ),
        "transposed": dict(matrix=RANK_TWO.T),
        "a multiplier larger by a thousandth": dict(multipliers=MULTIPLIERS | {(1, 0): "47/936"}),
        "squared bound smaller": dict(square="528/936"),
        "rank one": dict(rank_one=True),
    },
)
def rank_two_solution(matrix, multipliers, square, rank_one) -> None:
    """A = Σ λ_k A_k has AᵀA = (529/936) I and AᵀW ⪰ 0, so that ν*² = (Σ λ_k)²·936/529 = 529/936."""
    data = data_sets.RANK_TWO
    constraints = data.constraints(data.optimal)
    broken = zero_gap_violations(
        constraints, matrix, {key: rational(y) for key, y in multipliers.items()}, square
    )
    refute_unless(not broken, "the certificate fails", W=matrix, broken=broken)
    total = sum((rational(y) for y in multipliers.values()), rational(0))
    squared = total * total / rational(square)
    refute_unless(squared == rational("529/936"), "another value", squared=squared)
    # ‖W‖_*² = ‖W‖_F² + 2 |det W| in the plane: a second way to the same number.
    twice = (matrix * matrix).sum() + 2 * abs(determinant(matrix))
    refute_unless(twice == squared, "the norm of W is another", squared=twice)
    refute_unless(
        (determinant(matrix) == 0) == rank_one, "the rank is another", det=determinant(matrix)
    )
    note(squared_value=squared, value="23/(6·√26) = 0.7517785…")


# (n, T, d) with T − 1 ≤ d and n (T − 1) ≤ d², where almost all data are feasible.
SIZES = [(2, 3, 2), (3, 3, 3), (3, 4, 3), (4, 4, 4), (5, 5, 5)]


def _random_data(draws: int) -> Iterator[Mapping]:
    for draw in independent_draws(draws, seed=41):
        n, length, d = SIZES[int(draw.random.integers(len(SIZES)))]
        data = data_sets.data_set(
            "random",
            draw.random.integers(-3, 4, (n, length, d)).tolist(),
            draw.random.integers(-3, 4, (n, d)).tolist(),
            scores=np.tile(range(length), (n, 1)).tolist(),
        )
        constraints = data.constraints(tuple(draw.random.integers(0, length, n).tolist()))
        try:
            max_margin_matrix(constraints)
        except Infeasible:
            draw.discard()
            continue
        yield constraints


@check(
    NUCLEAR_CERTIFICATE,
    part="duality",
    establishes=sampled(
        over="integer data, (n, T, d) up to (5, 5, 5)",
        by="Clarabel proposes, LDLᵀ in rationals certifies",
    ),
    claimed=dict(certificate=_certified, draws=25),
    controls={
        "the Frobenius solution": dict(certificate=_frobenius_instead),
        "multipliers larger by a thousandth": dict(certificate=_larger_multipliers),
        "three digits": dict(certificate=lambda given: _certified(given, digits=3)),
    },
)
def random_proposals_are_certified(certificate, draws) -> None:
    """Feasible on both sides, the bounds in order, and apart by at most 10^{−7} of the optimum."""
    worst = rational(0)
    for constraints in _random_data(draws):
        stacked = np.array([rational_array(rows) for rows in constraints.values()])
        found = certificate(constraints)
        broken = nuclear_violations(constraints, found)
        refute_unless(not broken, "the certificate fails", broken=broken, constraints=stacked)
        refute_unless(
            found.lower <= found.upper and found.relative_gap <= GAP,
            "the bounds are apart or out of order",
            lower=found.lower,
            upper=found.upper,
            constraints=stacked,
        )
        worst = max(worst, found.relative_gap)
    note(largest_relative_gap=_decimal(worst))
