"""First-order Taylor models: enclosures that hold for every bandwidth below a bound at once."""

from __future__ import annotations

from flint import arb, fmpq

from attnproof.theory.algebra.ball import ball


def between(lower: object, upper: object) -> arb:
    """A ball that contains every real number from ``lower`` to ``upper``."""
    return ball(lower).union(ball(upper))


class FirstOrderModel:
    """``x(h) = value + h·slope(h)`` with ``slope(h)`` in one ball for all ``0 < h ≤ largest``.

    Sums, products and quotients of models are models; an inequality read off ``value`` and
    ``slope`` is proved for every such h, not for a list of them.

    Args:
        value: ``x(0+)``, a ball.
        slope: a ball that contains ``(x(h) − x(0+))/h`` for every ``0 < h ≤ largest``.
        largest: the bound of h, a rational number shared by all models in an expression.
    """

    __slots__ = ("largest", "slope", "value")

    def __init__(self, value: object, slope: object, largest: fmpq):
        self.value, self.slope, self.largest = ball(value), ball(slope), largest

    def _lift(self, other: object) -> FirstOrderModel:
        if not isinstance(other, FirstOrderModel):
            return FirstOrderModel(other, 0, self.largest)
        if other.largest != self.largest:
            raise ValueError(
                f"models for h ≤ {self.largest} and h ≤ {other.largest}: use one bound"
            )
        return other

    def __add__(self, other: object) -> FirstOrderModel:
        other = self._lift(other)
        return FirstOrderModel(self.value + other.value, self.slope + other.slope, self.largest)

    def __mul__(self, other: object) -> FirstOrderModel:
        other = self._lift(other)
        bandwidth = between(0, self.largest)
        slope = self.value * other.slope + self.slope * (other.value + bandwidth * other.slope)
        return FirstOrderModel(self.value * other.value, slope, self.largest)

    def __truediv__(self, other: object) -> FirstOrderModel:
        """The quotient; an infinite ball where the divisor may vanish."""
        other = self._lift(other)
        quotient = self.value / other.value
        divisor = other.value + between(0, self.largest) * other.slope
        return FirstOrderModel(
            quotient, (self.slope - quotient * other.slope) / divisor, self.largest
        )

    def __sub__(self, other: object) -> FirstOrderModel:
        return self + self._lift(other) * -1

    __radd__ = __add__
    __rmul__ = __mul__

    def range(self) -> arb:
        """A ball that contains x(h) for every ``0 < h ≤ largest``."""
        return self.value + between(0, self.largest) * self.slope
