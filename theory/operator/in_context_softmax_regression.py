"""What softmax attention predicts for a query from labelled examples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential

from .softmax_attention import softmax_weights


def in_context_softmax_regression(
    tokens: np.ndarray,
    labels: np.ndarray,
    query: np.ndarray,
    key_query_scales: np.ndarray,
    output_weights: np.ndarray,
    *,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
):
    """``ŷ = Σ_h μ_h Σ_l softmax(ω_h s)_l y_l``, ``s_l = x_lᵀ x_q``.

    Multi-head softmax attention from the query to L labelled examples, head h having the key-query
    matrix ``ω_h I`` on the inputs and reading out ``μ_h`` times the label.

    Args:
        tokens: shape (L, d); labels: (L,); query: (d,).
        key_query_scales, output_weights: ω and μ, shape (H,).

    Source: He, Pan, Chen, Yang, arXiv:2503.12734.
    """
    scores = np.stack([scale * (tokens @ query) for scale in key_query_scales])
    return output_weights @ (softmax_weights(scores, power) @ labels)
