"""Agent attention with as many agents as tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.operator.agent_attention import agent_attention

from . import softmax_attention as softmax


def _define(query, agent, key, value, scale):
    # The definition of each step with the largest logit subtracted, which keeps e^s finite.
    step = softmax.SPECIFICATION.define
    return step(query, agent, step(agent, key, value, scale), scale)


def define_as_stated(query, agent, key, value, scale):
    """The operator's own definition, for logits whose exponentials are numbers."""
    return agent_attention(query, agent, key, value, scale=scale)


def _draw(random, length, width, columns):
    normal = lambda size: random.standard_normal((length, size))
    return {
        "query": normal(width),
        "agent": normal(width),
        "key": normal(width),
        "value": normal(columns),
    }


def _magnitude(query, agent, key, value, scale):
    return _define(query, agent, key, np.abs(value), scale)


def _bound(query, agent, key, value, scale, u):
    """What the agents gather errs by the bound E of `softmax_attention`. The second step averages
    numbers of size ``|gathered| + E``: its own bound with these, and the average of E."""
    bound, define = softmax.SPECIFICATION.bound, softmax.SPECIFICATION.define
    off = bound(agent, key, value, scale, u)
    gathered = np.abs(define(agent, key, value, scale))
    return bound(query, agent, gathered + off, scale, u) + define(query, agent, off, scale)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Of lengths that are powers of two: agents that see what the cases of softmax attention see,
    themselves seen alike; and one agent that is seen and sees all keys alike."""
    for case in softmax.SPECIFICATION.exact(lengths):
        length = len(case.output)
        if length & (length - 1):
            continue
        value = case.inputs["value"]
        zero = np.zeros((length, 4))
        inputs = {"query": zero, "agent": case.inputs["query"], "key": case.inputs["key"]}
        yield Case(f"agents: {case.name}", {**inputs, "value": value}, case.output)
        agent, query = zero.copy(), zero.copy()
        agent[:, 0], query[:, 0] = -2048.0, 4.0
        agent[length // 3, 0] = 0.0
        inputs = {"query": query, "agent": agent, "key": zero, "value": value}
        mean = np.tile(value.mean(0), (length, 1))
        yield Case(f"one agent, N={length}", inputs, mean)


SPECIFICATION = Specification(
    operator="agent_attention",
    inputs={"query": "nd", "agent": "nd", "key": "nd", "value": "ne"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query",),
    parameters={"scale": 0.125},
    doc="Y = softmax(scale · QAᵀ) softmax(scale · AKᵀ) V",
)
