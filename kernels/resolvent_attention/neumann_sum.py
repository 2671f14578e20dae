"""The sum over hops, shared by the backends: only the product with the affinity differs."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

Apply = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]


def neumann_sum(
    apply: Apply,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    gamma: float,
    epsilon: float,
    tail: float,
) -> torch.Tensor:
    """``Σ_{t=1}^{L} γ^t Â^t V`` with L such that what is left out is at most ``tail · ‖V‖_F``.

    ``‖Â‖_2 ≤ σ = min(1, √(‖Â‖_1 ‖Â‖_∞))``, so the tail after L hops is at most
    ``(γσ)^{L+1}/(1 − γσ) · ‖V‖_F``.

    Args:
        apply: (Q, K, X) → (A0 X, row sums of A0 ∘ A0).
    """
    ones = torch.ones_like(value[..., :1])
    row_sums, squares = apply(query, key, ones)
    column_sums, _ = apply(key, query, ones)
    denominator = squares.sum(-1).sqrt()[..., None, None] + epsilon
    denominator = torch.where(denominator == 0, torch.ones_like(denominator), denominator)
    largest = (row_sums / denominator).amax() * (column_sums / denominator).amax()
    # Upwards: a row sum errs by γ_{2p} of itself, and on a GPU by 2^-8 where a tile is rounded to
    # bfloat16. This decides how many hops to take, and one more never hurts.
    contraction = gamma * min(1.0, 1.01 * math.sqrt(float(largest.detach())))
    hop = value.to(row_sums.dtype)
    total = torch.zeros_like(hop)
    for _ in range(hops(contraction, tail)):
        product, _ = apply(query.to(hop.dtype), key.to(hop.dtype), hop)
        hop = gamma * product / denominator
        total = total + hop
    return total.to(query.dtype)


def hops(contraction: float, tail: float) -> int:
    """The smallest ``L ≥ 1`` with ``c^{L+1}/(1 − c) ≤ tail``."""
    if contraction <= 0.0:
        return 1
    needed = math.log(tail * (1.0 - contraction)) / math.log(contraction) - 1.0
    return max(1, math.ceil(needed))
