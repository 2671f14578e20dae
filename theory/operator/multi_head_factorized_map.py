"""The sequence map of heads with scalar coefficients and fixed value maps."""

from __future__ import annotations

import numpy as np


def factorized_blocks(coefficients: np.ndarray, value_maps: np.ndarray) -> np.ndarray:
    """``W_ij = Σ_h f^h_ij V_h`` for j ≤ i, and 0 for j > i.

    Args:
        coefficients: f, shape (H, n, n), in any number system; what stands above the diagonal is
            not read.
        value_maps: V, shape (H, p, d).

    Returns:
        Shape (n, n, p, d).

    Raises:
        ValueError: the numbers of heads differ, or f is not square.

    Source: Ghodsi, arXiv:2512.15115 (the explicit form of the unified framework).
    """
    heads, length, width = coefficients.shape
    if heads != len(value_maps) or length != width:
        raise ValueError(
            f"coefficients {coefficients.shape} and value maps {value_maps.shape} do not fit: "
            "give shapes (H, n, n) and (H, p, d)"
        )
    zero = value_maps[0] * coefficients[0, 0, 0] * 0
    blocks = np.empty((length, length, *value_maps.shape[1:]), dtype=value_maps.dtype)
    for i, j in np.ndindex(length, length):
        seen = coefficients[:, i, j] if j <= i else ()
        blocks[i, j] = sum((f * V for f, V in zip(seen, value_maps, strict=False)), zero)
    return blocks


def multi_head_factorized_map(
    coefficients: np.ndarray, value_maps: np.ndarray, tokens: np.ndarray
) -> np.ndarray:
    """``y_i = Σ_{j ≤ i} W_ij x_j`` with ``W_ij = Σ_h f^h_ij V_h``.

    Args:
        coefficients, value_maps: as in `factorized_blocks`; where the coefficients depend on the
            input, those at the tokens given.
        tokens: x, shape (n, d).

    Returns:
        Shape (n, p), in the number system of the arguments.

    Raises:
        ValueError: the numbers of heads differ, or f is not square.

    Source: Ghodsi, arXiv:2512.15115 (the explicit form of the unified framework).
    """
    blocks = factorized_blocks(coefficients, value_maps)
    return np.stack(
        [sum(blocks[i, j] @ tokens[j] for j in range(i + 1)) for i in range(len(tokens))]
    )
