"""A gate per key channel is no weight of the regression: it rescales the earlier keys."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, counterexample, proof, refute_unless, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.gated_linear_attention import gated_linear_attention
from attnproof.theory.paper.ttr.decay_weights import VECTOR_GATES, VECTOR_GATES_RESCALE_KEYS

# S = VᵀK after t tokens; G is the diagonal matrix of a gate per channel.
S, Vt, K, v, kt, G = letters("S Vt K v kt G")


def _symbols(name: str, *shape: int) -> np.ndarray:
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        (made[index],) = scalars(name + "".join(map(str, index)))
    return made


def _rescaled(keys: np.ndarray, gates: np.ndarray) -> np.ndarray:
    """``k_i ⊙ a_{i+1} ⊙ ⋯ ⊙ a_t`` for every i."""
    scaled, product = keys.copy(), 1 + 0 * keys[0]
    for i in range(len(keys) - 1, -1, -1):
        scaled[i] = keys[i] * product
        product = product * gates[i]
    return scaled


def _in_the_span(state, features) -> bool:
    """Whether ``state = Σ γ_i v_i features_iᵀ`` for some numbers γ; here with values e_1, e_2, …,
    so that row i of the state must be a multiple of features_i."""
    for row, feature in zip(state, features):
        crossed = np.outer(row, feature)
        if (crossed != crossed.T).any():
            return False
    return True


@check(
    VECTOR_GATES,
    establishes=counterexample(over="two tokens, two key channels"),
    claimed=dict(gates=[[1, 1], [1, "1/2"]], features=lambda keys, gates: keys),
    controls={
        "other gates": dict(gates=[[1, 1], ["1/3", "2/3"]]),
        "keys rescaled by the gate of their own token": dict(
            features=lambda keys, gates: keys * gates
        ),
    },
    repairs={
        "one gate for all channels": dict(gates=[[1, 1], ["1/2", "1/2"]]),
        "keys rescaled by the later gates": dict(features=_rescaled),
    },
)
def state_is_a_weighted_sum(gates, features) -> None:
    """k_1 = (1, 1), a_2 = (1, 1/2): the first row of the state is (1, 1/2), no multiple of k_1."""
    keys, gates = rational_array([[1, 1], [0, 1]]), rational_array(gates)
    values = rational_array([[1, 0], [0, 1]])
    _, state = gated_linear_attention(keys, keys, values, gates)
    refute_unless(
        _in_the_span(state, features(keys, gates)),
        "no numbers γ_i give this state",
        keys=keys,
        values=values,
        gates=gates,
        state=state,
    )


@check(
    VECTOR_GATES_RESCALE_KEYS,
    establishes=proof(over="every t (induction), every width, every ring"),
    claimed=dict(rescaled=Vt @ K @ G, newest=v @ kt),
    controls={
        "gate on the value side": dict(rescaled=G @ Vt @ K),
        "gate forgotten": dict(rescaled=Vt @ K),
        "gate on the newest key": dict(newest=v @ kt @ G),
    },
)
def keys_are_rescaled(rescaled, newest) -> None:
    """``S = VᵀK ⟹ S diag(a) + vkᵀ = Vᵀ(K diag(a)) + vkᵀ``: every earlier key is multiplied by a,
    channel by channel. The gradient at zero of the unweighted loss on those keys is −VᵀK by the
    part 'gradient' of the claim on scalar gates with weight 1."""
    values, keys = rational_array([["1/3"], [2]]), rational_array([[1, -1]])
    model = {
        **{"Vt": values, "K": keys, "S": values @ keys, "v": rational_array([[1], [5]])},
        **{"kt": rational_array([[2, 7]]), "G": rational_array([["1/2", 0], [0, "1/3"]])},
    }
    follows(
        S @ G + v @ kt - (rescaled + newest),
        using=[(1, S - Vt @ K, G)],
        models=[model],
        message="the state is not that of the rescaled keys",
    )


@check(
    VECTOR_GATES_RESCALE_KEYS,
    establishes=symbolic(
        bound="L = 4, d = 2, d_v = 1, all entries symbols", by="free commutative algebra"
    ),
    claimed=dict(features=_rescaled),
    controls={
        "not rescaled": dict(features=lambda keys, gates: keys),
        "rescaled by the gate of their own token": dict(features=lambda keys, gates: keys * gates),
    },
)
def recurrence_with_vector_gates(features) -> None:
    """The definition on indeterminates against the sum over rescaled keys."""
    keys, values, gates = _symbols("k", 4, 2), _symbols("v", 4, 1), _symbols("a", 4, 2)
    _, state = gated_linear_attention(keys, keys, values, gates)
    for entry in (values.T @ features(keys, gates) - state).ravel():
        follows(entry, message="the state is another")
