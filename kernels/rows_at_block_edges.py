"""Sequences of zeros with a few telling rows at the edges of blocks, for cases without rounding.

At width 16 a logit ``q·k/16`` of rows that are 4 times small integers is a small integer itself,
and so is one of rows scaled by ``16^{-1/2} = 1/4`` beforehand. Everything else in a sequence is a
zero row, which takes part in nothing and leaves ragged tails.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WIDTH = 16


def edges(length: int) -> list[int]:
    """At most eight rows: both ends and around multiples of 16, 32 and 64 where there are any."""
    wanted = [0, length - 1, 15, 16, 31, 32, 63, 64, 1, 2, 3, 4, 5, 6, 7]
    return sorted(list(dict.fromkeys(at for at in wanted if at < length))[:8])


def along_axes(length: int, entries: Sequence[tuple[int, int, float]]) -> np.ndarray:
    """Zeros [N, 16] but for the given (row, axis, entry)."""
    rows = np.zeros((length, WIDTH))
    for row, axis, entry in entries:
        rows[row, axis] = entry
    return rows


def integer_values(length: int) -> np.ndarray:
    """Integers from −2 to 2, in five columns, that differ from row to row."""
    row, column = np.arange(length)[:, None], np.arange(5)[None, :]
    return (3 * row + 2 * column + row * column + row // 5) % 5 - 2.0
