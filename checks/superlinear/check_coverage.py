"""Anchors and spans: which keys can be reached at all."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.algebra.free_algebra import scalars
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
from attnproof.theory.operator.superlinear_attention import anchors, span, window_length
from attnproof.theory.paper.superlinear.coverage import COVERAGE, NON_EXCLUSION


def excluded(position: int, backward, *, window=0, degree=2, exponent=(1, 2), forward=Fraction(0)):
    """Keys in neither the window nor any span, by marking every key that is."""
    seen = [False] * (position + 1)
    for key in range(max(0, position - window_length(window, degree) + 1), position + 1):
        seen[key] = True
    for anchor in anchors(position, window, degree):
        for key in span(anchor, position, backward, forward, exponent):
            seen[key] = True
    return [key for key, found in enumerate(seen) if not found]


def _covered(backward, degree, exponent, positions) -> None:
    for position in positions:
        missing = excluded(position, backward, degree=degree, exponent=exponent)
        refute_unless(
            not missing,
            "keys are excluded by the pattern",
            t=position,
            excluded=missing[:8],
            count=len(missing),
        )


@check(
    NON_EXCLUSION,
    establishes=counterexample(over="N = 3, b = 2, t ≤ 40", by="enumeration"),
    claimed=dict(degree=3, exponent=(1, 2), backward=2),
    controls={"four steps": dict(degree=4), "reach of three": dict(backward=3)},
    repairs={
        "two steps": dict(degree=2),
        "three steps, span exponent 2/3, reach 3": dict(exponent=(2, 3), backward=3),
    },
)
def every_key_is_covered(degree, exponent, backward) -> None:
    """All positions up to 40, all keys. For three steps the gaps between anchors grow like the
    square of a cube root, which a square root cannot span."""
    _covered(Fraction(backward), degree, exponent, range(41))


u, m, i, reach = scalars("u m i reach")


@check(
    COVERAGE,
    part="between anchors",
    establishes=proof(over="every t and i < m, every b ≥ 2", by="non-negative combination"),
    claimed=dict(square=4),
    controls={"reach of the root itself": dict(square=1), "three halves": dict(square="9/4")},
)
def gap_between_anchors(square) -> None:
    """``a_i − a_{i+1} − 1 = 2i``, and ``(2i)² ≤ 4u ≤ b²u`` because ``i² ≤ u``: so ``2i ≤ b√u``, and
    the span from a_i reaches every key before the next anchor."""
    follows(
        (u - i**2) - (u - (i + 1) ** 2) - 1 - 2 * i,
        message="the gap is another",
    )
    entails(
        Fraction(square) * u - (2 * i) ** 2,
        given={"i² ≤ u": u - i**2, "u": u},
        certificate=[(4, ["i² ≤ u"], [])],
        message="the span does not reach the next anchor",
    )


@check(
    COVERAGE,
    part="oldest keys",
    establishes=proof(over="every t, every b ≥ 2", by="non-negative combination"),
    claimed=dict(oldest=lambda u, m: m**2 + 2 * m - u, square=4),
    controls={
        "one key more": dict(oldest=lambda u, m: m**2 + 2 * m + 1 - u),
        "reach of the root itself": dict(square=1),
    },
)
def keys_behind_the_last_anchor(oldest, square) -> None:
    """``m = ⌊√u⌋`` means ``m² ≤ u ≤ m² + 2m``: at most 2m keys lie before a_m = u − m², and
    ``(2m)² ≤ 4u`` as above."""
    entails(
        2 * m - (u - m**2),
        given={"m² ≤ u": u - m**2, "u ≤ m² + 2m": oldest(u, m), "m": m},
        certificate=[(1, ["u ≤ m² + 2m"], [])],
        message="more keys lie behind the last anchor",
    )
    entails(
        Fraction(square) * u - (2 * m) ** 2,
        given={"m² ≤ u": u - m**2, "u": u},
        certificate=[(4, ["m² ≤ u"], [])],
        message="the span does not reach the oldest key",
    )


@check(
    COVERAGE,
    part="sharp",
    establishes=exact(bound="b = 1, 3/2, 9/5, 19/10: the first position with an excluded key"),
    claimed=dict(backward=("1", "3/2", "9/5", "19/10")),
    controls={"reach two": dict(backward=("2",))},
)
def shorter_reach_excludes_keys(backward) -> None:
    """At u = m² + 2m the last anchor has 2m keys behind it; for b < 2 some m has b√u ≤ 2m − 1."""
    first = {}
    for words in backward:
        reach = Fraction(words)
        size = next(
            (
                root
                for root in range(1, 60)
                if reach * reach * (root * root + 2 * root) <= (2 * root - 1) ** 2
            ),
            None,
        )
        refute_unless(size is not None, "no such m up to 60", b=reach)
        position = size * size + 2 * size - 1
        missing = excluded(position, reach)
        refute_unless(0 in missing, "key 0 is covered", b=reach, t=position)
        first[words] = position
    note(excluded_at=str(first))


@check(
    COVERAGE,
    part="between anchors",
    establishes=exact(bound="t < 400, windows 0, 1 and 3: every key of every position"),
    claimed=dict(backward=2),
    controls={
        "reach of one": dict(backward=1, drops="reach"),
        "reach of three halves": dict(backward="3/2", drops="reach"),
    },
)
def every_position(backward) -> None:
    """The pattern by enumeration."""
    reach = Fraction(backward)
    for window in (0, 1, 3):
        for position in range(400):
            missing = excluded(position, reach, window=window)
            refute_unless(
                not missing,
                "keys are excluded by the pattern",
                b=reach,
                t=position,
                window=window,
                excluded=missing[:8],
            )


@plot(NON_EXCLUSION)
def excluded_share() -> Plot:
    """Share of keys excluded, span exponent 1/2 and reach two."""
    positions = [10, 30, 100, 300, 1000, 3000, 10_000]
    series = []
    for degree in (2, 3, 4):
        shares = [
            len(excluded(position, Fraction(2), degree=degree)) / (position + 1)
            for position in positions
        ]
        series.append(Series(label=f"N = {degree}", x=positions, y=shares))
    return Plot(
        title="Keys excluded by the pattern",
        x_label="position of the query",
        y_label="share of keys",
        series=series,
        caption="Two steps exclude nothing; with the same spans more steps exclude ever more.",
        x_scale="log",
    )
