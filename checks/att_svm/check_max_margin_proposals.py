"""A solver in floating point proposes the support; exact arithmetic decides."""

from __future__ import annotations

import numpy as np
from flint import fmpq_mat

from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.core import certificate, check, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.max_margin_certificate import kkt_violations
from attnproof.theory.paper.att_svm.data_sets import (
    DEGENERATE,
    LOCALLY_OPTIMAL,
    RANK_TWO,
    STRICTLY_COMPLEMENTARY,
)
from attnproof.theory.paper.att_svm.general_position import constraint_rows
from attnproof.theory.paper.att_svm.max_margin import FEASIBILITY, FROBENIUS_KKT
from attnproof.theory.paper.att_svm.solver_proposal import frobenius_proposal


def _named(multipliers) -> dict[str, object]:
    return {str(key): value for key, value in multipliers.items()}


def _gram_system(constraints, support):
    """W and λ of the linear system Gλ = 1 on the support; nothing says that λ ≥ 0."""
    flat = fmpq_mat([list(rational_array(constraints[key]).ravel()) for key in support])
    solved = (flat * flat.transpose()).solve(fmpq_mat([[1]] * len(support)))
    combined = (solved.transpose() * flat).entries()
    size = len(next(iter(constraints.values())))
    matrix = np.array(combined, dtype=object).reshape(size, -1)
    return matrix, {key: solved[k, 0] for k, key in enumerate(support)}


@check(
    FROBENIUS_KKT,
    part="data sets",
    establishes=certificate(over="the four data sets", by="Clarabel proposes, exact Gram system"),
    claimed=dict(threshold=1e-6, factor=1),
    controls={
        "large multipliers only": dict(threshold=0.75),
        "margin two": dict(factor=2),
        "half the multipliers": dict(factor=rational("1/2")),
    },
)
def proposed_support_is_certified(threshold, factor) -> None:
    """A solver in floating point names the constraints with positive multipliers; the exact Gram
    system on these gives W and λ, which are then certified."""
    error = 0.0
    for data in (DEGENERATE, STRICTLY_COMPLEMENTARY, LOCALLY_OPTIMAL, RANK_TWO):
        conditions = data.constraints(data.optimal)
        proposal = frobenius_proposal(conditions)
        matrix, multipliers = _gram_system(conditions, proposal.support(threshold))
        matrix, multipliers = factor * matrix, {k: factor * y for k, y in multipliers.items()}
        broken = kkt_violations(conditions, matrix, multipliers)
        witness = dict(data=data.name, W=matrix, multipliers=_named(multipliers))
        refute_unless(not broken, "the proposal is not certified", broken=broken, **witness)
        error = max(error, float(np.abs(proposal.matrix - to_float(matrix)).max()))
    note(largest_error_of_the_solver=f"{error:.1e}")


def _without_its_smallest(support, proposal):
    return [key for key in support if key != min(support, key=proposal.multipliers.__getitem__)]


@check(
    FROBENIUS_KKT,
    part="rational",
    establishes=sampled(
        over="(n, T, d) from (4, 4, 4) to (6, 8, 10), integer entries up to 9, random tokens",
        by="Clarabel proposes, exact Gram system",
    ),
    claimed=dict(support=lambda support, proposal: list(support), factor=1),
    controls={
        "the smallest multiplier left out": dict(support=_without_its_smallest),
        "margin two": dict(factor=2),
        "half the multipliers": dict(factor=rational("1/2")),
    },
)
def proposals_for_random_data(support, factor) -> None:
    """As above for data with up to 42 constraints. They have room, n (T − 1) ≤ d² and T − 1 ≤ d,
    and a draw whose constraints are dependent all the same is discarded."""
    sizes = ((4, 4, 4), (5, 5, 5), (10, 5, 10), (6, 8, 10))
    active = 0
    for number, draw in enumerate(independent_draws(32, seed=8)):
        samples, length, dimension = sizes[number % len(sizes)]
        tokens = draw.random.integers(-9, 10, (samples, length, dimension)).astype(object)
        queries = draw.random.integers(-9, 10, (samples, dimension)).astype(object)
        selection = tuple(int(t) for t in draw.random.integers(0, length, samples))
        rows = rational_array(constraint_rows(tokens, queries, selection))
        stacked = rows.reshape(-1, dimension, dimension)
        if not FEASIBILITY.hypotheses["independent"].holds(stacked):
            draw.discard()
            continue
        conditions = dict(enumerate(stacked))
        proposal = frobenius_proposal(conditions)
        matrix, multipliers = _gram_system(conditions, support(proposal.support(), proposal))
        matrix, multipliers = factor * matrix, {k: factor * y for k, y in multipliers.items()}
        active += len(multipliers)
        broken = kkt_violations(conditions, matrix, multipliers)
        refute_unless(
            not broken,
            "the proposal is not certified",
            tokens=rational_array(tokens),
            queries=rational_array(queries),
            selection=list(selection),
            broken={name: str(values)[:200] for name, values in broken.items()},
        )
    note(positive_multipliers=active)
