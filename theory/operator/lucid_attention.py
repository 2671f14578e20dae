"""LUCID attention: softmax attention to values that a triangular kernel matrix has
preconditioned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential


def preconditioned_values(kernel: np.ndarray, values: np.ndarray) -> np.ndarray:
    """``U = L^{−1}V`` for the unit lower triangular part L of the kernel matrix:
    ``u_t = v_t − Σ_{j<t} G_tj u_j``.

    Args:
        kernel: G, shape (N, N); its diagonal and what lies above are not read.
        values: shape (N, e).
    """
    solution = values.copy()
    for t in range(1, len(values)):
        solution[t] = values[t] - kernel[t, :t] @ solution[:t]
    return solution


def lucid_attention(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    kernel: np.ndarray,
    *,
    scale=1,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``o_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) u_j`` with ``U = L^{−1}V``.

    Args:
        query, key: shape (N, d); value: shape (N, e).
        kernel: G with unit diagonal, shape (N, N); in the paper ``e^{k̂_iᵀk̂_j/√d − √d}`` with keys
            k̂ of norm √d.
        scale: of the logits; power: ``s ↦ b^s``.

    Returns:
        Shape (N, e), in the number system of the arguments.

    Source: arXiv:2602.10410, Eq. (6) and (7), from public summaries of the paper.
    """
    written = preconditioned_values(kernel, value)
    rows = []
    for t in range(len(key)):
        weights = power(scale * (key[: t + 1] @ query[t]))
        rows.append(weights @ written[: t + 1] / weights.sum())
    return np.stack(rows)
