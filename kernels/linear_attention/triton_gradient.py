"""Linear forms of attention in Triton with a gradient: sums over the keys, then a form of each row.

The sums ``S = KᵀV``, ``z = Kᵀ1``, ``m = Vᵀ1/N`` have a gradient of their own, `moments_triton`. A
row ``y_i`` is a function of ``r_i = Sᵀq_i``, ``t_i = zᵀq_i`` and m. With the cotangent g of y:

    y = r/t                     dr = g/t                dt = −g·r/t²
    y = r + (1 − t) m           dr = g                  dt = −g·m
    y = (1 + 1/(t + ε)) r − tm  dr = (1 + 1/(t + ε)) g  dt = −g·r/(t + ε)² − g·m

    dQ = dR Sᵀ + dt zᵀ      dS = Qᵀ dR      dz = Qᵀ dt

The last line is a product of all tokens with one matrix and a sum over all tokens, once more.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence

from .moments_triton import moments, sums_over_tokens
from .rows_triton import rows
from .triton_kernel import CENTRED, MAGNITUDE_AWARE, NORMALISED, form_from_sums

__all__ = ["CENTRED", "MAGNITUDE_AWARE", "NORMALISED", "linear_attention", "linear_form"]


def _cotangents(given, recalled, total, mean, kind, epsilon):
    """Those of r, t and m, from that of y."""
    total = total[..., None]
    if kind == NORMALISED:
        of_recalled = given / total
        of_total = -(given * recalled).sum(-1, keepdim=True) / (total * total)
        return of_recalled, of_total[..., 0], torch.zeros_like(mean)
    along_mean = (given * mean[..., None, :]).sum(-1)
    if kind == CENTRED:
        return given, -along_mean, ((1 - total) * given).sum(-2)
    shifted = total + epsilon
    share = (given * recalled).sum(-1, keepdim=True) / (shifted * shifted)
    return (1 + 1 / shifted) * given, -share[..., 0] - along_mean, -(total * given).sum(-2)


class _Form(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query, state, keys, mean, kind, epsilon):
        ctx.save_for_backward(query, state, keys, mean)
        ctx.kind, ctx.epsilon = kind, epsilon
        return form_from_sums(query, state, keys, mean, kind=kind, epsilon=epsilon)

    @staticmethod
    @once_differentiable
    def backward(ctx, given):
        query, state, keys, mean = ctx.saved_tensors
        # Not kept since the forward pass: N(e + 1) numbers, against one more product.
        recalled, total = rows(query, state, vector=keys)
        of_recalled, of_total, of_mean = _cotangents(
            given, recalled, total, mean, ctx.kind, ctx.epsilon
        )
        of_query = of_state = of_keys = None
        if ctx.needs_input_grad[0]:
            of_query, _ = rows(of_recalled, state.transpose(-1, -2), added=keys, weights=of_total)
            of_query = of_query.to(query.dtype)
        if ctx.needs_input_grad[1] or ctx.needs_input_grad[2]:
            of_state, of_keys, _ = sums_over_tokens(query, of_recalled, weights=of_total)
        return of_query, of_state, of_keys, of_mean, None, None


def linear_form(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    kind: int,
    epsilon: float = 0.0,
    block: int = 0,
) -> torch.Tensor:
    """The operator of that kind, see `triton_kernel.form_from_sums`, with a gradient.

    Args:
        query, key: features, [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e].
        kind: `NORMALISED`, `CENTRED` or `MAGNITUDE_AWARE`.
        block: tokens that are added up at a time, a power of two of at least 16; 0 for what suits
            the dtype.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)
    if block:
        examine_block(block, power_of_two=True)
    state, keys, values = moments(key, value, block=block)
    mean = values / key.shape[2]
    return _Form.apply(query, state, keys, mean, kind, epsilon).to(value.dtype)


def linear_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *, block: int = 0
) -> torch.Tensor:
    """``y_i = q_iᵀ(KᵀV) / q_iᵀ(Kᵀ1)``; see `linear_form`.

    Source: arXiv:2006.16236, Eq. (5); `theory.operator.linear_attention`.
    """
    return linear_form(query, key, value, kind=NORMALISED, block=block)
