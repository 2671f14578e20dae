"""LUCID attention in torch: substitution block by block, then tiles of causal softmax."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.causal_softmax_attention.blocked import causal_softmax_attention


def preconditioned_values(
    normal_key: torch.Tensor, value: torch.Tensor, scale: float, offset: float, block: int
) -> torch.Tensor:
    """``u_t = v_t − Σ_{j<t} e^{scale·κ_tᵀκ_j − offset} u_j``, a block of rows at a time: what the
    earlier blocks take away, then substitution within the block. The triangle is never inverted:
    with repeated keys its inverse by repeated squaring is off by many orders of magnitude.

    Args:
        normal_key: κ, [B, H, N, d]; value: [B, H, N, e]; in what sums are held in.
    """
    written: list[torch.Tensor] = []
    for start in range(0, value.shape[2], block):
        rows = normal_key[..., start : start + block, :]
        rest = value[..., start : start + block, :]
        if written:
            before = torch.exp(
                scale * (rows @ normal_key[..., :start, :].transpose(-1, -2)) - offset
            )
            rest = rest - before @ torch.cat(written, -2)
        own = torch.exp(scale * (rows @ rows.transpose(-1, -2)) - offset)
        written.append(
            torch.linalg.solve_triangular(own.tril(-1), rest, upper=False, unitriangular=True)
        )
    return torch.cat(written, -2)


def lucid_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    normal_key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    offset: float,
    block: int = 64,
) -> torch.Tensor:
    """``o_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) u_j`` with ``LU = V``, L unit lower triangular,
    ``L_tj = e^{scale·κ_tᵀκ_j − offset}``.

    Args:
        query, key, normal_key: [B, H, N, d]; value: [B, H, N, e]; one dtype. The caller
            normalises: in the paper ``‖κ‖² = d``, scale ``1/√d`` and offset ``√d``.
        block: rows of a tile.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2602.10410, Eq. (6) and (7); `theory.operator.lucid_attention`.
    """
    examine_recurrence(query, key, value, {})
    examine_recurrence(normal_key, key, value, {})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    written = preconditioned_values(normal_key.to(held), value.to(held), scale, offset, block)
    output = causal_softmax_attention(
        query.to(held), key.to(held), written, scale=scale, block=block
    )
    return output.to(query.dtype)
