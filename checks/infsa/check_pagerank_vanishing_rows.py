"""How often a row of rectified affinities vanishes: exact probabilities from signs and orders."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product
from math import comb

import numpy as np

from attnproof.theory.core import Plot, Series, check, exact, note, plot, refute_unless
from attnproof.theory.operator.infinite_self_attention import affinity
from attnproof.theory.paper.infsa.centrality import VANISHING_ROWS


def independent_rows(tokens: int) -> Fraction:
    """``1 − (1 − 2^{-N})^N``: what it would be if the rows were independent."""
    return 1 - (1 - Fraction(1, 2**tokens)) ** tokens


def in_the_plane(tokens: int, last: Fraction = Fraction(1, 2), factor: int | None = None):
    """``N(N − 1) ∫_0^{1/2} x^{N−2} (1 − (1/2 + x)^N) dx``, expanded by the binomial theorem."""
    total = last ** (tokens - 1) / (tokens - 1)
    for k in range(tokens + 1):
        weight = comb(tokens, k) * Fraction(1, 2) ** (tokens - k)
        total -= weight * last ** (tokens - 1 + k) / (tokens - 1 + k)
    return (tokens * (tokens - 1) if factor is None else factor) * total


def on_the_line(tokens: int) -> Fraction:
    """``2^{1−N} (1 − 2^{-N})``."""
    return Fraction(2, 2**tokens) * (1 - Fraction(1, 2**tokens))


def vanishing(query: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Which rows of ``[QKᵀ/d]_+`` vanish. Integers up to 2^50 and d ≤ 2 keep floats exact."""
    return (affinity(query, key) == 0).all(axis=1)


@check(
    VANISHING_ROWS,
    part="one row",
    establishes=exact(bound="N ≤ 8: every sign of q·k_j before and after a change of signs"),
    claimed=dict(share=lambda tokens: Fraction(1, 2**tokens)),
    controls={
        "one key fewer": dict(share=lambda tokens: Fraction(2, 2**tokens)),
        "whole matrix": dict(share=lambda tokens: Fraction(1, 2 ** (tokens * tokens))),
        "some row": dict(share=independent_rows),
    },
)
def one_row_in_every_sign_pattern(share):
    """Keys that are symmetric about 0 keep their law when any of them changes sign.

    So given q and the keys up to sign, all 2^N sign patterns are equally likely, and the row
    vanishes in exactly one of them, whatever the signs of q·k_j were before. Only these signs
    matter, hence width 1 and entries ±1 are no restriction.
    """
    query = np.array([[1]])
    for tokens in range(1, 9):
        befores = product((1, -1), repeat=tokens) if tokens <= 5 else [(1,) * tokens]
        for before in befores:
            patterns = list(product((1, -1), repeat=tokens))
            hits = sum(
                bool(vanishing(query, (np.array(before) * pattern)[:, None])[0])
                for pattern in patterns
            )
            refute_unless(
                Fraction(hits, len(patterns)) == share(tokens),
                "the row vanishes with another probability",
                tokens=tokens,
                hits=hits,
                patterns=len(patterns),
                claimed=share(tokens),
            )


@check(
    VANISHING_ROWS,
    part="d = 1",
    establishes=exact(bound="2 ≤ N ≤ 5: every sign pattern of queries and keys"),
    claimed=dict(probability=on_the_line),
    controls={
        "independent rows": dict(probability=independent_rows),
        "expected number of rows": dict(probability=lambda tokens: Fraction(tokens, 2**tokens)),
        "one sign of the keys": dict(probability=lambda tokens: on_the_line(tokens) / 2),
    },
)
def some_row_on_the_line(probability):
    """On a line only the 2N signs matter, which are independent and fair."""
    for tokens in range(2, 6):
        _agrees(_sign_patterns(tokens), probability, tokens)


@check(
    VANISHING_ROWS,
    part="d = 2",
    establishes=exact(bound="2 ≤ N ≤ 4: every order and sign pattern of queries and keys"),
    claimed=dict(probability=in_the_plane),
    controls={
        "independent rows": dict(probability=independent_rows),
        "expected number of rows": dict(probability=lambda tokens: Fraction(tokens, 2**tokens)),
        "integral up to 1/3": dict(probability=lambda tokens: in_the_plane(tokens, Fraction(1, 3))),
        "factor N squared": dict(probability=lambda tokens: in_the_plane(tokens, factor=tokens**2)),
    },
)
def some_row_in_the_plane(probability):
    """In the plane only orders and signs matter.

    Turning all queries by a right angle keeps their law and makes q·k a determinant det(q′, k),
    whose sign depends on the order of the two lines and on the sides. The 2N lines come in every
    order, and with every choice of sides, equally often. The closed form is derived otherwise: the
    keys lie in a half-plane and span the angle 2πx with density N(N − 1)x^{N−2}, x ≤ 1/2; then a
    query makes its row vanish with probability 1/2 − x.
    """
    for tokens in range(2, 5):
        _agrees(_orders(tokens), probability, tokens)
    note(
        **{
            f"N = {n}": f"d = 1: {float(on_the_line(n)):.3%}, d = 2: {float(in_the_plane(n)):.3%}, "
            f"independent rows: {float(independent_rows(n)):.3%}, bound: {n / 2**n:.3%}"
            for n in (4, 6, 8, 16)
        }
    )


def _agrees(cases: Iterator[tuple[np.ndarray, np.ndarray]], probability, tokens: int) -> None:
    hits = total = 0
    for query, key in cases:
        hits += bool(vanishing(query, key).any())
        total += 1
    refute_unless(
        Fraction(hits, total) == probability(tokens),
        "some row vanishes with another probability",
        tokens=tokens,
        hits=hits,
        cases=total,
        claimed=probability(tokens),
    )


def _sign_patterns(tokens: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for signs in product((1, -1), repeat=2 * tokens):
        both = np.array(signs)[:, None]
        yield both[:tokens], both[tokens:]


def _orders(tokens: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    # 2N lines at increasing angles in (0, π): (1 − s², 2s) has the angle 2·arctan s.
    lines = np.array([[1 - s * s, 2 * s] for s in range(1, 2 * tokens + 1)])
    turned = lines @ np.array([[0, 1], [-1, 0]])
    for places in combinations(range(2 * tokens), tokens):
        others = [place for place in range(2 * tokens) if place not in places]
        query, key = turned[list(places)], lines[others]
        for signs in product((1, -1), repeat=2 * tokens):
            both = np.array(signs)[:, None]
            yield both[:tokens] * query, both[tokens:] * key


def frequency(tokens: int, width: int, draws: int, seed: int) -> float:
    """Share of Gaussian draws with some vanishing row."""
    generator = np.random.default_rng(seed)
    query, key = generator.standard_normal((2, draws, tokens, width))
    rows = (query @ key.transpose(0, 2, 1) <= 0).all(axis=2)
    return float(rows.any(axis=1).mean())


@plot(VANISHING_ROWS)
def probability_of_a_dangling_token() -> Plot:
    """Exact curves for widths 1 and 2, a sample for width 4, and the two simple expressions."""
    sizes = list(range(2, 17))
    sampled_sizes = [2, 4, 6, 8, 10]
    return Plot(
        title="Probability that some token has no positive affinity",
        x_label="number of tokens N",
        y_label="probability",
        y_scale="log",
        series=[
            Series(label="width 1, exact", x=sizes, y=[float(on_the_line(n)) for n in sizes]),
            Series(label="width 2, exact", x=sizes, y=[float(in_the_plane(n)) for n in sizes]),
            Series(
                label="width 4, 20 000 draws",
                x=sampled_sizes,
                y=[frequency(n, 4, 20_000, n) for n in sampled_sizes],
                style="points",
            ),
            Series(
                label="independent rows",
                x=sizes,
                y=[float(independent_rows(n)) for n in sizes],
                style="guide",
            ),
        ],
        caption="For Gaussian queries and keys. The expected number of such tokens is N/2^N for "
        "every width; narrow heads have them in clusters, so fewer maps are affected.",
    )
