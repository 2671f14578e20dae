"""Monomials of bounded degree: which there are, and their factors in a polynomial of a form.

With ``x = s Σ_c q_c k_c l_c``, the multinomial theorem gives
``Σ_{r≤g} a_r x^r = Σ_{|m|≤g} f_m q^m k^m l^m``, ``f_m = a_{|m|} (|m| choose m) s^{|m|}``, over the
``C(d + g, g)`` exponents m with ``|m| ≤ g``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations_with_replacement
from math import comb, factorial

import numpy as np

# Two sums of this many rows are held per head, so that more would be of no use.
MOST = 1 << 20


def examine_polynomial(
    width: int, degree: int, coefficients: Sequence[float] | None
) -> tuple[float, ...]:
    """``a_0, …, a_g``, by default 1/r!.

    Raises:
        ValueError: a degree below 1, another number of coefficients than g + 1, or more than
            `MOST` monomials.
    """
    if degree < 1:
        raise ValueError(
            f"degree = {degree}: a constant polynomial weighs all pairs alike; give 1 or more, and "
            "an even number for denominators that are positive"
        )
    count = comb(width + degree, degree)
    if count > MOST:
        raise ValueError(
            f"width {width} and degree {degree} have {count} monomials, more than {MOST}: lower "
            "one of the two, or use tensor_attention, which is exact in time N³"
        )
    if coefficients is None:
        return tuple(1.0 / factorial(r) for r in range(degree + 1))
    if len(coefficients) != degree + 1:
        raise ValueError(
            f"{len(coefficients)} coefficients for a polynomial of degree {degree}: give a_0, …, "
            f"a_{degree}"
        )
    return tuple(float(a) for a in coefficients)


@lru_cache(maxsize=64)
def monomial_table(width: int, degree: int) -> np.ndarray:
    """Every monomial as g indices into ``(x_0, …, x_{d−1}, 1)``, in ascending order.

    Returns:
        int32, shape (g, C(d + g, g)); read-only.
    """
    count = comb(width + degree, degree)
    listed = combinations_with_replacement(range(width + 1), degree)
    flat = np.fromiter((i for one in listed for i in one), dtype=np.int32, count=count * degree)
    table = np.ascontiguousarray(flat.reshape(count, degree).T)
    table.flags.writeable = False
    return table


def monomial_factors(width: int, scale: float, coefficients: Sequence[float]) -> np.ndarray:
    """``f_m``, in the order of `monomial_table`; each within g + 4 roundings.

    Returns:
        float64, shape (C(d + g, g),).
    """
    degree = len(coefficients) - 1
    table = monomial_table(width, degree)
    # Π_c m_c! is the product over the places of how often its index has occurred up to there.
    occurred = np.ones(table.shape[1])
    repeats = np.ones(table.shape[1])
    for place in range(1, degree):
        same = table[place] == table[place - 1]
        occurred = np.where(same, occurred + 1, 1.0)
        repeats *= np.where(table[place] < width, occurred, 1.0)
    order = (table < width).sum(0)
    weights = np.array([a * factorial(r) * scale**r for r, a in enumerate(coefficients)])
    return weights[order] / repeats
