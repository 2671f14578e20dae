"""The number of heads is not the number of states."""

from __future__ import annotations

from collections.abc import Callable
from operator import eq, ge, le

import numpy as np

from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, counterexample, note, refute_unless
from attnproof.theory.operator.linear_state_space_model import (
    lag_operators,
    linear_state_space_model,
)
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks, interaction_rank
from attnproof.theory.paper.heads_ssm.head_count import K_VS_HANKEL

System = tuple[np.ndarray, np.ndarray, np.ndarray]


def _one_channel() -> System:
    """Four decays, one input, one output."""
    decays = np.full((4, 4), "0", dtype=object)
    decays[range(4), range(4)] = ["1/2", "1/3", "1/5", "1/7"]
    return rational_array(decays), rational_array([[1]] * 4), rational_array([[1] * 4])


def _one_output_of_three() -> System:
    """Three decays, read by one output and fed by two inputs."""
    decays = rational_array([["1/2", 0, 0], [0, "1/3", 0], [0, 0, "1/5"]])
    return decays, rational_array([[1, 0], [0, 1], [1, 1]]), rational_array([[1, 1, 1]])


def _all_states_seen() -> System:
    """B = C = I, three decays."""
    decays = rational_array([["1/2", 0, 0], [0, "1/3", 0], [0, 0, "1/5"]])
    unit = rational_array(np.eye(3, dtype=int))
    return decays, unit, unit


def _hankel_rank(system: System) -> int:
    """The rank of (M_{i+j}) for i, j < N: by Cayley and Hamilton that of the whole."""
    size = len(system[0])
    lags = lag_operators(*system, 2 * size - 1)
    return rank(np.block([[lags[i + j] for j in range(size)] for i in range(size)]))


def _number_of_states(system: System) -> int:
    return len(system[0])


@check(
    K_VS_HANKEL,
    establishes=counterexample(over="one input, one output, four states"),
    claimed=dict(system=_one_channel, order=_hankel_rank, relation=eq),
    controls={
        "number of states in place of the Hankel rank": dict(order=_number_of_states),
        "at least as many heads": dict(relation=ge),
        "two inputs and one output": dict(system=_one_output_of_three),
    },
    repairs={
        "at most as many heads": dict(relation=le),
        "every state fed and read": dict(system=_all_states_seen),
    },
)
def heads_against_states(
    system: Callable[[], System], order: Callable[[System], int], relation
) -> None:
    """k_n from the blocks of the recurrence on unit inputs, for n = 2N, from where on it is
    constant; the rank of the Hankel matrix from the lag operators."""
    matrices = system()
    length = 2 * len(matrices[0])
    run = lambda tokens: linear_state_space_model(*matrices, tokens)
    heads = interaction_rank(effective_blocks(run, length, matrices[1].shape[1]))
    states = order(matrices)
    note(heads=heads, states=states)
    refute_unless(
        relation(heads, states),
        "the number of heads is not the number of states",
        transition=matrices[0],
        input_matrix=matrices[1],
        output_matrix=matrices[2],
        heads=heads,
        states=states,
    )
