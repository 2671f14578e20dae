"""The linear recurrence whose coefficients are matrices that vary in time."""

from __future__ import annotations

import numpy as np


def time_varying_recurrence(
    transition: np.ndarray, input_matrix: np.ndarray, output_matrix: np.ndarray, tokens: np.ndarray
) -> np.ndarray:
    """``h_i = A_i h_{i−1} + B_i x_i``, ``y_i = C_i h_i``, from ``h_0 = 0``.

    Args:
        transition: A, shape (n, N, N); input_matrix: B, shape (n, N, d); output_matrix: C, shape
            (n, p, N); tokens: shape (n, d).

    Returns:
        Shape (n, p).
    """
    state = None
    rows = []
    for A, B, C, token in zip(transition, input_matrix, output_matrix, tokens, strict=True):
        state = B @ token if state is None else A @ state + B @ token
        rows.append(C @ state)
    return np.stack(rows)
