"""Causal softmax attention without a scale: the caller multiplies the queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.causal_softmax_attention import causal_softmax_attention

# Relative error of one exponential in units of u: two ulps, as libm and the GPU's ex2 promise.
EXPONENTIAL = 4.0


def _define(query, key, value, scale):
    return causal_softmax_attention(query, key, value, scale=scale)


def _draw(random, length, width, columns):
    size = float(random.choice([0.5, 1.0, 2.0]))
    return {
        "query": size * random.standard_normal((length, width)),
        "key": random.standard_normal((length, width)),
        "value": random.standard_normal((length, columns)),
    }


def _bound(query, key, value, scale, u):
    """A logit errs by at most ``γ_{d+3}M``, M = scale·|q||k|. Online or not, a weight is a product
    of exponentials of differences that add up to ``s_j − max``: each exponential errs relatively by
    4u, each difference by u times its size, and by 2u times its size more where e^x is formed as
    2^{x log₂e}, as GPUs do. In all these are at most ``N + 1`` exponentials and 4u times the range
    R of the row. So the weight before normalisation has a relative error of at most
    ``η = exp(2 max γ_{d+3}M + 4uR + (N + 1)·4u) − 1``, the same factor bounds the denominator, and
    the sums, with up to N rescalings of what has been added up and one division, add γ_{2N+3}:
    ``|ô − o| ≤ (2(η + γ)/(1 − η − γ)) Σ p_j|v_j|``."""
    length, width = query.shape
    logits = scale * (query @ key.T)
    error = gamma(width + 3, u) * abs(scale) * (np.abs(query) @ np.abs(key).T)
    result = np.empty_like(value)
    for t in range(length):
        row = logits[t, : t + 1]
        spread = row.max() - row.min()
        eta = np.expm1(
            2 * error[t, : t + 1].max() + 4 * u * spread + (t + 2) * EXPONENTIAL * u
        ) + gamma(2 * t + 5, u)
        weights = np.exp(row - row.max())
        size = weights / weights.sum() @ np.abs(value[: t + 1])
        result[t] = 2 * eta / (1 - eta) * size if eta < 1 else np.inf
    return result


def _magnitude(query, key, value, scale):
    """``Σ_j p_j |v_j|``."""
    return _define(query, key, np.abs(value), scale)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Scores 0 and −8192 with the scale 1/8: e^{−1024} is 0 in every dtype, so that exactly the
    keys with the largest score count, each with the same weight: the first key alone, the newest
    alone, or two keys with weight one half."""
    for length in lengths:
        value = np.stack([np.arange(length) % 7 - 3.0, 2.0 * (np.arange(length) % 2)], axis=1)
        query = np.zeros((length, 4))
        query[:, 0] = 4.0
        first = np.full((length, 4), 0.0)
        first[1:, 0] = -2048.0
        yield Case(
            f"the first key, N={length}",
            {"query": query, "key": first, "value": value},
            np.tile(value[0], (length, 1)),
        )
        if length < 2:
            continue
        two = first.copy()
        two[1, 0] = 0.0
        output = np.tile((value[0] + value[1]) / 2, (length, 1))
        output[0] = value[0]
        yield Case(f"two keys, N={length}", {"query": query, "key": two, "value": value}, output)
        own = np.zeros((length, 4))
        own[:, 0] = 2048.0 * np.arange(length)
        yield Case(
            f"the newest key, N={length}", {"query": query, "key": own, "value": value}, value
        )


SPECIFICATION = Specification(
    operator="causal_softmax_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query", "key"),
    parameters={"scale": 0.125},
    causal=True,
    doc="y_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) v_j",
)
