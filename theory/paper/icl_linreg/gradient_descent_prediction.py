"""One step of gradient descent on the context, with and without the mean of the scores."""

from __future__ import annotations

import numpy as np


def gradient_descent_prediction(tokens, labels, query, step, length=None):
    """``ŷ = (η/L) Σ_l y_l s_l``, ``s_l = x_lᵀ x_q``: one step from zero on the squared error.

    Args:
        tokens: shape (L, d); labels: (L,); query: (d,).
        length: what the sum is divided by; the number of tokens unless given.
    """
    return step * (labels @ (tokens @ query)) / (length or len(labels))


def debiased_gradient_descent_prediction(tokens, labels, query, step):
    """``ŷ = (η/L) Σ_l y_l (s_l − s̄)``, ``s̄ = (1/L) Σ_l s_l``.

    Shapes as in `gradient_descent_prediction`.
    """
    scores = tokens @ query
    centred = scores - np.sum(scores) / len(labels)
    return step * (labels @ centred) / len(labels)
