"""Leading constants of the bias at the end of the keys, with remainders for every bandwidth."""

from __future__ import annotations

from flint import arb, fmpq

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.core import check, note, proof, refute_unless, symbolic
from attnproof.theory.engine.ball_comparison import at_most, contains
from attnproof.theory.paper.lla.boundary_bias import BOUNDARY_CONSTANTS
from attnproof.theory.paper.lla.scaled_moments import ScaledMoments

AT_THE_END = ScaledMoments(fmpq(1), one_sided=True)
INSIDE = ScaledMoments(fmpq(1, 4), one_sided=False)


def local_constant_slope() -> arb:
    """``√(2/π)``."""
    return (2 / arb.pi()).sqrt()


def local_linear_curvature() -> arb:
    """``(π − 4)/(2(π − 2))``."""
    return (arb.pi() - 4) / (2 * (arb.pi() - 2))


def half() -> arb:
    """The constant inside the interval."""
    return arb(1) / 2


def _expansion(moments, degree):
    """``t ↦ t^r`` under the fit: its intercept for r, and a bound of the intercept of ``|t|^r``.

    The normal equations give the weights ``1/m_0`` for degree 0 and ``(m_2 − m_1 t)/(m_0 m_2 −
    m_1²)`` for degree 1, times the kernel.
    """
    signed, absolute = moments.signed, moments.absolute
    if degree == 0:
        return (
            lambda power: signed(power) / signed(0),
            lambda power: (absolute(power) / signed(0)).range(),
        )
    determinant = signed(0) * signed(2) - signed(1) * signed(1)

    def intercept(power):
        return (signed(2) * signed(power) - signed(1) * signed(power + 1)) / determinant

    def bound(power):
        first = abs(signed(1).range()) * absolute(power + 1).range()
        return (signed(2).range() * absolute(power).range() + first) / determinant.range()

    return intercept, bound


_FACTORIAL = (1, 1, 2, 6)


def _holds_for_every_bandwidth(moments, degree, order, constant, own, remainder) -> None:
    with precision(80):
        intercept, bound = _expansion(moments, degree)
        model = intercept(order)
        leading = model.value / _FACTORIAL[order]
        note(constant=leading.str(10), slope=str(abs(model.slope).upper()))
        contains(leading, constant(), "the leading constant is another", order=order)
        at_most(abs(model.slope) / _FACTORIAL[order], ball(own), "the next term is larger")
        at_most(
            bound(order + 1) / _FACTORIAL[order + 1],
            ball(remainder),
            "Taylor's remainder is larger",
        )


@check(
    BOUNDARY_CONSTANTS,
    part="local constant",
    establishes=proof(
        over="every f of class C² and every 0 < h ≤ 1/4",
        by="Taylor's theorem, models in h, ball arithmetic (Arb)",
    ),
    claimed=dict(moments=AT_THE_END, degree=0, constant=local_constant_slope),
    controls={
        "query inside": dict(moments=INSIDE),
        "local linear fit": dict(degree=1),
        "twice the constant": dict(constant=lambda: 2 * local_constant_slope()),
        "mean of the whole kernel": dict(constant=lambda: arb(0)),
    },
)
def slope_at_the_end(moments, degree, constant) -> None:
    """Taylor: ``f(ht) = f(0) + f'(0)ht + R`` with ``|R| ≤ h²t² max|f''|/2``; the fit is linear and
    reproduces constants, hence ``b = h f'(0) m_1/m_0 + R'`` with ``|R'| ≤ h² max|f''| m_2/2m_0``.
    Classical: Taylor's theorem. Checked: ``m_1/m_0 = √(2/π) + h·slope`` with a slope in a ball that
    covers every h, and the bound of the remainder. The number of the ball is compared with √(2/π)
    to 80 bits; `closed_forms` proves it equal."""
    _holds_for_every_bandwidth(moments, degree, 1, constant, fmpq(1, 500), fmpq(2, 3))


@check(
    BOUNDARY_CONSTANTS,
    part="local linear",
    establishes=proof(
        over="every f of class C³ and every 0 < h ≤ 1/4",
        by="Taylor's theorem, models in h, ball arithmetic (Arb)",
    ),
    claimed=dict(moments=AT_THE_END, degree=1, constant=local_linear_curvature),
    controls={
        "constant of the interior": dict(constant=half),
        "sign": dict(constant=lambda: -local_linear_curvature()),
        "local constant fit": dict(degree=0),
        "query inside": dict(moments=INSIDE),
    },
)
def curvature_at_the_end(moments, degree, constant) -> None:
    """As above with one more term; the slope of the fit takes up ``f'(0)``, so that
    ``b = h² f''(0) (m_2² − m_1m_3)/2(m_0m_2 − m_1²) + R'``. That t itself gets the intercept 0,
    ``m_2m_1 − m_1m_2 = 0``, is exact."""
    _holds_for_every_bandwidth(moments, degree, 2, constant, fmpq(1, 20), fmpq(2))


@check(
    BOUNDARY_CONSTANTS,
    part="interior",
    establishes=proof(
        over="every f of class C³, 1/4 ≤ x ≤ 3/4, 0 < h ≤ 1/16",
        by="Taylor's theorem, models in h, ball arithmetic (Arb)",
    ),
    claimed=dict(moments=INSIDE, constant=half),
    controls={
        "query at the end": dict(moments=AT_THE_END),
        "constant of the end": dict(constant=local_linear_curvature),
        "no bias": dict(constant=lambda: arb(0)),
    },
)
def both_fits_inside(moments, constant) -> None:
    """Both fits. For the local constant one the term ``h f'(x) m_1/m_0`` remains; ``m_1`` is a
    difference of two tails, so that ``m_1/m_0 = h² · slope``, slope at most 1/20."""
    for degree in (0, 1):
        _holds_for_every_bandwidth(moments, degree, 2, constant, fmpq(1, 20), fmpq(1, 3))
    with precision(80):
        drift = moments.first_over_bandwidth() / moments.signed(0)
        contains(drift.value, 0, "a term of order h remains")
        at_most(abs(drift.slope), ball(fmpq(1, 20)), "the drift is larger")


def _sympy_constants():
    import sympy

    t = sympy.symbols("t", positive=True)
    end = [sympy.integrate(t**j * sympy.exp(-(t**2) / 2), (t, 0, sympy.oo)) for j in range(4)]
    line = [
        sympy.integrate(t**j * sympy.exp(-(t**2) / 2), (t, -sympy.oo, sympy.oo)) for j in (0, 2)
    ]
    curvature = (end[2] ** 2 - end[1] * end[3]) / (end[0] * end[2] - end[1] ** 2) / 2
    return {
        "slope": sympy.simplify(end[1] / end[0]),
        "curvature": sympy.simplify(curvature),
        "inside": sympy.simplify(line[1] / line[0] / 2),
    }


def _closed_form(which, formula) -> None:
    import sympy

    found = _sympy_constants()[which]
    difference = sympy.simplify(found - sympy.sympify(formula))
    note(closed_form=str(found))
    refute_unless(bool(difference == 0), "the closed form is another", found=found, claimed=formula)


_BY_SYMPY = "moments integrated by sympy"


@check(
    BOUNDARY_CONSTANTS,
    part="local constant",
    establishes=symbolic(bound="the constant", by=_BY_SYMPY),
    claimed=dict(which="slope", formula="sqrt(2/pi)"),
    controls={
        "variance two": dict(formula="2/sqrt(pi)"),
        "inside": dict(which="inside"),
    },
)
def closed_form_of_the_slope(which, formula) -> None:
    """``m_1/m_0`` over the half-line."""
    _closed_form(which, formula)


@check(
    BOUNDARY_CONSTANTS,
    part="local linear",
    establishes=symbolic(bound="the constant", by=_BY_SYMPY),
    claimed=dict(which="curvature", formula="(pi - 4)/(2*(pi - 2))"),
    controls={
        "factor one half forgotten": dict(formula="(pi - 4)/(pi - 2)"),
        "inside": dict(which="inside"),
    },
)
def closed_form_of_the_curvature(which, formula) -> None:
    """``(m_2² − m_1m_3)/2(m_0m_2 − m_1²)`` over the half-line."""
    _closed_form(which, formula)
