"""The best polynomial for the exponential in relative error, with a certificate for both sides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from flint import arb, arb_mat, fmpq, fmpq_poly

from attnproof.theory.algebra.ball import precision

_BITS = 400


@dataclass(frozen=True)
class MinimaxBracket:
    """``lower ≤ E_g(R) ≤ upper``, ``E_g(R) = min_P max_{|x| ≤ R} |P(x)e^{−x} − 1|``.

    Attributes:
        degree, radius: g and R.
        polynomial: rational coefficients c_0, …, c_g; its error is at most ``upper``.
        points: g + 2 rational points of [−R, R] at which its error alternates in sign.
        lower, upper: balls; any number of the ball is a bound up to its radius.
    """

    degree: int
    radius: fmpq
    polynomial: tuple[fmpq, ...]
    points: tuple[fmpq, ...]
    lower: arb
    upper: arb


def relative_error(polynomial: tuple[fmpq, ...], x: arb) -> arb:
    """``P(x)e^{−x} − 1``, enclosed, by Horner's rule."""
    value = arb(0)
    for coefficient in reversed(polynomial):
        value = value * x + arb(coefficient)
    return value * (-x).exp() - 1


def critical_points(polynomial: tuple[fmpq, ...], radius: fmpq) -> list[arb]:
    """Enclosures of all zeros in [−R, R] of ``(P e^{−x})' = (P' − P)e^{−x}``.

    Every complex root of the rational polynomial P' − P is isolated; one is left out only if it
    is certainly not real or certainly outside.
    """
    p = fmpq_poly(list(polynomial))
    slope = p.derivative() - p
    found = []
    for root, _ in slope.numer().complex_roots():
        if not root.imag.contains(0) or abs(root.real) > arb(radius):
            continue
        found.append(root.real)
    return sorted(found, key=lambda x: float(x.mid()))


def largest_error(polynomial: tuple[fmpq, ...], radius: fmpq) -> arb:
    """A ball whose upper end is at least ``max_{|x| ≤ R} |P(x)e^{−x} − 1|``.

    The maximum is attained at −R, at R or at a zero of the derivative.
    """
    places = [arb(-radius), *critical_points(polynomial, radius), arb(radius)]
    return _largest([abs(relative_error(polynomial, x)) for x in places])


def alternation(polynomial: tuple[fmpq, ...], points: tuple[fmpq, ...]) -> arb | None:
    """``min_i |e(x_i)|`` if the error certainly alternates at the increasing points, else None.

    With g + 2 points it is a lower bound of E_g (de la Vallée Poussin): for a Q with smaller error
    ``(P − Q)e^{−x}`` would have g + 1 zeros.
    """
    errors = [relative_error(polynomial, arb(x)) for x in points]
    increasing = all(left < right for left, right in pairwise(points))
    for left, right in pairwise(errors):
        if not left * right < 0 or not increasing:
            return None
    return -_largest([-abs(error) for error in errors])


@cache
def minimax_bracket(degree: int, radius: int) -> MinimaxBracket:
    """Remez' exchange proposes a polynomial; the two bounds are certified by ball arithmetic.

    As e has g + 1 zeros, its g critical points are the g roots of P' − P and the exchange is
    complete: the next reference is −R, these roots and R. (A premature polynomial may have fewer;
    its extrema over a grid are not needed for the radii used here.)

    Raises:
        ArithmeticError: the exchange did not converge.
    """
    with precision(_BITS):
        size = fmpq(radius)
        count = degree + 2
        reference = [(-(arb.pi() * i / (count - 1)).cos() * radius).mid() for i in range(count)]
        for _ in range(40):
            polynomial = _levelled(reference, degree)
            inner = critical_points(polynomial, size)
            if len(inner) != degree:
                raise ArithmeticError(
                    f"{len(inner)} of {degree} critical points lie in the interval"
                )
            reference = [arb(-radius), *[x.mid() for x in inner], arb(radius)]
            points = tuple(_dyadic(x) for x in reference)
            lower, upper = alternation(polynomial, points), largest_error(polynomial, size)
            if lower is not None and upper < lower * (1 + arb(10) ** -9):
                return MinimaxBracket(degree, size, polynomial, points, lower, upper)
        raise ArithmeticError(f"no convergence at g = {degree}, R = {radius}")


def minimal_degree(radius: int, tolerance: fmpq) -> int:
    """The smallest g with a certified ``E_g(R) ≤ ε`` and a certified ``E_{g−1}(R) > ε``."""
    degree = 1
    while not minimax_bracket(degree, radius).upper <= arb(tolerance):
        if not minimax_bracket(degree, radius).lower > arb(tolerance):
            raise ArithmeticError(f"ε = {tolerance} lies between the bounds at g = {degree}")
        degree += 1
    return degree


def _levelled(reference: list[arb], degree: int) -> tuple[fmpq, ...]:
    """P with ``P(x_i)e^{−x_i} − 1 = (−1)^i E``, coefficients rounded to multiples of 2^{−300}."""
    rows = [
        [x**k * (-x).exp() for k in range(degree + 1)] + [arb((-1) ** (i + 1))]
        for i, x in enumerate(reference)
    ]
    solution = arb_mat(rows).solve(arb_mat([[1]] * len(rows)))
    return tuple(_dyadic(solution[k, 0]) for k in range(degree + 1))


def _dyadic(x: arb, bits: int = 300) -> fmpq:
    nearest = (x.mid() * arb(2) ** bits + arb(0.5)).floor().mid()
    mantissa, exponent = nearest.man_exp()
    value = fmpq(int(mantissa))
    exponent = int(exponent) - bits
    return value * fmpq(2) ** exponent if exponent >= 0 else value / fmpq(2) ** -exponent


def _largest(balls: list[arb]) -> arb:
    result = balls[0]
    for value in balls[1:]:
        result = result.max(value)
    return result
