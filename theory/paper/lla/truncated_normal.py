"""The Gaussian kernel seen from a query near the end of the keys: moments over a half-line."""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, arb

from .first_order_model import between


def normal_density(place: arb) -> arb:
    """``φ(τ) = e^{−τ²/2}/√(2π)``."""
    return (-place * place / 2).exp() / (2 * arb.pi()).sqrt()


def normal_distribution(place: arb) -> arb:
    """``Φ(τ) = erfc(−τ/√2)/2``."""
    return (-place / arb(2).sqrt()).erfc() / 2


def half_line_moments(place: arb) -> list[arb]:
    """``M_j(τ) = ∫_{−τ}^∞ t^j φ(t) dt = (j − 1)M_{j−2} + (−τ)^{j−1}φ(τ)`` for j = 0, …, 4.

    Args:
        place: τ, the distance of the query from the end in bandwidths.
    """
    density = normal_density(place)
    moments = [normal_distribution(place), density]
    for power in range(2, 5):
        moments.append((power - 1) * moments[power - 2] + (-place) ** (power - 1) * density)
    return moments


def hazard(place: acb) -> acb:
    """``φ(τ)/Φ(τ)``, the mean of a normal variable above −τ; analytic in τ."""
    density = (-place * place / 2).exp() / (2 * acb.pi()).sqrt()
    return density / ((-place / acb(2).sqrt()).erfc() / 2)


def over_half_line(integrand: Callable[[acb], acb]) -> arb:
    """``∫_0^∞`` of ``τ^k (φ/Φ)^m``, m ≥ 1, k ≤ 1: beyond 12 it is at most ``∫_{12}^∞ 2τφ``.

    Args:
        integrand: such a function, on complex balls.
    """
    rest = 2 * normal_density(arb(12))
    return acb.integral(lambda place, _: integrand(place), 0, 12).real + between(0, rest)


def layer_constant() -> arb:
    """``κ = ∫_0^∞ (φ/Φ)² dτ = √(2/π) − ∫_0^∞ τφ/Φ dτ``, as ``(φ/Φ)' = −τφ/Φ − (φ/Φ)²``."""
    return (2 / arb.pi()).sqrt() - over_half_line(lambda place: place * hazard(place))
