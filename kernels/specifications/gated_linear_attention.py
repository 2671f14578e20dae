"""Linear attention with a gate per token: Lightning Attention, RetNet, Mamba-2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.gated_linear_attention import gated_linear_attention


def _define(query, key, value, decay):
    return gated_linear_attention(query, key, value, decay[:, None])[0]


def _draw(random, length, width, columns):
    kind = random.integers(0, 3)
    if kind == 0:
        decay = np.full(length, float(random.choice([1.0, 0.999, 0.9, 0.5])))
    else:
        decay = random.uniform(0.0 if kind == 1 else 0.9, 1.0, length)
        decay[random.random(length) < 0.05] = 0.0
    return {
        "query": random.standard_normal((length, width)),
        "key": random.standard_normal((length, width)),
        "value": random.standard_normal((length, columns)),
        "decay": decay,
    }


def _magnitude(query, key, value, decay):
    return _define(np.abs(query), np.abs(key), np.abs(value), np.abs(decay))


def _bound(query, key, value, decay, u):
    """Every output is a sum of the terms ``q_ic k_jc v_je α_{j+1}⋯α_i``. In any order of evaluation
    a term passes through at most d + N additions, 3 products and N factors α; three roundings more
    for each factor leave room for gates that were rounded themselves. So the error is at most
    ``γ_{d + 5N + 3}`` times the operator on absolute values. Differences of cumulative logarithms
    are not covered for every gate: they err by u times the size of the cumulative sums."""
    length, width = query.shape
    return gamma(width + 5 * length + 3, u) * _magnitude(query, key, value, decay)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Small integers, with gates 1, with powers of two, and with a reset; impulses; and large
    values that cancel, which only a state in float32 keeps apart from the small one among them."""
    for length in lengths:
        row, column = np.arange(length)[:, None], np.arange(4)[None, :]
        query = ((row + 2 * column) % 3 - 1).astype(float)
        key = ((2 * row + column) % 3 - 1).astype(float) * (row % 5 == 0)
        value = ((row + column * column) % 3 - 1.0)[:, :3]
        gates = {"gates one": np.ones(length), "a reset": np.ones(length)}
        gates["a reset"][length // 2] = 0.0
        halved = np.ones(length)
        halved[:: max(1, length // 3)] = 0.5
        gates["halving"] = halved
        for name, decay in gates.items():
            inputs = {"query": query, "key": key, "value": value, "decay": decay}
            yield Case(f"{name}, N={length}", inputs, _define(**inputs))
        cancelling = np.tile(np.resize([4096.0, 1.0, -4096.0], length)[:, None], (1, 3))
        ones = {"query": np.ones((length, 1)), "key": np.ones((length, 1)), "value": cancelling}
        inputs = {**ones, "decay": np.ones(length)}
        yield Case(f"cancellation, N={length}", inputs, np.cumsum(cancelling, 0))
        impulse = np.zeros((length, 4))
        impulse[0] = [1.0, 0.0, 2.0, 0.0]
        inputs = {
            "query": np.ones((length, 4)),
            "key": impulse,
            "value": np.ones((length, 3)),
            "decay": np.ones(length),
        }
        yield Case(f"impulse, N={length}", inputs, np.full((length, 3), 3.0))


SPECIFICATION = Specification(
    operator="gated_linear_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne", "decay": "n"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query", "key"),
    causal=True,
    domain="gates in [0, 1]",
    doc="S_t = α_t S_{t−1} + v_t k_tᵀ, o_t = S_t q_t",
)
