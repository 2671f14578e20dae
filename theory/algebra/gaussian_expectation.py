"""Expectations of polynomials in independent centred Gaussians, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from .free_algebra import FreeElement


def gaussian_expectation(element: FreeElement, variances: Mapping[str, object]) -> FreeElement:
    """``E f`` by ``E x^{2k} = (2k − 1)!! v^k`` and ``E x^{2k+1} = 0`` (Isserlis), per variable.

    Args:
        element: a polynomial in commuting scalars, among them the random variables.
        variances: random variable → its variance v; a number, or a polynomial in the scalars that
            are not random. The variables are independent and have mean zero.

    Returns:
        A polynomial in the scalars that are not random.

    Raises:
        ValueError: a word of letters, which do not commute.
    """
    grouped: dict[tuple[tuple[str, int], ...], dict] = {}
    for (central, word), coefficient in element.terms.items():
        if word:
            raise ValueError(f"{word} does not commute: expectations are of scalars")
        random = tuple((name, power) for name, power in central if name in variances)
        if any(power % 2 for _, power in random):
            continue
        fixed = tuple((name, power) for name, power in central if name not in variances)
        bucket = grouped.setdefault(random, {})
        bucket[(fixed, ())] = bucket.get((fixed, ()), Fraction(0)) + coefficient
    total = FreeElement.constant(0)
    for random, terms in grouped.items():
        moment: object = FreeElement.constant(1)
        for name, power in random:
            moment = moment * variances[name] ** (power // 2) * _double_factorial(power - 1)
        total = total + FreeElement(terms) * moment
    return total


def _double_factorial(odd: int) -> int:
    return 1 if odd <= 1 else odd * _double_factorial(odd - 2)
