"""How long a trajectory lives, and where it is absorbed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import determinant, identity_like, inverse, ones_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.absorbing_markov_chain import (
    absorption_probabilities,
    letters_of_chain,
    random_transient_block,
    trajectories,
)
from attnproof.theory.paper.infsa.transient_block import three_states
from attnproof.theory.paper.infsa.visit_statistics import ABSORPTION_TIME

# o is the column of ones, r the row of the start; m and s are the first and second moments.
B, N, R, F, o, u, r, m, s = letters("B N R F o u r m s")
LEFT_INVERSE = N * (1 - B) - 1


@check(
    ABSORPTION_TIME,
    part="moments",
    establishes=proof(over="every n, every start"),
    claimed=dict(mean=N * o, variance=r * (2 * N - 1) * N * o - r * N * o * r * N * o),
    controls={
        "mean without the first step": dict(mean=(N - 1) * o),
        "mean of twice the kernel": dict(mean=2 * N * o),
        "identity dropped": dict(variance=2 * r * N * N * o - r * N * o * r * N * o),
        "identity added": dict(variance=r * (2 * N + 1) * N * o - r * N * o * r * N * o),
        "kernel once": dict(variance=r * (N - 1) * N * o - r * N * o * r * N * o),
        "second moment": dict(variance=r * (2 * N - 1) * N * o),
        "matrix square instead of entrywise square": dict(
            variance=r * (2 * N - 1) * N * o - r * N * N * o
        ),
    },
)
def moments_first_step(mean, variance) -> None:
    """T = 1 + T', where T' is the time that remains after the first step, 0 once absorbed. So
    m_i = E_i[T] and s_i = E_i[T²] satisfy m = 1 + Bm and s = 1 + 2Bm + Bs; hence m = N1,
    s = (2N − I) N1, and the variance from i is s_i − m_i².

    Machine-checked: the solution of both equations, for every start. Classical: both moments are
    finite, because N is.
    """
    values = letters_of_chain(three_states(), "B N o r", start=1)
    kernel, block, one = (values[name] for name in ("N", "B", "o"))
    first = kernel @ one
    models = [values | {"m": first, "s": kernel @ (one + 2 * (block @ first))}]
    first_moment, second_moment = m - o - B * m, s - o - 2 * B * m - B * s
    follows(
        m - mean,
        using=[(N, first_moment, 1), (-1, LEFT_INVERSE, m)],
        models=models,
        message="the mean is not the stated one",
    )
    follows(
        r * s - r * m * r * m - variance,
        using=[
            (r * N, second_moment, 1),
            (-r, LEFT_INVERSE, s),
            (2 * r * N * (N - 1), first_moment, 1),
            (-2 * r * N, LEFT_INVERSE, m),
            (-r * N, first_moment, r * m),
            (r, LEFT_INVERSE, m * r * m),
            (-r * N * o * r * N, first_moment, 1),
            (r * N * o * r, LEFT_INVERSE, m),
        ],
        models=models,
        message="the variance is not the stated one",
    )


@check(
    ABSORPTION_TIME,
    part="absorption probabilities",
    establishes=proof(over="every n, every number of absorbing states"),
    claimed=dict(probabilities=N * R, total=o),
    controls={
        "kernel without the start": dict(probabilities=(N - 1) * R),
        "absorption in the first step": dict(probabilities=R),
        "block times kernel": dict(probabilities=B * N * R),
        "total of the lifetimes": dict(total=N * o),
        "total of one step": dict(total=(1 - B) * o),
    },
)
def absorption_first_step(probabilities, total) -> None:
    """F = R + BF by conditioning on the first step, R holding the probabilities of going straight
    to each absorbing state; hence F = NR, and F1 = N(I − B)1 = 1 if the rows of (B | R) sum to 1.

    Machine-checked: both. The column u of ones is as long as there are absorbing states.
    """
    values = letters_of_chain(three_states(), "B N o")
    leaving = rational_array([["1/4", 0], ["1/12", "1/4"], ["1/24", "1/8"]])
    values |= {"R": leaving, "F": values["N"] @ leaving, "u": rational_array([[1], [1]])}
    follows(
        F - probabilities,
        using=[(N, F - R - B * F, 1), (-1, LEFT_INVERSE, F)],
        models=[values],
        message="the absorption probabilities are not the stated ones",
    )
    follows(
        N * R * u - total,
        using=[(N, R * u - (1 - B) * o, 1), (1, LEFT_INVERSE, o)],
        models=[values],
        message="the absorption probabilities do not sum to the stated total",
    )


def _blocks() -> Iterator[np.ndarray]:
    yield three_states()
    for draw in independent_draws(8, seed=37):
        block = random_transient_block(draw.random, 3)
        if block is None:
            draw.discard()
        else:
            yield block


def _variance(kernel: np.ndarray) -> np.ndarray:
    lifetime = kernel @ ones_like(kernel)
    return 2 * (kernel @ lifetime) - lifetime - lifetime * lifetime


@check(
    ABSORPTION_TIME,
    part="moments",
    establishes=sampled(over="3-state blocks", by="exact generating functions in one variable"),
    claimed=dict(mean=lambda N: N @ ones_like(N), variance=_variance, blocks=_blocks),
    controls={
        "column sums of the kernel": dict(mean=lambda N: N.T @ ones_like(N)),
        "mean without the first step": dict(mean=lambda N: N @ ones_like(N) - 1),
        "variance of a geometric law": dict(
            variance=lambda N: (N @ ones_like(N)) * (N @ ones_like(N) - 1)
        ),
        "a row sum of three halves": dict(
            blocks=lambda: [rational_array([[0, "3/2"], [0, 0]])], drops="substochastic"
        ),
        "a negative entry": dict(blocks=lambda: [rational_array([["-1/2"]])], drops="non-negative"),
        "a closed pair of states": dict(
            blocks=lambda: [rational_array([[0, 1], [1, 0]])], drops="transient"
        ),
    },
)
def moments_from_generating_functions(mean, variance, blocks) -> None:
    """g(z) = E[z^T] solves g = z (Bg + 1 − B1) over ℚ(z); its derivatives at 1 are the moments."""
    (at,) = variables("z")
    for block in blocks():
        identity = identity_like(block)
        refute_unless(
            determinant(identity - block) != 0,
            "I − B is singular: some trajectory never ends, and T has no mean",
            B=block,
        )
        kernel = fundamental_matrix(block, 1)
        stated = mean(kernel), variance(kernel)
        refute_unless(
            bool((stated[0] >= 1).all() and (stated[1] >= 0).all()),
            "an expected lifetime is below one step, or a variance is negative",
            B=block,
            mean=stated[0],
            variance=stated[1],
        )
        functions = inverse(identity - at * block) @ (at * absorption_probabilities(block))
        for start, g in enumerate(functions):
            slope = g.derivative(at)
            first, second = (
                rational(function.substitute({"z": 1}))
                for function in (slope, slope.derivative(at))
            )
            solved = (first, second + first - first * first)
            refute_unless(
                (stated[0][start], stated[1][start]) == solved,
                "mean and variance of the lifetime are others",
                B=block,
                start=start,
                stated=[stated[0][start], stated[1][start]],
                solved=list(solved),
            )
        if (block == three_states()).all():
            note(mean_of_the_example=stated[0], variance_of_the_example=stated[1])


@check(
    ABSORPTION_TIME,
    part="absorption probabilities",
    establishes=sampled(
        over="3-state blocks, two absorbing states; every trajectory of 6 steps",
        by="enumeration of trajectories, exact rationals",
    ),
    claimed=dict(kernel=lambda N: N),
    controls={
        "kernel without the start": dict(kernel=lambda N: N - identity_like(N)),
        "kernel transposed": dict(kernel=lambda N: N.T),
        "start only": dict(kernel=identity_like),
    },
)
def absorbed_along_every_trajectory(kernel) -> None:
    """P(absorbed in a within 6 steps) ≤ (NR)_ia ≤ that + P(alive after 6 steps); rows sum to 1.

    The first absorbing state takes the share k/4 of what leaves state k, the second the rest.
    """
    for block in _blocks():
        leaving = absorption_probabilities(block)
        share = rational_array([0, "1/4", "1/2"])
        direct = np.stack([leaving * share, leaving * (1 - share)], axis=1)
        stated = kernel(fundamental_matrix(block, 1)) @ direct
        for start in range(3):
            walks = list(trajectories(block, start, 6))
            alive = sum(walk.probability for walk in walks if not walk.absorbed)
            ended = [walk for walk in walks if walk.absorbed]
            first = sum(walk.probability * share[walk.states[-1]] for walk in ended)
            so_far = (first, sum(walk.probability for walk in ended) - first)
            for place in (0, 1):
                refute_unless(
                    bool(so_far[place] <= stated[start, place] <= so_far[place] + alive),
                    "the stated absorption probability is out of its bounds",
                    B=block,
                    R=direct,
                    start=start,
                    stated=stated[start, place],
                    at_least=so_far[place],
                    at_most=so_far[place] + alive,
                )
            refute_unless(
                sum(stated[start]) == 1, "a row does not sum to one", B=block, row=stated[start]
            )
