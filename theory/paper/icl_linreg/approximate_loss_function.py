"""The loss of a softmax layer on the pattern, approximated for long contexts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential
from attnproof.theory.algebra.matrix import inverse


def approximate_loss(
    scales: np.ndarray,
    weights: np.ndarray,
    length,
    dimension,
    noise,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
):
    """``1 + σ² − 2μᵀω + μᵀA(ω)μ``, ``A = ωωᵀ + ((1 + σ²)/L) exp(dωωᵀ)`` entrywise.

    Args:
        scales, weights: ω and μ, shape (H,).
        power: the exponential, entrywise.

    Source: arXiv:2503.12734, the approximate loss, as in the official code.
    """
    products = np.outer(scales, scales)
    matrix = products + (1 + noise) / length * power(dimension * products)
    return 1 + noise - 2 * (weights @ scales) + weights @ matrix @ weights


def best_weights(
    scales: np.ndarray,
    length,
    dimension,
    noise,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``A(ω)^{-1}ω``: the weights that minimise the approximate loss for given scales."""
    products = np.outer(scales, scales)
    return inverse(products + (1 + noise) / length * power(dimension * products)) @ scales
