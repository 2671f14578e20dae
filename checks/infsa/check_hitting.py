"""The probability of ever reaching a token, from the kernel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import determinant, identity_like
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.algebra.rational_function import generic_matrix
from attnproof.theory.core import check, note, proof, refute_unless, sampled, symbolic
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
from attnproof.theory.paper.infsa.visit_statistics import HITTING
from attnproof.theory.paper.infsa.walk_weights import walk_weights

# e is the column e_j of the state to be reached, f its row, o the ones, nu = N_jj = 1/p.
B, N, e, f, o, h = letters("B N e f o h")
nu, p = scalars("nu p")
LEFT_INVERSE, RIGHT_INVERSE = N * (1 - B) - 1, (1 - B) * N - 1
ENTRY_LESS_UNIT, SCALE = (f * N * e - nu) - (f * e - 1), nu * p - 1


@check(
    HITTING,
    part="reach probabilities",
    establishes=proof(over="every n, every start, every state to be reached"),
    claimed=dict(reach=(N - 1) * e * p, avoiding=1 - e * f),
    controls={
        "start counted as reached": dict(reach=N * e * p),
        "not normalised": dict(reach=(N - 1) * e),
        "multiplied instead of divided": dict(reach=(N - 1) * e * nu),
        "normalised twice": dict(reach=(N - 1) * e * p * p),
        "return allowed before": dict(avoiding=1 - e * f * 0),
        "only through the state": dict(avoiding=e * f),
    },
)
def first_passage(reach, avoiding) -> None:
    """Fix j and let h_i be the probability of being in j at some time t ≥ 1, from i. Either the
    first step leads there or it leads elsewhere: h = B e + B (I − e eᵀ) h. The solution is
    (N − I) e / N_jj, and it is the only one, since I − B(I − e eᵀ) has the inverse
    N − (N − I) e eᵀ N / N_jj.

    Machine-checked: solution and inverse. Entry j of the solution is the return probability.
    """
    values = letters_of_chain(three_states(), "B N e f nu p")
    system = 1 - B * avoiding
    follows(
        system * reach - B * e,
        using=[(1, SCALE, B * e), (p, RIGHT_INVERSE, e), (p * B * e, ENTRY_LESS_UNIT, 1)],
        models=[values],
        message="the stated probabilities do not satisfy the first-passage equation",
    )
    follows(
        (N - p * (N - 1) * e * f * N) * system - 1,
        using=[
            (1 - p * (N - 1) * e * f, LEFT_INVERSE, 1 - e * f),
            (-1, SCALE, (N - 1) * e * f),
            (-p * (N - 1) * e, ENTRY_LESS_UNIT, f),
        ],
        models=[values],
        message="the first-passage equation has another solution",
    )


@check(
    HITTING,
    part="bounds",
    establishes=proof(
        over="every n (induction on the horizon); signs from sums and products of non-negative "
        "numbers"
    ),
    claimed=dict(slack=(o - B * o) + B * (1 - e * f) * (o - h), visits=B * N),
    controls={
        "absorption forgotten": dict(slack=B * (1 - e * f) * (o - h)),
        "state not avoided": dict(slack=(o - B * o) + B * (o - h)),
        "slack of the start": dict(slack=(o - B * o) + (1 - e * f) * (o - h)),
        "visits with the start": dict(visits=N),
    },
)
def reach_probabilities_are_bounded(slack, visits) -> None:
    """Upper bound: the probabilities h of reaching j within T steps obey h_0 = 0 and
    h_{T+1} = B e + B (I − e eᵀ) h_T, so

        1 − h_{T+1} = (1 − B1) + B (I − e eᵀ)(1 − h_T),

    which is non-negative if 1 − h_T is, as B ≥ 0 and B1 ≤ 1. Lower bound: (N − I) e = B N e ≥ 0,
    and N_jj ≥ 1.

    Machine-checked: both identities. Classical: h_T grows to the solution of `first_passage`.
    """
    values = letters_of_chain(three_states(), "B N e f o")
    reached = values["B"] @ values["e"]
    follows(
        (o - B * e - B * (1 - e * f) * h) - slack,
        using=[(B * e, f * o - 1, 1)],
        models=[values | {"h": 0 * reached}, values | {"h": reached}],
        message="the chance of missing the state is not the stated sum",
    )
    follows(
        visits * e - (N - 1) * e,
        using=[(-1, RIGHT_INVERSE, e)],
        models=[values],
        message="the visits after the start are not the stated product",
    )


def _reach(kernel: np.ndarray) -> np.ndarray:
    return (kernel - identity_like(kernel)) / np.diag(kernel)[None, :]


def _blocks() -> Iterator[np.ndarray]:
    yield three_states()
    for draw in independent_draws(8, seed=43):
        block = random_transient_block(draw.random, 3)
        if block is None:
            draw.discard()
        else:
            yield block


@check(
    HITTING,
    part="reach probabilities",
    establishes=symbolic(bound="n ≤ 3, all entries"),
    claimed=dict(reach=_reach),
    controls={
        "start counted as reached": dict(reach=lambda N: N / np.diag(N)[None, :]),
        "normalised by the start": dict(
            reach=lambda N: (N - identity_like(N)) / np.diag(N)[:, None]
        ),
        "not normalised": dict(reach=lambda N: N - identity_like(N)),
    },
)
def walks_that_end_on_arrival(reach) -> None:
    """The weight of all walks that end at their first arrival in j, by elimination of states in
    the block without the transitions into j, is H as a rational function of the entries.
    """
    for size in (2, 3):
        block, _ = generic_matrix(size, letter="b")
        stated = reach(fundamental_matrix(block, 1))
        for j in range(size):
            elsewhere = block.copy()
            elsewhere[:, j] = 0 * block[:, j]
            identical(
                walk_weights(elsewhere) @ block[:, j],
                stated[:, j],
                "the walks do not add up to the stated probabilities",
            )


@check(
    HITTING,
    part="bounds",
    establishes=sampled(
        over="3-state blocks; every trajectory of 5 steps",
        by="enumeration of trajectories, exact rationals",
    ),
    claimed=dict(reach=_reach, blocks=_blocks),
    controls={
        "start counted as reached": dict(reach=lambda N: N / np.diag(N)[None, :]),
        "not normalised": dict(reach=lambda N: N - identity_like(N)),
        "transposed": dict(reach=lambda N: _reach(N).T),
        "a row sum of three halves": dict(
            blocks=lambda: [rational_array([[0, "3/2"], [0, 0]])], drops="substochastic"
        ),
        "a negative entry": dict(
            blocks=lambda: [rational_array([[0, "-1/2"], [0, 0]])], drops="non-negative"
        ),
        "a closed pair of states": dict(
            blocks=lambda: [rational_array([[0, 1], [1, 0]])], drops="transient"
        ),
    },
)
def reached_along_every_trajectory(reach, blocks) -> None:
    """0 ≤ H ≤ 1, and P(reached within 5 steps) ≤ H_ij ≤ that + P(alive, not reached by then)."""
    for block in blocks():
        size = block.shape[0]
        refute_unless(
            determinant(identity_like(block) - block) != 0,
            "I − B is singular: there is no kernel to take H from",
            B=block,
        )
        stated = reach(fundamental_matrix(block, 1))
        refute_unless(
            bool((stated >= 0).all() and (stated <= 1).all()),
            "a stated probability is not between zero and one",
            B=block,
            H=stated,
        )
        for start in range(size):
            walks = list(trajectories(block, start, 5))
            for state in range(size):
                reached = sum(w.probability for w in walks if state in w.states[1:])
                undecided = sum(
                    w.probability for w in walks if state not in w.states[1:] and not w.absorbed
                )
                refute_unless(
                    bool(reached <= stated[start, state] <= reached + undecided),
                    "the stated probability is out of its bounds",
                    B=block,
                    start=start,
                    state=state,
                    stated=stated[start, state],
                    at_least=reached,
                    at_most=reached + undecided,
                )
        if (block == three_states()).all():
            note(H_of_the_example=stated)
