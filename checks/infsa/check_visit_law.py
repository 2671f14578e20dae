"""The law of the number of visits: hit or miss, then a geometric number of returns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.algebra.rational_function import generic_matrix, variables
from attnproof.theory.core import check, proof, refute_unless, sampled, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.absorbing_markov_chain import (
    letters_of_chain,
    random_transient_block,
    trajectories,
)
from attnproof.theory.paper.infsa.transient_block import three_states
from attnproof.theory.paper.infsa.visit_generating_function import visit_generating_functions
from attnproof.theory.paper.infsa.visit_statistics import VISIT_VARIANCE

# e is the column e_j of the counted state, f its row, o the column of ones, nu the entry N_jj.
B, N, e, f, o = letters("B N e f o")
z, c, nu = scalars("z c nu")
LEFT_INVERSE, RIGHT_INVERSE, UNIT = N * (1 - B) - 1, (1 - B) * N - 1, f * e - 1


@check(
    VISIT_VARIANCE,
    part="law",
    establishes=proof(over="every n, every start, every counted state, every z with |z| ≤ 1"),
    claimed=dict(
        hit=lambda mean, kernel_jj: mean / kernel_jj,
        back=lambda kernel_jj: 1 - 1 / kernel_jj,
        weight=c,
    ),
    controls={
        "hit with the expected number": dict(hit=lambda mean, kernel_jj: mean),
        "return with the complement": dict(back=lambda kernel_jj: 1 / kernel_jj),
        "return as if the start were not counted": dict(
            back=lambda kernel_jj: kernel_jj / (1 + kernel_jj)
        ),
        "generating function doubled": dict(weight=2 * c),
        "generating function one": dict(weight=0 * c),
    },
)
def generating_function_first_step(hit, back, weight) -> None:
    """With g_i(z) = E_i[z^V] and D = diag(z at j, 1 elsewhere), conditioning on the first step
    gives g = D (B g + (I − B) 1). The solution is g = 1 + c N e with
    c = (z − 1)/(1 − (z − 1)(N_jj − 1)), and it is the only one, since I − DB has the inverse
    N + c N e fᵀ (N − I). This g is that of the law P(V ≥ k) = h f^{k−1}:

        1 − h + h (1 − f) z / (1 − f z).

    Machine-checked: the solution, the inverse, and the identity with the law. Classical: a
    probability generating function determines its law.
    """
    values = letters_of_chain(three_states(), "B N e f o nu")
    at = rational("1/3")
    models = [values | {"z": at, "c": (at - 1) / (1 - (at - 1) * (values["nu"] - 1))}]
    scale = c * (1 - (z - 1) * (nu - 1)) - (z - 1)
    entry, total = f * N * e - nu, f * o - 1
    counting = 1 + (z - 1) * e * f
    system = 1 - counting * B
    follows(
        system * (o + weight * N * e) - counting * (1 - B) * o,
        using=[
            (e, scale, 1),
            (-(z - 1) * e, total, 1),
            (-c * (z - 1) * e, entry - UNIT, 1),
            (c * (1 + (z - 1) * e * f), RIGHT_INVERSE, e),
        ],
        models=models,
        message="the generating function does not satisfy the first-step equation",
    )
    follows(
        (N + c * N * e * f * (N - 1)) * system - 1,
        using=[
            (1 + c * N * e * f, LEFT_INVERSE, 1),
            (N * e, scale, f * B),
            (-c * (z - 1) * N * e, entry - UNIT, f * B),
        ],
        models=models,
        message="the first-step equation has another solution",
    )
    mean, kernel_jj, point = variables("mean kernel_jj z")
    h, again = hit(mean, kernel_jj), back(kernel_jj)
    identical(
        1 - h + h * (1 - again) * point / (1 - again * point),
        1 + mean * (point - 1) / (1 - (point - 1) * (kernel_jj - 1)),
        "the law has another generating function",
    )


@check(
    VISIT_VARIANCE,
    part="law",
    establishes=symbolic(bound="n = 2, all entries, all z"),
    claimed=dict(hit=lambda N, i, j: N[i, j] / N[j, j], back=lambda N, j: 1 - 1 / N[j, j]),
    controls={
        "hit in the other direction": dict(hit=lambda N, i, j: N[j, i] / N[j, j]),
        "hit normalised by the start": dict(hit=lambda N, i, j: N[i, j] / N[i, i]),
        "return probability of the block": dict(back=lambda N, j: 1 - 1 / (N[j, j] * N[j, j])),
    },
)
def generating_function_solved(hit, back) -> None:
    """The first-step equations of E_i[z^V], solved as a linear system over rational functions in
    z and all entries, give the generating function of the law, for every start and state.
    """
    block, (at,) = generic_matrix(2, extra="z", letter="b")
    kernel = fundamental_matrix(block, 1)
    for j in range(2):
        solved = visit_generating_functions(block, j, at)
        for i in range(2):
            h, again = hit(kernel, i, j), back(kernel, j)
            law = 1 - h + h * (1 - again) * at / (1 - again * at)
            identical(solved[i], law, "the law has another generating function")


def _blocks() -> Iterator[np.ndarray]:
    yield three_states()
    for draw in independent_draws(8, seed=29):
        block = random_transient_block(draw.random, 3)
        if block is None:
            draw.discard()
        else:
            yield block


@check(
    VISIT_VARIANCE,
    part="law",
    establishes=sampled(
        over="3-state blocks; every trajectory of 5 steps",
        by="enumeration of trajectories, exact rationals",
    ),
    claimed=dict(power=lambda k: k - 1, back=lambda N, j: 1 - 1 / N[j, j]),
    controls={
        "one return too many": dict(power=lambda k: k),
        "return with the complement": dict(back=lambda N, j: 1 / N[j, j]),
    },
)
def law_along_every_trajectory(power, back) -> None:
    """P(at least k visits within T steps) ≤ P(V ≥ k) ≤ that + P(alive after T steps), k ≤ 3."""
    steps = 5
    for block in _blocks():
        kernel = fundamental_matrix(block, 1)
        for i, j in np.ndindex(3, 3):
            walks = list(trajectories(block, i, steps))
            alive = sum(walk.probability for walk in walks if not walk.absorbed)
            for k in (1, 2, 3):
                so_far = sum(w.probability for w in walks if w.states.count(j) >= k)
                stated = kernel[i, j] / kernel[j, j] * back(kernel, j) ** power(k)
                refute_unless(
                    bool(so_far <= stated <= so_far + alive),
                    "the stated probability of at least k visits is out of its bounds",
                    B=block,
                    start=i,
                    state=j,
                    k=k,
                    stated=stated,
                    at_least=so_far,
                    at_most=so_far + alive,
                )
