"""Moments of the Gaussian kernel cut off at the ends of [0, 1], for all small bandwidths."""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb, fmpq

from .first_order_model import FirstOrderModel, between
from .kernel_smoother import gaussian_tail

# 4 standard deviations of the kernel are kept on every side that is not cut at the query.
_KEPT = 4


def whole_moment(power: int) -> arb:
    """``∫_0^∞ t^j e^{−t²/2} dt``."""
    return gaussian_tail(power, 0)


@dataclass(frozen=True)
class ScaledMoments:
    """``m_j = ∫ t^j e^{−t²/2} dt`` over the keys ``x + ht`` in [0, 1], as models in h.

    With ``δ_j(a) = ∫_a^∞ t^j e^{−t²/2} dt`` and ``a = r/h ≥ 4``, r the distance to an end,
    ``0 ≤ δ_j(a) ≤ a^{−k} δ_{j+k}(a) ≤ (h/r)^k δ_{j+k}(4)`` for every k ≥ 0.

    Attributes:
        distance: r > 0, at most the distance to the far end(s); all ``0 < h ≤ r/4`` are covered.
        one_sided: the query is the end 0 of [0, 1]; otherwise both ends are r or more away.
    """

    distance: fmpq
    one_sided: bool

    @property
    def largest(self) -> fmpq:
        """The bound of h."""
        return self.distance / _KEPT

    def tail(self, power: int, order: int) -> arb:
        """An upper bound of ``δ_j(a)/h^k``, for k = ``order``."""
        return gaussian_tail(power + order, _KEPT) / self.distance**order

    def absolute(self, power: int) -> FirstOrderModel:
        """``∫ |t|^j e^{−t²/2} dt``."""
        sides = 1 if self.one_sided else 2
        return FirstOrderModel(
            sides * whole_moment(power), -between(0, sides * self.tail(power, 1)), self.largest
        )

    def signed(self, power: int) -> FirstOrderModel:
        """``m_j``; inside the interval the odd ones are differences of two tails."""
        if self.one_sided or power % 2 == 0:
            return self.absolute(power)
        bound = self.tail(power, 1)
        return FirstOrderModel(0, between(-bound, bound), self.largest)

    def first_over_bandwidth(self) -> FirstOrderModel:
        """``m_1/h`` inside the interval."""
        bound = self.tail(1, 2)
        return FirstOrderModel(0, between(-bound, bound), self.largest)
