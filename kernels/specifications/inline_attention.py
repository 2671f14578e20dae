"""InLine attention with the identity as feature map; the caller applies features and scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.inline_attention import inline_attention_weights


def _define(query, key, value):
    return inline_attention_weights(query, key) @ value


def _draw(random, length, width, columns):
    return {
        "query": random.standard_normal((length, width)) / length,
        "key": random.standard_normal((length, width)),
        "value": random.standard_normal((length, columns)),
    }


def _magnitude(query, key, value):
    """``Σ_j (Σ_c |q_c||k_jc| + its mean + 1/N)|v_j|``, which bounds every way to add the terms
    up."""
    length = len(key)
    scores = np.abs(query) @ np.abs(key).T
    spread = scores.sum(1, keepdims=True) / length + 1.0 / length
    return (scores + spread) @ np.abs(value)


def _bound(query, key, value, u):
    """The output is a sum of ``q_c k_jc v_je``, of ``q_c k_lc v_je / N`` and of ``v_je / N``. In
    the order of the definition or in that with the state KᵀV a term passes through at most d + 2N
    + 2 additions, 3 products and a division."""
    length, width = key.shape
    return gamma(width + 2 * length + 6, u) * _magnitude(query, key, value)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Powers of two as lengths, so that 1/N is a power of two; small integers otherwise."""
    for length in sorted({1 << (n.bit_length() - 1) for n in lengths}):
        row, column = np.arange(length)[:, None], np.arange(4)[None, :]
        query = ((row + column) % 3 - 1.0) * (row % 2 == 0)
        key = ((row * column) % 3 - 1.0) * (row % 4 == 0)
        value = ((row + 2 * column) % 4 - 1.0)[:, :3]
        inputs = {"query": query, "key": key, "value": value}
        yield Case(f"integers, N={length}", inputs, _define(**inputs))
        inputs = {"query": 0 * query, "key": key, "value": value}
        mean = np.tile(value.mean(0), (length, 1))
        yield Case(f"zero queries, N={length}", inputs, mean)


SPECIFICATION = Specification(
    operator="inline_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query", "key"),
    doc="W_ij = s_ij − (1/N) Σ_l s_il + 1/N, s_ij = q_iᵀk_j, Y = WV",
)
