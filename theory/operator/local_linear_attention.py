"""Local linear attention: a weighted affine fit around the query, its slope shrunk by a ridge."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential
from attnproof.theory.algebra.matrix import identity_like, inverse


def local_linear_weights(
    keys: np.ndarray, query: np.ndarray, weights: np.ndarray, ridge: object
) -> np.ndarray:
    """``s_j = w_j (1 − z_jᵀρ)/(ω − μᵀρ)`` with ``z_j = k_j − q``, ``ω = Σ w_j``, ``μ = Σ w_j z_j``,
    ``ρ = (Σ w_j z_j z_jᵀ + λI)^{−1} μ``; the output is ``Σ s_j v_j``.

    Args:
        keys: shape (n, d); query: shape (d,); weights: w > 0, shape (n,).
        ridge: λ ≥ 0, added as it is.

    Returns:
        Shape (n,), in the number system of the arguments.

    Raises:
        ZeroDivisionError: the moments are singular: raise the ridge, or give keys that span.

    Source: arXiv:2510.01450 and its reference code, where λ is a multiple of ω.
    """
    centred = keys - query
    mass, first = weights.sum(), weights @ centred
    second = centred.T @ (weights[:, None] * centred)
    slope = inverse(second + ridge * identity_like(second)) @ first
    return weights * (1 - centred @ slope) / (mass - first @ slope)


def local_linear_attention(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    ridge: object,
    *,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``o_i = Σ_{j ≤ i} s_ij v_j`` with `local_linear_weights` of ``w_ij = b^{q_iᵀk_j}`` and the
    ridge ``λ Σ_j w_ij``, relative to the mass.

    Args:
        queries, keys: shape (L, d), scaled as wanted; values: shape (L, d_v).
        ridge: λ.
        power: ``s ↦ b^s``, as in `softmax_attention`.

    Returns:
        Shape (L, d_v).
    """
    outputs = []
    for i in range(len(queries)):
        weights = power(keys[: i + 1] @ queries[i])
        relative = ridge * weights.sum()
        row = local_linear_weights(keys[: i + 1], queries[i], weights, relative)
        outputs.append(row @ values[: i + 1])
    return np.stack(outputs)
