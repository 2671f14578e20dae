"""The Jacobian of causal softmax attention, token by token."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.dual import Dual
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, proof, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.heads_ssm.gradient_highway import ATTENTION_JACOBIAN
from attnproof.theory.paper.heads_ssm.softmax_jacobian import derivative_along, stated_jacobian

# x is the token that moves, h its direction, g the row (W_Kᵀ W_Q x_i)ᵀ/√d_k, and p = W_Q h/√d_k.
# S and R are Σ e^{s_l} V x_l and Σ e^{s_l} over the other tokens, T = Σ e^{s_l} V x_l (W_K x_l)ᵀ
# and K = Σ e^{s_l} (W_K x_l)ᵀ over all.
V, x, h, g, y, dy, S, T, K, p = letters("V x h g y dy S T K p")
E, dE, R, alpha, sigma, inverse = scalars("E dE R alpha sigma inverse")
TOTAL = R + E


def _model(query_moves: bool) -> dict[str, object]:
    """Two tokens, width two; numbers stand for the exponentials."""
    value = rational_array([[1, 2], [0, 1]])
    token, direction = rational_array([[1], [3]]), rational_array([[2], [-1]])
    row = rational_array([[1, -2]])
    weight, rest, others = rational(2), rational(3), rational_array([[5], [-1]])
    outer, keys = rational_array([[1, 2], [4, -1]]), rational_array([[2, 7]])
    push = rational_array([[1], [2]])
    slope = (row @ direction)[0, 0]
    output = (others + weight * (value @ token)) / (rest + weight)
    moved = weight * (slope * (value @ token) + value @ direction) - output * weight * slope
    if query_moves:
        moved = moved + outer @ push - output @ (keys @ push)
    return {
        **{"V": value, "x": token, "h": direction, "g": row, "y": output, "S": others},
        **{"dy": moved / (rest + weight), "T": outer, "K": keys, "p": push},
        **{"E": weight, "dE": weight * slope, "R": rest, "sigma": slope},
        **{"alpha": weight / (rest + weight), "inverse": 1 / (rest + weight)},
    }


@check(
    ATTENTION_JACOBIAN,
    part="earlier token",
    establishes=proof(over="every n, d, p, d_k, every j < i"),
    claimed=dict(jacobian=lambda alpha, gap: alpha * (V * h + gap * g * h), gap=V * x - y),
    controls={
        "output not subtracted": dict(gap=V * x),
        "opposite sign": dict(gap=y - V * x),
        "value path only": dict(jacobian=lambda alpha, gap: alpha * V * h),
        "weights fixed in the value path": dict(
            jacobian=lambda alpha, gap: V * h + alpha * gap * g * h
        ),
        "weight squared": dict(jacobian=lambda alpha, gap: alpha * (V * h + alpha * gap * g * h)),
    },
)
def quotient_rule_for_an_earlier_token(jacobian, gap) -> None:
    """y (R + E) = S + E V x, where R and S collect the other tokens and do not move with x_j; the
    weight E = e^{s_ij} moves by dE = E σ with σ = g h. Differentiating,

        dy (R + E) + y dE = dE V x + E V h,

    and with α (R + E) = E this is dy = α (V h + (V x − y) g h). Neither i − j nor any other token
    enters, except through α and y.

    Classical: the product rule and the derivative of the exponential.
    """
    bracket = (V * x - y) * sigma + V * h
    follows(
        dy - jacobian(alpha, gap),
        using=[
            (-1 * dy, inverse * TOTAL - 1, 1),
            (inverse, dy * TOTAL + y * dE - dE * V * x - E * V * h, 1),
            (inverse * (V * x - y), dE - E * sigma, 1),
            (alpha * bracket, inverse * TOTAL - 1, 1),
            (-1 * inverse * bracket, alpha * TOTAL - E, 1),
            (-1 * alpha * (V * x - y), g * h - sigma, 1),
        ],
        models=[_model(False)],
        message="the Jacobian is another",
    )


@check(
    ATTENTION_JACOBIAN,
    part="the token itself",
    establishes=proof(over="every n, d, p, d_k (induction over the tokens)"),
    claimed=dict(spread=lambda T, K: T - y * K, added=1),
    controls={
        "output not subtracted": dict(spread=lambda T, K: T),
        "key path only": dict(spread=lambda T, K: 0 * T),
        "opposite sign": dict(spread=lambda T, K: y * K - T),
        "weight of the added token twice": dict(added=2),
    },
)
def quotient_rule_for_the_token_itself(spread, added) -> None:
    """Through the query every weight moves by E_l k_l p with k_l = (W_K x_l)ᵀ. Step: if the sums
    over m tokens move by T p and K p, then with one token more by (T + E v k) p and (K + E k) p.
    Together with the key and value path of x_i itself,

        dy (R + E) + y (K p + E σ) = T p + E (σ V x + V h),

    hence dy = α (V h + (V x − y) g h) + (T − y K) p / (R + E); the weights α_l are E_l/(R + E).
    """
    before, v, k = letters("before v k")
    (tau,) = scalars("tau")
    outer, push = rational_array([[1, 2], [4, -1]]), rational_array([[1], [2]])
    key, vector = rational_array([[3, 1]]), rational_array([[2], [5]])
    # In the sum of weights v is 1; the same identity covers it.
    follows(
        before + E * tau * v - (T + added * E * v * k) * p,
        using=[(1, before - T * p, 1), (-1 * E * v, k * p - tau, 1)],
        models=[
            {
                **{"T": outer, "p": push, "k": key, "v": vector, "before": outer @ push},
                **{"E": rational(2), "tau": (key @ push)[0, 0]},
            }
        ],
        message="the sums move otherwise",
    )
    bracket = (V * x - y) * sigma + V * h
    follows(
        dy - alpha * (V * h + (V * x - y) * g * h) - inverse * spread(T, K) * p,
        using=[
            (-1 * dy, inverse * TOTAL - 1, 1),
            (
                inverse,
                dy * TOTAL + y * (K * p + E * sigma) - T * p - E * (sigma * V * x + V * h),
                1,
            ),
            (alpha * bracket, inverse * TOTAL - 1, 1),
            (-1 * inverse * bracket, alpha * TOTAL - E, 1),
            (-1 * alpha * (V * x - y), g * h - sigma, 1),
        ],
        models=[_model(True)],
        message="the Jacobian is another",
    )


def _without_the_output(*arguments):
    return stated_jacobian(*arguments, subtract=0)


def _transposed(*arguments):
    return stated_jacobian(*arguments, transpose=True)


def _falling_with_the_distance(tokens, i, j, *arguments):
    return stated_jacobian(tokens, i, j, *arguments) / (1 + i - j)


def _scale_dropped(tokens, i, j, query, key, value, scale, weights):
    return stated_jacobian(tokens, i, j, query, key, value, scale / scale, weights)


ALTERED = {
    "output not subtracted": dict(closed_form=_without_the_output),
    "query and key exchanged": dict(closed_form=_transposed),
    "scale dropped": dict(closed_form=_scale_dropped),
}


def _symbols():
    """Three tokens of width two, head width one, value width one, and three exponentials."""
    names = [f"{letter}{k}" for letter in ("q", "k", "v") for k in (1, 2)]
    names += [f"x{j}{k}" for j in (1, 2, 3) for k in (1, 2)] + ["c", "E1", "E2", "E3"]
    made = np.array(variables(names), dtype=object)
    query, key, value = made[:6].reshape(3, 1, 2)
    return made[6:12].reshape(3, 2), query, key, value, made[12], made[13:]


def _compare_symbols(closed_form, targets) -> None:
    tokens, query, key, value, scale, exponentials = _symbols()

    def power(scores: np.ndarray) -> np.ndarray:
        """Exponentials left open: E_l, moving by E_l times the move of the score."""
        result = np.empty(scores.shape, dtype=object)
        for index, score in np.ndenumerate(scores):
            weight = exponentials[index[1]]
            result[index] = Dual(weight, weight * score.derivative)
        return result

    weights = exponentials / exponentials.sum()
    for j in targets:
        stated = closed_form(tokens, 2, j, query, key, value, scale, weights)
        for coordinate in range(2):
            found = derivative_along(
                tokens, 2, j, coordinate, query, key, value, scale, power=power
            )
            identical(found, stated[:, coordinate], "the Jacobian is another")


BOUND = "n = 3, d = 2, d_k = p = 1, all entries; the exponentials are unspecified numbers"


@check(
    ATTENTION_JACOBIAN,
    part="earlier token",
    establishes=symbolic(bound=BOUND),
    claimed=dict(closed_form=stated_jacobian),
    controls={**ALTERED, "falling with the distance": dict(closed_form=_falling_with_the_distance)},
)
def derivative_of_the_definition_earlier(closed_form) -> None:
    """The definition on dual numbers over ℚ(x, W_Q, W_K, V, e^{s}), tokens 1 and 2 moving."""
    _compare_symbols(closed_form, (0, 1))


@check(
    ATTENTION_JACOBIAN,
    part="the token itself",
    establishes=symbolic(bound=BOUND),
    claimed=dict(closed_form=stated_jacobian),
    controls=ALTERED,
)
def derivative_of_the_definition_itself(closed_form) -> None:
    """The definition on dual numbers over ℚ(x, W_Q, W_K, V, e^{s}), token 3 moving."""
    _compare_symbols(closed_form, (2,))
