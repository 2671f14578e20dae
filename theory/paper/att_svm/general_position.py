"""Data whose constraints are linearly independent, for every size that allows it.

Let m = T − 1 ≤ d and n m ≤ d². Sample i gets the m consecutive residues

    S_i = {i m, i m + 1, …, i m + m − 1} mod d,

the query ``z_i = (1, c_i, c_i², …, c_i^{d−1})`` with distinct nodes c_i, and tokens of which the
first is z_i and the others are ``z_i + e_k`` for k in S_i.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def consecutive_residues(sample: int, distractors: int, dimension: int) -> list[int]:
    """``S_i``, m residues modulo d."""
    return [(sample * distractors + j) % dimension for j in range(distractors)]


def power_query(sample: int, dimension: int) -> list[int]:
    """``(1, c, c², …)`` with ``c = i + 1``."""
    return [(sample + 1) ** power for power in range(dimension)]


def general_position(
    samples: int,
    distractors: int,
    dimension: int,
    *,
    residues: Callable[[int, int, int], Sequence[int]] = consecutive_residues,
    query: Callable[[int, int], Sequence[int]] = power_query,
) -> tuple[np.ndarray, np.ndarray]:
    """Tokens, shape (n, m + 1, d), and queries, shape (n, d), integers; query i is token (i, 0)."""
    queries = np.array([query(i, dimension) for i in range(samples)], dtype=object)
    tokens = np.repeat(queries[:, None, :], distractors + 1, axis=1)
    for i in range(samples):
        for t, k in enumerate(residues(i, distractors, dimension)):
            tokens[i, t + 1, k] += 1
    return tokens, queries


def constraint_rows(
    tokens: np.ndarray, queries: np.ndarray, selection: Sequence[int]
) -> np.ndarray:
    """``(x_{i α_i} − x_it) z_iᵀ`` for every i and t ≠ α_i, flattened; shape (n (T − 1), d²)."""
    rows = [
        np.outer(tokens[i, chosen] - tokens[i, t], queries[i]).ravel()
        for i, chosen in enumerate(selection)
        for t in range(tokens.shape[1])
        if t != chosen
    ]
    return np.array(rows, dtype=object)
