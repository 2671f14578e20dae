"""The gated delta rule in torch: one unit triangular system per chunk, solved by substitution."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import decay_matrix, examine_recurrence


def gated_delta_rule(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    step_size: torch.Tensor,
    decay: torch.Tensor,
    *,
    state: torch.Tensor | None = None,
    return_state: bool = False,
    block: int = 64,
) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """``S_t = α_t S_{t−1}(I − β_t k_t k_tᵀ) + β_t v_t k_tᵀ``, ``o_t = S_t q_t``; without a scale.

    In a chunk with state S before it: ``(I + tril_−(diag(β)KKᵀ ⊙ Γ))U = diag(β)(V − diag(g)KSᵀ)``,
    ``O = diag(g)QSᵀ + (QKᵀ ⊙ Γ)U`` and ``S ← g_C S + (diag(Γ_C)U)ᵀK``. By substitution: the inverse
    by repeated squaring loses every digit where a key repeats.

    Args:
        query, key: [B, H, N, d], keys of norm at most one; value: [B, H, N, e]; step_size: β in
            [0, 2] and decay: α, [B, H, N], may be zero; one dtype.
        state: [B, H, e, d] before the first token, in the accumulator's dtype; zero unless given.
        block: tokens per chunk.

    Returns:
        [B, H, N, e] in the dtype of the inputs, and with ``return_state`` the last state, in the
        accumulator's dtype. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2412.06464, section 3.3; `theory.operator.gated_delta_rule`.
    """
    examine_recurrence(query, key, value, {"step_size": step_size, "decay": decay})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    *outer, length, width = query.shape
    if state is None:
        state = query.new_zeros(*outer, value.shape[-1], width, dtype=held)
    outputs = []
    for start in range(0, length, block):
        cut = slice(start, start + block)
        q, k, v = (x[..., cut, :].to(held) for x in (query, key, value))
        beta, gate = step_size[..., cut].to(held)[..., None], decay[..., cut].to(held)
        inside, before = decay_matrix(gate), torch.cumprod(gate, -1)[..., None]
        system = (beta * (k @ k.transpose(-1, -2)) * inside).tril(-1)
        right = beta * (v - before * (k @ state.transpose(-1, -2)))
        # The diagonal is not read with unitriangular.
        writes = torch.linalg.solve_triangular(system, right, upper=False, unitriangular=True)
        scores = (q @ k.transpose(-1, -2)) * inside
        outputs.append(before * (q @ state.transpose(-1, -2)) + scores @ writes)
        kept = inside[..., -1, :, None] * writes
        state = before[..., -1:, :] * state + kept.transpose(-1, -2) @ k
    output = torch.cat(outputs, -2).to(query.dtype)
    return (output, state) if return_state else output
