"""Memory and measured exponents of the fast algorithm."""

from __future__ import annotations

import tracemalloc
from math import comb
from time import perf_counter

import numpy as np
import pytest
from tqdm import tqdm

from attnproof.theory.core import check, measured, note, refute_unless
from attnproof.theory.engine.rounding import gamma, unit_roundoff
from attnproof.theory.operator.tensor_attention import tensor_attention
from attnproof.theory.paper.kron_attn.fast_algorithm import PIPELINE, SCALING
from attnproof.theory.paper.kron_attn.minimax_exponential import minimax_bracket
from attnproof.theory.paper.kron_attn.monomial_features import (
    multinomial,
    polynomial_attention,
)

WIDTH, DEGREE = 4, 6
FEATURES = comb(WIDTH + DEGREE, DEGREE)


def _polynomial(degree: int = DEGREE) -> list[float]:
    return [float(int(c.p) / int(c.q)) for c in minimax_bracket(degree, 1).polynomial]


def _instance(n: int):
    generator = np.random.default_rng(n)
    query, *keys = (generator.uniform(-1, 1, (n, WIDTH)) for _ in range(3))
    return query, keys, [generator.uniform(-1, 1, (n, WIDTH)) for _ in range(2)]


def _fast(query, keys, values, weight=multinomial) -> np.ndarray:
    numerator, denominator = polynomial_attention(
        query, keys, values, _polynomial(), scale=1 / WIDTH, weight=weight
    )
    return numerator / denominator[:, None]


def _direct(query, keys, values) -> np.ndarray:
    return tensor_attention(query, keys, values, scale=1 / WIDTH)


def _peak(function, instance) -> int:
    tracemalloc.start()
    function(*instance)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@check(
    SCALING,
    part="memory",
    establishes=measured(over="d = e = 4, g = 6, n = 512, 1024, 2048", by="traced allocations"),
    claimed=dict(run=_fast, sizes=(512, 1024, 2048), arrays=2),
    controls={
        "by definition": dict(run=_direct, sizes=(128,)),
        "less than one array": dict(arrays=0.5),
        "scores for pairs": dict(
            run=lambda query, keys, values: (query @ keys[0].T) @ values[0], sizes=(2048,)
        ),
    },
)
def peak_of_allocations(run, sizes, arrays) -> None:
    """Doubles allocated at the peak, over n·r; n·64 more for inputs and outputs of size n × e, and
    2^15 bytes for the bookkeeping of the exponents (C(10, 4) tuples)."""
    for n in sizes:
        instance = _instance(n)
        if run is _fast:
            _fast(*instance)  # the polynomial is found once, before anything is traced
        peak = _peak(run, instance)
        allowed = arrays * n * FEATURES * 8 + n * 64 * 8 + 2**17
        refute_unless(
            peak <= allowed,
            "more memory than stated",
            n=n,
            peak_bytes=peak,
            allowed_bytes=int(allowed),
        )
        note(**{f"peak over n r, n = {n}": round(peak / (n * FEATURES * 8), 3)})


def _slope(sizes, seconds) -> tuple[float, float]:
    """Least squares in log–log scale, and half the width of its 95 % confidence interval."""
    from scipy.stats import t as student

    u, v = np.log(sizes), np.log(seconds)
    centred = u - u.mean()
    slope = float(centred @ v / (centred @ centred))
    rest = v - v.mean() - slope * centred
    freedom = len(sizes) - 2
    error = float(np.sqrt((rest @ rest) / freedom / (centred @ centred)))
    return slope, float(student.ppf(0.975, freedom)) * error


def _seconds(function, sizes, repeats: int, title: str) -> list[float]:
    result = []
    for n in tqdm(sizes, desc=title, disable=None):
        instance = _instance(n)
        function(*instance)
        times = []
        for _ in range(repeats):
            start = perf_counter()
            function(*instance)
            times.append(perf_counter() - start)
        result.append(min(times))
    return result


def _fast_sizes() -> list[int]:
    return [2**k for k in range(10, 17)]


@pytest.mark.slow
@check(
    SCALING,
    part="exponents",
    establishes=measured(over="d = e = 4, g = 6; n = 1024, …, 65 536 and n = 64, …, 320"),
    claimed=dict(fast=_fast, low=0.8, high=1.4),
    controls={
        "quadratic": dict(low=1.8, high=2.2),
        "attention to single tokens": dict(
            fast=lambda query, keys, values: (
                np.exp(query[:4096] @ keys[0][:4096].T) @ values[0][:4096]
            )
        ),
    },
    timeout=300.0,
)
def measured_slopes(fast, low, high) -> None:
    """Log–log slopes with 95 % confidence intervals; the definition must have a slope above 2.
    The first interval has to lie within [low, high]: near 1, with room for caches."""
    sizes = _fast_sizes()
    quick = _seconds(fast, sizes, 3, "fast algorithm")
    slope, half = _slope(sizes, quick)
    named = dict(slope=round(slope, 3), half_width=round(half, 3))
    refute_unless(low <= slope <= high, "the slope of the algorithm is another one", **named)
    small = [64, 96, 128, 192, 256, 320]
    naive = _seconds(_direct, small, 2, "by definition")
    steep, spread = _slope(small, naive)
    refute_unless(
        steep - spread > 2, "the definition is not steeper than n²", slope=steep, half_width=spread
    )
    note(
        fast_slope=f"{slope:.2f} ± {half:.2f}",
        direct_slope=f"{steep:.2f} ± {spread:.2f}",
        seconds_at_65536=round(quick[-1], 3),
    )


@pytest.mark.slow
@check(
    SCALING,
    part="memory",
    establishes=measured(over="n = 65 536, d = e = 4, g = 6", by="traced allocations"),
    claimed=dict(run=_fast, arrays=2),
    controls={
        "less than one array": dict(arrays=0.5),
        "scores for a sixteenth of the pairs": dict(
            run=lambda query, keys, values: (query @ keys[0][:4096].T) @ values[0][:4096]
        ),
    },
    timeout=300.0,
)
def sixty_five_thousand_tokens(run, arrays) -> None:
    """n·r doubles are 110 MB; n² would be 34 GB and n³ about 2 PB."""
    n = 65536
    query, keys, values = _instance(n)
    allowed = arrays * n * FEATURES * 8 + n * 64 * 8 + 2**17
    peak = _peak(run, (query, keys, values))
    refute_unless(peak <= allowed, "more memory than stated", n=n, peak=peak, allowed=int(allowed))
    note(peak_bytes=peak, one_array_bytes=n * FEATURES * 8)


def _one_output(query: np.ndarray, keys, values) -> np.ndarray:
    """The definition for one query: all n² pairs, in blocks of the first index."""
    total, weight = 0.0, 0.0
    for start in tqdm(range(0, len(keys[0]), 64), desc="one query, all pairs", disable=None):
        block = slice(start, start + 64)
        scores = ((keys[0][block] * query) @ keys[1].T) / WIDTH
        np.exp(scores, out=scores)
        total = total + (values[0][block] * (scores @ values[1])).sum(axis=0)
        weight = weight + scores.sum()
    return total / weight


@pytest.mark.slow
@check(
    PIPELINE,
    part="error",
    establishes=measured(over="one query among n = 65 536 tokens, d = e = 4, g = 6, float64"),
    claimed=dict(weight=multinomial, pairs=_one_output),
    controls={
        "no multinomial coefficient": dict(weight=lambda exponent: 1),
        "attention to single tokens": dict(
            pairs=lambda query, keys, values: _one_output(
                query, [keys[0], np.ones((1, WIDTH))], [values[0], np.ones((1, WIDTH))]
            )
        ),
    },
    timeout=300.0,
)
def one_query_of_many(weight, pairs) -> None:
    """Tolerance: the bound for ε = E_6(1), plus rounding. All |x_i| ≤ 1, so every sum of absolute
    values is at most n² Σ|c_k|, and the denominator at least n²(1 − ε)/e; with γ_m, m = 2n + r + 32
    roundings on the longest path and s = e Σ|c_k| γ_m, the quotient errs by at most 2s/(1 − ε − s).
    The definition has positive terms and errs by 2γ_m."""
    n = 65536
    query, keys, _ = _instance(n)
    values = keys  # so that the output is not an average near zero
    epsilon = float(minimax_bracket(DEGREE, 1).upper.mid()) * (1 + 1e-12)
    sharp = 2 * (1 - np.sqrt(1 - epsilon**2)) / epsilon
    rounding = gamma(2 * n + FEATURES + 32, unit_roundoff("float64"))
    absolute = np.e * sum(abs(c) for c in _polynomial()) * rounding
    tolerance = sharp + 2 * absolute / (1 - epsilon - absolute) + 2 * rounding
    # Only the first query is needed; keys and values are all there.
    fast = _fast(query[:1], keys, values, weight)[0]
    error = float(np.abs(fast - pairs(query[0], keys, values)).max())
    refute_unless(
        error <= tolerance,
        "the error exceeds its bound",
        n=n,
        error=error,
        bound=tolerance,
    )
    note(error=f"{error:.2e}", bound=f"{tolerance:.2e}")
