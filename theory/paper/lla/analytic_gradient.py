"""The gradient of local linear attention as the reference code states it, query by query."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import identity_like, inverse


def analytic_gradient(
    query: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    weights: np.ndarray,
    upstream: np.ndarray,
    ridge: object,
    scale: object,
    *,
    through_ridge: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of ``gᵀo`` in q, K and V, for ``w_j`` proportional to ``e^{s qᵀk_j}`` and the
    ridge ``λω``.

    With ``z_j = k_j − q``, ``D = ω − μᵀρ``, ``g_j = gᵀv_j``, ``s_j = w_j(1 − z_jᵀρ)/D``,
    ``β = Σ g_j s_j/D``, ``t = Σ g_j w_j z_j/D``, ``u = (Σ + λωI)^{−1} t``, ``m = 2βρ − u``, the
    derivative in the logarithm of ``w_j`` is ``g_j s_j + w_j(−β + z_jᵀm + z_jᵀρ·z_jᵀu −
    β(z_jᵀρ)²)``, and the one in ``z_j`` is ``w_j(m − ρ z_jᵀm + u z_jᵀρ) − ρ g_j w_j/D``.

    Args:
        query: q, shape (d,); keys: shape (n, d); values: shape (n, e); weights: shape (n,).
        upstream: g, shape (e,); ridge: λ; scale: s.
        through_ridge: add ``λ w_j (uᵀρ − β‖ρ‖²)``, what ω adds through the ridge. The reference
            code does not have this term.

    Returns:
        Shapes (d,), (n, d), (n, e).

    Source: FlashLLA, ``flashlla/ops/naive.py``, ``lla_backward_naive``.
    """
    centred = keys - query
    mass, first = weights.sum(), weights @ centred
    second = centred.T @ (weights[:, None] * centred)
    solve = inverse(second + ridge * mass * identity_like(second))
    slope = solve @ first
    denominator = mass - first @ slope
    along = centred @ slope
    share = weights * (1 - along) / denominator
    pull = values @ upstream
    level = (pull @ share) / denominator
    tilt = solve @ (centred.T @ (pull * weights / denominator))
    mixed = 2 * level * slope - tilt
    inner = -level + centred @ mixed + along * (centred @ tilt) - level * along * along
    if through_ridge:
        inner = inner + ridge * (tilt @ slope - level * (slope @ slope))
    in_logarithm = pull * share + weights * inner
    in_centred = (
        weights[:, None] * (mixed - np.outer(centred @ mixed, slope) + np.outer(along, tilt))
    ) - np.outer(pull * weights / denominator, slope)
    in_query = scale * (in_logarithm @ keys) - in_centred.sum(axis=0)
    in_keys = scale * np.outer(in_logarithm, query) + in_centred
    return in_query, in_keys, np.outer(share, upstream)
