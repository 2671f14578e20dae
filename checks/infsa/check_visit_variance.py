"""The variance of the number of visits, from the kernel alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import determinant, identity_like
from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    note,
    plot,
    proof,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.absorbing_markov_chain import (
    letters_of_chain,
    random_transient_block,
)
from attnproof.theory.paper.infsa.transient_block import three_states
from attnproof.theory.paper.infsa.visit_generating_function import visit_generating_functions
from attnproof.theory.paper.infsa.visit_statistics import VISIT_VARIANCE

# e is the column e_j of the counted state, f its row, r the row of the start, G the diagonal of N.
B, N, G, e, f, r, m, s = letters("B N G e f r m s")
LEFT_INVERSE, UNIT, DIAGONAL = N * (1 - B) - 1, f * e - 1, G * e - e * f * N * e


@check(
    VISIT_VARIANCE,
    part="variance",
    establishes=proof(over="every n, every start, every counted state"),
    claimed=dict(variance=r * N * (2 * G - 1) * e - r * N * e * r * N * e, mixed=2),
    controls={
        "matrix square instead of entrywise square": dict(
            variance=r * N * (2 * G - 1) * e - r * N * N * e
        ),
        "kernel instead of its diagonal": dict(
            variance=r * N * (2 * N - 1) * e - r * N * e * r * N * e
        ),
        "identity dropped": dict(variance=2 * r * N * G * e - r * N * e * r * N * e),
        "diagonal once": dict(variance=r * N * (G - 1) * e - r * N * e * r * N * e),
        "second moment": dict(variance=r * N * (2 * G - 1) * e),
        "start not counted anywhere": dict(
            variance=r * (N - 1) * (2 * G - 3) * e - r * (N - 1) * e * r * (N - 1) * e
        ),
        "mixed term once": dict(mixed=1),
    },
)
def second_moment_first_step(variance, mixed) -> None:
    """Fix j and let V be the visits to j. With V' the visits after the first step,
    V = δ + V' where δ = 1 at j; as δ² = δ, the moments m_i = E_i[V] and s_i = E_i[V²] satisfy

        m = e + B m,        s = e + 2 e fᵀB m + B s.

    Hence m = N e, s = N (2 N_jj − 1) e, and the variance from i is s_i − m_i².

    Machine-checked: the solution of both equations and the entry (i, j). Classical: both moments
    are finite, because N is.
    """
    block = three_states()
    values = letters_of_chain(block, "B N G e f r")
    kernel, column, row = values["N"], values["e"], values["f"]
    mean = kernel @ column
    second = kernel @ (column + mixed * (column @ row @ block @ mean))
    first_moment = m - e - B * m
    second_moment = s - e - mixed * e * f * B * m - B * s
    follows(
        r * s - r * m * r * m - variance,
        using=[
            (r * N, second_moment, 1),
            (-r, LEFT_INVERSE, s),
            (2 * r * N * e * f * (N - 1), first_moment, 1),
            (-2 * r * N * e * f, LEFT_INVERSE, m),
            (-2 * r * N * e, UNIT, 1),
            (-2 * r * N, DIAGONAL, 1),
            (-r * N, first_moment, r * m),
            (r, LEFT_INVERSE, m * r * m),
            (-r * N * e * r * N, first_moment, 1),
            (r * N * e * r, LEFT_INVERSE, m),
        ],
        models=[values | {"m": mean, "s": second}],
        message="the variance is not the stated one",
    )


def _blocks() -> Iterator[np.ndarray]:
    yield three_states()
    for draw in independent_draws(8, seed=23):
        block = random_transient_block(draw.random, 3)
        if block is None:
            draw.discard()
        else:
            yield block


def _variance(kernel: np.ndarray) -> np.ndarray:
    diagonal = identity_like(kernel) * np.diag(kernel)
    return kernel @ (2 * diagonal - identity_like(kernel)) - kernel * kernel


def _variance_by_matrix_square(kernel: np.ndarray) -> np.ndarray:
    return _variance(kernel) + kernel * kernel - kernel @ kernel


@check(
    VISIT_VARIANCE,
    part="variance",
    establishes=sampled(over="3-state blocks", by="exact generating functions in one variable"),
    claimed=dict(variance=_variance, blocks=_blocks),
    controls={
        "matrix square instead of entrywise square": dict(variance=_variance_by_matrix_square),
        "transposed": dict(variance=lambda N: _variance(N).T),
        "start not counted": dict(variance=lambda N: _variance(N - identity_like(N))),
        "a row sum of three halves": dict(
            blocks=lambda: [rational_array([[0, "3/2"], [0, 0]])], drops="substochastic"
        ),
        "a negative entry": dict(blocks=lambda: [rational_array([["-1/2"]])], drops="non-negative"),
        "a closed pair of states": dict(
            blocks=lambda: [rational_array([[0, 1], [1, 0]])], drops="transient"
        ),
    },
)
def variance_from_generating_functions(variance, blocks) -> None:
    """Var = g''(1) + g'(1) − g'(1)², with g solved over ℚ(z), against the formula in N."""
    (at,) = variables("z")
    for block in blocks():
        size = block.shape[0]
        refute_unless(
            determinant(identity_like(block) - block) != 0,
            "I − B is singular: the number of visits has no finite moments",
            B=block,
        )
        stated = variance(fundamental_matrix(block, 1))
        refute_unless(bool((stated >= 0).all()), "a variance is negative", B=block, variance=stated)
        for j in range(size):
            for i, g in enumerate(visit_generating_functions(block, j, at)):
                slope = g.derivative(at)
                first, second = (
                    function.substitute({"z": 1}) for function in (slope, slope.derivative(at))
                )
                refute_unless(
                    stated[i, j] == rational(second + first - first * first),
                    "the variance of the number of visits is another one",
                    B=block,
                    start=i,
                    state=j,
                    stated=stated[i, j],
                    variance=second + first - first * first,
                )
        if size == 3 and (block == three_states()).all():
            note(kernel=fundamental_matrix(block, 1), variance=stated)


@plot(VISIT_VARIANCE)
def means_and_deviations() -> Plot:
    """Expected visits and their standard deviations, every pair of the three-state example."""
    kernel = fundamental_matrix(three_states(), 1)
    pairs = [f"{i + 1} → {j + 1}" for i, j in np.ndindex(3, 3)]
    deviation = np.sqrt(to_float(_variance(kernel)))
    return Plot(
        title="Visits of a three-state chain before absorption",
        x_label="start → counted state",
        y_label="number of visits",
        series=[
            Series(label="mean N_ij", x=pairs, y=to_float(kernel).ravel().tolist(), style="bars"),
            Series(label="standard deviation", x=pairs, y=deviation.ravel().tolist(), style="bars"),
        ],
        caption="The number of visits spreads about as far as its mean: it is geometric once the "
        "state is hit.",
    )
