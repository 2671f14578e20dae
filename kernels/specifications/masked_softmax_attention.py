"""Masked softmax attention: the mask is given as zeros and ones, a row per query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator import attention_mask
from attnproof.theory.operator.masked_softmax_attention import masked_softmax_attention

from .causal_softmax_attention import EXPONENTIAL


def _define(query, key, value, mask, scale):
    return masked_softmax_attention(query, key, value, mask, scale=scale)


def _documents(random, length):
    """Blocks along the diagonal, of up to 24 tokens."""
    cuts = np.cumsum(random.integers(1, 25, size=length))
    document = np.searchsorted(cuts, np.arange(length), side="right")
    return document[:, None] == document[None, :]


def _mask(random, length):
    """Pairs at random, sparse to dense; documents; padding; a causal window. Then a tenth of the
    rows is emptied and a tenth filled, in long sequences."""
    i, j = np.ogrid[:length, :length]
    kind = random.choice(["sparse", "dense", "documents", "padding", "window"])
    seen = {
        "sparse": random.random((length, length)) < 3.0 / length,
        "dense": random.random((length, length)) < 0.8,
        "documents": _documents(random, length),
        "padding": np.tile(j < random.integers(1, length + 1), (length, 1)),
        "window": attention_mask.causal_window(int(random.integers(1, 20)))(i, j),
    }[kind]
    chosen = random.random(length)
    seen[chosen < 0.1] = False
    seen[chosen > 0.9] = True
    return seen.astype(float)


def _draw(random, length, width, columns):
    size = float(random.choice([0.5, 1.0, 2.0]))
    return {
        "query": size * random.standard_normal((length, width)),
        "key": random.standard_normal((length, width)),
        "value": random.standard_normal((length, columns)),
        "mask": _mask(random, length),
    }


def _magnitude(query, key, value, mask, scale):
    return _define(query, key, np.abs(value), mask, scale)


def _bound(query, key, value, mask, scale, u):
    """As for `softmax_attention`, every row over the n keys it sees. A key that is not seen has the
    weight 0 and rounds nothing: it adds 0, and rescales what has been added up by e⁰ = 1. A row
    that sees no key is 0 exactly. The largest logit and the range are those of the keys seen; for
    a kernel that subtracts the largest of all logits, seen or not, nothing is promised."""
    width = query.shape[1]
    seen = mask != 0
    count = seen.sum(1)
    logits = scale * (query @ key.T)
    error = gamma(width + 3, u) * abs(scale) * (np.abs(query) @ np.abs(key).T)
    top = np.where(seen, logits, -np.inf).max(1)
    spread = np.where(count > 0, top - np.where(seen, logits, np.inf).min(1), 0.0)
    off = np.where(seen, error, 0.0).max(1)
    eta = np.expm1(2 * off + 4 * u * spread + (count + 1) * EXPONENTIAL * u)
    eta = eta + np.array([gamma(2 * int(n) + 3, u) for n in count])
    factor = np.where(eta < 1, 2 * eta / (1 - eta), np.inf)
    return factor[:, None] * _magnitude(query, key, value, mask, scale)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """A single key has the weight e⁰/1 whatever its logit; equal logits over a power of two of keys
    have equal weights; empty rows are 0. The logit of a key that is hidden is the largest by far,
    or the smallest: e^{±1024} would be seen in every dtype."""
    for length in lengths:
        value = np.stack([np.arange(length) % 7 - 3.0, 2.0 * (np.arange(length) % 2)], axis=1)
        query, zero = np.zeros((length, 4)), np.zeros((length, 4))
        query[:, 0] = 4.0
        uneven = zero.copy()
        uneven[:, 0] = 16.0 * (np.arange(length) % 5 - 2)
        row = np.arange(length)
        # Rows at both ends and on both sides of the edges of tiles see nothing.
        empty = np.isin(row % 16, (0, 15)) | (row == length - 1)

        one = np.zeros((length, length))
        met = (3 * row + 1) % length
        one[row, met] = 1.0
        one[empty] = 0.0
        output = np.where(empty[:, None], 0.0, value[met])
        given = {"query": query, "key": uneven, "value": value, "mask": one}
        yield Case(f"one key or none, N={length}", given, output)

        last = np.zeros((length, length))
        last[:, length - 1] = 1.0
        given = {"query": query, "key": uneven, "value": value, "mask": last}
        yield Case(f"the last key, N={length}", given, np.tile(value[-1], (length, 1)))

        yield Case(
            f"no key at all, N={length}",
            {"query": query, "key": uneven, "value": value, "mask": 0 * last},
            0 * value,
        )
        if length < 3:
            continue
        key, all_but_one = zero.copy(), np.ones((length, length))
        seen, hidden = length // 3, length // 2
        key[:, 0], key[seen, 0], key[hidden, 0] = -2048.0, 0.0, 2048.0
        all_but_one[:, hidden] = 0.0
        given = {"query": query, "key": key, "value": value, "mask": all_but_one}
        output = np.tile(value[seen], (length, 1))
        yield Case(f"the highest logit seen, N={length}", given, output)
        for words, height in (("highest", 2048.0), ("lowest", -2048.0)):
            key, two = zero.copy(), np.zeros((length, length))
            middle = length // 2
            key[middle, 0] = height
            two[:, 0] = two[:, length - 1] = 1.0
            mean = np.tile((value[0] + value[-1]) / 2, (length, 1))
            given = {"query": query, "key": key, "value": value, "mask": two}
            yield Case(f"the {words} logit is hidden, N={length}", given, mean)
        # Documents of four tokens; the rest are documents of one.
        document = np.where(row < length - length % 4, row // 4, row)
        blocks = (document[:, None] == document[None, :]).astype(float)
        mean = blocks @ value / blocks.sum(1)[:, None]
        given = {"query": query, "key": zero, "value": value, "mask": blocks}
        yield Case(f"documents of four, N={length}", given, mean)


SPECIFICATION = Specification(
    operator="masked_softmax_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne", "mask": "nn"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query", "key"),
    constant=("mask",),
    parameters={"scale": 0.125},
    domain="finite queries, keys and values; a mask of zeros and ones",
    doc="y_i = Σ_{j: M_ij = 1} softmax_j(scale · q_iᵀk_j) v_j, and 0 where no M_ij is 1",
)
