"""Masks: which key a query may see, as a predicate of two positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

# ``mask(i, j)`` with positions that broadcast; true where query i sees key j.
Mask = Callable[[np.ndarray, np.ndarray], np.ndarray]


def full(i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Every query sees every key."""
    return np.broadcast_to(np.True_, np.broadcast_shapes(np.shape(i), np.shape(j)))


def causal(i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """``j ≤ i``."""
    return j <= i


def causal_window(width: int) -> Mask:
    """``i − w < j ≤ i``: the token itself and the w − 1 tokens before it."""
    return lambda i, j: (j <= i) & (i - j < width)


def window(width: int) -> Mask:
    """``|i − j| < w``."""
    return lambda i, j: abs(i - j) < width


def causal_documents(lengths: Sequence[int]) -> Mask:
    """``j ≤ i`` and both in the same of several documents laid end to end."""
    document = np.repeat(np.arange(len(lengths)), lengths)
    return lambda i, j: (j <= i) & (document[i] == document[j])


def causal_with_prefix(length: int) -> Mask:
    """``j ≤ i or j < p``: the first p tokens are seen by all."""
    return lambda i, j: (j <= i) | (j < length)


def mask_slice(rows: int, columns: int, kind: str) -> np.ndarray:
    """One rectangle of a mask given as a list of rectangles, boolean, shape (a, b).

    - ``full``: all;
    - ``causal``: ``j ≤ i + b − a``, the diagonal ends in the bottom right corner;
    - ``inverse causal``: ``j ≥ i``, the diagonal begins in the top left corner;
    - ``bi-causal``: ``i ≤ j ≤ i + b − a``.

    Source: arXiv:2510.17896 (kinds of its released code).

    Raises:
        KeyError: an unknown kind.
    """
    i, j = np.ogrid[:rows, :columns]
    return {
        "full": full(i, j),
        "causal": j <= i + columns - rows,
        "inverse causal": j >= i,
        "bi-causal": (i <= j) & (j <= i + columns - rows),
    }[kind]
