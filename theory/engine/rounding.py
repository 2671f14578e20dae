"""A-priori rounding analysis: unit round-offs and Higham's γ."""

from __future__ import annotations

import math

# Half the distance from 1 to the next number: the relative error of one rounding to nearest.
UNIT_ROUNDOFF = {
    "float64": 2.0**-53,
    "float32": 2.0**-24,
    "float16": 2.0**-11,
    "bfloat16": 2.0**-8,
}

# Half the smallest positive (subnormal) number: the absolute error of one rounding near zero.
HALF_SMALLEST = {
    "float64": 2.0**-1075,
    "float32": 2.0**-150,
    "float16": 2.0**-25,
    "bfloat16": 2.0**-134,
}


def unit_roundoff(dtype: str) -> float:
    """``u``: ``fl(x) = x(1 + δ)`` with ``|δ| ≤ u`` in the absence of underflow.

    Raises:
        KeyError: an unknown dtype name; known are float64, float32, float16, bfloat16.
    """
    return UNIT_ROUNDOFF[dtype]


def gamma(count: int, u: float) -> float:
    """``γ_n = nu/(1 − nu)``: every product of n factors ``(1 + δ_i)^{±1}``, ``|δ_i| ≤ u``, equals
    ``1 + θ`` with ``|θ| ≤ γ_n``. Infinite where ``nu ≥ 1``: then the analysis promises nothing.

    Source: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., Lemma 3.1.
    """
    return count * u / (1.0 - count * u) if count * u < 1.0 else math.inf
