"""Recursive least squares with forgetting: the exact regression layer as a recurrence."""

from __future__ import annotations

import numpy as np


def recursive_least_squares(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    decays: np.ndarray,
    ridge,
) -> tuple[np.ndarray, np.ndarray]:
    """``P_t = (P_{t−1} − P_{t−1}k_t k_tᵀP_{t−1} / (α_t + k_tᵀP_{t−1}k_t)) / α_t``, ``P_0 = I/λ``;
    ``S_t = S_{t−1} + (v_t − S_{t−1}k_t)(P_t k_t)ᵀ``, ``S_0 = 0``; ``o_t = S_t q_t``.

    Args:
        queries, keys: shape (L, d); values: shape (L, d_v).
        decays: forgetting factors α, shape (L,), none of them zero.
        ridge: λ, a positive number.

    Returns:
        Outputs of shape (L, d_v) and the final state, in the number system of the arguments.

    Raises:
        ZeroDivisionError: a forgetting factor, the ridge or ``α_t + k_tᵀP_{t−1}k_t`` is zero.

    Source: Haykin, Adaptive Filter Theory, section 9.3; as a sequence layer von Oswald et al.,
    arXiv:2309.05858, section 4.
    """
    width = keys.shape[1]
    inverse = np.eye(width, dtype=int).astype(object) / ridge
    state = 0 * np.outer(values[0], keys[0])
    outputs = []
    for query, key, value, decay in zip(queries, keys, values, decays):
        projected = inverse @ key
        inverse = (inverse - np.outer(projected, projected) / (decay + key @ projected)) / decay
        state = state + np.outer(value - state @ key, inverse @ key)
        outputs.append(state @ query)
    return np.stack(outputs), state
