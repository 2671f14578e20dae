"""What the linear variant costs: operations and state of two passes, counted."""

from __future__ import annotations

from collections import Counter

import numpy as np

from attnproof.theory.algebra.counting import CountingNumber, Tally, counting_array
from attnproof.theory.core import Plot, Series, check, exact, note, plot, refute_unless
from attnproof.theory.operator.infinite_self_attention import infinite_self_attention
from attnproof.theory.operator.linear_infinite_self_attention import key_scores
from attnproof.theory.paper.infsa.linear_variant import LINEAR_COST
from attnproof.theory.paper.infsa.two_pass_stream import two_pass_stream

TOKENS = (1, 2, 3, 4, 5, 8, 13, 21, 34, 55)
WIDTHS = ((1, 1), (1, 3), (2, 1), (3, 2), (4, 4), (5, 3))


def _stream(query, key, value, gamma) -> None:
    two_pass_stream(query, key, value, gamma)


def _pure(query, key, value, gamma) -> None:
    infinite_self_attention(query, key, value, gamma)


def _definition(query, key, value, gamma) -> None:
    _ = gamma * (key_scores(query, key) @ value)


def _counts(operator, tokens: int, width: int, value_width: int, seed: int = 0) -> Counter:
    """Operations of ``operator`` on random numbers, by kind."""
    generator = np.random.default_rng([seed, tokens, width, value_width])
    tally = Tally()
    query = generator.random((tokens, width)) + 0.1
    key = generator.standard_normal((tokens, width))
    key[0] = abs(key[0])  # at least one key scores, others are rectified away
    value = generator.standard_normal((tokens, value_width))
    arrays = [counting_array(array, tally) for array in (query, key, value)]
    operator(*arrays, CountingNumber(0.95, tally))
    return Counter(tally.counts)


def _formula(N: int, d: int, d_v: int) -> Counter:
    return Counter(
        {
            "multiply": N * (3 * d + d_v) + d_v,
            "add": N * (3 * d + d_v) - (d + d_v + 2),
            "divide": d + 1,
            "square root": N,
            "compare": N,
        }
    )


def _with(**changes):
    def altered(N: int, d: int, d_v: int) -> Counter:
        counts = _formula(N, d, d_v)
        for kind, change in changes.items():
            counts[kind.replace("_", " ")] += change(N, d, d_v)
        return counts

    return altered


@check(
    LINEAR_COST,
    part="operations",
    establishes=exact(
        bound="N ≤ 55, d ≤ 5, d_v ≤ 4", by="counting numbers run through the evaluation"
    ),
    claimed=dict(operator=_stream, formula=_formula),
    controls={
        "scores normalised one by one": dict(operator=_definition),
        "one multiplication fewer": dict(formula=_with(multiply=lambda N, d, d_v: -1)),
        "additions as many as multiplications": dict(formula=_with(add=lambda N, d, d_v: d_v)),
        "values of the width of the keys": dict(
            formula=lambda N, d, d_v: _formula(N, d, d),
        ),
        "a division for every token": dict(formula=_with(divide=lambda N, d, d_v: N)),
        "one root": dict(formula=_with(square_root=lambda N, d, d_v: 1 - N)),
    },
)
def counted_operations(operator, formula) -> None:
    """Every kind of operation on every size listed, with two sets of data each: neither the
    formula nor the numbers decide what is done.
    """
    for tokens in TOKENS:
        for width, value_width in WIDTHS:
            stated = formula(tokens, width, value_width)
            for seed in (0, 1):
                counted = _counts(operator, tokens, width, value_width, seed)
                refute_unless(
                    counted == stated,
                    "the operations counted are not those stated",
                    N=tokens,
                    d=width,
                    d_v=value_width,
                    counted=dict(counted),
                    stated=dict(stated),
                )
    note(multiplications_at_N_55_d_5_dv_3=counted["multiply"])


@check(
    LINEAR_COST,
    part="operations",
    establishes=exact(
        bound="N ≤ 55, d ≤ 5, d_v ≤ 4: what each token adds to the count",
        by="counting numbers run through the evaluation",
    ),
    claimed=dict(first=lambda d, d_v: 2 * d, second=lambda d, d_v: d + d_v),
    controls={
        "norms for free": dict(first=lambda d, d_v: d),
        "values for free": dict(second=lambda d, d_v: d),
        "passes exchanged": dict(first=lambda d, d_v: d + d_v, second=lambda d, d_v: 2 * d),
    },
)
def every_token_costs_the_same(first, second) -> None:
    """The multiplications between one token and the next: 2d in the first pass, d + d_v in the
    second, for every token. The body of either loop knows neither N nor the position, so that
    the count is affine in N for every N, which this cannot show by itself.
    """
    for tokens in TOKENS:
        for width, value_width in WIDTHS:
            seen: list[int] = []
            tally = Tally()
            arrays = [
                counting_array(np.ones((tokens, columns)), tally)
                for columns in (width, width, value_width)
            ]
            two_pass_stream(
                *arrays,
                CountingNumber(0.95, tally),
                observer=lambda state, seen=seen, tally=tally: seen.append(
                    tally.counts["multiply"]
                ),
            )
            added = np.diff([0, *seen]).tolist()
            stated = [first(width, value_width)] * tokens + [second(width, value_width)] * tokens
            refute_unless(
                added == stated,
                "the tokens do not cost what is stated",
                N=tokens,
                d=width,
                d_v=value_width,
                added=added,
            )


@check(
    LINEAR_COST,
    part="operations",
    establishes=exact(
        bound="d = d_v ≤ 4, N = 4, 8, 12 to 16, 32, 48",
        by="counting numbers run through the evaluation",
    ),
    claimed=dict(operator=_stream),
    controls={
        "pure variant": dict(operator=_pure),
        "every key against every query": dict(
            operator=lambda query, key, value, gamma: gamma * (query @ (key.T @ value)) @ key.T
        ),
    },
)
def counts_grow_linearly(operator) -> None:
    """The total at three equidistant lengths lies on a line: its second difference is zero."""
    for start in (4, 8, 16):
        for width in (1, 2, 4):
            totals = [
                sum(_counts(operator, factor * start, width, width).values())
                for factor in (1, 2, 3)
            ]
            refute_unless(
                totals[2] - 2 * totals[1] + totals[0] == 0,
                "the operations do not grow linearly with N",
                N=[start, 2 * start, 3 * start],
                d=width,
                operations=totals,
            )


@check(
    LINEAR_COST,
    part="state",
    establishes=exact(bound="N ≤ 55, d ≤ 5, d_v ≤ 4", by="the state after every token"),
    claimed=dict(first=lambda d, d_v, N: d + 1, second=lambda d, d_v, N: d + d_v + 1),
    controls={
        "no sum of norms": dict(first=lambda d, d_v, N: d),
        "no sum of scores": dict(second=lambda d, d_v, N: d + d_v),
        "no pooled query": dict(second=lambda d, d_v, N: d_v + 1),
        "a weight for every token": dict(first=lambda d, d_v, N: d + N),
        "a score for every token": dict(second=lambda d, d_v, N: d + d_v + N),
    },
)
def numbers_kept(first, second) -> None:
    """The numbers that the evaluation carries from token to token, which do not depend on N."""
    for tokens in TOKENS:
        for width, value_width in WIDTHS:
            kept: list[int] = []
            generator = np.random.default_rng(tokens)
            two_pass_stream(
                generator.random((tokens, width)),
                generator.random((tokens, width)),
                generator.random((tokens, value_width)),
                0.95,
                observer=lambda state, kept=kept: kept.append(len(state)),
            )
            stated = [first(width, value_width, tokens)] * tokens
            stated += [second(width, value_width, tokens)] * tokens
            refute_unless(
                kept == stated,
                "the state is not of the stated size",
                N=tokens,
                d=width,
                d_v=value_width,
                kept=kept,
            )


@plot(LINEAR_COST)
def operations_against_tokens() -> Plot:
    """All operations of one head, d = d_v = 8, counted on the definitions."""
    sizes = (2, 4, 8, 16, 32, 64)
    series = [
        Series(
            label=label,
            x=[float(size) for size in sizes],
            y=[float(sum(_counts(operator, size, 8, 8).values())) for size in sizes],
        )
        for label, operator in (("two passes", _stream), ("pure variant", _pure))
    ]
    return Plot(
        title="Operations of one head, d = 8",
        x_label="tokens N",
        y_label="operations",
        series=series,
        x_scale="log",
        y_scale="log",
        caption="Slope one against slope two; counted by running the definitions on numbers that "
        "count what is done to them.",
    )
