"""log_n of the number of features that a tolerance of 1/n needs: lower and upper bounds."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb

from attnproof.theory.algebra.ball import precision


def log_lower_error(g: int, radius: arb) -> arb:
    """``ln((π/2)e^{−R}(R/2)^{g+1}/(g+1)!) ≤ ln E_g(R)``: the first term of the Bessel series."""
    return (arb.pi() / 2).log() - radius + (g + 1) * (radius / 2).log() - arb(g + 2).lgamma()


def log_upper_error(g: int, radius: arb) -> arb:
    """``ln(e^R R^{g+1}/(g+1)!) ≥ ln E_g(R)``: Taylor's remainder."""
    return radius + (g + 1) * radius.log() - arb(g + 2).lgamma()


def _bisect(holds: Callable[[int], bool], start: int) -> int:
    """The smallest g ≥ start that ``holds``, which is monotone from there on."""
    if holds(start):
        return start
    step = 1
    while not holds(start + step):
        step *= 2
    low, high = start + step // 2, start + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def log_features(g: int, d: int) -> arb:
    """``ln C(g + d, g)``."""
    return arb(g + d + 1).lgamma() - arb(g + 1).lgamma() - arb(d + 1).lgamma()


def exponent_bounds(doublings: int, radius: Callable[[arb], arb]) -> tuple[arb, arb]:
    """Bounds of ``log_n C(g + d, g)`` for n = 2^k, d = ⌈ln n⌉, the least g with E_g(R) ≤ 1/n.

    E_g falls with g. Every g whose lower bound certainly exceeds 1/n is too small; one whose upper
    bound certainly does not is large enough.

    Args:
        doublings: k.
        radius: ln n ↦ R.
    """
    with precision(160):
        logarithm = doublings * arb(2).log()
        size = radius(logarithm)
        width = int(logarithm.ceil().unique_fmpz())
        start = int(float(size.mid())) + 2
        # The lower bound falls with g from R/2 on, the upper one from R on. An excluded degree
        # excludes all smaller ones; if the first one tried is not, nothing is known below it.
        first = max(start // 2, 1)
        least = _bisect(lambda g: not log_lower_error(g, size) > -logarithm, first)
        least = 0 if least == first else least
        enough = _bisect(lambda g: bool(log_upper_error(g, size) <= -logarithm), start)
        return log_features(least, width) / logarithm, log_features(enough, width) / logarithm
