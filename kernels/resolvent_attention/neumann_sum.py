"""The sum over hops, shared by the backends: only the product with the affinity differs."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from attnproof.kernels.infinite_self_attention.normaliser import normaliser

Apply = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


def neumann_sum(
    apply: Apply,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    gamma: float,
    epsilon: float,
    tail: float | None,
) -> tuple[torch.Tensor, torch.Tensor, int]:
    """``Σ_{t=1}^{L} γ^t Â^t V`` with L such that what is left out is at most ``tail · ‖V‖_F``.

    ``‖Â‖_2 ≤ σ = min(1, √(‖Â‖_1 ‖Â‖_∞))``, so the tail after L hops is at most
    ``(γσ)^{L+1}/(1 − γσ) · ‖V‖_F``, and that of each column relative to its own norm.

    Args:
        apply: (Q, K, X) → (A0 X, row sums of A0 ∘ A0).
        query, key, value: in what sums are held in.
        tail: by default a quarter of the unit round-off of that, 2^-26 in float32: nothing beside
            the rounding of the sum.

    Returns:
        The sum; the row sums of A0 ∘ A0; and L, which no derivative passes through.
    """
    ones = torch.ones_like(value[..., :1])
    row_sums, squares = apply(query, key, ones)
    with torch.no_grad():
        column_sums, _ = apply(key, query, ones)
        _, denominator = normaliser(squares, epsilon)
        largest = (row_sums / denominator).amax() * (column_sums / denominator).amax()
    # Upwards, as the sums are rounded. This decides how many hops to take, and one more never
    # hurts. Of NaN the smaller number is 1.0, and then γ decides.
    contraction = gamma * min(1.0, 1.01 * math.sqrt(float(largest)))
    tail = torch.finfo(value.dtype).eps / 8 if tail is None else tail
    count = hops(contraction, tail)
    return sum_of_hops(apply, query, key, value, squares, gamma, epsilon, count), squares, count


def sum_of_hops(
    apply: Apply,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    squares: torch.Tensor,
    gamma: float,
    epsilon: float,
    count: int,
) -> torch.Tensor:
    """``Σ_{t=1}^{L} γ^t Â^t V`` for L = ``count``; with queries and keys exchanged that of Âᵀ,
    whose norm is the same."""
    _, denominator = normaliser(squares, epsilon)
    hop, total = value, torch.zeros_like(value)
    for _ in range(count):
        product, _ = apply(query, key, hop)
        hop = gamma * product / denominator
        total = total + hop
    return total


def hops(contraction: float, tail: float) -> int:
    """The smallest ``L ≥ 1`` with ``c^{L+1}/(1 − c) ≤ tail``."""
    if contraction <= 0.0:
        return 1
    needed = math.log(tail * (1.0 - contraction)) / math.log(contraction) - 1.0
    return max(1, math.ceil(needed))
