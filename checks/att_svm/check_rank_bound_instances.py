"""Ranks of max-margin matrices, exactly where the norm is Frobenius."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import from_flint, rank, to_flint
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, exact, note, plot, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.max_margin_certificate import kkt_violations
from attnproof.theory.paper.att_svm.general_position import constraint_rows
from attnproof.theory.paper.att_svm.max_margin import RANK_BOUND
from attnproof.theory.paper.att_svm.max_margin_matrix import Infeasible, max_margin_matrix


def _unit_vectors(samples: int, dimension: int):
    """x_i1 − x_i2 = z_i = e_i."""
    queries = np.zeros((samples, dimension), dtype=int)
    queries[np.arange(samples), np.arange(samples)] = 1
    tokens = np.stack([queries, 0 * queries], axis=1)
    return tokens.astype(object), queries.astype(object)


def _same_query(samples: int, dimension: int):
    tokens, queries = _unit_vectors(samples, dimension)
    queries[:] = queries[0]
    return tokens, queries


@check(
    RANK_BOUND,
    part="reached",
    establishes=exact(bound="n ≤ d ≤ 6", by="exact solution and exact rank"),
    claimed=dict(data=_unit_vectors, stated=min),
    controls={
        "one query for all": dict(data=_same_query),
        "one less": dict(stated=lambda n, d: min(n, d) - 1),
        "all dimensions": dict(stated=lambda n, d: d),
    },
)
def unit_vectors_reach_the_bound(data, stated) -> None:
    """The solution is diagonal, with one entry for every sample."""
    for dimension in range(1, 7):
        for samples in range(1, dimension + 1):
            tokens, queries = data(samples, dimension)
            rows = rational_array(constraint_rows(tokens, queries, (0,) * samples))
            conditions = dict(enumerate(rows.reshape(-1, dimension, dimension)))
            found = max_margin_matrix(conditions)
            broken = kkt_violations(conditions, found.matrix, found.multipliers)
            refute_unless(not broken, "no solution", broken=broken)
            refute_unless(
                rank(found.matrix) == stated(samples, dimension),
                "the rank is another",
                queries=rational_array(queries),
                W=found.matrix,
                rank=rank(found.matrix),
            )


SIZES = ((1, 6), (2, 5), (1, 7))


def _kernel(rows: np.ndarray) -> np.ndarray:
    """A basis of {w : rows · w = 0} in its columns, by elimination over ℚ."""
    echelon, pivots = to_flint(rows).rref()
    reduced = from_flint(echelon)
    leading = [next(j for j in range(rows.shape[1]) if reduced[i, j] != 0) for i in range(pivots)]
    free = [j for j in range(rows.shape[1]) if j not in leading]
    basis = rational_array(np.zeros((rows.shape[1], len(free)), dtype=int).tolist())
    for column, j in enumerate(free):
        basis[j, column] = rational(1)
        for i, pivot in enumerate(leading):
            basis[pivot, column] = -reduced[i, j]
    return basis


def _nothing(matrix, across):
    return matrix


def _component_across(matrix, across):
    """W + e wᵀ with w orthogonal to all queries: the same margins, a larger norm."""
    if across.shape[1]:
        first = rational_array([[int(i == 0)] for i in range(len(matrix))])
        return matrix + first @ across[:, :1].T
    return matrix


@check(
    RANK_BOUND,
    part="rank",
    establishes=sampled(
        over="n ≤ 5, T ≤ 4, d ≤ 6, integer entries up to 4", by="exact solution and exact rank"
    ),
    claimed=dict(alter=_nothing, stated=min),
    controls={
        "a component across the queries": dict(alter=_component_across),
        "one less than the bound": dict(stated=lambda n, d: min(n, d) - 1),
        "half the samples": dict(stated=lambda n, d: min(n // 2, d)),
    },
)
def rank_of_random_solutions(alter, stated) -> None:
    """W is certified, it vanishes on what is orthogonal to the queries, and rank W ≤ min(n, d)."""
    reached = 0
    for draw in independent_draws(60, seed=29):
        samples, length, dimension = (int(draw.random.integers(*top)) for top in SIZES)
        tokens = draw.random.integers(-4, 5, (samples, length, dimension)).astype(object)
        queries = draw.random.integers(-4, 5, (samples, dimension)).astype(object)
        rows = rational_array(constraint_rows(tokens, queries, (0,) * samples))
        conditions = dict(enumerate(rows.reshape(-1, dimension, dimension)))
        try:
            found = max_margin_matrix(conditions)
        except Infeasible:
            draw.discard()
            continue
        across = _kernel(rational_array(queries))
        matrix = alter(found.matrix, across)
        witness = dict(tokens=rational_array(tokens), queries=rational_array(queries), W=matrix)
        broken = kkt_violations(conditions, matrix, found.multipliers)
        refute_unless(not broken, "not optimal", broken=broken, **witness)
        refute_unless(not (matrix @ across).any(), "W sees what is across the queries", **witness)
        found_rank = rank(matrix)
        reached += found_rank == min(samples, dimension)
        refute_unless(
            found_rank <= stated(samples, dimension),
            "the rank is larger",
            rank=found_rank,
            **witness,
        )
    note(draws_that_reach_the_bound=reached)


@plot(RANK_BOUND)
def ranks_by_dimension() -> Plot:
    """Mean rank of both solutions for five samples of five unit vectors, three draws each.

    The rank of a computed matrix counts singular values above 10⁻⁴ of the largest; a tolerance near
    the accuracy of the solver would count its errors.
    """
    samples, length, dimensions, draws = 5, 5, [3, 4, 5, 6, 8], 3
    random = np.random.default_rng(5)
    means = {"Frobenius norm": [], "nuclear norm": []}
    for dimension in dimensions:
        found = {name: [] for name in means}
        for _ in range(draws):
            tokens = random.standard_normal((samples, length, dimension))
            queries = random.standard_normal((samples, dimension))
            tokens /= np.linalg.norm(tokens, axis=2, keepdims=True)
            queries /= np.linalg.norm(queries, axis=1, keepdims=True)
            rows = constraint_rows(tokens, queries, (0,) * samples).astype(float)
            for name, solution in solutions_by_norm(rows, dimension).items():
                values = np.linalg.svd(solution, compute_uv=False)
                found[name].append(int((values > 1e-4 * values[0]).sum()))
        for name, ranks in found.items():
            means[name].append(float(np.mean(ranks)) if ranks else None)
    return Plot(
        title="Mean rank of the max-margin matrix, n = T = 5",
        x_label="dimension d",
        y_label="rank",
        series=[
            *(Series(label=name, x=dimensions, y=ranks) for name, ranks in means.items()),
            Series(
                label="min(n, d)",
                x=dimensions,
                y=[float(min(samples, d)) for d in dimensions],
                style="guide",
            ),
        ],
        caption="In the Frobenius norm the bound is reached; in the nuclear norm the rank stays "
        "well below it. Data that are not feasible are left out.",
    )


def solutions_by_norm(rows: np.ndarray, dimension: int) -> dict[str, np.ndarray]:
    """Both solutions by Clarabel, or none where the constraints cannot be met."""
    import cvxpy

    found = {}
    for name, order in (("Frobenius norm", "fro"), ("nuclear norm", "nuc")):
        matrix = cvxpy.Variable((dimension, dimension))
        margins = rows @ cvxpy.reshape(matrix, (dimension * dimension,), order="C")
        problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.norm(matrix, order)), [margins >= 1])
        problem.solve(solver=cvxpy.CLARABEL)
        if problem.status == cvxpy.OPTIMAL:
            found[name] = matrix.value
    return found
