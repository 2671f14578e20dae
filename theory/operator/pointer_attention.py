"""The pointing step of a pointer network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential, hyperbolic_tangent

from .softmax_attention import softmax_weights


def pointer_scores(
    encoder_states: np.ndarray,
    decoder_state: np.ndarray,
    encoder_matrix: np.ndarray,
    decoder_matrix: np.ndarray,
    vector: np.ndarray,
    squash: Callable[[np.ndarray], np.ndarray] = hyperbolic_tangent,
) -> np.ndarray:
    """``u_j = vᵀ tanh(W_1 e_j + W_2 d)``.

    Args:
        encoder_states: e, shape (n, h); decoder_state: d, shape (g,).
        encoder_matrix: W_1, shape (a, h); decoder_matrix: W_2, shape (a, g); vector: v, shape (a,).
        squash: tanh, entrywise; `tanh_of_logarithm` keeps integers rational.

    Returns:
        Shape (n,), a score for every position of the input.

    Source: Vinyals, Fortunato and Jaitly, arXiv:1506.03134v2, section 2.3.
    """
    return squash(encoder_states @ encoder_matrix.T + decoder_matrix @ decoder_state) @ vector


def pointer_distribution(
    scores: np.ndarray,
    allowed: np.ndarray | None = None,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``p_j = b^{u_j} / Σ_l b^{u_l}``, over the allowed positions; zero elsewhere.

    Args:
        scores: u, shape (n,); allowed: shape (n,), true or false; every position unless given.
        power: ``u ↦ b^u`` entrywise, ``e^u`` unless given.

    Returns:
        Shape (n,). It is a distribution over the positions of the input, whatever n is.

    Raises:
        ValueError: no position is allowed.
    """
    if allowed is None:
        return softmax_weights(scores[None], power)[0]
    chosen = np.flatnonzero(allowed)
    if not chosen.size:
        raise ValueError("no position is allowed, so there is nothing to point at")
    masses = power(scores) * np.asarray(allowed, dtype=int)
    return masses / masses.sum()


def tanh_of_logarithm(exponents: np.ndarray) -> np.ndarray:
    """``tanh(m log 2) = (4^m − 1)/(4^m + 1)`` for integers m, exactly."""
    from .softmax_attention import power_of_two

    powers = power_of_two(2 * exponents)
    return (powers - 1) / (powers + 1)
