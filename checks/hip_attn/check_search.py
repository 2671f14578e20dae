"""What the search evaluates and finds."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, counterexample, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.hierarchically_pruned_attention import (
    centre,
    first_token,
    hierarchical_selection,
    initial_intervals,
)
from attnproof.theory.paper.hip_attn.search import (
    AVERAGE_NEEDLE,
    BETTER_THAN_RANDOM,
    EVALUATIONS,
    MISSED_MASS,
    NONE_OVERLOOKED,
    REACHABLE,
    SYMMETRIC,
    UNIMODAL,
)


def _logarithm(number: int) -> int:
    """``⌈log₂ number⌉``."""
    return (number - 1).bit_length()


@check(
    EVALUATIONS,
    part="powers of two",
    establishes=exact(bound="T ≤ 4096, every k = 2^b < T", by="counting"),
    claimed=dict(stated=lambda length, budget: 2 * budget * _logarithm(length // budget)),
    controls={
        "k log T": dict(stated=lambda length, budget: budget * _logarithm(length)),
        "one child each": dict(stated=lambda length, budget: budget * _logarithm(length // budget)),
    },
)
def evaluations_at_powers_of_two(stated) -> None:
    """Evaluations of the search itself. Their number does not depend on the scores: all intervals
    of a level have the same length."""
    for a in range(1, 13):
        for b in range(a):
            length, budget = 2**a, 2**b
            counted = len(hierarchical_selection([i * 7 % 31 for i in range(length)], budget)[1])
            refute_unless(
                counted == stated(length, budget),
                "another number of evaluations",
                T=length,
                k=budget,
                counted=counted,
                stated=stated(length, budget),
            )


@check(
    EVALUATIONS,
    part="every length",
    establishes=exact(bound="k < T < 200, by the longest interval", by="counting"),
    claimed=dict(levels=lambda length, budget: _logarithm(-(-length // budget))),
    controls={
        "a level fewer": dict(levels=lambda length, budget: _logarithm(-(-length // budget)) - 1),
        "rounded down": dict(levels=lambda length, budget: _logarithm(length // budget)),
    },
)
def levels_of_every_length(levels) -> None:
    """Whatever the scores, a level evaluates at most 2k children, and the longest interval after a
    split has half the length, rounded up: their number of levels is counted from the intervals."""
    for length in range(2, 200):
        for budget in range(1, length):
            longest = max(stop - start for start, stop in initial_intervals(length, budget))
            depth = 0
            while longest > 1:
                longest, depth = longest - longest // 2, depth + 1
            stated = levels(length, budget)
            refute_unless(
                depth <= stated, "more levels", T=length, k=budget, levels=depth, stated=stated
            )


@check(
    NONE_OVERLOOKED,
    establishes=counterexample(over="T = 1024, k = 16, scores 1, 2, …", by="counting"),
    claimed=dict(length=1024, budget=16),
    controls={"64 keys": dict(budget=64), "64 of 65536": dict(length=65536, budget=64)},
    repairs={"as many beams as half the keys": dict(budget=512)},
)
def every_score_is_evaluated(length, budget) -> None:
    """Distinct keys among the evaluated ones."""
    seen = set(hierarchical_selection(list(range(length)), budget)[1])
    missed = length - len(seen)
    note(never_scored=f"{missed / length:.1%}")
    refute_unless(
        missed == 0, "keys are never scored", T=length, k=budget, never_scored=missed,
        first=min(set(range(length)) - seen, default=None),
    )  # fmt: skip


def path_scores(length: int, budget: int, key: int) -> list[int]:
    """The level, at the representatives of the intervals that hold the key; zero elsewhere. A key
    of the other half is no representative of a later interval on the path: it scores less."""
    level = 0
    scores = [0] * length
    start, stop = next(
        pair for pair in initial_intervals(length, budget) if pair[0] <= key < pair[1]
    )
    while stop - start > 1:
        middle = (start + stop) // 2
        start, stop = (start, middle) if key < middle else (middle, stop)
        level += 1
        scores[centre(start, stop)] = level
    return scores


def needle(length: int, budget: int, key: int) -> list[int]:
    """One at the key itself."""
    return [int(i == key) for i in range(length)]


def reverse_needle(length: int, budget: int, key: int) -> list[int]:
    """Zero at the key, one elsewhere."""
    return [int(i != key) for i in range(length)]


def interval_scores(length: int, budget: int, key: int) -> list[int]:
    """Minus the distance to the key, as a score for a peak there."""
    return [-abs(i - key) for i in range(length)]


@check(
    SYMMETRIC,
    establishes=exact(bound="T = 2, 4, …, 256, every peak", by="integers, exhaustive"),
    claimed=dict(representative=centre, slope=(1, 1)),
    controls={
        "first token as representative": dict(representative=first_token),
        "steeper before the peak": dict(slope=(10, 1)),
    },
)
def peak_is_found(representative, slope) -> None:
    """The selected key has the largest score."""
    for exponent in range(1, 9):
        length = 2**exponent
        for peak in range(length):
            before, after = slope
            scores = [
                -before * (peak - i) if i < peak else -after * (i - peak) for i in range(length)
            ]
            found = hierarchical_selection(scores, 1, representative)[0]
            refute_unless(
                scores[found[0]] == 0, "another key is selected", T=length, peak=peak,
                selected=found[0],
            )  # fmt: skip


@check(
    UNIMODAL,
    establishes=counterexample(over="eight scores with one peak", by="integers"),
    claimed=dict(scores=(-10, 0, -1, -2, -3, -4, -5, -6)),
    controls={"other first and last scores": dict(scores=(-20, 0, -1, -2, -3, -4, -5, -7))},
    repairs={
        "symmetric": dict(scores=(-1, 0, -1, -2, -3, -4, -5, -6)),
        "peak in another place": dict(scores=(-6, -5, -4, -3, -2, -1, 0, -1)),
    },
)
def one_peak_is_enough(scores) -> None:
    """The selected key against the largest score."""
    found = hierarchical_selection(scores, 1)[0][0]
    peak = max(range(len(scores)), key=lambda i: scores[i])
    refute_unless(
        found == peak, "the peak is missed", scores=list(scores), selected=found, peak=peak
    )


@check(
    BETTER_THAN_RANDOM,
    establishes=counterexample(over="T = 64, k = 4, one key of score 1", by="integers"),
    claimed=dict(position=40, scores=needle),
    controls={"another position": dict(position=20)},
    repairs={"falling with the distance": dict(scores=interval_scores)},
)
def largest_key_is_selected(position, scores) -> None:
    """Random pruning keeps the largest key with probability 4/64."""
    given = scores(64, 4, position)
    found = hierarchical_selection(given, 4)[0]
    refute_unless(
        int(position in found) >= Fraction(4, 64),
        "the largest key is not selected",
        largest=position,
        selected=found,
        random=Fraction(4, 64),
    )


@check(
    AVERAGE_NEEDLE,
    establishes=exact(bound="every position, T = 64 and 256", by="integers, exhaustive"),
    claimed=dict(shares={(64, 4): Fraction(3, 16), (256, 8): Fraction(3, 32)}),
    controls={"random pruning": dict(shares={(64, 4): Fraction(1, 16), (256, 8): Fraction(1, 32)})},
)
def found_needles(shares) -> None:
    """The share of positions at which the single large key is selected."""
    for (length, budget), stated in shares.items():
        found = sum(
            key in hierarchical_selection(needle(length, budget, key), budget)[0]
            for key in range(length)
        )
        refute_unless(
            Fraction(found, length) == stated and stated >= Fraction(budget, length),
            "another share", T=length, k=budget, found=Fraction(found, length), stated=stated,
        )  # fmt: skip


@check(
    REACHABLE,
    establishes=exact(bound="T = 8, 64, 100, k = 1, 2, 4, every key", by="integers, exhaustive"),
    claimed=dict(scores=path_scores),
    controls={"only the key": dict(scores=needle), "all but the key": dict(scores=reverse_needle)},
)
def some_scores_select_it(scores) -> None:
    """Scores that favour the intervals around a key, on every level."""
    for length in (8, 64, 100):
        for budget in (1, 2, 4):
            for key in range(length):
                found = hierarchical_selection(scores(length, budget, key), budget)[0]
                refute_unless(
                    key in found, "the key is not selected", T=length, k=budget, key=key,
                    selected=found,
                )  # fmt: skip


kept, missed = scalars("kept missed")
inside, outside = letters("inside outside")


@check(
    MISSED_MASS,
    establishes=proof(over="every selection, every width"),
    claimed=dict(sparse=inside),
    controls={
        "not normalised again": dict(sparse=kept * inside),
        "means of the rest": dict(sparse=outside),
    },
)
def two_blocks(sparse) -> None:
    """``o = (1 − m)μ_S + mμ_{S^c}`` and ``o_S = μ_S``, the conditional means being the letters."""
    output = kept * inside + missed * outside
    model = {"kept": rational("3/4"), "missed": rational("1/4")}
    follows(
        output - sparse - missed * (outside - inside),
        using=[(1, kept + missed - 1, inside)],
        models=[model | {"inside": rational_array([[1]]), "outside": rational_array([[5]])}],
        message="the error is another",
    )
