"""The mixture of tokens that a quadratic concave head prefers."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array


def water_filling(values: np.ndarray) -> tuple[np.ndarray, object]:
    """``s_t = (g_t − τ)_+`` with ``Σ s = 1``, and the level τ.

    ``s`` maximises ``g·p − ½‖p‖²`` over all p ≥ 0 with Σ p = 1: it is the projection of g on the
    simplex.

    Args:
        values: g, shape (T,), exact.
    """
    ordered = sorted(rational_array(values), reverse=True)
    total = rational(0)
    for count, value in enumerate(ordered, start=1):
        total = total + value
        level = (total - 1) / count
        if count == len(ordered) or ordered[count] <= level:
            break
    return rational_array([max(g - level, rational(0)) for g in rational_array(values)]), level
