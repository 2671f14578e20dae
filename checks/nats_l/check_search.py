"""The straight-through choice, its gradient, and the pairs that softmax attention looks at."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import (
    check,
    counterexample,
    exact,
    note,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.nats_l.search_and_cost import (
    SEARCH_GRADIENT,
    SEARCH_GRADIENT_AFFINE,
    STRAIGHT_THROUGH,
)

# Significant bits, and the exponent of the smallest number: all numbers in [0, 1] are multiples of
# it, so that integers hold them and their sums exactly.
FLOAT16, BFLOAT16 = (11, 24), (8, 133)


def _numbers(digits: int, least: int):
    """Every number of the format in [0, 1], as multiples of ``2^−least``."""
    yield from range(2**digits)
    for shift in range(1, least - digits + 1):
        yield from (n << shift for n in range(2 ** (digits - 1), 2**digits))
    yield 2**least


def _to_nearest(number: int, digits: int) -> int:
    """Rounded to so many significant bits, ties to even."""
    drop = max(0, abs(number).bit_length() - digits)
    kept, rest = divmod(abs(number), 2**drop)
    up = 2 * rest > 2**drop or (2 * rest == 2**drop and kept % 2 == 1)
    return (kept + up) * 2**drop * (1 if number >= 0 else -1)


def _towards_zero(number: int, digits: int) -> int:
    drop = max(0, abs(number).bit_length() - digits)
    return abs(number) // 2**drop * 2**drop * (1 if number >= 0 else -1)


@check(
    STRAIGHT_THROUGH,
    part="half precision",
    establishes=exact(bound="all 15 361 float16 and all 16 257 bfloat16 values in [0, 1]"),
    claimed=dict(rounded=_to_nearest, computed=lambda to, choice, p: to(to(choice - p) + p)),
    controls={
        "rounding towards zero": dict(rounded=_towards_zero),
        "added first": dict(computed=lambda to, choice, p: to(to(choice + p) - p)),
    },
)
def every_value(rounded, computed) -> None:
    """Both operations, each rounded once, in integers."""
    for name, (digits, least) in {"float16": FLOAT16, "bfloat16": BFLOAT16}.items():
        to = lambda number, digits=digits: rounded(number, digits)
        numbers = list(_numbers(digits, least))
        for choice in (2**least, 0):
            wrong = [p for p in numbers if computed(to, choice, p) != choice]
            first = wrong[0] if wrong else 0
            refute_unless(
                not wrong,
                "the choice is not exact",
                format=name,
                p=Fraction(first, 2**least),
                result=Fraction(computed(to, choice, first), 2**least),
                choice=choice // 2**least,
                failures=len(wrong),
            )
        note(**{f"values_{name}": len(numbers)})


unit, lost, p = scalars("unit lost p")


@check(
    STRAIGHT_THROUGH,
    part="every precision",
    establishes=proof(
        over="every binary format, rounding to nearest even", by="non-negative combination"
    ),
    claimed=dict(error=Fraction(1, 4), gap_below=Fraction(1, 2)),
    controls={
        "spacing of one above": dict(error=Fraction(1, 2)),
        "half the gap": dict(gap_below=Fraction(1, 4)),
    },
)
def one_is_the_nearest(error, gap_below) -> None:
    """Let ``unit`` be the distance from 1 to the next number above, half of it that to the next
    below. For p ≥ 1/2 the difference 1 − p is exact (Sterbenz), so the sum is 1. For p < 1/2 the
    difference lies in (1/2, 1], where numbers are unit/2 apart: it errs by at most unit/4, and the
    exact sum is 1 + e with |e| ≤ unit/4. That is at most half the gap below one, and less than half
    the gap above: the nearest number is 1, and in a tie below it is the even one, again 1. And
    0 − p + p is exact."""
    for sign in (1, -1):
        entails(
            gap_below / 2 * unit - sign * lost,
            given={
                "unit": unit,
                "error below its bound": error * unit - lost,
                "and above its negative": error * unit + lost,
            },
            certificate=[
                (1, ["error below its bound" if sign == 1 else "and above its negative"], [])
            ],
            message="one may not be the nearest number",
        )


def _difference(slopes, step, probability):
    """``E[ℓ'(y)] − (ℓ(1) − ℓ(0))``; the factor p(1 − p) is common."""
    return (1 - probability) * slopes[0] + probability * slopes[1] - step


LOSSES = {
    "y²": ((0, 2), 1),
    "y³ + y": ((1, 4), 2),
    "3y − 1": ((3, 3), 3),
    "2": ((0, 0), 0),
}


@check(
    SEARCH_GRADIENT,
    establishes=counterexample(over="ℓ(y) = y², p = 1/4"),
    claimed=dict(loss="y²", probability="1/4"),
    controls={
        "another probability": dict(probability="3/4"),
        "another loss": dict(loss="y³ + y"),
    },
    repairs={
        "affine loss": dict(loss="3y − 1"),
        "constant loss": dict(loss="2"),
        "even odds": dict(probability="1/2"),
    },
)
def expected_gradient(loss, probability) -> None:
    """``E ℓ'(y)`` at the drawn value against ``ℓ(1) − ℓ(0)``, the derivative of ``E ℓ`` by p."""
    (slopes, step), chance = LOSSES[loss], rational(probability)
    difference = _difference(slopes, step, chance)
    refute_unless(
        difference == 0,
        "the straight-through gradient is biased",
        loss=loss,
        p=chance,
        expected=difference + step,
        true=rational(step),
    )


low, high, first, last = scalars("low high first last")


@check(
    SEARCH_GRADIENT_AFFINE,
    part="difference",
    establishes=proof(over="every smooth loss and every p"),
    claimed=dict(weights=(1 - p, 1 * p)),
    controls={"weights exchanged": dict(weights=(1 * p, 1 - p)), "equal": dict(weights=(1, 1))},
)
def difference_of_the_gradients(weights) -> None:
    """``d/ds E ℓ = (ℓ(1) − ℓ(0)) p(1 − p)``, since E ℓ = (1 − p)ℓ(0) + pℓ(1), whose increment for a
    change of p is the change times ℓ(1) − ℓ(0); and E[ℓ'(y)] weighs ℓ'(0) and ℓ'(1) with 1 − p,
    p."""
    change = scalars("change")[0]
    mean = lambda chance: (1 - chance) * first + chance * last
    follows(mean(p + change) - mean(p) - change * (last - first), message="derivative by p")
    follows(
        _difference((low, high), last - first, p)
        - (weights[0] * low + weights[1] * high - (last - first)),
        message="the expected slope is another",
    )


@check(
    SEARCH_GRADIENT_AFFINE,
    part="affine",
    establishes=proof(over="every affine loss"),
    claimed=dict(slopes=(low, low)),
    controls={"two slopes": dict(slopes=(low, high))},
)
def affine_losses(slopes) -> None:
    """``ℓ(y) = a + by``: both slopes and the step are b."""
    follows(_difference(slopes, low, p), message="the gradients differ")


@check(
    SEARCH_GRADIENT_AFFINE,
    part="quadratic",
    establishes=proof(over="every p"),
    claimed=dict(stated=2 * p - 1),
    controls={"zero": dict(stated=0 * p), "other sign": dict(stated=1 - 2 * p)},
)
def quadratic_loss(stated) -> None:
    """ℓ(y) = y² has the slopes 0 and 2 and the step 1."""
    follows(_difference((0, 2), 1, p) - stated, message="the difference is another")
