"""Permuted tokens, permuted outputs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from attnproof.theory.algebra.elementwise import maximum, square_root
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.infinite_self_attention import (
    affinity,
    frobenius_norm,
    infinite_self_attention,
)
from attnproof.theory.operator.linear_infinite_self_attention import (
    linear_infinite_self_attention,
    pooled_query,
)
from attnproof.theory.paper.infsa.attention_map import EQUIVARIANCE
from attnproof.theory.paper.infsa.causal_attention_map import causal_attention, row_sums
from attnproof.theory.paper.infsa.rational_frobenius import (
    queries_for_logits,
    queries_with_rational_frobenius_norm,
)
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows
from attnproof.theory.paper.infsa.rectified_scores import rectified_scores

# R = [L]_+ with logits L = w Q Kᵀ, S the affinities after the permutation, u = 1/(‖R‖_F + ε).
P, PT, Q, KT, V, R, RT, S, ST = letters("P Pt Q Kt V R Rt S St")
WEIGHT, U, GAMMA = scalars("w u gamma")
ORTHOGONAL = PT * P - 1


def _cycle() -> np.ndarray:
    return rational_array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])


def _turn() -> np.ndarray:
    return rational_array([["3/5", "4/5", 0], ["-4/5", "3/5", 0], [0, 0, 1]])


def _sign() -> np.ndarray:
    return rational_array([[1, 0, 0], [0, -1, 0], [0, 0, 1]])


# Rectified, these logits have the norm 7, by 4 + 9 + 36.
LOGITS = rational_array([[2, -1, 3], [-2, 0, 6], [-1, -3, -5]])
KEYS = rational_array([[1, 1, 0], [0, 1, 1], [0, 0, 1]])


def _pure_model(matrix: np.ndarray, keys: bool) -> dict[str, object]:
    """Affinities before and after, by the definition; keys stay in place if ``keys`` is false."""
    query = queries_for_logits(LOGITS, KEYS)
    before = affinity(query, KEYS)
    after = affinity(matrix @ query, matrix @ KEYS if keys else KEYS)
    return {
        **{"P": matrix, "Pt": matrix.T, "Q": query, "Kt": KEYS.T},
        **{"R": before, "Rt": before.T, "S": after, "St": after.T},
        **{"V": rational_array([[1], [2], [5]]), "w": rational("1/3")},
        **{"u": 1 / frobenius_norm(before), "gamma": rational("19/20")},
    }


@check(
    EQUIVARIANCE,
    part="pure, jointly",
    establishes=proof(over="every N, d, d_v, ε ≥ 0"),
    claimed=dict(matrix=_cycle, keys=True, value=P * V, result=P * R * V),
    controls={
        "keys in place": dict(keys=False),
        "values in place": dict(value=V),
        "outputs in place": dict(result=R * V),
        "inverse permutation of the outputs": dict(result=PT * R * V),
        "a rotation of two tokens": dict(matrix=_turn, drops="permutation"),
        "a token with its sign changed": dict(matrix=_sign, drops="permutation"),
    },
)
def joint_permutation(matrix, keys, value, result) -> None:
    """The logits become P L Pᵀ. A function applied entrywise commutes with relabelling, so the
    affinities become S = P R Pᵀ (the axiom about the rectifier, false for other orthogonal
    matrices). By PᵀP = I, tr(SᵀS) = tr(RᵀR), so the normaliser stays, and S P V = P R V.
    """
    model = _pure_model(matrix(), keys)
    follows(
        WEIGHT * (P * Q) * (KT * PT) - P * (WEIGHT * Q * KT) * PT,
        models=[model],
        message="the logits are not relabelled",
    )
    entrywise, transposed = S - P * R * PT, ST - P * RT * PT
    follows(
        GAMMA * U * (S * value - result),
        using=held_premises(
            [(GAMMA * U, entrywise, P * V), (GAMMA * U * P * R, ORTHOGONAL, V)], model
        ),
        models=[model],
        message="the outputs are not permuted as stated",
    )
    follows(
        ST * S - P * RT * R * PT,
        using=[(1, transposed, S), (P * RT * PT, entrywise, 1), (P * RT, ORTHOGONAL, R * PT)],
        models=[model],
        message="the squares are not relabelled",
    )
    equal_traces(
        P * RT * R * PT,
        RT * R * PT * P,
        transposes={"P": "Pt", "R": "Rt"},
        models=[model],
        message="the norm changes",
    )
    follows(
        RT * R * PT * P - RT * R,
        using=[(RT * R, ORTHOGONAL, 1)],
        models=[model],
        message="the norm changes",
    )


# x are weights of tokens (a row), y those after the permutation, T what is averaged, o ones.
x, y, T, ONES = letters("x y T o")
TOKENS = rational_array([[1], [2], [-3]])


def _query_weights(matrix: np.ndarray) -> dict[str, object]:
    """Norms of the queries, and the queries, which they weigh."""
    return {"x": _norms(TOKENS), "y": _norms(matrix @ TOKENS), "T": TOKENS}


def _norms(query: np.ndarray) -> np.ndarray:
    return square_root((query * query).sum(axis=1))[None, :]


def _key_weights(matrix: np.ndarray) -> dict[str, object]:
    """Rectified scores of the keys for one pooled query, and the values, which they weigh."""
    pooled = pooled_query(TOKENS)
    before, after = (maximum(key @ pooled)[None, :] for key in (-TOKENS, matrix @ -TOKENS))
    return {"x": before, "y": after, "T": rational_array([[1], [2], [5]])}


WEIGHTS = dict(
    establishes=proof(over="every N, d, d_v, ε ≥ 0"),
    claimed=dict(matrix=_cycle, permuted=P * T, sums=(y * ONES, x * ONES)),
    controls={
        "what is weighed stays in place": dict(permuted=T),
        "inverse permutation of what is weighed": dict(permuted=PT * T),
        "weights summed with the tokens": dict(sums=(y * P * T, x * ONES)),
        "a rotation of two tokens": dict(matrix=_turn, drops="permutation"),
        "a token with its sign changed": dict(matrix=_sign, drops="permutation"),
    },
)


def _weighted_means_stay(model, matrix, permuted, sums) -> None:
    """Weights that belong to their tokens, y = x Pᵀ: then y(PT) = xT, and y1 = x1 by Pᵀ1 = 1."""
    model |= {"P": matrix, "Pt": matrix.T, "o": rational_array([[1], [1], [1]])}
    belong = y - x * PT
    follows(
        y * permuted - x * T,
        using=held_premises([(1, belong, P * T), (x, ORTHOGONAL, T)], model),
        models=[model],
        message="the weighted sum changes",
    )
    follows(
        sums[0] - sums[1],
        using=held_premises([(1, belong, ONES), (x, PT * ONES - ONES, 1)], model),
        models=[model],
        message="the sum of the weights changes",
    )


@check(EQUIVARIANCE, part="linear, queries", **WEIGHTS)
def permuted_queries(matrix, permuted, sums) -> None:
    """q̄ = Σ‖q_i‖q_i / (Σ‖q_i‖ + ε√d): both sums stay, as the norm of a query goes with it."""
    _weighted_means_stay(_query_weights(matrix()), matrix(), permuted, sums)


@check(EQUIVARIANCE, part="linear, keys with values", **WEIGHTS)
def permuted_keys_with_values(matrix, permuted, sums) -> None:
    """y = γ Σ p_j v_j / (Σ p_j + ε) with p_j = [q̄·k_j/d]_+: both sums stay, as the score of a key
    goes with it, q̄ being the same."""
    _weighted_means_stay(_key_weights(matrix()), matrix(), permuted, sums)


def _relabelled(array: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    return array[list(order)]


def _instances(operator: str, tokens: int) -> Iterator[tuple]:
    for draw in independent_draws(6, seed=70 + tokens):
        if operator == "pure":
            query, key = queries_with_rational_frobenius_norm(draw.random, tokens)
        else:
            query, key = (rational_norm_rows(draw.random, tokens, 3) for _ in range(2))
            if not any(rectified_scores(query, key)):
                draw.discard()
                continue
        yield query, key, rational_array(draw.random.integers(-3, 4, (tokens, 2)).tolist())


def _refute_unless_equivariant(operator, family: str, moved: str, result) -> None:
    gamma = rational("19/20")
    for tokens in (2, 3, 4):
        for query, key, value in _instances(family, tokens):
            output = operator(query, key, value, gamma)
            for order in permutations(range(tokens)):
                inputs = [
                    _relabelled(array, order) if name in moved else array
                    for name, array in zip("QKV", (query, key, value), strict=True)
                ]
                permuted = operator(*inputs, gamma)
                refute_unless(
                    bool((permuted == result(output, order)).all()),
                    "the outputs are not permuted as stated",
                    query=query,
                    key=key,
                    value=value,
                    gamma=gamma,
                    order=list(order),
                    outputs=output,
                    outputs_permuted=permuted,
                )


def _in_place(output: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    return output


def _masked(query, key, value, gamma) -> np.ndarray:
    """With a causal mask; one is added to the row sums, so that none is zero."""
    return causal_attention(query, key, value, gamma, lambda affinities: row_sums(affinities) + 1)


OVER = "rational instances of 2 to 4 tokens, all permutations"


@check(
    EQUIVARIANCE,
    part="pure, jointly",
    establishes=sampled(over=OVER, by="exact rationals"),
    claimed=dict(operator=infinite_self_attention, moved="QKV", result=_relabelled),
    controls={
        "causal mask": dict(operator=_masked),
        "keys in place": dict(moved="QV"),
        "queries in place": dict(moved="KV"),
        "queries alone and outputs in place": dict(moved="Q", result=_in_place),
    },
)
def pure_variant_relabelled(operator, moved, result) -> None:
    """The definition, run on relabelled tokens."""
    _refute_unless_equivariant(operator, "pure", moved, result)


@check(
    EQUIVARIANCE,
    part="linear, queries",
    establishes=sampled(over=OVER, by="exact rationals"),
    claimed=dict(operator=linear_infinite_self_attention, family="linear", moved="Q"),
    controls={
        "keys": dict(moved="K"),
        "pure variant": dict(operator=infinite_self_attention, family="pure"),
    },
)
def linear_variant_with_queries_relabelled(operator, family, moved) -> None:
    """The definition, run on relabelled queries; the outputs stay in place."""
    _refute_unless_equivariant(operator, family, moved, _in_place)


@check(
    EQUIVARIANCE,
    part="linear, keys with values",
    establishes=sampled(over=OVER, by="exact rationals"),
    claimed=dict(moved="KV"),
    controls={"values alone": dict(moved="V"), "keys alone": dict(moved="K")},
)
def linear_variant_with_keys_relabelled(moved) -> None:
    """The definition, run on relabelled pairs; the outputs stay in place."""
    _refute_unless_equivariant(linear_infinite_self_attention, "linear", moved, _in_place)
