"""The pairs that softmax attention looks at."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import Plot, Series, check, exact, plot, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.neural_attention_search_linear import (
    LINEAR,
    SOFTMAX,
    neural_attention_search_linear,
)
from attnproof.theory.paper.nats_l.search_and_cost import COST

SIZES = ((1, 4), (2, 4), (2, 6), (3, 5), (4, 3))


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


def _stated(chunk, chunks, soft):
    """``n C(C + 1)/2 + C² Σ (n − 1 − c)``."""
    return chunks * chunk * (chunk + 1) // 2 + chunk**2 * sum(chunks - 1 - c for c in soft)


def _patterns(chunks):
    for types in product((SOFTMAX, LINEAR), repeat=chunks):
        yield list(types), [c for c, kind in enumerate(types) if kind == SOFTMAX]


@check(
    COST,
    part="pairs",
    establishes=exact(bound="(C, n) = (1, 4), (2, 4), (2, 6), (3, 5), (4, 3), all patterns"),
    claimed=dict(stated=_stated),
    controls={
        "own chunks seen by softmax chunks only": dict(
            stated=lambda chunk, chunks, soft: (
                len(soft) * chunk * (chunk + 1) // 2 + chunk**2 * sum(chunks - 1 - c for c in soft)
            )
        ),
        "a chunk sees itself whole": dict(
            stated=lambda chunk, chunks, soft: (
                chunks * chunk**2 + chunk**2 * sum(chunks - 1 - c for c in soft)
            )
        ),
        "softmax chunks see one another only": dict(
            stated=lambda chunk, chunks, soft: (
                _stated(chunk, chunks, range(len(soft)))
                - chunk**2 * len(soft) * (chunks - len(soft))
            )
        ),
    },
)
def pairs_of_the_definition(stated) -> None:
    """Counted on the layer itself while it runs."""
    for chunk, chunks in SIZES:
        for types, soft in _patterns(chunks):
            found = _pairs(chunk * chunks, chunk, types)
            refute_unless(
                found == stated(chunk, chunks, soft),
                "the number of pairs is another",
                C=chunk,
                types=types,
                pairs=found,
            )


n, C, soft, i, distances, kind = scalars("n C soft i distances kind")


def _one_more_chunk() -> None:
    """The distance of chunk c to the last of n is n − 1 − c. One more chunk raises each of them by
    one, and its own is 0, whatever its type: their sum over the chunks of type softmax, of which
    there are ``soft``, grows by ``soft``."""
    (c,) = scalars("c")
    distance = lambda chunks, chunk: chunks - 1 - chunk
    follows(distance(n + 1, c) - distance(n, c) - 1, message="a distance grows by another number")
    follows(distance(n + 1, n), message="the new chunk has a distance")


@check(
    COST,
    part="pairs",
    establishes=proof(over="every n, C and pattern of types"),
    claimed=dict(seen=C * soft + i, start=1),
    controls={
        "own tokens not seen": dict(seen=C * soft),
        "tokens numbered from zero": dict(start=0),
    },
)
def pairs_grow_chunk_by_chunk(seen, start) -> None:
    """The i-th token of a chunk after ``soft`` chunks of type softmax sees their C·soft tokens and
    the first i of its own chunk. Their sum over the chunk is ``C² soft + C(C + 1)/2``: with
    ``g(i) = i C soft + i(i + 1)/2``, ``g(i) − g(i − 1)`` is what token i sees and g(0) = 0. The
    stated sum grows by ``C² soft`` (`_one_more_chunk`) and its first term by ``C(C + 1)/2``."""
    upto = lambda index: index * C * soft + index * (index + start) / 2
    follows(upto(0 * i), message="a chunk without tokens sees some")
    follows(upto(i) - upto(i - 1) - seen, message="a token sees another number")
    _one_more_chunk()
    total = lambda chunks, away: chunks * C * (C + 1) / 2 + C * C * away
    follows(
        total(n + 1, distances + soft) - total(n, distances) - upto(C),
        message="the count grows by another number",
    )


@check(
    COST,
    part="at least",
    establishes=exact(bound="(C, n) = (1, 4), (2, 4), (2, 6), (3, 5), (4, 3), all patterns"),
    claimed=dict(placed=lambda chunks, count: range(chunks - count, chunks)),
    controls={
        "reached when they come first": dict(placed=lambda chunks, count: range(count)),
        "one earlier": dict(
            placed=lambda chunks, count: range(
                max(0, chunks - count - 1), max(0, chunks - count - 1) + count
            )
        ),
    },
)
def last_chunks_are_the_cheapest(placed) -> None:
    """The least over all patterns with m softmax chunks, counted on the layer."""
    for chunk, chunks in SIZES:
        counts: dict[int, list[int]] = {}
        for types, soft in _patterns(chunks):
            counts.setdefault(len(soft), []).append(_pairs(chunk * chunks, chunk, types))
        for count, found in counts.items():
            stated = _stated(chunk, chunks, placed(chunks, count))
            refute_unless(
                min(found) == stated,
                "the least number of pairs is another",
                C=chunk,
                n=chunks,
                softmax_chunks=count,
                least=min(found),
                stated=stated,
            )


def _counted() -> list[dict[str, object]]:
    """Points at which the premises of the two bounds can be tried: no chunk yet, and a few."""
    few = ((0, 0, 0), (1, 1, 0), (2, 1, 0), (2, 2, 1), (3, 2, 1))
    points = [
        {"n": chunks, "soft": count, "distances": total, "C": 2, "kind": new}
        for chunks, count, total in few
        for new in (0, 1)
    ]
    return [{name: rational(value) for name, value in one.items()} for one in points]


# The type of the new chunk as a number: 1 if it is softmax, 0 if it is linear.
A_TYPE = {"kind": kind, "1 − kind": 1 - kind}


@check(
    COST,
    part="at least",
    establishes=proof(over="every n, C and pattern of types (induction over the chunks)"),
    claimed=dict(least=lambda m: m * (m - 1) / 2),
    controls={
        "one more each": dict(least=lambda m: m * (m + 1) / 2),
        "twice": dict(least=lambda m: m * (m - 1)),
        "starting at one": dict(least=lambda m: m * (m - 1) / 2 + 1),
    },
)
def distances_are_at_least(least) -> None:
    """Without chunks there are no distances, and the bound is 0. One more chunk adds ``soft`` to
    the sum (`_one_more_chunk`) and kind, 0 or 1, to soft, which stays at least 0:

        distances + soft − least(soft + kind)
            = (distances − least(soft)) + soft(1 − kind) + ½ kind(1 − kind)."""
    _one_more_chunk()
    follows(least(0 * n), message="the sum does not start at 0")
    entails(
        soft + kind,
        given={"soft": soft, **A_TYPE},
        certificate=[(1, ["soft"], []), (1, ["kind"], [])],
        models=_counted(),
        message="the number of softmax chunks is negative",
    )
    entails(
        distances + soft - least(soft + kind),
        given={"so far": distances - least(soft), "soft": soft, **A_TYPE},
        certificate=[
            (1, ["so far"], []),
            (1, ["soft", "1 − kind"], []),
            (Fraction(1, 2), ["kind", "1 − kind"], []),
        ],
        models=_counted(),
        message="the distances can sum to less",
    )


@check(
    COST,
    part="at least",
    establishes=proof(over="every n and m: n − m linear chunks, then m of type softmax"),
    claimed=dict(least=lambda m: m * (m - 1) / 2, before=0),
    controls={
        "one softmax chunk comes first": dict(before=1),
        "one more each": dict(least=lambda m: m * (m + 1) / 2),
    },
)
def last_chunks_reach_the_least(least, before) -> None:
    """Without chunks ``distances = least(soft)``, both 0. The linear chunks keep that, since there
    are ``before = 0`` of type softmax before them, which they would add to the sum; the softmax
    chunks keep it since ``least(soft + 1) − least(soft) = soft``."""
    _one_more_chunk()
    follows(least(0 * n), message="the sum does not start at 0")
    held = (1, distances - least(soft), 1)
    point = lambda count: {"soft": rational(count), "distances": least(rational(count))}
    follows(
        distances + soft - least(soft),
        using=[held, (1, soft - before, 1)],
        models=[point(before)],
        message="a linear chunk adds to the distances",
    )
    follows(
        distances + soft - least(soft + 1),
        using=[held],
        models=[point(2)],
        message="a softmax chunk adds another number to the distances",
    )


@check(
    COST,
    part="at most",
    establishes=proof(over="every n, C and pattern of types (induction over the chunks)"),
    claimed=dict(most=lambda n: n * C * (n * C + 1) / 2),
    controls={
        "half of it": dict(most=lambda n: n * C * (n * C + 1) / 4),
        "without the own tokens": dict(most=lambda n: n * C * (n * C - C) / 2),
        "starting at one": dict(most=lambda n: n * C * (n * C + 1) / 2 + 1),
    },
)
def pairs_are_at_most(most) -> None:
    """Without chunks there are no pairs. One more chunk adds ``soft`` to the sum of distances, and
    at most n of n chunks are of type softmax, by induction too. With all of type softmax, soft = n,
    equality is kept."""
    _one_more_chunk()
    pairs = lambda chunks, away: chunks * C * (C + 1) / 2 + C * C * away
    follows(most(0 * n) - pairs(0 * n, 0 * n), message="pairs without a chunk")
    entails(
        (n + 1) - (soft + kind),
        given={"soft ≤ n": n - soft, **A_TYPE},
        certificate=[(1, ["soft ≤ n"], []), (1, ["1 − kind"], [])],
        models=_counted(),
        message="more softmax chunks than chunks",
    )
    entails(
        most(n + 1) - pairs(n + 1, distances + soft),
        given={"so far": most(n) - pairs(n, distances), "soft ≤ n": n - soft},
        certificate=[(1, ["so far"], []), (1, ["soft ≤ n"], [C])],
        models=_counted(),
        message="more pairs than stated",
    )
    follows(
        most(n + 1) - pairs(n + 1, distances + n),
        using=[(1, most(n) - pairs(n, distances), 1)],
        models=[{name: rational(value) for name, value in (("n", 2), ("C", 2), ("distances", 1))}],
        message="all chunks of type softmax see another number of pairs",
    )


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
