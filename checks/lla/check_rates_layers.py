"""Leading terms of the integrated squared bias, with remainders for every bandwidth."""

from __future__ import annotations

from flint import arb, fmpq

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.core import check, note, proof
from attnproof.theory.engine.ball_comparison import at_most, contains
from attnproof.theory.paper.lla.first_order_model import FirstOrderModel, between
from attnproof.theory.paper.lla.kernel_smoother import gaussian_tail
from attnproof.theory.paper.lla.rates import RATES
from attnproof.theory.paper.lla.truncated_normal import (
    half_line_moments,
    hazard,
    layer_constant,
    normal_density,
    over_half_line,
)

# h ≤ 1/16: a query in the left half is FAR bandwidths or more away from the right end, and places
# beyond FAR are treated as one.
FAR = 8
# Models are in h² here.
LARGEST = fmpq(1, 256)


def _tail(power: int) -> arb:
    """``∫_8^∞ t^j φ(t) dt``."""
    return gaussian_tail(power, FAR) / (2 * arb.pi()).sqrt()


def _moments_far() -> list[arb]:
    """Balls of ``∫_{−τ}^∞ t^j φ`` for all τ ≥ 8: from the whole line, less at most a tail."""
    whole = (1, 0, 1, 0, 3)
    return [between(-_tail(power), _tail(power)) + moment for power, moment in enumerate(whole)]


def _cut(moments: list[arb]) -> list[FirstOrderModel]:
    """``∫_{−τ}^{1/h−τ} t^j φ(t) dt`` for ``0 ≤ τ ≤ 1/2h``: the half-line less a tail of at most
    ``(2h)² ∫_8^∞ t^{j+2} φ``, since the tail starts at ``1/2h ≥ 8`` or later."""
    return [
        FirstOrderModel(moment, -between(0, 4 * _tail(power + 2)), LARGEST)
        for power, moment in enumerate(moments)
    ]


@check(
    RATES,
    part="local constant",
    establishes=proof(
        over="every f of class C², every 0 < h ≤ 1/16",
        by="Taylor's theorem, models in h², ball arithmetic (Arb)",
    ),
    claimed=dict(constant=layer_constant, power=2),
    controls={
        "bias of the end taken throughout a bandwidth": dict(constant=lambda: 2 / arb.pi()),
        "half of the constant": dict(constant=lambda: layer_constant() / 2),
        "mean instead of its square": dict(power=1),
    },
)
def layer_of_the_local_constant_fit(constant, power) -> None:
    """Left half, x = hτ: ``b = h f'(x) m(τ) + R``, m the mean of the kernel cut to
    ``[−τ, 1/h − τ]`` and ``|R| ≤ h²F_2/2``, as the second moment of a normal variable cut to an
    interval around 0 is at most 1 (classical). With ``|f'(x)² − f'(0)²| ≤ 2F_1F_2 hτ`` and
    ``m = φ/Φ + h²s``:

    ``|∫ b² − h³ f'(0)² κ| ≤ h⁴ (F_1² A + F_1F_2 (2 J_1 + J_0) + F_2²/8)``, ``J_0 = ∫ m dτ``,
    ``J_1 = ∫ τm² dτ``; the right half is the same with f'(1). Enclosed here: κ, ``J_0``, ``J_1``,
    and s over all τ.
    """
    with precision(80):
        found = over_half_line(lambda place: hazard(place) ** power)
        note(kappa=found.str(12))
        contains(found, constant(), "the constant of the layer is another")
        # φ(τ) ∈ [0, φ(0)] and Φ(τ) ∈ [1/2, 1] for all τ ≥ 0.
        mass, mean = between(fmpq(1, 2), 1), between(0, normal_density(arb(0)))
        mean_of_cut = _cut([mass, mean])
        slope = (mean_of_cut[1] / mean_of_cut[0]).slope
        # |m² − (φ/Φ)²| ≤ h²·spread, over 1/2h of τ; a tail of κ beyond 1/2h is at most
        # ∫ 4φ² ≤ (2h)(2/π)∫_8^∞ τ e^{−τ²}.
        spread = abs(slope) * (2 * mean / mass + between(0, LARGEST) * abs(slope))
        own = 2 * (spread / 2 + 2 / arb.pi() * arb(-FAR * FAR).exp())
        first = over_half_line(lambda place: place * hazard(place) ** 2) + spread / 8
        zeroth = over_half_line(hazard) + abs(slope) / 2
        at_most(own.upper(), ball("1/1000"), "the coefficient of F_1² is larger")
        at_most((2 * (2 * first + zeroth)).upper(), ball(2), "the coefficient of F_1F_2 is larger")
        at_most(2 * ball("1/8"), ball("1/4"), "the coefficient of F_2² is larger")


def _absolute_third(place: arb | None) -> arb:
    """``∫_{−τ}^∞ |t|³ φ = (4 − (τ² + 2)e^{−τ²/2})/√(2π)``; at most ``4/√(2π)``."""
    cut = 0 if place is None else (place * place + 2) * (-place * place / 2).exp()
    return (4 - cut) / (2 * arb.pi()).sqrt()


def _larger(left: arb, right: arb) -> arb:
    return right if right.upper() > left.upper() else left


@check(
    RATES,
    part="local linear",
    establishes=proof(
        over="every f of class C³, every 0 < h ≤ 1/16",
        by="Taylor's theorem, models in h², ball arithmetic (Arb)",
    ),
    claimed=dict(inside=fmpq(1), cells=64),
    controls={
        "constant of the end": dict(inside=fmpq(-3, 4)),
        "twice the constant": dict(inside=fmpq(2)),
    },
)
def layer_of_the_local_linear_fit(inside, cells) -> None:
    """Left half: ``b = ½h² f''(x) c(τ) + R`` with ``c = (m_2² − m_1m_3)/(m_0m_2 − m_1²)`` and
    ``|R| ≤ h³F_3 A(τ)/6``, ``A = ∫ |s||t|³``, ``s = (m_2 − m_1t)φ/(m_0m_2 − m_1²)``. Hence
    ``|∫ b² − (h⁴/4)∫ f''²|`` is at most, for the two halves,
    ``h⁵ (F_2² I/2 + F_2F_3 max|c|A/6 + hF_3² max A²/36)`` with ``I = ∫ |c² − 1| dτ``.

    Enclosed here on cells of τ up to 8, and on ``τ ≥ 8`` as one, where ``|c − 1| ≤ (τ + 1)φ/(m_0m_2
    − m_1²)`` as ``(c − 1)(m_0m_2 − m_1²) = −τφm_2 − (τ² + 1)φ²`` on the half-line.
    """
    with precision(80):
        near = [between(fmpq(i, cells), fmpq(i + 1, cells)) for i in range(FAR * cells)]
        integral = slope = product = third = arb(0)
        for place in (*near, None):
            moments = _cut(_moments_far() if place is None else half_line_moments(place))
            determinant = moments[0] * moments[2] - moments[1] * moments[1]
            curvature = (moments[2] * moments[2] - moments[1] * moments[3]) / determinant
            excess = curvature * curvature - arb(inside) ** 2
            if place is None:
                contains(curvature.value, inside, "the constant inside is another")
                ratio = (curvature.value + 1) / determinant.value
                integral += ratio.abs_upper() * (_tail(1) + _tail(0))
            else:
                integral += excess.value.abs_upper() / cells
            slope = _larger(slope, excess.slope.abs_upper())
            numerator = (
                moments[2].range() * _absolute_third(place)
                + abs(moments[1].range()) * moments[4].range()
            )
            bound = (numerator / determinant.range()).abs_upper()
            product = _larger(product, curvature.range().abs_upper() * bound)
            third = _larger(third, bound)
        # |c² − c_0²| ≤ h²·slope over 1/2h of τ: h/2 ≤ 1/32 times the largest.
        integral += slope / 32
        note(integral=integral.str(6), product=product.str(6), third=third.str(6))
        at_most(integral.upper() / 2, ball(1), "the coefficient of F_2² is larger")
        at_most(product / 6, ball(2), "the coefficient of F_2F_3 is larger")
        at_most(third**2 / 36 / 16, ball("1/4"), "the coefficient of F_3² is larger")
