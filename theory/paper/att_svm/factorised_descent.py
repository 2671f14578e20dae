"""Gradient descent on the two factors of W = K Qᵀ, in floating point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.rational import rational_array, to_float

from .attention_loss import descent_direction, float_arrays
from .data_sets import DataSet


def random_start(seed: int, size: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """K with independent entries of standard deviation 1/10, and Q = 0."""
    keys = np.random.default_rng(seed).standard_normal((size, size)) / 10
    return keys, np.zeros((size, size))


def factorised_descent(
    data: DataSet, start: tuple[np.ndarray, np.ndarray], steps: int, *, rate: float = 0.1
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """``K ← K + η D Q/‖D Q‖_F`` and ``Q ← Q + η DᵀK/‖DᵀK‖_F`` with ``D = −∇L(KQᵀ)/‖∇L‖``.

    Both factors move at once, each by a step of length η; a factor with gradient zero stays. The
    direction D comes from logarithms, so that it does not vanish when the softmax saturates.

    Yields:
        (K, Q) after each of the steps.

    Source: arXiv:2308.16898, the schedule of the released code for training (K, Q).
    """
    keys, queries = start
    arrays = float_arrays(data)
    for _ in range(steps):
        descent, _ = descent_direction(*arrays, keys @ queries.T)
        for_keys, for_queries = descent @ queries, descent.T @ keys
        keys = keys + rate * _normalised(for_keys)
        queries = queries + rate * _normalised(for_queries)
        yield keys, queries


def float_margin_ratio(data: DataSet, optimum: float, weight: np.ndarray) -> float:
    """``ϱ(W) = ν* min ⟨A_it, W⟩/‖W‖_*`` in binary64."""
    constraints = data.constraints(data.optimal).values()
    margins = [float((to_float(rational_array(a)) * weight).sum()) for a in constraints]
    return optimum * min(margins) / float(np.linalg.svd(weight, compute_uv=False).sum())


def _normalised(matrix: np.ndarray) -> np.ndarray:
    norm = float(np.linalg.norm(matrix))
    return matrix / norm if norm else matrix
