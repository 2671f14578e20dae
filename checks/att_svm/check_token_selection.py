"""One query for all samples: the matrix problem is the vector problem of a tunable prompt."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.general_position import constraint_rows
from attnproof.theory.paper.att_svm.max_margin import MAX_MARGIN_TOKEN_SELECTION
from attnproof.theory.paper.att_svm.max_margin_matrix import Infeasible, max_margin_matrix

# D has the differences x_iα − x_it in its rows, p = Dᵀλ is the prompt and W = p zᵀ/‖z‖². The
# matrix Σ λ_k A_k for all constraints is DᵀΛzᵀ, with the column Λ of multipliers.
D, Dt, λ, p, pt, z, zt, o, ot = letters("D Dt λ p pt z zt o ot")
r, s = scalars("r s")


def _two_differences() -> dict[str, object]:
    columns = {"λ": [[1], ["1/4"]], "p": [[1], ["1/2"]], "z": [[1], [2]], "o": [[1], [1]]}
    exact = {name: rational_array(rows) for name, rows in columns.items()}
    rows = rational_array([[1, 0], [0, 2]])
    return (
        exact
        | {name + "t": column.T.copy() for name, column in exact.items()}
        | {"D": rows, "Dt": rows.T.copy(), "r": rational("1/5"), "s": rational(5)}
    )


@check(
    MAX_MARGIN_TOKEN_SELECTION,
    part="matrix",
    establishes=proof(over="every n, T, d, every z ≠ 0"),
    claimed=dict(matrix=r * p * zt, multipliers=r * λ),
    controls={
        "not divided": dict(matrix=p * zt, multipliers=λ),
        "prompt and query exchanged": dict(matrix=r * z * pt),
        "multipliers of the prompt": dict(multipliers=λ),
        "divided twice": dict(matrix=r * r * p * zt, multipliers=r * r * λ),
    },
)
def same_conditions(matrix, multipliers) -> None:
    """With r‖z‖² = 1: the margins D W z are those of the prompt, D p, and
    W = Σ rλ_k (x_iα − x_it)zᵀ with rλ ≥ 0, complementary as before. So W meets the conditions
    where p does."""
    models = [_two_differences()]
    unit = r * zt * z - 1
    follows(
        D * matrix * z - D * p,
        using=[(D * p, unit, 1)],
        models=models,
        message="the margins differ",
    )
    follows(
        matrix - Dt * multipliers * zt,
        using=[(r, p - Dt * λ, zt)],
        models=models,
        message="W is not the combination of its constraints",
    )


@check(
    MAX_MARGIN_TOKEN_SELECTION,
    part="norm",
    establishes=proof(over="every n, T, d, every z ≠ 0"),
    claimed=dict(squared=r * pt * p),
    controls={
        "times the query": dict(squared=s * pt * p),
        "norm of the prompt": dict(squared=pt * p),
        "divided twice": dict(squared=r * r * pt * p),
    },
)
def norm_of_a_product(squared) -> None:
    """‖p zᵀ‖²/‖z‖⁴ = tr(z pᵀ p zᵀ)/‖z‖⁴ = (zᵀz)(pᵀp)/‖z‖⁴ = ‖p‖²/‖z‖²."""
    follows(
        r * r * zt * z * pt * p - squared,
        using=[(r, r * zt * z - 1, pt * p)],
        models=[_two_differences()],
        message="the squared norm is another",
    )


# Scalars: ω = ‖W‖_op, ζ = ‖z‖ with its inverse, u = ‖Wz‖ and π = ‖p‖.
omega, zeta, inverse, u, pi = scalars("omega zeta inverse u pi")


@check(
    MAX_MARGIN_TOKEN_SELECTION,
    part="every norm",
    establishes=proof(over="every n, T, d, every feasible W", by="non-negative combination"),
    claimed=dict(least=pi * inverse),
    controls={
        "norm of the prompt": dict(least=pi),
        "times the query": dict(least=pi * zeta),
        "twice": dict(least=2 * pi * inverse),
    },
)
def any_feasible_matrix_is_as_large(least) -> None:
    """W z is a feasible prompt, so ‖p‖ ≤ ‖Wz‖ ≤ ‖W‖_op ‖z‖. The Frobenius and the nuclear norm are
    at least ‖W‖_op, with equality for rank one."""
    entails(
        omega - least,
        given={
            "‖Wz‖ ≤ ‖W‖ ‖z‖": omega * zeta - u,
            "‖p‖ ≤ ‖Wz‖": u - pi,
            "1/‖z‖": inverse,
            "ω": omega,
            "ζ/ζ ≥ 1": zeta * inverse - 1,
            "ζ/ζ ≤ 1": 1 - zeta * inverse,
        },
        certificate=[
            (1, ["‖Wz‖ ≤ ‖W‖ ‖z‖", "1/‖z‖"], []),
            (1, ["‖p‖ ≤ ‖Wz‖", "1/‖z‖"], []),
            (1, ["ζ/ζ ≤ 1", "ω"], []),
        ],
        models=[
            {name: rational(value) for name, value in zip(("omega", "zeta", "inverse"), point)}
            | {"u": rational(1), "pi": rational(1)}
            for point in ((1, 1, 1), ("1/2", 2, "1/2"), (2, "1/2", 2))
        ],
        message="a feasible matrix may be smaller",
    )


def _one_query(random: np.random.Generator, samples: int, dimension: int):
    while True:
        query = random.integers(-3, 4, dimension)
        if query.any():
            return np.repeat(query[None, :], samples, axis=0).astype(object)


def _two_queries(random: np.random.Generator, samples: int, dimension: int):
    queries = _one_query(random, samples, dimension)
    queries[-1] = queries[-1] + 1
    return queries


def _over_squared_norm(prompt, query):
    return prompt @ query.T / (query.T @ query)[0, 0]


@check(
    MAX_MARGIN_TOKEN_SELECTION,
    part="matrix",
    establishes=sampled(over="2 ≤ n ≤ 4, T ≤ 4, d ≤ 4, integer entries", by="both problems solved"),
    claimed=dict(queries=_one_query, matrix=_over_squared_norm),
    controls={
        "two queries": dict(queries=_two_queries, drops="one query"),
        "not divided": dict(matrix=lambda prompt, query: prompt @ query.T),
        "transposed": dict(matrix=lambda prompt, query: query @ prompt.T / (query.T @ query)[0, 0]),
    },
)
def both_problems(queries, matrix) -> None:
    """The vector problem and the matrix problem, each solved exactly on its own."""
    for draw in independent_draws(60, seed=17):
        samples, length, dimension = (int(draw.random.integers(2, 5)) for _ in range(3))
        tokens = draw.random.integers(-4, 5, (samples, length, dimension)).astype(object)
        given = queries(draw.random, samples, dimension)
        chosen = (0,) * samples
        rows = rational_array(constraint_rows(tokens, given, chosen))
        conditions = dict(enumerate(rows.reshape(-1, dimension, dimension)))
        differences = constraint_rows(tokens, np.ones((samples, 1), dtype=object), chosen)
        try:
            found = max_margin_matrix(conditions)
            prompt = max_margin_matrix(dict(enumerate(rational_array(differences)[:, :, None])))
        except Infeasible:
            draw.discard()
            continue
        stated = matrix(prompt.matrix, rational_array(given[0])[:, None])
        refute_unless(
            bool((found.matrix == stated).all()),
            "the solution of the matrix problem is another",
            tokens=rational_array(tokens),
            queries=rational_array(given),
            W=found.matrix,
            stated=stated,
        )
