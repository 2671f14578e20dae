"""Gated linear attention in Triton with a gradient: three more passes of the same kernel, and a
pass over chunks for the gates.

With ``o_t = Σ_{j≤t} Γ_tj (q_tᵀk_j) v_j`` and the cotangent g of o:

    dq_t = Σ_{j≤t} Γ_tj (g_tᵀv_j) k_j          the operator on (g, v, k)
    dk_j = Σ_{t≥j} Γ_tj (v_jᵀg_t) q_t          the operator on (v, g, q), backwards in time
    dv_j = Σ_{t≥j} Γ_tj (k_jᵀq_t) g_t          the operator on (k, q, g), backwards in time
    dα_l = Σ_{j<l≤t} (Γ_tj without α_l) (q_tᵀk_j)(g_tᵀv_j)          `gate_gradient_triton`

The last line could be had from the others, ``α_l dα_l = Σ_{t≥l} q_tᵀdq_t − Σ_{j≥l} k_jᵀdk_j``, but
for gates of zero, and a small gate would magnify the rounding errors of these sums.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from .gate_gradient_triton import gate_gradient
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
        return forward_pass(query, key, value, decay, block=block)

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent):
        # In float32: a gradient that is rounded between its steps is of no use to narrow weights.
        # So in blocks that suit float32, whatever those of the forward pass.
        query, key, value, decay = (x.float() for x in ctx.saved_tensors)
        given = cotangent.float()
        of_query = of_key = of_value = of_decay = None
        if ctx.needs_input_grad[0]:
            of_query = forward_pass(given, value, key, decay)
        if ctx.needs_input_grad[1] or ctx.needs_input_grad[2]:
            gates = _gates_backwards(decay)
            q, k, v, g = map(_backwards, (query, key, value, given))
        if ctx.needs_input_grad[1]:
            of_key = _backwards(forward_pass(v, g, q, gates))
        if ctx.needs_input_grad[2]:
            of_value = _backwards(forward_pass(k, q, g, gates))
        if ctx.needs_input_grad[3]:
            of_decay = gate_gradient(query, key, value, decay, given)
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
            [B, H, N], may be zero, also where its gradient is wanted; one dtype.
        block: tokens per chunk, a power of two of at least 16; 0 for what suits the dtype.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2401.04658; `theory.operator.gated_linear_attention`.
    """
    return _GatedLinearAttention.apply(query, key, value, decay, block)
