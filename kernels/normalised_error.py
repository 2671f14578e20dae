"""How far a quotient and a Frobenius norm may be off, given how far their parts are.

Notation, as in the specifications: u is the unit round-off of the accumulator, γ_n = nu/(1 − nu)
(`engine.rounding`).
"""

from __future__ import annotations

import numpy as np

from attnproof.theory.engine import rounding


def quotient_error(size, numerator_error, denominator, denominator_error, u):
    """Bound of the error of ``γP/D``, without its factor γ, given those of P and D.

    |P̂/D̂ − P/D| ≤ e_P/D̂ + |P| e_D/(D D̂) with D̂ ≥ D − e_D; γ is rounded, multiplied and divided by:
    three more factors (1 + δ). Infinite where D̂ might be 0.

    Args:
        size: |P|; denominator: D ≥ 0.
    """
    lowest = denominator - denominator_error
    ratio = size / denominator
    error = numerator_error / lowest + ratio * denominator_error / lowest
    error = np.where(lowest > 0, error, np.inf)
    return error * (1 + rounding.gamma(3, u)) + rounding.gamma(3, u) * ratio


def frobenius_error(matrix, entry_error, epsilon, additions, u):
    """``‖A‖_F + ε`` and its error, for entries of which each is off by at most ``entry_error``.

    ‖Â − A‖_F ≤ ‖entry_error‖_F; the squares, the sum over a row (``additions``), that over the N
    rows (N, in any order) and the root contribute a factor 1 + θ_{additions + N + 3}, as √(1+θ) is
    nearer to 1 than 1 + θ; adding the rounded ε two more.
    """
    exact = np.sqrt((matrix * matrix).sum())
    perturbed = exact + np.sqrt((entry_error * entry_error).sum())
    error = perturbed * (1 + rounding.gamma(additions + len(matrix) + 3, u)) - exact
    return exact + epsilon, error + rounding.gamma(2, u) * (exact + error + epsilon)
