"""Tensor attention of order three: every query attends to pairs of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.tensor_attention import row_khatri_rao, tensor_attention

from .causal_softmax_attention import EXPONENTIAL


def _define(query, key_one, key_two, value_one, value_two, scale):
    # The largest logit of each row is subtracted, which changes the range only.
    largest = (scale * query @ row_khatri_rao(key_one, key_two).T).max(1)
    shifted = np.concatenate([query, -largest[:, None] / scale], axis=1)
    ones = np.ones((len(key_one), 1))
    keys = [np.concatenate([key, ones], axis=1) for key in (key_one, key_two)]
    return tensor_attention(shifted, keys, [value_one, value_two], scale=scale)


def _draw(random, length, width, columns):
    normal = lambda size: random.standard_normal((length, size))
    return {
        "query": normal(width),
        "key_one": normal(width),
        "key_two": normal(width),
        "value_one": normal(columns),
        "value_two": normal(columns),
    }


def _magnitude(query, key_one, key_two, value_one, value_two, scale):
    return _define(query, key_one, key_two, np.abs(value_one), np.abs(value_two), scale)


def _bound(query, key_one, key_two, value_one, value_two, scale, u):
    """As for `softmax_attention`, over N² pairs: a logit is a sum of d products of three numbers
    and the scale, ``γ_{d+5}M``; in whatever tiles, a term meets at most N² sums and as many
    rescalings, each with an exponential, so ``γ_{2N²+4}`` and ``N² + N + 2`` exponentials; the
    value is a product, one rounding."""
    length, width = query.shape
    pairs = row_khatri_rao(key_one, key_two)
    logits = scale * (query @ pairs.T)
    error = gamma(width + 5, u) * abs(scale) * (np.abs(query) @ np.abs(pairs).T)
    spread = logits.max(1) - logits.min(1)
    exponentials = (length * length + length + 2) * EXPONENTIAL * u
    eta = np.expm1(2 * error.max(1) + 4 * u * spread + exponentials)
    eta = eta + gamma(2 * length * length + 4, u)
    factor = np.where(eta < 1, 2 * eta / (1 - eta), np.inf)
    return factor[:, None] * _magnitude(query, key_one, key_two, value_one, value_two, scale)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """One pair so far above the rest that their weight e^{−1024} is 0 in every dtype; and equal
    scores over a power of two of keys, whose output is the product of two means."""
    for length in lengths:
        row = np.arange(length)
        values = {
            "value_one": np.stack([row % 4 - 1.0, 2.0 * (row % 2)], axis=1),
            "value_two": np.stack([row % 3 - 1.0, (row + 1) % 4 - 2.0], axis=1),
        }
        query, one, two = np.zeros((length, 4)), np.zeros((length, 4)), np.zeros((length, 4))
        query[:, :2] = 4.0
        one[:, 0], one[:, 1] = -2048.0, 1.0
        two[:, 0], two[:, 1] = 1.0, -2048.0
        one[length // 2, 0] = two[length // 3, 1] = 0.0
        inputs = {"query": query, "key_one": one, "key_two": two, **values}
        product = values["value_one"][length // 2] * values["value_two"][length // 3]
        yield Case(f"one pair, N={length}", inputs, np.tile(product, (length, 1)))
        if length & (length - 1) == 0:
            inputs = {"query": 0 * query, "key_one": one, "key_two": two, **values}
            means = values["value_one"].mean(0) * values["value_two"].mean(0)
            yield Case(f"equal scores, N={length}", inputs, np.tile(means, (length, 1)))


SPECIFICATION = Specification(
    operator="tensor_attention",
    inputs={
        "query": "nd",
        "key_one": "nd",
        "key_two": "nd",
        "value_one": "ne",
        "value_two": "ne",
    },
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query",),
    longest=100,
    parameters={"scale": 0.125},
    values="value_one",
    doc="y_i = Σ_{j,l} softmax_{j,l}(scale · Σ_c q_ic k¹_jc k²_lc) (v¹_j ⊙ v²_l)",
)
