"""Is the Neumann kernel of Frobenius-normalised affinities the fundamental matrix of a chain?"""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import identity_like, inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one
from attnproof.theory.core import Plot, Series, check, counterexample, note, plot, refute_unless
from attnproof.theory.engine.smt import unsatisfiable
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.operator.infinite_self_attention import affinity, frobenius_normalised
from attnproof.theory.paper.infsa.absorbing_chain import ABSORBING_CHAIN
from attnproof.theory.paper.infsa.absorbing_markov_chain import absorption_probabilities


def _by_largest_row_sum(matrix: np.ndarray) -> np.ndarray:
    return matrix / max(sum(row) for row in matrix)


def _by_largest_entry(matrix: np.ndarray) -> np.ndarray:
    return matrix / max(matrix.flat)


def _by_largest_column_sum(matrix: np.ndarray) -> np.ndarray:
    return matrix / max(sum(column) for column in matrix.T)


def _by_mean_row_sum(matrix: np.ndarray) -> np.ndarray:
    return matrix * matrix.shape[0] / matrix.sum()


def _frobenius_with_epsilon(matrix: np.ndarray) -> np.ndarray:
    return frobenius_normalised(matrix, rational("1/1000000"))


@check(
    ABSORBING_CHAIN,
    establishes=counterexample(over="N = 4 tokens, head width 1, γ = 19/20"),
    claimed=dict(query=[5, 1, 1, 3], gamma="19/20", normalise=frobenius_normalised),
    repairs={
        "discount one over root N": dict(gamma="1/2"),
        "discount one over root N, one active row": dict(gamma="1/2", query=[1, 0, 0, 0]),
        "largest row sum as the norm": dict(normalise=_by_largest_row_sum),
    },
    controls={
        "released epsilon": dict(normalise=_frobenius_with_epsilon),
        "one active row": dict(query=[1, 0, 0, 0]),
        "two active rows": dict(query=[4, 3, 0, 0]),
        "discount just above one over root N": dict(gamma="51/100", query=[1, 0, 0, 0]),
        "largest entry as the norm": dict(normalise=_by_largest_entry, gamma="2/5"),
        "largest column sum as the norm": dict(normalise=_by_largest_column_sum),
        "mean row sum as the norm": dict(normalise=_by_mean_row_sum),
    },
)
def the_only_candidate_is_a_chain(query: list[int], gamma: str, normalise) -> None:
    """A matrix F is the fundamental matrix of an absorbing chain exactly if its transient block
    exists, F = (I − Q)^{-1}. The block is determined by F: Q = I − F^{-1}. So there is one
    candidate, and it has to have non-negative entries and row sums at most one.

    The affinities come from queries and keys of width one by the definition, all keys being 1.
    """
    queries = rational_array([[entry] for entry in query])
    affinities = affinity(queries, rational_array([[1]] * len(query)))
    discount = rational(gamma)
    kernel = fundamental_matrix(normalise(affinities), discount)
    block = identity_like(kernel) - inverse(kernel)
    absorbed = absorption_probabilities(block)
    note(
        row_sums=[sum(row) for row in block],
        kernel_is_non_negative=bool((kernel >= 0).all()),
        series_converges=spectral_radius_below_one(block),
    )
    refute_unless(
        bool((block >= 0).all() and (absorbed >= 0).all()),
        "the only block with this fundamental matrix is no block of transition probabilities: a "
        "row sums to more than one, so an absorption probability is negative",
        A0=affinities,
        gamma=discount,
        block=block,
        absorption=absorbed,
    )


@check(
    ABSORBING_CHAIN,
    establishes=counterexample(over="one row of N = 2 or 3 normalised affinities", by="SMT (z3)"),
    claimed=dict(tokens=2, discount=lambda gamma, tokens: gamma < 1),
    repairs={
        "discount at most one over root 2": dict(
            discount=lambda gamma, tokens: tokens * gamma * gamma <= 1
        ),
        "discount at most one over root 3": dict(
            tokens=3, discount=lambda gamma, tokens: tokens * gamma * gamma <= 1
        ),
    },
    controls={
        "three tokens": dict(tokens=3),
        "discount below four fifths": dict(discount=lambda gamma, tokens: 5 * gamma < 4),
        "three tokens, discount at most one over root 2": dict(
            tokens=3, discount=lambda gamma, tokens: (tokens - 1) * gamma * gamma <= 1
        ),
    },
)
def solver_looks_for_a_row_sum_above_one(tokens: int, discount) -> None:
    """z3 is asked for non-negative a_1 … a_N with Σ a² ≤ 1 and an admissible γ such that
    γ Σ a > 1. It knows nothing of the matrices of the other check.

    Only the repaired rows rest on the solver's `unsat`; a witness is re-checked in fractions.
    """
    import z3

    entries = [z3.Real(f"a{k + 1}") for k in range(tokens)]
    gamma = z3.Real("gamma")
    conditions = lambda row, factor: [
        *[entry >= 0 for entry in row],
        sum(entry * entry for entry in row) <= 1,
        factor > 0,
        discount(factor, tokens),
        factor * sum(row) > 1,
    ]
    unsatisfiable(
        conditions(entries, gamma),
        {str(variable): variable for variable in (*entries, gamma)},
        recheck=lambda gamma, **row: all(conditions(list(row.values()), gamma)),
        message="a normalised row times an admissible discount sums to more than one",
    )


@plot(ABSORBING_CHAIN)
def tokens_without_a_chain() -> Plot:
    """How often a row of γÂ sums to more than one, over random queries and keys."""
    generator = np.random.default_rng(20260300175)
    sizes = (8, 16, 32, 64, 128)
    series = []
    for label, sharpness in (("Gaussian, d = 8", 1.0), ("a few loud queries, d = 8", 6.0)):
        tokens, matrices = [], []
        for size in sizes:
            violations = []
            for _ in range(60):
                query, key = generator.standard_normal((2, size, 8))
                # One token in eight has a query that is `sharpness` times as long.
                query[: max(size // 8, 1)] *= sharpness
                row_sums = 0.95 * frobenius_normalised(affinity(query, key)).sum(axis=1)
                violations.append(row_sums > 1)
            tokens.append(float(np.mean(violations)))
            matrices.append(float(np.mean([row.any() for row in violations])))
        axis = [float(size) for size in sizes]
        series.append(Series(label=f"{label}: matrices", x=axis, y=matrices))
        series.append(Series(label=f"{label}: tokens", x=axis, y=tokens, style="points"))
    return Plot(
        title="Where γÂ is no block of transition probabilities (γ = 0.95)",
        x_label="number of tokens N",
        y_label="fraction with a row sum above one",
        series=series,
        x_scale="log",
        caption="A matrix counts as soon as one of its rows sums to more than one. The condition "
        "B1 ≤ 1 is an extra assumption for short sequences and for loud queries.",
    )
