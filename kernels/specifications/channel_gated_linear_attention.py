"""Linear attention with a gate per token and key channel: GLA."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.gated_linear_attention import gated_linear_attention

from . import gated_linear_attention as by_token


def _define(query, key, value, decay):
    return gated_linear_attention(query, key, value, decay)[0]


def _draw(random, length, width, columns):
    decay = random.uniform(0.0 if random.random() < 0.5 else 0.9, 1.0, (length, width))
    decay[random.random((length, width)) < 0.05] = 0.0
    return {
        "query": random.standard_normal((length, width)),
        "key": random.standard_normal((length, width)),
        "value": random.standard_normal((length, columns)),
        "decay": decay,
    }


def _magnitude(query, key, value, decay):
    return _define(np.abs(query), np.abs(key), np.abs(value), np.abs(decay))


def _bound(query, key, value, decay, u):
    """Every output is a sum of the terms ``q_ic k_jc v_je a_{j+1,c}⋯a_{i,c}``, as with a gate per
    token: at most d + N additions, 3 products and N factors, which three roundings each allow to
    have been rounded themselves."""
    length, width = query.shape
    return gamma(width + 5 * length + 3, u) * _magnitude(query, key, value, decay)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """The cases with a gate per token, the gate the same in all channels; and gates that halve in
    one channel and reset in another."""
    for case in by_token.SPECIFICATION.exact(lengths):
        inputs = dict(case.inputs)
        width = inputs["query"].shape[1]
        inputs["decay"] = np.repeat(inputs["decay"][:, None], width, axis=1)
        yield Case(case.name, inputs, case.output)
    for length in lengths:
        row, column = np.arange(length)[:, None], np.arange(4)[None, :]
        query = ((row + 2 * column) % 3 - 1).astype(float)
        key = ((2 * row + column) % 3 - 1).astype(float) * (row % 5 == 0)
        value = ((row + column * column) % 3 - 1.0)[:, :3]
        decay = np.ones((length, 4))
        decay[:: max(1, length // 3), 1] = 0.5
        decay[length // 2, 2] = 0.0
        inputs = {"query": query, "key": key, "value": value, "decay": decay}
        yield Case(f"gates by channel, N={length}", inputs, _define(**inputs))


SPECIFICATION = Specification(
    operator="channel_gated_linear_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne", "decay": "nd"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query", "key"),
    causal=True,
    domain="gates in [0, 1]",
    doc="S_t = S_{t−1} diag(a_t) + v_t k_tᵀ, o_t = S_t q_t",
)
