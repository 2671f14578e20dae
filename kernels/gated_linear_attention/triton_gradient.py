"""Gated linear attention in Triton with a gradient: three more passes of the same kernel.

With ``o_t = Σ_{j≤t} Γ_tj (q_tᵀk_j) v_j`` and the cotangent g of o:

    dq_t = Σ_{j≤t} Γ_tj (g_tᵀv_j) k_j          the operator on (g, v, k)
    dk_j = Σ_{t≥j} Γ_tj (v_jᵀg_t) q_t          the operator on (v, g, q), backwards in time
    dv_j = Σ_{t≥j} Γ_tj (k_jᵀq_t) g_t          the operator on (k, q, g), backwards in time
    dα_l = (Σ_{t≥l} q_tᵀdq_t − Σ_{j≥l} k_jᵀdk_j) / α_l

The last line: ``log α_l`` occurs in Γ_tj for j < l ≤ t, which are the pairs with t ≥ l less those
with j ≥ l.
"""

from __future__ import annotations

import torch

from .triton_kernel import gated_linear_attention as forward_pass


def _backwards(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.flip(2)


def _gates_backwards(decay: torch.Tensor) -> torch.Tensor:
    """``α'_0 = 1, α'_r = α_{N−r}``: the gate between two tokens is the same from both sides."""
    return torch.cat([torch.ones_like(decay[..., :1]), decay[..., 1:].flip(2)], 2)


class _GatedLinearAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query, key, value, decay, block):
        ctx.save_for_backward(query, key, value, decay)
        ctx.block = block
        return forward_pass(query, key, value, decay, block=block)

    @staticmethod
    def backward(ctx, cotangent):
        # In float32: a gradient that is rounded between its steps is of no use to narrow weights.
        query, key, value, decay = (x.float() for x in ctx.saved_tensors)
        given = cotangent.float()
        run = lambda *tensors: forward_pass(*tensors, block=ctx.block)
        of_query = run(given, value, key, decay)
        gates = _gates_backwards(decay)
        q, k, v, g = map(_backwards, (query, key, value, given))
        of_key = _backwards(run(v, g, q, gates))
        of_value = _backwards(run(k, q, g, gates))
        of_decay = None
        if ctx.needs_input_grad[3]:
            if not bool((decay > 0).all()):
                raise ValueError(
                    "a gate is 0, where this gradient divides by it: use the torch form, "
                    "kernels.gated_linear_attention.blocked, or a gate above 0"
                )
            share = (query * of_query).sum(-1) - (key * of_key).sum(-1)
            of_decay = _backwards(torch.cumsum(_backwards(share), 2)) / decay
        found = (of_query, of_key, of_value, of_decay)
        cast = [
            None if one is None else one.to(x.dtype) for one, x in zip(found, ctx.saved_tensors)
        ]
        return (*cast, None)


def gated_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
    *,
    block: int = 0,
) -> torch.Tensor:
    """``S_t = α_t S_{t−1} + v_t k_tᵀ``, ``o_t = S_t q_t``, with a gradient.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; decay:
            [B, H, N], may be zero unless its gradient is wanted; one dtype.
        block: tokens per chunk, a power of two of at least 16; 0 for what suits the dtype.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`;
            in the backward pass, a gate that is zero.

    Source: arXiv:2401.04658; `theory.operator.gated_linear_attention`.
    """
    return _GatedLinearAttention.apply(query, key, value, decay, block)
