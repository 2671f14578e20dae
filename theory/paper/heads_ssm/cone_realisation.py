"""Positive weights that make up given coordinate vectors."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array


def in_a_half_space(coordinates: np.ndarray, normal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``w_τ = Σ_h a_h(τ) v_h`` with k vectors and all ``a_h(τ) > 0``, given ``u·w_τ > 0``.

    With ``u_p ≠ 0``, ``e = e_p/u_p`` and ``b_c = e_c − (u_c/u_p) e_p`` one has
    ``w = (u·w) e + Σ_{c≠p} w_c b_c``. The vectors are ``v_c = e + K b_c`` and
    ``v_p = e − K Σ b_c``, for K above ``(2k − 1) max |w_c|/(u·w)``.

    Args:
        coordinates: w, shape (n, k), rational; normal: u, shape (k,).

    Returns:
        The vectors v, shape (k, k), one a row, and the weights a, shape (n, k).

    Raises:
        ValueError: some ``u·w_τ`` is not positive.
    """
    heights = coordinates @ normal
    if any(height <= 0 for height in heights):
        raise ValueError(f"u·w = {list(map(str, heights))}: the normal has to make all positive")
    size = len(normal)
    pivot = next(c for c in range(size) if normal[c] != 0)
    others = [c for c in range(size) if c != pivot]
    unit = rational_array(np.eye(size, dtype=int))
    axis = unit[pivot] / normal[pivot]
    sides = {c: unit[c] - normal[c] * axis for c in others}
    spread = max(
        (
            abs(w[c]) / height
            for w, height in zip(coordinates, heights, strict=True)
            for c in others
        ),
        default=rational(0),
    )
    stretch = 1 + (2 * size - 1) * spread
    vectors = [
        axis + stretch * sides[c] if c != pivot else axis - stretch * sum(sides.values())
        for c in range(size)
    ]
    weights = []
    for w, height in zip(coordinates, heights, strict=True):
        share = (height - sum((w[c] for c in others), start=rational(0)) / stretch) / size
        weights.append([share + (w[c] / stretch if c != pivot else 0) for c in range(size)])
    return np.array(vectors), rational_array(weights)


def with_one_more(coordinates: np.ndarray, shift=None) -> tuple[np.ndarray, np.ndarray]:
    """``w_τ = Σ_c (w_τc + λ) e_c + λ (−Σ_c e_c)``, k + 1 vectors.

    Args:
        coordinates: w, shape (n, k), rational.
        shift: λ; one more than the largest ``−w_τc`` and zero unless given.

    Returns:
        The vectors, shape (k + 1, k), and the weights, shape (n, k + 1), positive for that λ.
    """
    length, size = coordinates.shape
    shift = 1 + max(rational(0), -coordinates.min()) if shift is None else rational(shift)
    unit = rational_array(np.eye(size, dtype=int))
    vectors = np.vstack([unit, -unit.sum(axis=0)])
    last = rational_array([[shift]] * length)
    return vectors, np.hstack([coordinates + shift, last])
