"""The pairs that softmax attention looks at, and the numbers that decoding keeps."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.core import Plot, Series, check, exact, note, plot, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.neural_attention_search_linear import (
    LINEAR,
    SOFTMAX,
    neural_attention_search_linear,
)
from attnproof.theory.paper.nats_l.decoding import Decoder
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


n, C, soft, i = scalars("n C soft i")


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
    ``g(i) = i C soft + i(i + 1)/2``, ``g(i) − g(i − 1)`` is what token i sees and g(0) = 0. One
    more chunk raises every distance n − 1 − c by one, so the stated sum grows by ``C² soft`` and
    its first term by ``C(C + 1)/2``."""
    upto = lambda index: index * C * soft + index * (index + start) / 2
    follows(upto(i) - upto(i - 1) - seen, message="a token sees another number")
    distances = scalars("distances")[0]
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


m = scalars("m")[0]


@check(
    COST,
    part="at least",
    establishes=proof(over="every n, C and pattern of types"),
    claimed=dict(least=lambda m: m * (m - 1) / 2),
    controls={
        "one more each": dict(least=lambda m: m * (m + 1) / 2),
        "twice": dict(least=lambda m: m * (m - 1)),
        "starting at one": dict(least=lambda m: m * (m - 1) / 2 + 1),
    },
)
def distinct_distances(least) -> None:
    """The m distances n − 1 − c are distinct and at least 0; in increasing order the k-th is at
    least k − 1, so their sum is at least ``0 + 1 + … + (m − 1)``, and the last m chunks have just
    these. The stated number is that sum: it is 0 at m = 0 and grows by m."""
    follows(least(m + 1) - least(m) - m, message="the sum is another")
    follows(least(0 * m), message="the sum does not start at 0")


gap = scalars("gap")[0]


@check(
    COST,
    part="at most",
    establishes=proof(over="every n, C and pattern of types"),
    claimed=dict(most=n * C * (n * C + 1) / 2),
    controls={
        "half of it": dict(most=n * C * (n * C + 1) / 4),
        "without the own tokens": dict(most=n * C * (n * C - C) / 2),
    },
)
def all_softmax_is_the_most(most) -> None:
    """Of the distances 0, …, n − 1 some are taken, so that their sum falls short of n(n − 1)/2 by
    ``gap``, the sum of those not taken, at least 0. Then ``L(L + 1)/2`` less the pairs is
    ``C² gap``: none is left where all chunks are of type softmax."""
    pairs = n * C * (C + 1) / 2 + C * C * (n * (n - 1) / 2 - gap)
    entails(
        most - pairs,
        given={"gap": gap, "C": C, "n": n},
        certificate=[(1, ["gap"], [C])],
        message="more pairs than stated",
    )


def _kept(types, chunk, widths) -> list[int]:
    """How many numbers the decoder keeps at the end of each chunk."""
    decoder = Decoder(*widths, 0.0, power=lambda scores: 1 + 0 * scores)
    query, value = np.ones(widths[0]), np.ones(widths[1])
    kept = []
    for kind in types:
        for _ in range(chunk):
            decoder.step(query, query, value, 1.0, 1.0)
        kept.append(decoder.numbers)
        decoder.close(kind == SOFTMAX)
    return kept


@check(
    COST,
    part="memory",
    establishes=exact(
        bound="C = 1, 2, 3, 4 chunks, all patterns, d_k = 3, d_v = 2; the size is bilinear in both"
    ),
    claimed=dict(stated=lambda m, C, dk, dv: m * C * (dk + dv) + C * (dk + dv) + 2 * dk * dv),
    controls={
        "own chunk forgotten": dict(stated=lambda m, C, dk, dv: m * C * (dk + dv) + 2 * dk * dv),
        "one state": dict(stated=lambda m, C, dk, dv: (m + 1) * C * (dk + dv) + dk * dv),
        "keys only": dict(stated=lambda m, C, dk, dv: (m + 1) * C * dk + 2 * dk * dv),
    },
)
def numbers_in_the_cache(stated) -> None:
    """Counted in the decoder of `chunk-equals-recurrent`, which says that it computes the layer."""
    for chunk in (1, 2, 3):
        for types, _ in _patterns(4):
            for at, found in enumerate(_kept(types, chunk, (3, 2))):
                before = types[:at].count(SOFTMAX)
                refute_unless(
                    found == stated(before, chunk, 3, 2),
                    "the cache has another size",
                    types=types,
                    C=chunk,
                    chunk=at,
                    numbers=found,
                )
    for share in (0, 10, 25, 100):
        whole = stated(2048 * share // 100, 64, 128, 256) / (131_072 * (128 + 256))
        note(**{f"share_of_softmax_cache_at_{share}_per_cent": f"{whole:.4f}"})


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
