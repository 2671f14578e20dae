"""A-priori error bound of ring attention, one head."""

from __future__ import annotations

import math

import numpy as np

from attnproof.theory.engine.rounding import UNIT_ROUNDOFF, gamma

# The bound itself is evaluated in float64: at most a few thousand roundings of 2^-53 each.
EVALUATION = 1.0 + 2.0**-20
# The vectorised exponential documents an error of one unit in the last place, which is at most 2u;
# twice that is allowed for.
EXPONENTIAL = 4


def attention_bound(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    allowed: np.ndarray,
    *,
    scale: float,
    merges: int,
) -> np.ndarray:
    """``|Ŷ − Y| ≤ ((1 + ρ)(1 + u)/(1 − ρ) − 1) · softmax_M(S)|V|``, entrywise, in float64.

    A score is a dot product of d terms, scaled: ``|ŝ − s| ≤ γ_{d+1} Σ = η`` with
    ``Σ = |scale| |q|ᵀ|k|`` at its largest. A maximum, rounded or not, cancels in the quotient. The
    difference of a score and a maximum, and of two maxima in each of P merges, is rounded: at most
    ``2(Σ + η)u`` each. So a weight has the factor ``e^x``, ``|x| ≤ η + 2(P + 1)(Σ + η)u``; from
    P + 1 exponentials a factor ``1 + θ_{4(P+1)}``, from n products and sums within blocks and
    two roundings in each merge ``1 + θ_{n+1+2P}``. Together 1 + ρ at most, and 1 − ρ at least, for
    numerator and denominator alike. The quotient is rounded once.

    Args:
        query: shape (N, d); key: shape (M, d); value: shape (M, e).
        allowed: shape (N, M), a key for every query.
        merges: P; 0 for attention in one piece.

    Returns:
        Shape (N, e). Covers as well the float64 evaluation of the bound, not that of a reference.
    """
    u = UNIT_ROUNDOFF["float64"]
    largest = abs(scale) * float((np.abs(query) @ np.abs(key).T).max()) * EVALUATION
    error = gamma(query.shape[1] + 1, u) * largest
    exponent = error + 2 * (merges + 1) * (largest + error) * u
    count = EXPONENTIAL * (merges + 1) + len(key) + 1 + 2 * merges
    rho = (1 + math.expm1(exponent)) * (1 + gamma(count, u)) - 1
    scores = np.where(allowed, scale * (query @ key.T), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    relative = (1 + rho) * (1 + u) / (1 - rho) - 1 if rho < 1 else np.inf
    return relative * (weights @ np.abs(value)) * EVALUATION
