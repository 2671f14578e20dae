"""What the kernel counts when the rows of the block sum to at most one: expected visits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import determinant, identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import generic_matrix
from attnproof.theory.core import (
    check,
    note,
    prime_field,
    proof,
    refute_unless,
    sampled,
    symbolic,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix, neumann_partial_sum
from attnproof.theory.paper.infsa.absorbing_chain import SUBSTOCHASTIC_CHAIN
from attnproof.theory.paper.infsa.absorbing_markov_chain import (
    letters_of_chain,
    random_transient_block,
    tail_of_powers,
    trajectories,
)
from attnproof.theory.paper.infsa.transient_block import row_sum_three_halves, three_states
from attnproof.theory.paper.infsa.walk_weights import walk_weights

B, N, V, W, P = letters("B N V W P")
RIGHT_INVERSE = (1 - B) * N - 1


@check(
    SUBSTOCHASTIC_CHAIN,
    part="expected visits",
    establishes=proof(over="every n, every horizon T (induction); T → ∞ by monotone convergence"),
    claimed=dict(
        kernel=N, at_time_zero=1, one_step_earlier=lambda at_zero, visits: at_zero + B * visits
    ),
    controls={
        "count from time one": dict(at_time_zero=0),
        "kernel without the start": dict(kernel=N - 1),
        "kernel times the block": dict(kernel=N * B),
        "two steps at once": dict(
            one_step_earlier=lambda at_zero, visits: at_zero + B * B * visits
        ),
        "start counted twice": dict(
            one_step_earlier=lambda at_zero, visits: 2 * at_zero + B * visits
        ),
        "opposite sign": dict(one_step_earlier=lambda at_zero, visits: at_zero - B * visits),
    },
)
def first_step_equations_give_the_kernel(kernel, at_time_zero, one_step_earlier) -> None:
    """Let V_T be the expected visits at times 0 … T, entry (i, j) for start i and state j.
    Conditioning on the first step, V_0 = I and V_{T+1} = I + B V_T. Then V_T = N − B^{T+1} N for
    every T, by induction, P standing for B^{T+1} in the step.

    Machine-checked: base and step, from (I − B) N = I alone. Classical: N ≥ 0 (M-matrices), so
    V_T grows with T and stays below N; hence it converges, its terms B^T tend to zero, and with
    them the remainder B^{T+1} N; the expectation of the total is the limit of the V_T by monotone
    convergence.
    """
    block = three_states()
    chain = letters_of_chain(block, "B N")
    follows(
        at_time_zero - (kernel - B * kernel),
        using=[(-1, RIGHT_INVERSE, 1)],
        models=[chain],
        message="the visits at time 0 are not the kernel less B times the kernel",
    )
    closed_form = V - (kernel - P * kernel)
    later = one_step_earlier(at_time_zero, V) - (kernel - B * P * kernel)
    one_step = chain | {"V": identity_like(block), "P": block}
    two_steps = chain | {"V": identity_like(block) + block, "P": block @ block}
    follows(
        later,
        using=[(B, closed_form, 1), (-1, RIGHT_INVERSE, 1)],
        models=[one_step, two_steps],
        message="the induction step fails",
    )


@check(
    SUBSTOCHASTIC_CHAIN,
    part="visits after the start",
    establishes=proof(over="every n, every horizon T (induction); T → ∞ by monotone convergence"),
    claimed=dict(kernel=N - 1, counted_on_arrival=1),
    controls={
        "kernel with the start": dict(kernel=N),
        "start removed twice": dict(kernel=N - 2),
        "arrival not counted": dict(counted_on_arrival=0),
        "arrival counted twice": dict(counted_on_arrival=2),
        "kernel times the block twice": dict(kernel=N * B * B),
    },
)
def visits_after_the_start_give_the_kernel_less_one(kernel, counted_on_arrival) -> None:
    """Let W_T be the expected visits at times 1 … T: W_0 = 0 and W_{T+1} = B (I + W_T), the I
    being the visit on arrival. Then W_T = K − B^T K for every T, with K = N − I; for T = 0 both
    sides are zero.

    Machine-checked: the step, and K = BN. The limit is as for N.
    """
    block = three_states()
    chain = letters_of_chain(block, "B N")
    closed_form = W - (kernel - P * kernel)
    later = B * (counted_on_arrival + W) - (kernel - B * P * kernel)
    follows(
        later,
        using=[(B, closed_form, 1), (-1, RIGHT_INVERSE, 1)],
        models=[chain | {"W": 0 * block, "P": identity_like(block)}],
        message="the induction step fails",
    )
    follows(
        B * N - (N - 1), using=[(-1, RIGHT_INVERSE, 1)], models=[chain], message="BN is not N − I"
    )


def _random_blocks() -> Iterator[np.ndarray]:
    yield three_states()
    for draw in independent_draws(12, seed=31):
        block = random_transient_block(draw.random, 3)
        if block is None:
            draw.discard()
        else:
            yield block


def _blocks(*rows: list[list[object]]):
    return lambda: [rational_array(list(block)) for block in rows]


DROPPED = {
    "a row sum of three halves": dict(
        blocks=lambda: [row_sum_three_halves()], drops="substochastic"
    ),
    "a negative entry": dict(
        blocks=_blocks([[0, "-1/8", "1/2"], [0, 0, 0], [0, "1/2", 0]]), drops="non-negative"
    ),
    "a closed pair of states": dict(
        blocks=_blocks([["1/4", "1/4", 0], [0, 0, 1], [0, 1, 0]]), drops="transient"
    ),
}


@check(
    SUBSTOCHASTIC_CHAIN,
    part="expected visits",
    establishes=sampled(
        over="3-state blocks; every trajectory of up to 5 steps",
        by="enumeration of trajectories, exact rationals",
    ),
    claimed=dict(kernel=lambda N: N, first=0, blocks=_random_blocks),
    controls={
        "count from time one": dict(first=1),
        "kernel without the start": dict(kernel=lambda N: N - identity_like(N)),
        "kernel transposed": dict(kernel=lambda N: N.T),
        "kernel doubled": dict(kernel=lambda N: 2 * N),
        **DROPPED,
    },
)
def visits_along_every_trajectory(kernel, first: int, blocks) -> None:
    """The definition of an expectation, literally: visits times probability, summed over every
    trajectory of T ≤ 5 steps. This is the partial sum of the powers of B that the operator
    defines, for every T; and the kernel lies between it and it plus a bound of the remainder
    that uses norms alone.
    """
    for block in blocks():
        _compare_with_trajectories(block, kernel, first, start_included=True)


@check(
    SUBSTOCHASTIC_CHAIN,
    part="visits after the start",
    establishes=sampled(
        over="3-state blocks; every trajectory of up to 5 steps",
        by="enumeration of trajectories, exact rationals",
    ),
    claimed=dict(kernel=lambda N: N - identity_like(N), first=1, blocks=_random_blocks),
    controls={
        "count from time zero": dict(first=0),
        "count from time two": dict(first=2),
        "kernel with the start": dict(kernel=lambda N: N),
        **DROPPED,
    },
)
def visits_after_the_start_along_every_trajectory(kernel, first: int, blocks) -> None:
    """As `visits_along_every_trajectory`, with the visit at time 0 left out on both sides."""
    for block in blocks():
        _compare_with_trajectories(block, kernel, first, start_included=False)


def _compare_with_trajectories(
    block: np.ndarray, kernel, first: int, *, start_included: bool
) -> None:
    horizon, size = 5, block.shape[0]
    for steps in range(horizon + 1):
        visits = np.full((size, size), rational(0), dtype=object)
        for start in range(size):
            for walk in trajectories(block, start, steps):
                refute_unless(
                    walk.probability >= 0,
                    "a trajectory of negative probability: the block belongs to no chain",
                    B=block,
                    states=list(walk.states),
                    absorbed=walk.absorbed,
                    probability=walk.probability,
                )
                for state in walk.states[first:]:
                    visits[start, state] += walk.probability
        partial = neumann_partial_sum(block, rational(1), steps)
        if not start_included:
            partial = partial - identity_like(block)
        refute_unless(
            bool((visits == partial).all()),
            "the visits along all trajectories are not the partial sum",
            B=block,
            steps=steps,
            visits=visits,
            partial_sum=partial,
        )
    refute_unless(
        determinant(identity_like(block) - block) != 0,
        "I − B is singular: there is no kernel, and visits accumulate for ever",
        B=block,
        visits=visits,
    )
    total, bound = kernel(fundamental_matrix(block, 1)), tail_of_powers(block, horizon)
    refute_unless(
        bool((total >= visits).all() and (total <= visits + bound).all()),
        "the kernel is not between the visits so far and the visits so far plus the tail bound",
        B=block,
        kernel=total,
        visits=visits,
        tail_bound=bound,
    )
    if (block == three_states()).all():
        note(kernel_of_the_example=total)


@check(
    SUBSTOCHASTIC_CHAIN,
    part="expected visits",
    establishes=symbolic(bound="n ≤ 3, all entries"),
    claimed=dict(loop=lambda weight: 1 / (1 - weight), kernel=lambda N: N),
    controls={
        "each loop at most once": dict(loop=lambda weight: 1 + weight),
        "loops ignored": dict(loop=lambda weight: 1),
        "kernel transposed": dict(kernel=lambda N: N.T),
        "kernel without the start": dict(kernel=lambda N: N - identity_like(N)),
    },
)
def kernel_is_the_weight_of_all_walks(loop, kernel) -> None:
    """The sum over all walks, grouped by the states they pass and summed as geometric series,
    without inverting a matrix, is (I − B)^{-1} as a rational function of the entries.
    """
    for size in (2, 3):
        block, _ = generic_matrix(size, letter="b")
        identical(
            walk_weights(block, loop),
            kernel(fundamental_matrix(block, 1)),
            "the walks do not add up to the kernel",
        )


@check(
    SUBSTOCHASTIC_CHAIN,
    part="visits after the start",
    establishes=prime_field(bound="n = 8, all entries"),
    claimed=dict(removed=1),
    controls={"start kept": dict(removed=0), "start removed twice": dict(removed=2)},
)
def walks_of_at_least_one_step(removed: int) -> None:
    """Walks of at least one step, B times all walks by elimination, weigh (I − B)^{-1} − I."""

    def defect(block):
        kernel = fundamental_matrix(block, 1) - removed * identity_like(block)
        return block @ walk_weights(block) - kernel

    vanishes(defect, [(8, 8)], seed=5)
