"""Causal softmax heads by the exponentials of their logits, with a sink that carries no value."""

from __future__ import annotations

import numpy as np


def head_weights(masses: np.ndarray, sink: np.ndarray) -> np.ndarray:
    """``α^h_ij = m^h_ij / (s^h_i + Σ_{l≤i} m^h_il)`` for j ≤ i, and 0 otherwise.

    Args:
        masses: exponentials of the logits, shape (H, n, n); those above the diagonal are unused.
        sink: exponentials of the sink's logits, shape (H, n); zero where there is no sink.

    Returns:
        Shape (H, n, n). Without a sink the rows sum to one.

    Raises:
        ValueError: a mass on or below the diagonal is not positive, or a sink is negative.
    """
    length = masses.shape[1]
    if any(masses[h, i, j] <= 0 for h, i, j in np.ndindex(masses.shape) if j <= i):
        raise ValueError("an exponential is positive: give masses above zero for j ≤ i")
    if any(entry < 0 for entry in sink.flat):
        raise ValueError("give a sink of zero, or the exponential of its logit")
    weights = masses * np.tril(np.ones((length, length), dtype=int))
    return weights / (weights.sum(axis=2) + sink)[:, :, None]


def apply_heads(coefficients: np.ndarray, values: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """``y_i = Σ_h Σ_j f^h_ij V_h x_j``.

    Args:
        coefficients: f, shape (H, n, n); values: V, shape (H, p, d); tokens: shape (n, d).

    Returns:
        Shape (n, p).
    """
    return sum(f @ (tokens @ V.T) for f, V in zip(coefficients, values, strict=True))
