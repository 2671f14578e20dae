"""Gated linear attention in torch: matrix products inside a chunk, a state between chunks."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import decay_matrix, examine_recurrence


def gated_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
    *,
    state: torch.Tensor | None = None,
    return_state: bool = False,
    block: int = 64,
) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """``S_t = α_t S_{t−1} + v_t k_tᵀ``, ``o_t = S_t q_t``; without a scale.

    In a chunk with state S before it: ``O = ((QKᵀ) ⊙ Γ)V + diag(g)QSᵀ`` and ``S ← g_C S +
    (diag(Γ_C)V)ᵀK``, where ``Γ_ij = α_{j+1} ⋯ α_i`` and ``g_i = α_1 ⋯ α_i``. Constant decay is
    Lightning Attention and RetNet, gates from the input are Mamba-2; all ones is linear attention.

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e]; decay: [B, H, N], may be zero; one dtype.
        state: [B, H, e, d] before the first token, in the accumulator's dtype; zero unless given.
        block: tokens per chunk.

    Returns:
        [B, H, N, e] in the dtype of the inputs, and with ``return_state`` the last state, in the
        accumulator's dtype. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2401.04658, Eq. (8) to (13); `theory.operator.gated_linear_attention`.
    """
    examine_recurrence(query, key, value, {"decay": decay})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    *outer, length, width = query.shape
    if state is None:
        state = query.new_zeros(*outer, value.shape[-1], width, dtype=held)
    outputs = []
    for start in range(0, length, block):
        cut = slice(start, start + block)
        q, k, v = (x[..., cut, :].to(held) for x in (query, key, value))
        gate = decay[..., cut].to(held)
        inside, before = decay_matrix(gate), torch.cumprod(gate, -1)
        scores = (q @ k.transpose(-1, -2)) * inside
        outputs.append(scores @ v + before[..., None] * (q @ state.transpose(-1, -2)))
        kept = inside[..., -1, :, None] * v
        state = before[..., -1, None, None] * state + kept.transpose(-1, -2) @ k
    output = torch.cat(outputs, -2).to(query.dtype)
    return (output, state) if return_state else output
