"""Inputs on which every intermediate number is a float, so that the result has no excuse.

Queries and keys are ±4 times unit vectors at width 16, so that logits are 0 or ±1 after the
division by 16; the number of ones is a power of four, so that the Frobenius norm is a power of
two; values are small integers. Everything else in a sequence is a zero row, which takes part in
nothing: that puts the interesting rows at the edges of blocks and leaves ragged tails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

WIDTH = 16


@dataclass(frozen=True)
class ExactCase:
    """One head: inputs as float64 arrays, and the exact output at ``γ = 1/2, ε = 0``."""

    name: str
    query: np.ndarray
    key: np.ndarray
    value: np.ndarray
    output: np.ndarray


DECAY = 0.5


def _scatter(length: int, at: Sequence[int], rows: np.ndarray) -> np.ndarray:
    result = np.zeros((length, rows.shape[1]))
    result[list(at)] = rows
    return result


def _unit(index: Sequence[int], sign: Sequence[int]) -> np.ndarray:
    rows = np.zeros((len(index), WIDTH))
    rows[np.arange(len(index)), list(index)] = 4.0 * np.array(sign)
    return rows


def _places(length: int) -> list[int]:
    """Eight rows: both ends and around multiples of 16, 32 and 64 where the length allows."""
    wanted = [0, length - 1, 15, 16, 31, 32, 63, 64, 1, 2, 3, 4, 5, 6, 7]
    return sorted(list(dict.fromkeys(at for at in wanted if at < length))[:8])


def _values(length: int) -> np.ndarray:
    """Integers from −2 to 2 that differ from row to row; 2·(4³ + 4² + 4 + 1) = 170 < 2⁸ keeps the
    four hops of the resolvent exact in bfloat16."""
    row, column = np.arange(length)[:, None], np.arange(5)[None, :]
    return (3 * row + 2 * column + row * column + row // 5) % 5 - 2.0


def pure_cases(lengths: Sequence[int]) -> Iterator[ExactCase]:
    """A bijection with signs: each of four queries meets one key; the other keys are opposite."""
    for length in lengths:
        at = _places(length)
        if len(at) < 8:
            continue
        query = _scatter(length, at[:4], _unit([0, 1, 2, 3], [1, 1, -1, 1]))
        order = [at[k] for k in (7, 0, 4, 2)]
        opposite = [at[k] for k in (1, 3, 5, 6)]
        key = _scatter(length, order, _unit([1, 0, 3, 2], [1, 1, 1, -1]))
        key += _scatter(length, opposite, _unit([0, 1, 2, 3], [-1, -1, 1, -1]))
        value = _values(length)
        output = np.zeros_like(value)
        for row, met in zip(at[:4], (order[1], order[0], order[3], order[2])):
            output[row] = DECAY * value[met] / 2.0
        yield ExactCase(f"N={length}", query, key, value, output)


def resolvent_cases(lengths: Sequence[int]) -> Iterator[ExactCase]:
    """A path of four edges i0 → i1 → … → i4: four hops and then nothing, so the series ends."""
    for length in lengths:
        at = _places(length)
        if len(at) < 5:
            continue
        path = [at[k] for k in (2, -1, 0, 3, 1)]
        query = _scatter(length, path[:4], _unit([0, 1, 2, 3], [1, 1, 1, 1]))
        key = _scatter(length, path[1:], _unit([0, 1, 2, 3], [1, 1, 1, 1]))
        value = _values(length)
        output = np.zeros_like(value)
        step = DECAY / 2.0
        for start in range(4):
            for hops, end in enumerate(path[start + 1 :], start=1):
                output[path[start]] += step**hops * value[end]
        yield ExactCase(f"N={length}", query, key, value, output)


def linear_cases(lengths: Sequence[int]) -> Iterator[ExactCase]:
    """Four queries along one axis pool to itself; four keys score 1, others −1 or 0."""
    for length in lengths:
        at = _places(length)
        if len(at) < 8:
            continue
        query = _scatter(length, at[:4], _unit([3, 3, 3, 3], [1, 1, 1, 1]))
        scored, opposite = [at[k] for k in (0, 7, 3, 5)], [at[k] for k in (1, 2)]
        key = _scatter(length, scored, _unit([3] * 4, [1] * 4))
        key += _scatter(length, opposite, _unit([3] * 2, [-1] * 2))
        value = _values(length)
        row = DECAY * value[scored].sum(0) / 4.0
        yield ExactCase(f"N={length}", query, key, value, np.tile(row, (length, 1)))


CASES = {
    "infinite_self_attention": pure_cases,
    "resolvent_attention": resolvent_cases,
    "linear_infinite_self_attention": linear_cases,
}
