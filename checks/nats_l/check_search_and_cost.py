"""The straight-through choice, its gradient, and the pairs that softmax attention looks at."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    exact,
    note,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.neural_attention_search_linear import (
    LINEAR,
    SOFTMAX,
    neural_attention_search_linear,
)
from attnproof.theory.paper.nats_l.search_and_cost import (
    COST,
    SEARCH_GRADIENT,
    SEARCH_GRADIENT_AFFINE,
    STRAIGHT_THROUGH,
)


def _half_precision() -> np.ndarray:
    """Every float16 in [0, 1], as float64."""
    return np.arange(0x3C00 + 1, dtype=np.uint16).view(np.float16).astype(np.float64)


def _brain_floats() -> np.ndarray:
    """Every bfloat16 in [0, 1]: the upper halves of float32."""
    bits = np.arange(0x3F80 + 1, dtype=np.uint32) << 16
    return bits.view(np.float32).astype(np.float64)


def _to_half(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float16).astype(np.float64)


def _to_brain(values: np.ndarray) -> np.ndarray:
    """Nearest bfloat16, ties to even. The argument is exact in float64 and is first brought to
    float32 by rounding to odd, so that two roundings are one."""
    narrow = values.astype(np.float32)
    inexact = narrow.astype(np.float64) != values
    bits = narrow.view(np.uint32)
    # To odd: towards zero, then the last bit set where something was lost.
    too_large = np.abs(narrow.astype(np.float64)) > np.abs(values)
    bits = np.where(inexact, (bits - too_large.astype(np.uint32)) | 1, bits).astype(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return rounded.astype(np.uint32).view(np.float32).astype(np.float64)


def _towards_zero(values: np.ndarray) -> np.ndarray:
    """The float16 next to the value on the side of zero."""
    near = values.astype(np.float16)
    beyond = np.abs(near.astype(np.float64)) > np.abs(values)
    return np.where(beyond, np.nextafter(near, np.float16(0)), near).astype(np.float64)


@check(
    STRAIGHT_THROUGH,
    part="half precision",
    establishes=exact(bound="all 15 361 float16 and all 16 257 bfloat16 values in [0, 1]"),
    claimed=dict(
        formats=((_half_precision, _to_half), (_brain_floats, _to_brain)),
        computed=lambda to, choice, p: to(to(choice - p) + p),
    ),
    controls={
        "rounding towards zero": dict(formats=((_half_precision, _towards_zero),)),
        "added first": dict(computed=lambda to, choice, p: to(to(choice + p) - p)),
    },
)
def every_value(formats, computed) -> None:
    """Both operations, each rounded once; sums and differences of two such numbers are exact in
    float64."""
    for values, to in formats:
        p = values()
        for choice in (1.0, 0.0):
            result = computed(to, choice, p)
            wrong = np.flatnonzero(result != choice)
            at = int(wrong[0]) if len(wrong) else 0
            refute_unless(
                not len(wrong),
                "the choice is not exact",
                p=float(p[at]),
                result=float(result[at]),
                choice=choice,
                failures=len(wrong),
            )
        note(**{f"values_{to.__name__.removeprefix('_to_')}": len(p)})


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


def _pairs(length: int, chunk: int, types) -> int:
    """Pairs (t, j) that the softmax branch of the definition looks at, counted while it runs."""
    seen = 0

    def power(scores):
        nonlocal seen
        seen += len(scores)
        return 1 + 0 * scores

    ones = np.ones((length, 1))
    numbers = np.ones(length)
    neural_attention_search_linear(ones, ones, ones, numbers, numbers, types, chunk, power=power)
    return seen


def _least(length, chunk, soft):
    tokens = soft * chunk
    return tokens * (tokens + 1) // 2


@check(
    COST,
    part="pairs",
    establishes=exact(bound="L = 12, C = 2, all 64 patterns; the proof is for all sizes"),
    claimed=dict(least=_least),
    controls={
        "linear in the share": dict(least=lambda L, C, m: m * C * (L + 1) // 2),
        "all pairs": dict(least=lambda L, C, m: L * (L + 1) // 2),
    },
)
def pairs_of_the_definition(least) -> None:
    """Counted on the layer itself, for every choice of m chunks; with the last m it is exact up to
    the pairs within linear chunks."""
    for soft in range(7):
        counts = []
        for chosen in combinations(range(6), soft):
            types = [SOFTMAX if c in chosen else LINEAR for c in range(6)]
            counts.append(_pairs(12, 2, types))
        own = (6 - soft) * 3
        refute_unless(
            min(counts) >= least(12, 2, soft),
            "fewer pairs than stated",
            soft_chunks=soft,
            least=min(counts),
            stated=least(12, 2, soft),
        )
        refute_unless(
            min(counts) == _least(12, 2, soft) + own,
            "the last chunks are not the cheapest",
            soft_chunks=soft,
            least=min(counts),
        )


tokens, m_tokens = scalars("L mC")
gap = scalars("gap")[0]


@check(
    COST,
    part="at most",
    establishes=proof(over="every L, m and C", by="non-negative combination"),
    claimed=dict(most=tokens * (tokens + 1) / 2),
    controls={"half of it": dict(most=tokens * (tokens + 1) / 4)},
)
def at_most_all_pairs(most) -> None:
    """A token sees itself and earlier ones: at most 1 + 2 + … + L pairs, and ``mC ≤ L`` gives the
    lower bound of the part 'pairs' below it."""
    entails(
        most - m_tokens * (m_tokens + 1) / 2,
        given={"L − mC": tokens - m_tokens, "mC": m_tokens, "L": tokens},
        certificate=[
            (Fraction(1, 2), ["L − mC", "L"], []),
            (Fraction(1, 2), ["L − mC", "mC"], []),
            (Fraction(1, 2), ["L − mC"], []),
        ],
        message="more pairs than there are",
    )


@check(
    COST,
    part="pairs",
    establishes=proof(over="every L, m and C (counting)", by="non-negative combination"),
    claimed=dict(start=1),
    controls={"tokens numbered from zero": dict(start=0)},
)
def softmax_tokens_see_one_another(start) -> None:
    """The i-th of the mC tokens in softmax chunks sees at least the i tokens of such chunks up to
    itself: those of earlier chunks by their type, those of its own chunk always. Adding them up one
    by one, ``i(i + 1)/2`` grows by i + 1."""
    i = scalars("i")[0]
    below = i * (i + 1) / 2
    follows(below + i + start - (i + 1) * (i + 2) / 2, message="the sum is another")


def _cached(length, chunk, soft, widths):
    """What decoding keeps, counted: pairs of softmax chunks, the current chunk, the state."""
    key, value = widths
    types = [SOFTMAX] * soft + [LINEAR] * (length // chunk - soft)
    kept = sum(chunk * (key + value) for kind in types if kind == SOFTMAX)
    return kept + chunk * (key + value) + key * value


@check(
    COST,
    part="memory",
    establishes=proof(over="every m, C, d_k and d_v: a sum of three terms"),
    claimed=dict(own=1),
    controls={"own chunk forgotten": dict(own=0), "two chunks": dict(own=2)},
)
def numbers_in_the_cache(own) -> None:
    """Keys and values of the softmax chunks, of the chunk under way, and the state of the delta
    rule; with symbols, and at the sizes that the paper trains with."""
    m, C, dk, dv = scalars("m C dk dv")
    follows(
        m * C * (dk + dv) + C * (dk + dv) + dk * dv - ((m + own) * C * (dk + dv) + dk * dv),
        message="the cache has another size",
    )
    for share in (0, 10, 25, 100):
        soft = 2048 * share // 100
        ratio = _cached(131_072, 64, soft, (128, 256)) / (131_072 * (128 + 256))
        note(**{f"share_of_softmax_cache_at_{share}_per_cent": f"{ratio:.4f}"})


@plot(COST)
def pairs_by_share() -> Plot:
    """Pairs that the softmax branch looks at, L = 64 in chunks of 4."""
    counts = list(range(17))
    last, first_ones = [], []
    for soft in counts:
        last.append(float(_pairs(64, 4, [LINEAR] * (16 - soft) + [SOFTMAX] * soft)))
        first_ones.append(float(_pairs(64, 4, [SOFTMAX] * soft + [LINEAR] * (16 - soft))))
    shares = [soft / 16 for soft in counts]
    return Plot(
        title="Pairs in the softmax branch, 64 tokens in chunks of 4",
        x_label="share of softmax chunks",
        y_label="pairs",
        series=[
            Series(label="softmax chunks last", x=shares, y=last),
            Series(label="softmax chunks first", x=shares, y=first_ones),
        ],
        caption="Where the softmax chunks stand decides between linear and quadratic in the share.",
    )
