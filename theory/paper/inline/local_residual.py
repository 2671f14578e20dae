"""The local residual: a banded operator."""

from __future__ import annotations

import numpy as np


def local_residual(weights: np.ndarray, value: np.ndarray) -> np.ndarray:
    """``y_i = Σ_{|j−i| ≤ r} R_{i, j−i} v_j``, positions outside 1 … N left out.

    Args:
        weights: ``R``, shape (N, 2r + 1), column r + j − i for position j. In the released code
            they are computed from the mean of the tokens and the window is 3 × 3 in the plane.
        value: shape (N, e).

    Returns:
        Shape (N, e).

    Source: arXiv:2412.06590 and its released code; along a line instead of in the plane.
    """
    count, radius = len(value), weights.shape[1] // 2
    rows = []
    for i in range(count):
        window = range(max(0, i - radius), min(count, i + radius + 1))
        rows.append(sum(weights[i, radius + j - i] * value[j] for j in window))
    return np.stack(rows)
