"""Magnitude-aware linear attention on positive features; the caller applies the map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.magnitude_aware_linear_attention import (
    magnitude_aware_linear_attention_weights,
)


def _define(query, key, value, epsilon):
    return magnitude_aware_linear_attention_weights(query, key, epsilon) @ value


def _draw(random, length, width, columns):
    features = lambda: np.exp(random.standard_normal((length, width)))
    return {
        "query": features() / length,
        "key": features(),
        "value": random.standard_normal((length, columns)),
    }


def _magnitude(query, key, value, epsilon):
    """``β_i Σ_j s_ij|v_j| + S_i Σ_j |v_j|/N``, every term with its own sign removed."""
    scores = query @ key.T
    total = scores.sum(1, keepdims=True)
    size = np.abs(value)
    return (1 + 1 / (total + epsilon)) * (scores @ size) + total * size.mean(0)


def _bound(query, key, value, epsilon, u):
    """Features are positive, so S has the relative error γ_{d+N+1} in any order, and β two
    roundings more. A term ``q_c k_jc v_je`` passes through at most d + N additions and 2 products
    and is multiplied by β; ``S Σ v/N`` has N additions and 3 roundings beside S. Together with the
    last subtraction no factor exceeds ``γ_{2d + 3N + 12}``."""
    length, width = key.shape
    return gamma(2 * width + 3 * length + 12, u) * _magnitude(query, key, value, epsilon)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Lengths and sums that are powers of two: equal scores, whose output is the mean, and a query
    that sees one key."""
    for length in sorted({1 << (n.bit_length() - 1) for n in lengths}):
        row = np.arange(length)[:, None]
        value = np.concatenate([row % 4 - 1.0, (3 * row) % 5 - 2.0], axis=1)
        one = np.zeros((length, 4))
        one[:, 0] = 1.0
        inputs = {"query": one, "key": np.ones((length, 4)), "value": value}
        yield Case(f"mean, N={length}", inputs, np.tile(value.mean(0), (length, 1)))
        key = np.zeros((length, 4))
        key[0, 0], key[1:, 1] = 4.0, 1.0
        output = np.tile(9 * value[0] - 8 * value.mean(0), (length, 1))
        yield Case(f"one key, N={length}", {"query": 2 * one, "key": key, "value": value}, output)


SPECIFICATION = Specification(
    operator="magnitude_aware_linear_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    parameters={"epsilon": 0.0},
    domain="features that are not negative, with positive sums",
    doc="W_ij = β_i s_ij − S_i/N, s_ij = q_iᵀk_j, S_i = Σ_l s_il, β_i = 1 + 1/(S_i + ε), Y = WV",
)
