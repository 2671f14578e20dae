"""The squared bias of a fit, integrated over the query, enclosed rigorously for polynomials."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from flint import acb, arb, fmpq


def _moments(lower: acb, upper: acb, count: int) -> list[acb]:
    """``∫_a^b t^j e^{−t²/2} dt/√(2π)`` for j below ``count``, by integration by parts."""
    root = (2 * acb.pi()).sqrt()
    below, above = (-lower * lower / 2).exp() / root, (-upper * upper / 2).exp() / root
    two = acb(2).sqrt()
    moments = [((upper / two).erf() - (lower / two).erf()) / 2, below - above]
    for power in range(2, count):
        edge = lower ** (power - 1) * below - upper ** (power - 1) * above
        moments.append((power - 1) * moments[power - 2] + edge)
    return moments


def polynomial_bias(coefficients: Sequence[fmpq], query: acb, bandwidth: fmpq, degree: int) -> acb:
    """``â(x) − f(x)`` for ``f(u) = Σ_i a_i u^i`` and keys spread evenly on [0, 1], as an analytic
    function of the query; degree 0 or 1 of the fit, weights ``e^{−(u−x)²/2h²}``."""
    width = acb(bandwidth)
    size = len(coefficients)
    moments = _moments(-query / width, (1 - query) / width, size + 1)
    bias = acb(0)
    for power in range(1, size):
        # f^{(r)}(x) h^r / r!
        derivative = sum(
            (
                acb(coefficients[i]) * comb(i, power) * query ** (i - power)
                for i in range(power, size)
            ),
            acb(0),
        )
        if degree == 0:
            intercept = moments[power] / moments[0]
        else:
            determinant = moments[0] * moments[2] - moments[1] * moments[1]
            intercept = (
                moments[2] * moments[power] - moments[1] * moments[power + 1]
            ) / determinant
        bias += derivative * width**power * intercept
    return bias


def integrated_squared_bias(coefficients: Sequence[fmpq], bandwidth: fmpq, degree: int) -> arb:
    """``∫_0^1 (â(x) − f(x))² dx``, a rigorous ball.

    Args:
        coefficients: a_0, a_1, … of f; bandwidth: h; degree: 0 (Nadaraya–Watson) or 1.
    """

    def squared(query: acb, _: bool) -> acb:
        return polynomial_bias(coefficients, query, bandwidth, degree) ** 2

    return acb.integral(squared, 0, 1).real
