"""Normalised linear attention on features that are not negative; the caller applies the map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.linear_attention import linear_attention_weights


def _define(query, key, value):
    return linear_attention_weights(query, key) @ value


def _draw(random, length, width, columns):
    features = lambda: np.exp(random.standard_normal((length, width)))
    return {
        "query": features(),
        "key": features(),
        "value": random.standard_normal((length, columns)),
    }


def _magnitude(query, key, value):
    return _define(query, key, np.abs(value))


def _bound(query, key, value, u):
    """All products of features are positive: numerator and denominator have the relative error
    γ_{d + N + 2} of sums of positive terms (against |v| in the numerator), the quotient one
    rounding more: ``|ô − o| ≤ (2γ/(1 − γ) + u)(Σ w|v|)``."""
    length, width = key.shape
    relative = gamma(width + length + 3, u)
    return (2 * relative / (1 - relative) + u) * (1 + u) * _magnitude(query, key, value)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """One feature that all share, over lengths that are powers of two: the mean of the values; and
    features that single out a key."""
    for length in sorted({1 << (n.bit_length() - 1) for n in lengths}):
        row = np.arange(length)[:, None]
        value = np.concatenate([row % 4 - 1.0, (3 * row) % 5 - 2.0], axis=1)
        ones = np.ones((length, 4))
        mean = np.tile(value.mean(0), (length, 1))
        yield Case(f"mean, N={length}", {"query": ones, "key": ones, "value": value}, mean)
        first = np.zeros((length, 4))
        first[:, 0] = 2.0
        key = np.zeros((length, 4))
        key[0, 0] = 4.0
        key[1:, 1] = 1.0
        only = np.tile(value[:1], (length, 1))
        yield Case(f"one key, N={length}", {"query": first, "key": key, "value": value}, only)


SPECIFICATION = Specification(
    operator="linear_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    domain="features that are not negative, with positive sums",
    doc="W_ij = q_iᵀk_j / Σ_l q_iᵀk_l, Y = WV",
)
