"""Infinite self-attention, all hops, in Triton with a gradient: as many hops of the transposed map.

With ``B = γÂ``, ``Y = Σ_{t≥1} B^t V``, ``X = V + Y`` and the cotangent G of Y, one has ``Y = BX``,
so that ``dY = (I − B)^{-1} dB X + ((I − B)^{-1} − I) dV``, and with ``U = (I − B)^{-T} G``:

    dV = Σ_{t≥1} (Bᵀ)^t G = U − G      the operator on exchanged roles
    dB = U Xᵀ                          the gradient of one hop on X with the cotangent U

Neither side keeps its hops. The series are cut after equally many hops; what either leaves out is
below the rounding of the sums, and the derivative of a truncated series differs by as little.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from attnproof.kernels.arguments import NARROW, examine
from attnproof.kernels.infinite_self_attention.normaliser import normaliser
from attnproof.kernels.infinite_self_attention.triton_gradient import gradients_of_map
from attnproof.kernels.infinite_self_attention.triton_kernel import affinity_times

from .neumann_sum import neumann_sum, sum_of_hops


class _ResolventAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query, key, value, gamma, epsilon, block, tail):
        def apply(q, k, x):
            return affinity_times(q, k, x, block)

        # The hops are held in float32, whatever the inputs are.
        wide = [x.float() for x in (query, key, value)]
        total, squares, count = neumann_sum(apply, *wide, gamma, epsilon, tail)
        ctx.save_for_backward(query, key, value, total, squares)
        ctx.hop, ctx.gamma, ctx.epsilon, ctx.count = apply, gamma, epsilon, count
        return total.to(query.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent):
        query, key, value, output, squares = ctx.saved_tensors
        query, key, value, given = (x.float() for x in (query, key, value, cotangent))
        gamma, epsilon = ctx.gamma, ctx.epsilon
        of_value = sum_of_hops(ctx.hop, key, query, given, squares, gamma, epsilon, ctx.count)
        norm, denominator = normaliser(squares, epsilon)
        found = gradients_of_map(
            query, key, value + output, given + of_value, output,
            norm, denominator, gamma, ctx.needs_input_grad[:2],
        )  # fmt: skip
        found = (*found, of_value if ctx.needs_input_grad[2] else None)
        cast = [None if one is None else one.to(cotangent.dtype) for one in found]
        return (*cast, None, None, None, None)


def resolvent_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    gamma: float,
    epsilon: float = 1e-6,
    block: int = 0,
    tail: float | None = None,
) -> torch.Tensor:
    """``Σ_{t≥1} γ^t Â^t V``, truncated where the rest is at most ``tail · ‖V‖_F``, with a gradient.

    No N × N matrix is held; each hop costs one pass over the tiles.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e], same dtype.
        block: rows and columns of a tile of a hop, a power of two of at least 16; 0 for what suits
            float32.
        tail: relative size of what the truncation may leave out; by default 2^-26.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Gradients are computed in float32 and rounded once.

    Raises:
        ValueError: see `arguments.examine` and `arguments.examine_block`.

    Source: arXiv:2603.00175v2; `theory.operator.resolvent_attention`.
    """
    examine(query, key, value, gamma, epsilon, accepted=NARROW)
    return _ResolventAttention.apply(query, key, value, gamma, epsilon, block, tail)
