"""A fixed choice of coefficients without a pattern."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.rational import rational_array


def scattered(*shape: int, shift: int = 0) -> np.ndarray:
    """Integers from 1 to 12 without a pattern: powers of 11, a generator modulo 1009, whose
    exponents run along a quadratic. One choice that reaches a rank is all that is needed."""
    count = int(np.prod(shape))
    entries = [pow(11, k * k + shift * k, 1009) % 12 + 1 for k in range(1, count + 1)]
    return rational_array(np.array(entries).reshape(shape))
