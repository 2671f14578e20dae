"""One step of gradient descent against the Bayes predictor."""

from __future__ import annotations

from fractions import Fraction

from flint import acb, arb

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, counterexample, enclosure, note, proof
from attnproof.theory.engine.ball_comparison import at_most, contains
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.icl_linreg.debiased_gradient_descent import (
    BAYES_GAP,
    BAYES_GAP_WITH_NOISE,
)


def _excess_of_gradient_descent(length, dimension, noise):
    """``1 − L/(L + d + 1 + σ²d)``: R*_GD − σ² by exact-gd-risks."""
    return 1 - length / (length + dimension + 1 + noise * dimension)


def _bayes_excess(half_length: int, noise: arb) -> arb:
    """``z e^z E_m(z)``, z = σ²/2: the Bayes risk at d = 1, L = 2m, less σ²."""
    z = noise / 2
    return z * z.exp() * z.expint(ball(half_length))


@check(
    BAYES_GAP,
    establishes=counterexample(over="d = 1, L = 10, σ² = 1/C", by="ball arithmetic (Arb)"),
    claimed=dict(factor=lambda constant, noise: constant),
    controls={
        "half the constant": dict(factor=lambda constant, noise: constant / 2),
        "one more": dict(factor=lambda constant, noise: constant + 1),
    },
    repairs={"factor of the noise": dict(factor=lambda constant, noise: 1 + 2 / noise)},
)
def constants_that_are_too_small(factor) -> None:
    """For the constants C = 10, 10³, 10⁶, 10⁹ the noise 1/C; the part 'attained order' of the
    amended claim says that this refutes every constant."""
    with precision(200):
        for constant in (10, 10**3, 10**6, 10**9):
            noise = Fraction(1, constant)
            descent = ball(_excess_of_gradient_descent(10, 1, noise))
            bayes = _bayes_excess(5, ball(noise))
            at_most(
                descent / bayes,
                ball(factor(Fraction(constant), noise)),
                "the factor is exceeded",
                constant=constant,
                noise=noise,
                excess=descent,
                bayes_excess=bayes,
            )


@check(
    BAYES_GAP_WITH_NOISE,
    part="factor",
    establishes=proof(over="every L, d, σ² > 0", by="non-negative combination"),
    claimed=dict(over_noise=lambda d: d + 1, traced=1),
    controls={
        "one over the noise": dict(over_noise=lambda d: d),
        "nothing over the noise": dict(over_noise=lambda d: 0 * d),
        "twice the Bayes bound": dict(traced=2),
    },
)
def factor_for_all(over_noise, traced) -> None:
    """With G = XXᵀ and B = I + G/(dσ²), the Bayes excess is ``E tr(B^{-1})/d``. Classical:
    ``tr(B)·tr(B^{-1}) ≥ d²`` (Cauchy–Schwarz) and Jensen for 1/x, so it is at least
    ``d/E tr B = dσ²/(L + dσ²)``, as ``E tr G = Ld``. Machine-checked: the excess of gradient
    descent ``(d + 1 + σ²d)/(L + d + 1 + σ²d)`` is at most ``1 + (d + 1)/(dσ²)`` times that; with
    denominators cleared,
    ``(dσ² + d + 1)(L + d + 1 + σ²d) − (d + 1 + σ²d)(L + dσ²) ≥ 0``."""
    n, d, s = scalars("L d noise")
    entails(
        (d * s + over_noise(d)) * (n + d + 1 + s * d) - traced * (d + 1 + s * d) * (n + d * s),
        given={"L": n, "d": d, "noise": s},
        certificate=[
            (1, (), (d + 1,)),
            (1, ("d", "d", "noise"), ()),
            (1, ("d", "noise"), ()),
        ],
        message="the factor is too small",
    )
    length, dimension, noise = variables("L d noise")
    identical(
        dimension / (dimension + length * dimension / (dimension * noise)),
        dimension * noise / (length + dimension * noise),
        "the bound from the trace is another",
    )
    note(example="d = 5: the factor is 13 at σ² = 0.1 and 121 at 0.01")


@check(
    BAYES_GAP_WITH_NOISE,
    part="attained order",
    establishes=proof(over="every σ² > 0", by="rational-function identity"),
    claimed=dict(multiple=1, remainder=lambda s: 4 + 7 * s),
    controls={
        "twice one over the noise": dict(multiple=2),
        "another remainder": dict(remainder=lambda s: 4 + 8 * s),
    },
)
def no_constant_serves(multiple, remainder) -> None:
    """Classical: at d = 1 the Bayes excess is ``E σ²/(χ²_L + σ²) < σ² E(1/χ²_L) = σ²/(L − 2)``.
    At L = 10 the ratio exceeds ``8(2 + σ²)/(σ²(12 + σ²))``, which is 1/σ² plus a positive rest."""
    (s,) = variables("noise")
    identical(
        (1 - 10 / (12 + s)) * 8 / s - multiple / s,
        remainder(s) / (s * (12 + s)),
        "the lower bound of the ratio is another",
    )


@check(
    BAYES_GAP_WITH_NOISE,
    part="one dimension",
    establishes=proof(over="every m ≥ 1, σ² > 0", by="integration by parts, term by term"),
    claimed=dict(order=0, scale=Fraction(1, 2)),
    controls={
        "next integral": dict(order=1),
        "noise in place of half of it": dict(scale=Fraction(1)),
    },
)
def density_and_exponential_integral(order, scale) -> None:
    """Classical: with X ~ χ²_{2m} and ``1/(X + σ²) = ∫_0^∞ e^{−r(X + σ²)} dr`` and
    ``E e^{−rX} = (1 + 2r)^{−m}``, the excess is ``σ² ∫ e^{−rσ²}(1 + 2r)^{−m} dr``; substituting
    ``t = 1 + 2r`` gives ``z e^z ∫_1^∞ e^{−zt}t^{−m} dt = z e^z E_m(z)``, z = σ²/2. Machine-checked:
    the substitution: the exponents, ``rσ² = zt − z``, and ``σ² dr = z dt``."""
    r, noise = variables("r noise")
    z, t = noise * scale, 1 + 2 * r
    identical(r * noise, z * t - z, "another exponent")
    identical(noise, z * t.derivative(r) * t**order, "another measure")


@check(
    BAYES_GAP_WITH_NOISE,
    part="one dimension",
    establishes=enclosure(bound="L = 10, 40; σ² = 1/10, 1"),
    claimed=dict(half=2, shift=0),
    controls={"length for half the length": dict(half=1), "order one less": dict(shift=1)},
)
def density_by_quadrature(half, shift) -> None:
    """The expectation over the density of χ²_L by rigorous quadrature on [0, 400], the tail being
    at most its mass, against the exponential integral."""
    with precision(120):
        for length in (10, 40):
            for noise in (Fraction(1, 10), Fraction(1)):
                s, m = ball(noise), length // 2

                def weighted(x, _, s=s, m=m):
                    return s / (x + s) * x ** (m - 1) * (-x / 2).exp()

                constant = arb(2) ** m * arb(m).gamma()
                inside = acb.integral(weighted, 0, 400).real / constant
                tail = arb(200).gamma_upper(m) / arb(m).gamma()
                enclosed = inside + arb(0).union(tail)
                stated = _bayes_excess(length // half - shift, s)
                contains(enclosed, stated, "another expectation", length=length, noise=noise)
