"""Linear infinite self-attention as two passes over the tokens with a state of fixed size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import maximum, square_root

Observer = Callable[[list], None]


def two_pass_stream(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    gamma,
    *,
    observer: Observer = lambda state: None,
) -> list:
    """The common row ``γ Σ_j a_j v_j`` of the linear variant, without an array of N anything.

    Pass 1 keeps ``S = Σ‖q_i‖ q_i`` and ``m = Σ‖q_i‖``; then ``q̄ = S/m``. Pass 2 keeps q̄,
    ``Σ r_j v_j`` and ``Σ r_j`` with ``r_j = [q̄·k_j]_+``. All normalisation comes last.

    Args:
        query, key: shape (N, d), any number system with roots and an order.
        value: shape (N, d_v).
        gamma: ``γ``.
        observer: called with the numbers kept, after every token of either pass.

    Returns:
        d_v numbers.

    Raises:
        ZeroDivisionError: every query is zero, or no key scores, in exact arithmetic.

    Source: arXiv:2603.00175v2, abstract (linear time, auxiliary state of the head's width).
    """
    pooled, mass = None, None
    for row in query:
        norm = square_root(np.array(_dot(row, row), dtype=object))
        scaled = [norm * entry for entry in row]
        pooled = scaled if pooled is None else _sum(pooled, scaled)
        mass = norm if mass is None else mass + norm
        observer([*pooled, mass])
    mean = [entry / mass for entry in pooled]
    total, weight = None, None
    for position, row in enumerate(key):
        score = maximum(np.array(_dot(mean, row), dtype=object))
        scaled = [score * entry for entry in value[position]]
        total = scaled if total is None else _sum(total, scaled)
        weight = score if weight is None else weight + score
        observer([*mean, *total, weight])
    factor = gamma / weight
    return [factor * entry for entry in total]


def _dot(left, right):
    products = [x * y for x, y in zip(left, right, strict=True)]
    total = products[0]
    for product in products[1:]:
        total = total + product
    return total


def _sum(left: list, right: list) -> list:
    return [x + y for x, y in zip(left, right, strict=True)]
