"""Local constant and local linear fits to a whole density of keys, enclosed rigorously."""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, arb, fmpq


def gaussian_tail(power: int, start: object) -> arb:
    """``∫_a^∞ t^j e^{−t²/2} dt = 2^{(j−1)/2} Γ((j+1)/2, a²/2)`` for ``a ≥ 0``."""
    start = arb(start)
    scale = (arb(2).log() * (power - 1) / 2).exp()
    if start == 0:
        return scale * (arb(power + 1) / 2).gamma()
    return scale * (start * start / 2).gamma_upper(arb(power + 1) / 2)


def smoother_bias(
    target: Callable[[acb], acb],
    query: fmpq,
    bandwidth: fmpq,
    degree: int,
    density: Callable[[acb], acb] = lambda key: key**0,
) -> arb:
    """``â − f(x)``, where ``(â, b̂)`` minimises ``∫_0^1 p(u) w(u) (f(u) − a − b (u − x))² du``
    with the weights ``w(u) = e^{−(u−x)²/2h²}``; b = 0 for degree 0 (Nadaraya–Watson).

    The integrals are enclosed by Arb's adaptive quadrature, so that the result is a rigorous ball.

    Args:
        target: f, analytic near [0, 1], on complex balls.
        query: x; bandwidth: h; degree: 0 or 1; density: p, up to a factor.

    Source: Fan and Gijbels, Local Polynomial Modelling (1996), §3.2.5.
    """
    point, width = acb(query), acb(bandwidth)

    def moment(integrand: Callable[[acb], acb]) -> arb:
        def weighted(key: acb, _: bool) -> acb:
            scaled = (key - point) / width
            return density(key) * (-(scaled**2) / 2).exp() * integrand(key)

        return acb.integral(weighted, 0, 1).real

    truth = target(point).real
    mass, mean = moment(lambda key: key**0), moment(target)
    if degree == 0:
        return mean / mass - truth
    first, second = moment(lambda key: key - point), moment(lambda key: (key - point) ** 2)
    cross = moment(lambda key: (key - point) * target(key))
    return (second * mean - first * cross) / (second * mass - first**2) - truth
