"""Gated linear attention with a gate per key channel, in torch: short chunks and a state."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence


def _products(gate: torch.Tensor) -> torch.Tensor:
    """``Γ_ij = a_{j+1} ⊙ ⋯ ⊙ a_i`` for j ≤ i, else 0: [B, H, C, C, d] from [B, H, C, d]. By
    multiplication alone: quotients of cumulative products would divide by gates that are zero."""
    rows = []
    row = torch.zeros_like(gate)
    place = torch.arange(gate.shape[2], device=gate.device)
    for i in range(gate.shape[2]):
        own = (place == i)[:, None].to(gate.dtype)
        row = row * gate[:, :, i : i + 1, :] + own
        rows.append(row)
    return torch.stack(rows, 2)


def channel_gated_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
    *,
    block: int = 16,
) -> torch.Tensor:
    """``S_t = S_{t−1} diag(a_t) + v_t k_tᵀ``, ``o_t = S_t q_t``; without a scale.

    Args:
        query, key, decay: [B, H, N, d]; value: [B, H, N, e]; one dtype; gates may be zero.
        block: tokens per chunk; memory grows with its square.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2312.06635, Eq. (3); `theory.operator.gated_linear_attention`.
    """
    examine_recurrence(query, key, value, {})
    examine_recurrence(query, decay, value, {})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    state = query.new_zeros(*query.shape[:2], value.shape[-1], query.shape[-1], dtype=held)
    outputs = []
    for start in range(0, query.shape[2], block):
        cut = slice(start, start + block)
        q, k, v, gate = (x[..., cut, :].to(held) for x in (query, key, value, decay))
        inside, before = _products(gate), torch.cumprod(gate, 2)
        scores = torch.einsum("bhid,bhjd,bhijd->bhij", q, k, inside)
        outputs.append(scores @ v + (q * before) @ state.transpose(-1, -2))
        kept = k * inside[:, :, -1]
        state = state * before[:, :, -1, None, :] + v.transpose(-1, -2) @ kept
    return torch.cat(outputs, -2).to(query.dtype)
