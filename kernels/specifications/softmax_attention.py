"""Softmax attention without a mask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.softmax_attention import softmax_attention

from .causal_softmax_attention import EXPONENTIAL


def _define(query, key, value, scale):
    # Subtracting the largest score changes the range only.
    shifted = np.concatenate([query, (-scale * query @ key.T).min(1)[:, None] / scale], axis=1)
    return softmax_attention(
        shifted, np.concatenate([key, np.ones((len(key), 1))], axis=1), value, scale=scale
    )


def _draw(random, length, width, columns):
    size = float(random.choice([0.5, 1.0, 2.0]))
    return {
        "query": size * random.standard_normal((length, width)),
        "key": random.standard_normal((length, width)),
        "value": random.standard_normal((length, columns)),
    }


def _magnitude(query, key, value, scale):
    return _define(query, key, np.abs(value), scale)


def _bound(query, key, value, scale, u):
    """As for `causal_softmax_attention`, every row over all N keys; the definition's shift of the
    logits is one rounding of their size more, which the term in M covers."""
    length, width = query.shape
    logits = scale * (query @ key.T)
    error = gamma(width + 4, u) * abs(scale) * (np.abs(query) @ np.abs(key).T)
    spread = logits.max(1) - logits.min(1)
    eta = np.expm1(2 * error.max(1) + 4 * u * spread + (length + 1) * EXPONENTIAL * u)
    eta = eta + gamma(2 * length + 3, u)
    factor = np.where(eta < 1, 2 * eta / (1 - eta), np.inf)
    return factor[:, None] * _magnitude(query, key, value, scale)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Equal scores over a number of keys that is a power of two, and one key so far above the rest
    that their weight e^{−1024} is 0 in every dtype."""
    for length in lengths:
        value = np.stack([np.arange(length) % 4 - 1.0, 2.0 * (np.arange(length) % 2)], axis=1)
        query = np.zeros((length, 4))
        query[:, 0] = 4.0
        key = np.full((length, 4), 0.0)
        key[:, 0] = -2048.0
        key[length // 2, 0] = 0.0
        output = np.tile(value[length // 2], (length, 1))
        yield Case(f"one key, N={length}", {"query": query, "key": key, "value": value}, output)
        if length & (length - 1) == 0:
            mean = np.tile(value.mean(0), (length, 1))
            yield Case(
                f"equal scores, N={length}",
                {"query": 0 * query, "key": key, "value": value},
                mean,
            )


SPECIFICATION = Specification(
    operator="softmax_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query", "key"),
    parameters={"scale": 0.125},
    doc="Y = softmax(scale · QKᵀ) V",
)
