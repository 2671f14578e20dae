"""Exponents of the algorithm at finite n, certified."""

from __future__ import annotations

from collections.abc import Callable
from math import comb

from flint import arb, fmpq

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.core import (
    Plot,
    Series,
    Undecided,
    check,
    enclosure,
    note,
    plot,
    refute_unless,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.paper.kron_attn.certified_exponent import exponent_bounds
from attnproof.theory.paper.kron_attn.finite_size import ASYMPTOTIC_HONESTY, THRESHOLD
from attnproof.theory.paper.kron_attn.minimax_exponential import minimax_bracket

# log₂ n → (g, r/n to the digits shown).
FEATURES = {
    6: (3, "1.31"),
    10: (4, "0.98"),
    12: (5, "1.51"),
    14: (5, "0.71"),
    20: (7, "0.85"),
    28: (9, "0.46"),
    40: (12, "0.19"),
    48: (13, "0.023"),
}
FIXED = {
    10: "0.837",
    20: "0.762",
    100: "0.717",
    1000: "0.557",
    10**4: "0.445",
    10**6: "0.318",
    10**9: "0.225",
    10**12: "0.176",
}
GROWING = {
    "1/100": ("0.579", "0.676", "0.717", "0.723", "0.724", "0.724"),
    "1/10": ("0.841", "1.004", "1.055", "1.061", "1.062", "1.062"),
    "1/2": ("1.213", "1.390", "1.432", "1.439", "1.440", "1.440"),
    "1": ("1.356", "1.550", "1.600", "1.607", "1.608", "1.608"),
}
SIZES = (20, 100, 1000, 10**4, 10**6, 10**9)


def _one(logarithm: arb) -> arb:
    return arb(1)


def _proportional(c: str) -> Callable[[arb], arb]:
    return lambda logarithm: ball(c) * logarithm


def _agrees(value: arb, shown: str, digits: int, message: str, **named: object) -> None:
    half = fmpq(1, 2 * 10**digits)
    with precision(160):
        at_most(ball(shown) - half, value, message, **named)
        at_most(value, ball(shown) + half, message, **named)


@check(
    ASYMPTOTIC_HONESTY,
    part="features",
    establishes=enclosure(bound="n = 2^6, …, 2^48", by="certified degrees and exact integers"),
    claimed=dict(shift=0, count=lambda g, d: comb(g + d, g)),
    controls={
        "one degree less": dict(shift=-1),
        "one degree more": dict(shift=1),
        "C(2(g + d), 2g) features": dict(count=lambda g, d: comb(2 * (g + d), 2 * g)),
    },
)
def features_over_tokens(shift, count) -> None:
    """E_g(1) ≤ 1/n < E_{g−1}(1), certified; r/n below 1 is needed to beat n² for pairs."""
    exponents = {}
    for doublings, (degree, shown) in FEATURES.items():
        g, tolerance = degree + shift, fmpq(1, 2**doublings)
        with precision(400):
            at_most(minimax_bracket(g, 1).upper, arb(tolerance), "the degree is too small", g=g)
            at_most(
                arb(tolerance), minimax_bracket(g - 1, 1).lower, "a smaller degree suffices", g=g
            )
        ratio = fmpq(count(g, doublings), 2**doublings)
        digits = len(shown) - 2
        _agrees(
            ball(ratio), shown, digits, "the ratio is another one", log2_n=doublings, ratio=ratio
        )
        exponents[f"1 + log_n r at 2^{doublings}"] = round(
            1 + float((arb(count(g, doublings)).log() / (doublings * arb(2).log())).mid()), 3
        )
    note(**exponents)


@check(
    ASYMPTOTIC_HONESTY,
    part="slow",
    establishes=enclosure(bound="n = 2^k, k = 5, …, 1000: every one"),
    claimed=dict(least="0.555", radius=_one),
    controls={
        "at least 0.556": dict(least="0.556"),
        "entries one tenth in score": dict(radius=lambda logarithm: arb(1) / 10),
    },
)
def exponent_is_at_least(least, radius) -> None:
    """The lower bound of E_g (first term of the Bessel series) excludes all smaller degrees."""
    smallest = arb(2)
    with precision(160):
        for doublings in range(5, 1001):
            lower, _ = exponent_bounds(doublings, radius)
            at_most(ball(least), lower, "the exponent is smaller", log2_n=doublings)
            smallest = smallest.min(lower)
    note(smallest=smallest.str(4))


@check(
    ASYMPTOTIC_HONESTY,
    part="falls",
    establishes=enclosure(bound="the stated n up to 2^{10^12}"),
    claimed=dict(table=FIXED, radius=_one),
    controls={
        "score range c ln n, c = 1/10": dict(radius=_proportional("1/10")),
        "score range 2": dict(radius=lambda logarithm: arb(2)),
        "half of the exponent": dict(table={k: str(float(v) / 2) for k, v in FIXED.items()}),
    },
)
def lower_bounds_fall(table, radius) -> None:
    """Bounds from both sides; the upper ones fall below every c > 0 as well, since
    ln C(g + d, g) ≤ g ln(e(g + d)/g) with g ~ ln n/ln ln n (classical)."""
    upper_bounds = {}
    for doublings, shown in table.items():
        lower, upper = exponent_bounds(doublings, radius)
        _agrees(lower, shown, 3, "the lower bound is another one", log2_n=doublings)
        upper_bounds[f"upper bound at 2^{doublings}"] = upper.str(4, radius=False)
    note(**upper_bounds)


@check(
    THRESHOLD,
    part="table",
    establishes=enclosure(bound="c = 1/100, 1/10, 1/2, 1 and n = 2^20, …, 2^{10^9}"),
    claimed=dict(table=GROWING, radius=_proportional),
    controls={
        "the same score range for all c": dict(radius=lambda c: _proportional("1/10")),
        "score range fixed": dict(radius=lambda c: _one),
        "exponent tends to zero": dict(
            table={
                c: tuple(str(float(v) / (1 + i)) for i, v in enumerate(row))
                for c, row in GROWING.items()
            }
        ),
    },
)
def exponents_at_the_threshold(table, radius) -> None:
    """Lower bounds, growing with n."""
    for c, row in table.items():
        for doublings, shown in zip(SIZES, row, strict=True):
            lower, _ = exponent_bounds(doublings, radius(c))
            _agrees(lower, shown, 3, "the lower bound is another one", c=c, log2_n=doublings)


def _limit(c: arb) -> arb:
    """h(c), with κ > c/2 from κ ln(2κ/(ec)) = 1 − c enclosed by bisection."""

    def defect(kappa: arb) -> arb:
        return kappa * ((2 * kappa / c).log() - 1) - (1 - c)

    low, high = c / 2, arb(8)
    for _ in range(100):
        middle = ((low + high) / 2).mid()
        value = defect(middle)
        if not (value > 0 or value < 0):
            break
        low, high = (low, middle) if value > 0 else (middle, high)
    if not (defect(low) < 0 and defect(high) > 0):
        raise Undecided("the root is not enclosed")
    kappa = low.union(high)
    return (1 + kappa) * (1 + kappa).log() - kappa * kappa.log()


@check(
    THRESHOLD,
    part="constant",
    establishes=enclosure(bound="c = 1/100, 1/10, 1/2, 1; n = 2^{10^6}, 2^{10^9}, 2^{10^12}"),
    claimed=dict(limit=_limit, radius=_proportional),
    controls={
        "h(c) = 0": dict(limit=lambda c: arb(0)),
        "h(c) of 2c": dict(limit=lambda c: _limit(2 * c)),
        "score range fixed": dict(radius=lambda c: _one),
        "score range of the root of ln n": dict(
            radius=lambda c: lambda logarithm: logarithm.sqrt()
        ),
    },
)
def lower_bound_converges(limit, radius) -> None:
    """With g + 1 = κ ln n the logarithm of (π/2)e^{−R}(R/2)^{g+1}/(g+1)! over ln n tends to
    κ(1 + ln(c/2κ)) − c by Stirling's formula; it equals −1 at the stated κ, and log_n C(g + d, g)
    tends to h. The values at finite n are enclosed and compared."""
    limits = {}
    with precision(160):
        for c in GROWING:
            h = limit(ball(c))
            for doublings in (10**6, 10**9, 10**12):
                lower, _ = exponent_bounds(doublings, radius(c))
                at_most(
                    abs(lower - h),
                    ball("1/1000"),
                    "the limit is another one",
                    c=c,
                    log2_n=doublings,
                )
            limits[f"h({c})"] = h.str(6, radius=False)
    note(**limits)


@check(
    THRESHOLD,
    part="below",
    establishes=enclosure(
        bound="R = 1 and R = √(ln n); n = 2^{10^4}, 2^{10^6}, 2^{10^9}, 2^{10^12}"
    ),
    claimed=dict(radii={"1": _one, "√ln n": lambda logarithm: logarithm.sqrt()}),
    controls={
        "c ln n, c = 1/100": dict(radii={"ln n/100": _proportional("1/100")}),
        "c ln n, c = 1": dict(radii={"ln n": _proportional("1")}),
    },
)
def upper_bounds_fall(radii) -> None:
    """Upper bounds by Taylor's remainder; each at least a tenth below the one before."""
    for name, radius in radii.items():
        before = arb(2)
        for doublings in (10**4, 10**6, 10**9, 10**12):
            _, upper = exponent_bounds(doublings, radius)
            refute_unless(
                bool(upper < before * ball("9/10")),
                "the exponent does not fall",
                R=name,
                log2_n=doublings,
                exponent=upper,
                before=before,
            )
            before = upper
        note(**{f"last upper bound, R = {name}": before.str(4, radius=False)})


@plot(ASYMPTOTIC_HONESTY)
def exponents() -> Plot:
    """log_n r against log₂ log₂ n."""
    doublings = [4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 1024, 4096, 2**14, 2**17, 2**20, 2**26]
    doublings += [2**33, 2**40]
    x = [float(k) for k in doublings]
    kinds = {
        "R = 1": _one,
        "R = ln n/100": _proportional("1/100"),
        "R = ln n/10": _proportional("1/10"),
        "R = ln n": _proportional("1"),
    }
    series = [
        Series(
            label=label,
            x=x,
            y=[float(exponent_bounds(k, radius)[0].mid()) for k in doublings],
        )
        for label, radius in kinds.items()
    ]
    return Plot(
        title="Exponent of the number of features, accuracy 1/n, d = ⌈ln n⌉ (lower bounds)",
        x_label="log₂ n",
        y_label="log_n r",
        x_scale="log",
        series=series,
        caption="With bounded scores the exponent tends to zero, slowly: 0.18 at log₂ n = 10¹². "
        "With scores of size c ln n it tends to a positive constant.",
    )
