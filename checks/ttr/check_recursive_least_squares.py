"""Recursive least squares with forgetting: what it computes, and what it does not."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, counterexample, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.mesa_layer import mesa_layer
from attnproof.theory.operator.recursive_least_squares import recursive_least_squares
from attnproof.theory.paper.ttr.recursive_least_squares import RLS_DECAYED_RIDGE, RLS_VS_MESA

# A = P^{-1} before the token, Q = A'^{-1} after it, B = Σ γ v kᵀ before it.
A, P, Q, S, B, k, kt, v = letters("A P Q S B k kt v")
alpha, shrink, tau, share = scalars("alpha shrink tau share")


def _one_step(decay: str) -> dict[str, object]:
    """Exact matrices before and after a token; τ = kᵀPk, shrink = 1/α, share = 1/(α + τ)."""
    matrix, key = rational_array([[2, 1], [1, 3]]), rational_array([[1], [2]])
    factor, before = rational(decay), inverse(matrix)
    sums = rational_array([[1, -1]])
    quadratic = (key.T @ before @ key)[0, 0]
    return {
        **{"A": matrix, "P": before, "k": key, "kt": key.T, "v": rational_array([[5]])},
        **{"Q": inverse(factor * matrix + key @ key.T), "B": sums, "S": sums @ before},
        **{"alpha": factor, "shrink": 1 / factor, "tau": quadratic},
        "share": 1 / (factor + quadratic),
    }


@check(
    RLS_DECAYED_RIDGE,
    part="inverse",
    establishes=proof(over="every width, every regular P and every α with α(α + kᵀPk) ≠ 0"),
    claimed=dict(updated=shrink * (P - share * P @ k @ kt @ P), forgotten=alpha * A + k @ kt),
    controls={
        "no forgetting in the denominator": dict(
            updated=shrink * (P - shrink * P @ k @ kt @ P), forgotten=alpha * A + k @ kt
        ),
        "update added": dict(updated=shrink * (P + share * P @ k @ kt @ P)),
        "matrix not forgotten": dict(forgotten=A + k @ kt),
        "correction outside the bracket": dict(updated=shrink * P - share * P @ k @ kt @ P),
    },
)
def sherman_morrison(updated, forgotten) -> None:
    """``(αA + kkᵀ)·P_t = 1`` from ``AP = 1``, ``kᵀPk = τ``, ``α·shrink = 1`` and
    ``share·(α + τ) = 1``; a right inverse of a square matrix is its inverse."""
    paired, quadratic = A @ P - 1, kt @ P @ k - tau
    follows(
        forgotten @ updated - 1,
        using=[
            (alpha * shrink, paired, 1),
            (-alpha * shrink * share, paired, k @ kt @ P),
            (-shrink * share * k, quadratic, kt @ P),
            (1, alpha * shrink - 1, 1 - share * k @ kt @ P),
            (-shrink, share * (alpha + tau) - 1, k @ kt @ P),
            (share, shrink * alpha - 1, k @ kt @ P),
        ],
        models=[_one_step("1/2"), _one_step("1/3")],
        message="this is not the inverse after the token",
    )


@check(
    RLS_DECAYED_RIDGE,
    part="matrix step",
    establishes=proof(over="every width, every state, key, value and α"),
    claimed=dict(gain=kt @ Q, error=v - S @ k),
    controls={
        "gain of the old matrix": dict(gain=kt @ P),
        "error of the decayed state": dict(error=v - alpha * S @ k),
        "gain without the matrix": dict(gain=1 * kt),
    },
)
def delta_rule_with_a_matrix(gain, error) -> None:
    """``(αB + vkᵀ)P_t = S + (v − Sk)kᵀP_t`` from ``B = SA`` and ``(αA + kkᵀ)P_t = 1``; P_t is
    symmetric, so that ``kᵀP_t = (P_tk)ᵀ``."""
    follows(
        (alpha * B + v @ kt) @ Q - (S + error @ gain),
        using=[(alpha, B - S @ A, Q), (S, (alpha * A + k @ kt) @ Q - 1, 1)],
        models=[_one_step("1/2")],
        message="the state after the token is another",
    )


RIDGE = letters("I")[0]
D, K, KT, VT = letters("D K Kt Vt")
product, weight = scalars("product weight")


@check(
    RLS_DECAYED_RIDGE,
    part="batch",
    establishes=proof(over="every t (induction), every width"),
    claimed=dict(ridge=alpha * product, carried=alpha),
    controls={
        "ridge kept": dict(ridge=product),
        "weights kept": dict(carried=1),
        "ridge forgotten twice": dict(ridge=alpha**2 * product),
    },
)
def matrix_by_induction(ridge, carried) -> None:
    """Base: A_0 = λI, B_0 = 0. Step: with ``A = KᵀDK + πλI``,

        αA + kkᵀ = Kᵀ(αD)K + kkᵀ + (απ)λI,

    and likewise for B. P_t and S_t are then those of the parts 'inverse' and 'matrix step'. Here
    the letter I stands for λI."""
    keys, weights = rational_array([[1, 2]]), rational_array([["1/3"]])
    ridges, kept = rational_array([[2, 0], [0, 2]]), rational("3/4")
    model = {
        **{"K": keys, "Kt": keys.T, "D": weights, "I": ridges, "product": kept},
        **{"k": rational_array([[1], [-1]]), "kt": rational_array([[1, -1]])},
        **{"alpha": rational("1/2"), "A": keys.T @ weights @ keys + kept * ridges},
        **{"v": rational_array([[5]]), "Vt": rational_array([[4]])},
        "B": rational_array([[4]]) @ weights @ keys,
    }
    follows(
        alpha * A + k @ kt - (carried * KT @ D @ K + k @ kt + ridge * RIDGE),
        using=[(alpha, A - KT @ D @ K - product * RIDGE, 1)],
        models=[model],
        message="the matrix after the token is another",
    )
    follows(
        alpha * B + v @ kt - (carried * VT @ D @ K + v @ kt),
        using=[(alpha, B - VT @ D @ K, 1)],
        models=[model],
        message="the sum of values after the token is another",
    )


left, spare, square = scalars("left spare square")


@check(
    RLS_DECAYED_RIDGE,
    part="no rank-one update",
    establishes=proof(over="every width, every positive definite Λ, every α < 1"),
    claimed=dict(ridge_after=1, room=spare),
    controls={
        "ridge decays too": dict(ridge_after=alpha),
        "more than all is kept": dict(room=-1 * spare),
    },
)
def change_of_full_rank(ridge_after, room) -> None:
    """``A_t − αA_{t−1} = kkᵀ + (1 − α)Λ`` and, for x ≠ 0, ``xᵀ(kkᵀ + (1 − α)Λ)x = (kᵀx)² +
    (1 − α)xᵀΛx ≥ (1 − α)xᵀΛx > 0``. ``left`` is kᵀx, ``square`` is xᵀΛx and ``spare`` 1 − α."""
    keys = rational_array([[1, 2]])
    model = {
        **{"K": keys, "Kt": keys.T, "D": rational_array([["1/3"]]), "alpha": rational("1/2")},
        **{"I": rational_array([[2, 0], [0, 2]]), "k": keys.T, "kt": keys},
        "A": rational_array([["7/3", "2/3"], ["2/3", "10/3"]]),
    }
    after = alpha * KT @ D @ K + k @ kt + ridge_after * RIDGE
    follows(
        after - alpha * A - (k @ kt + (1 - alpha) * RIDGE),
        using=[(-alpha, A - KT @ D @ K - RIDGE, 1)],
        models=[model],
        message="the matrix changes by something else",
    )
    entails(
        left**2 + room * square - spare * square,
        given={"xᵀΛx": square, "1 − α": spare},
        certificate=[(1, [], [left])],
        message="the change is not positive definite",
    )


def _constant(decays):
    return lambda t: rational_array([[2, 0], [0, 2]])


def _decayed(decays):
    return lambda t: decays[:t].prod() * rational_array([[2, 0], [0, 2]])


def _tokens() -> tuple[np.ndarray, ...]:
    keys = rational_array([[1, 2], [0, 1], [3, -1], [1, 1], [2, 5], [-1, 2]])
    values = rational_array([[1], [2], [-1], [3], [0], [1]])
    queries = rational_array([[1, 0], [0, 1], [1, 1], [2, -1], [1, 3], [1, 0]])
    return queries, keys, values


@check(
    RLS_VS_MESA,
    establishes=counterexample(over="d = 2, 6 tokens, λ = 2, α = 9/10"),
    claimed=dict(ridge=_constant, decay="9/10"),
    controls={
        "stronger forgetting": dict(decay="1/2"),
        "ridge forgotten twice": dict(ridge=lambda decays: _decayed(decays**2)),
    },
    repairs={
        "ridge that is forgotten": dict(ridge=_decayed),
        "no forgetting": dict(decay="1"),
    },
)
def recurrence_against_the_layer(ridge, decay) -> None:
    """The recurrence and the batch definition on the same six tokens, in rationals."""
    queries, keys, values = _tokens()
    decays = rational_array([decay] * len(keys))
    recursive, _ = recursive_least_squares(queries, keys, values, decays, rational(2))
    batch = mesa_layer(queries, keys, values, decays, ridge(decays))
    refute_unless(
        bool((recursive == batch).all()),
        "the recurrence gives another output than the layer",
        alpha=decays[0],
        recursive=recursive,
        layer=batch,
    )
    note(last_output=recursive[-1, 0])


@check(
    RLS_DECAYED_RIDGE,
    part="batch",
    establishes=exact(bound="the stated six tokens, d = 2, α_t = 1/2, …, 1/7"),
    claimed=dict(ridge=_decayed),
    controls={
        "constant ridge": dict(ridge=_constant),
        "ridge forgotten twice": dict(ridge=lambda decays: _decayed(decays**2)),
    },
)
def recurrence_with_varying_factors(ridge) -> None:
    """The definitions, with a different forgetting factor at every token."""
    queries, keys, values = _tokens()
    decays = rational_array([f"1/{t + 2}" for t in range(len(keys))])
    recursive, _ = recursive_least_squares(queries, keys, values, decays, rational(2))
    batch = mesa_layer(queries, keys, values, decays, ridge(decays))
    refute_unless(
        bool((recursive == batch).all()), "the two differ", recursive=recursive, layer=batch
    )
