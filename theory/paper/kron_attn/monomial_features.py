"""Monomial features: a polynomial of a trilinear form is a sum of products of features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from math import factorial

import numpy as np


def exponents(width: int, degree: int) -> Iterator[tuple[int, ...]]:
    """``{e ∈ ℕ^d : |e| ≤ g}``, C(g + d, g) of them."""
    if width == 0:
        yield ()
        return
    for first in range(degree + 1):
        for rest in exponents(width - 1, degree - first):
            yield (first, *rest)


def multinomial(exponent: Sequence[int]) -> int:
    """``|e|! / Π e_l!``."""
    result = factorial(sum(exponent))
    for part in exponent:
        result //= factorial(part)
    return result


def monomials(rows: np.ndarray, degree: int) -> np.ndarray:
    """``U[i, e] = Π_l x_{il}^{e_l}`` for ``|e| ≤ g``; one product per feature.

    The feature e is the one of e − u_l times x_l, l being the last index with e_l > 0.

    Args:
        rows: shape (n, d), over any commutative ring.

    Returns:
        Shape (n, C(g + d, g)), columns in the order of `exponents`.
    """
    count, width = rows.shape
    listed = list(exponents(width, degree))
    position = {exponent: index for index, exponent in enumerate(listed)}
    result = np.empty((count, len(listed)), dtype=rows.dtype)
    for exponent in sorted(listed, key=sum):
        last = next((at for at in reversed(range(width)) if exponent[at]), None)
        if last is None:
            result[:, position[exponent]] = 1
        elif sum(exponent) == 1:
            result[:, position[exponent]] = rows[:, last]
        else:
            smaller = (*exponent[:last], exponent[last] - 1, *exponent[last + 1 :])
            result[:, position[exponent]] = result[:, position[smaller]] * rows[:, last]
    return result


def coefficients_of_features(polynomial: Sequence, width: int, scale=1, weight=multinomial) -> list:
    """``c_{|e|} (|e| choose e) s^{|e|}`` for ``|e| ≤ g``, in the order of `exponents`.

    Args:
        polynomial: ``c_0, …, c_g``.
        scale: s, the factor of the form.
        weight: the multinomial coefficient.
    """
    scaled, power = [], 1
    for coefficient in polynomial:
        scaled.append(coefficient * power)
        power = power * scale
    return [
        scaled[sum(exponent)] * weight(exponent)
        for exponent in exponents(width, len(polynomial) - 1)
    ]


def polynomial_attention(
    query: np.ndarray,
    keys: Sequence[np.ndarray],
    values: Sequence[np.ndarray],
    polynomial: Sequence,
    *,
    scale,
    weight=multinomial,
) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of tensor attention with P in place of exp, in n·r products each.

    ``U_1((U_2ᵀV_1) ∘ (U_3ᵀV_2) ∘ …)`` and ``U_1((U_2ᵀ1) ∘ (U_3ᵀ1) ∘ …)``, where U_1 holds the
    weighted monomials of the queries and the others those of the keys. No array is larger than
    max(n, e) × r.

    Args:
        query: shape (n, d); keys, values: q arrays each, shapes (n_m, d) and (n_m, e).
        polynomial: ``c_0, …, c_g``.

    Returns:
        Shapes (n, e) and (n,).
    """
    degree = len(polynomial) - 1
    numerator, denominator = [], []
    for key, value in zip(keys, values, strict=True):
        features = monomials(key, degree)
        numerator.append(features.T @ value)
        denominator.append(features.sum(axis=0))
        del features
    factors = np.array(
        coefficients_of_features(polynomial, query.shape[1], scale, weight), dtype=query.dtype
    )
    # The coefficients go into the r × e array, so that the query features are not copied.
    columns = factors[:, None] * reduce(np.multiply, numerator)
    totals = factors * reduce(np.multiply, denominator)
    features = monomials(query, degree)
    return features @ columns, features @ totals
