"""The mesa layer: at every token the exact ridge regression of values on keys."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.matrix import inverse


def mesa_layer(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    decays: np.ndarray,
    ridge: Callable[[int], np.ndarray],
) -> np.ndarray:
    """``o_t = (Σ_i γ_i v_i k_iᵀ)(Σ_i γ_i k_i k_iᵀ + Λ_t)^{−1} q_t``, ``γ_i = α_{i+1} ⋯ α_t``.

    Args:
        queries, keys: shape (L, d); values: shape (L, d_v); decays: α, shape (L,).
        ridge: t → Λ_t of shape (d, d), t counted from 1; MesaNet takes the same for every t.

    Returns:
        Shape (L, d_v), in the number system of the arguments.

    Raises:
        ZeroDivisionError: the matrix is singular: raise the ridge.

    Source: von Oswald et al., arXiv:2506.05233, Eq. (3) and (5).
    """
    outputs = []
    for t in range(1, len(keys) + 1):
        weights = [1 + 0 * decays[0]]
        for decay in decays[t - 1 : 0 : -1]:
            weights.insert(0, weights[0] * decay)
        weighted = np.array(weights, dtype=object)[:, None] * keys[:t]
        fitted = values[:t].T @ weighted @ inverse(keys[:t].T @ weighted + ridge(t))
        outputs.append(fitted @ queries[t - 1])
    return np.stack(outputs)
