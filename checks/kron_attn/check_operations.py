"""Multiplications of the fast algorithm and of the definition, counted."""

from __future__ import annotations

from math import comb

import numpy as np

from attnproof.theory.algebra.counting import Tally, counting_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    exact,
    note,
    plot,
    refute_unless,
)
from attnproof.theory.operator.tensor_attention import tensor_attention
from attnproof.theory.paper.kron_attn.fast_algorithm import PIPELINE
from attnproof.theory.paper.kron_attn.monomial_features import polynomial_attention


def fast_multiplications(n: int, width: int, columns: int, degree: int) -> int:
    """``3n(r − 1 − d) + 3nre + 2re + (n + 2)(r − 1)``."""
    r = comb(degree + width, degree)
    return 3 * n * (r - 1 - width) + 3 * n * r * columns + 2 * r * columns + (n + 2) * (r - 1)


def direct_multiplications(n: int, width: int, columns: int) -> int:
    """``n³(d + e + 1) + n²(d + e)``."""
    return n**3 * (width + columns + 1) + n**2 * (width + columns)


def _counted(n, width, columns, degree) -> tuple[int, int]:
    totals = []
    for run in ("direct", "fast"):
        tally = Tally()
        query, *keys = (counting_array(np.ones((n, width)), tally) for _ in range(3))
        values = [counting_array(np.ones((n, columns)), tally) for _ in range(2)]
        if run == "direct":
            tensor_attention(query, keys, values, scale=0.5, power=lambda s: s)
        else:
            polynomial_attention(query, keys, values, [0.5] * (degree + 1), scale=0.5)
        totals.append(tally.counts["multiply"])
    return totals[0], totals[1]


@check(
    PIPELINE,
    part="operations",
    establishes=exact(
        bound="n ≤ 6, (d, e, g) = (1, 1, 2), (2, 1, 3), (2, 2, 2), (3, 1, 2)",
        by="the definition run on counting numbers",
    ),
    claimed=dict(fast=fast_multiplications, direct=direct_multiplications),
    controls={
        "query features only": dict(
            fast=lambda n, d, e, g: (
                fast_multiplications(n, d, e, g) - 2 * n * (comb(g + d, g) - 1 - d)
            )
        ),
        "C(2(g + d), 2g) features": dict(
            fast=lambda n, d, e, g: fast_multiplications(n, 2 * d, e, 2 * g)
        ),
        "values counted once": dict(
            direct=lambda n, d, e: direct_multiplications(n, d, e) - n**2 * e
        ),
        "scores for n keys": dict(direct=lambda n, d, e: n**2 * (d + e + 1)),
    },
)
def counted_multiplications(fast, direct) -> None:
    """Both are affine in n³, n² and n, so five sizes settle every n at the given widths."""
    for width, columns, degree in ((1, 1, 2), (2, 1, 3), (2, 2, 2), (3, 1, 2)):
        for n in range(2, 7):
            naive, quick = _counted(n, width, columns, degree)
            named = dict(n=n, d=width, e=columns, g=degree)
            refute_unless(
                naive == direct(n, width, columns),
                "the definition needs another number of multiplications",
                counted=naive,
                stated=direct(n, width, columns),
                **named,
            )
            refute_unless(
                quick == fast(n, width, columns, degree),
                "the algorithm needs another number of multiplications",
                counted=quick,
                stated=fast(n, width, columns, degree),
                **named,
            )
    crossover = {}
    for width, degree in ((2, 6), (4, 6), (4, 8), (8, 6), (16, 7)):
        n = 1
        while fast_multiplications(n, width, width, degree) >= direct_multiplications(
            n, width, width
        ):
            n += 1
        crossover[f"d={width}, g={degree}"] = n
    note(first_n_with_fewer_multiplications=crossover)


@plot(PIPELINE)
def multiplications() -> Plot:
    """Multiplications by definition and by the algorithm, d = e = 4."""
    sizes = [2**k for k in range(2, 17)]
    series = [
        Series(label="by definition", x=sizes, y=[direct_multiplications(n, 4, 4) for n in sizes])
    ]
    for degree in (2, 4, 6, 8):
        series.append(
            Series(
                label=f"g = {degree}",
                x=sizes,
                y=[fast_multiplications(n, 4, 4, degree) for n in sizes],
            )
        )
    return Plot(
        title="Multiplications for tensor attention, d = e = 4",
        x_label="tokens n",
        y_label="multiplications",
        x_scale="log",
        y_scale="log",
        series=series,
        caption="The algorithm is linear in n at fixed d and g; the lines cross below n = 100.",
    )
