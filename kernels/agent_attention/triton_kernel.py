"""Agent attention in Triton: the tiles of softmax attention twice, in float32.

The gradient is that of two softmax steps, which autograd composes: with ``G = softmax(AKᵀ) V`` and
``Y = softmax(QAᵀ) G`` the second step gives dq, its share of da, and dG; the first takes dG for its
cotangent and gives dk, dv and its own share of da.
"""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.softmax_attention.triton_gradient import softmax_attention


def agent_attention(
    query: torch.Tensor,
    agent: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> torch.Tensor:
    """``softmax(scale · QAᵀ) · softmax(scale · AKᵀ) V``, with a gradient.

    What the agents gather must not be rounded to half precision between the passes, so that both
    run in float32, and so do their gradients; each is rounded once at the end.

    Args:
        query, agent, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one
            dtype. As many agents as tokens here, as in `blocked`.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile of the forward pass, a power of two of at least 16; 0 for
            what suits the dtype.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2312.08874, Eq. (4); `theory.operator.agent_attention`.
    """
    examine_recurrence(query, agent, value, {}, accepted=NARROW)
    examine_recurrence(agent, key, value, {}, accepted=NARROW)
    q, a, k, v = (x.float() for x in (query, agent, key, value))
    gathered = softmax_attention(a, k, v, scale=scale, block=block)
    return softmax_attention(q, a, gathered, scale=scale, block=block).to(query.dtype)
