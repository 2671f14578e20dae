"""One attention layer with a frozen head: its outputs, their derivatives, and the loss."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.dual import Dual, derivative_of, dual_array, value_of
from attnproof.theory.algebra.elementwise import exponential
from attnproof.theory.algebra.rational import rational_array, to_float
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]

# log |ℓ'(x)| for the losses log(1 + e^{−x}), e^{−x} and −x.
SLOPE_LOGARITHMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "logistic": lambda x: -np.logaddexp(0, x),
    "exponential": lambda x: -x,
    "linear": np.zeros_like,
}


def exact_arrays(data) -> Arrays:
    """Tokens (n, T, d), queries (n, d) and scores (n, T) of a data set as FLINT rationals."""
    return tuple(map(rational_array, (data.tokens, data.queries, data.scores)))


def float_arrays(data) -> Arrays:
    """The same as binary64."""
    return tuple(map(to_float, exact_arrays(data)))


def logits(tokens: np.ndarray, queries: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """``x_itᵀ W z_i``, shape (n, T), in any number system."""
    return (tokens @ (queries @ weight.T)[:, :, None])[:, :, 0]


def attention_outputs(
    tokens: np.ndarray,
    queries: np.ndarray,
    scores: np.ndarray,
    weight: np.ndarray,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``f_i = Σ_t s_it γ_it`` with ``s_i = softmax(X_i W z_i)``, shape (n,).

    Args:
        tokens: shape (n, T, d); queries: shape (n, d); scores γ: shape (n, T).
        weight: shape (d, d).
        power: ``x ↦ b^x`` entrywise; ``e^x`` unless given.

    Source: arXiv:2308.16898, the model of one attention layer with a linear head, rebuilt from the
    released code.
    """
    weights = softmax_weights(logits(tokens, queries, weight), power)
    return (weights * scores).sum(axis=1)


def gradient_by_dual_numbers(
    tokens: np.ndarray,
    queries: np.ndarray,
    scores: np.ndarray,
    weight: np.ndarray,
    slopes: np.ndarray,
    power: Callable[[np.ndarray], np.ndarray] = power_of_two,
) -> np.ndarray:
    """``∂/∂W (1/n) Σ_i ℓ_i' f_i``, shape (d, d), by running the definition on dual numbers.

    The exponential of base b is differentiated as if ``log b`` were 1, so that the result is
    rational; the true gradient is ``log b`` times it. At W = 0 every base gives the same weights.
    """
    size = weight.shape[0]
    gradient = np.empty((size, size), dtype=object)
    for index in np.ndindex(size, size):
        direction = rational_array(np.zeros((size, size), dtype=int))
        direction[index] += 1
        moving = dual_array(weight, direction)
        outputs = attention_outputs(tokens, queries, scores, moving, _dual_power(power))
        gradient[index] = (slopes * derivative_of(outputs)).sum() / len(slopes)
    return gradient


def gradient_by_pairs(
    tokens: np.ndarray,
    queries: np.ndarray,
    scores: np.ndarray,
    probabilities: np.ndarray,
    slopes: np.ndarray,
) -> np.ndarray:
    """``(1/n) Σ_i ℓ_i' Σ_{t<u} s_it s_iu (γ_it − γ_iu)(x_it − x_iu) z_iᵀ``, shape (d, d)."""
    size = queries.shape[1]
    total = 0 * np.outer(queries[0], queries[0])
    for x, z, gamma, s, slope in zip(tokens, queries, scores, probabilities, slopes, strict=True):
        for t, u in zip(*np.triu_indices(len(gamma), 1), strict=True):
            total = total + slope * s[t] * s[u] * (gamma[t] - gamma[u]) * np.outer(x[t] - x[u], z)
    return total.reshape(size, size) / len(slopes)


def log_probabilities(tokens: np.ndarray, queries: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """``log s_it`` in binary64, shape (n, T)."""
    values = logits(tokens, queries, weight)
    values = values - values.max(axis=1, keepdims=True)
    return values - np.log(np.exp(values).sum(axis=1, keepdims=True))


def descent_direction(
    tokens: np.ndarray,
    queries: np.ndarray,
    scores: np.ndarray,
    weight: np.ndarray,
    loss: str = "logistic",
) -> tuple[np.ndarray, float]:
    """``−∇L/‖∇L‖_F`` in binary64, and ``log ‖∇L‖_F``, from the sum over pairs.

    Each term is kept as a sign and a logarithm, and the largest is divided out, so that nothing
    underflows however large W is: the softmax and its derivative round to 0 once margins exceed
    about 37.

    Raises:
        ZeroDivisionError: every term is zero.
    """
    return descent_directions(tokens, queries, scores, loss)(weight)


def descent_directions(
    tokens: np.ndarray, queries: np.ndarray, scores: np.ndarray, loss: str = "logistic"
) -> Callable[[np.ndarray], tuple[np.ndarray, float]]:
    """`descent_direction` as a function of the weight, for many steps on the same data."""
    first, second = np.triu_indices(scores.shape[1], 1)
    gap = scores[:, first] - scores[:, second]
    with np.errstate(divide="ignore"):
        gap_logarithm = np.log(np.abs(gap))
    ahead = np.sign(gap)[:, :, None] * (tokens[:, first] - tokens[:, second])
    slope_logarithm = SLOPE_LOGARITHMS[loss]

    def direction(weight: np.ndarray) -> tuple[np.ndarray, float]:
        logs = log_probabilities(tokens, queries, weight)
        outputs = (np.exp(logs) * scores).sum(axis=1)
        size = logs[:, first] + logs[:, second] + gap_logarithm
        size += slope_logarithm(outputs)[:, None]
        largest = size.max()
        if largest == -np.inf:
            raise ZeroDivisionError("the gradient is zero: the scores of every sample are equal")
        terms = np.exp(size - largest)
        descent = (terms[:, None, :] @ ahead)[:, 0].T @ queries / len(scores)
        norm = float(np.sqrt(np.vdot(descent, descent)))
        return descent / norm, float(largest + np.log(norm))

    return direction


def excess_loss_logarithm(
    tokens: np.ndarray, queries: np.ndarray, scores: np.ndarray, weight: np.ndarray
) -> float:
    """``log(L(W) − L_*)`` for ``ℓ(x) = −x``, where ``L_* = −(1/n) Σ_i max_t γ_it``.

    ``L − L_* = (1/n) Σ_i Σ_t s_it (max γ_i − γ_it)`` has no negative term, so that its logarithm
    is accurate however small it is.
    """
    with np.errstate(divide="ignore"):
        terms = log_probabilities(tokens, queries, weight)
        terms = terms + np.log(scores.max(axis=1, keepdims=True) - scores)
    return float(np.logaddexp.reduce(terms, axis=None) - np.log(len(scores)))


def _dual_power(power):
    def moving_power(exponents: np.ndarray) -> np.ndarray:
        values = power(value_of(exponents))
        slopes = derivative_of(exponents)
        result = np.empty(values.shape, dtype=object)
        for index, value in np.ndenumerate(values):
            result[index] = Dual(value, value * slopes[index])
        return result

    return moving_power
