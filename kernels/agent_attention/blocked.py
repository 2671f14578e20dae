"""Agent attention in torch: two passes of tiles."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.softmax_attention.blocked import softmax_attention


def agent_attention(
    query: torch.Tensor,
    agent: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 128,
) -> torch.Tensor:
    """``softmax(scale · QAᵀ) · softmax(scale · AKᵀ) V``; what the agents gather stays in what sums
    are held in.

    Args:
        query, agent, key: [B, H, N, d]; value: [B, H, N, e]; one dtype. As many agents as tokens
            here; fewer are a special case for the operator, not for this layout.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2312.08874, Eq. (4); `theory.operator.agent_attention`.
    """
    examine_recurrence(query, agent, value, {})
    examine_recurrence(agent, key, value, {})
    held = accumulator(query.dtype)
    q, a, k, v = (x.to(held) for x in (query, agent, key, value))
    gathered = softmax_attention(a, k, v, scale=scale, block=block)
    return softmax_attention(q, a, gathered, scale=scale, block=block).to(query.dtype)
