"""Agent attention in Triton: the tiles of softmax attention twice, in float32."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.softmax_attention.triton_kernel import softmax_attention


def agent_attention(
    query: torch.Tensor,
    agent: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> torch.Tensor:
    """``softmax(scale · QAᵀ) · softmax(scale · AKᵀ) V``, forward only. What the agents gather must
    not be rounded to half precision between the passes, so that both run in float32.

    Source: arXiv:2312.08874, Eq. (4); `theory.operator.agent_attention`.
    """
    examine_recurrence(query, agent, value, {}, accepted=NARROW)
    examine_recurrence(agent, key, value, {}, accepted=NARROW)
    q, a, k, v = (x.float() for x in (query, agent, key, value))
    gathered = softmax_attention(a, k, v, scale=scale, block=block)
    return softmax_attention(q, a, gathered, scale=scale, block=block).to(query.dtype)
