"""Softmax attention with the exponential replaced by its Taylor polynomial, as a recurrence."""

from __future__ import annotations

import numpy as np


def kronecker_power(vector: np.ndarray, order: int) -> np.ndarray:
    """``k^{⊗m}``, shape (d^m,); 1 for m = 0."""
    power = 0 * vector[:1] + 1
    for _ in range(order):
        power = np.outer(power, vector).ravel()
    return power


def taylor_softmax_attention(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, order: int, weight
) -> tuple[np.ndarray, np.ndarray]:
    """``H^{(m)}_t = H^{(m)}_{t−1} + k_t^{⊗m} v_tᵀ``, ``n_t = Σ_m c_m (H^{(m)}_t)ᵀ q_t^{⊗m}``; the
    same with ones for values, ``s_t``; the normalised output is ``n_t / s_t``.

    Args:
        queries, keys: shape (L, d); values: shape (L, d_v).
        order: N, the highest order.
        weight: m → c_m; ``1/m!`` for the exponential.

    Returns:
        The numerators, shape (L, d_v), and the denominators, shape (L,), in the number system of
        the arguments.

    Source: Mongaras and Larson, arXiv:2507.23632, the recurrent form of softmax attention.
    """
    width, value_width = keys.shape[1], values.shape[1]
    states = [
        np.zeros((width**m, value_width + 1), dtype=int).astype(object) for m in range(order + 1)
    ]
    numerators, denominators = [], []
    for query, key, value in zip(queries, keys, values):
        extended = np.append(value, 1)
        total = 0 * extended
        for m in range(order + 1):
            states[m] = states[m] + np.outer(kronecker_power(key, m), extended)
            total = total + weight(m) * (kronecker_power(query, m) @ states[m])
        numerators.append(total[:-1])
        denominators.append(total[-1])
    return np.stack(numerators), np.array(denominators, dtype=object)
