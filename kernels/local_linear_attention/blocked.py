"""Local linear attention in torch: moments of a tile of queries, solved by Cholesky factors."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence


def local_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    ridge: float,
    block: int = 32,
) -> torch.Tensor:
    """``o_i = Σ_{j≤i} s_ij v_j``, ``s_ij = p_ij (1 − z_ijᵀρ_i)/(1 − μ_iᵀρ_i)`` with
    ``z_ij = k_j − q_i``, ``p_ij = softmax_j(scale · q_iᵀk_j)``, ``μ_i = Σ_j p_ij z_ij``,
    ``ρ_i = (Σ_j p_ij z_ij z_ijᵀ + λI)^{−1} μ_i``.

    Differences of keys and queries are formed, one tile of queries at a time: the moments about the
    origin would cancel. Memory is block × N × d.

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e]; one dtype.
        scale: of the logits; ridge: λ > 0, relative to the mass of the weights.
        block: queries of a tile.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`;
            or a ridge that is not positive.
        ArithmeticError: the moments are too ill-conditioned for the dtype that sums are held in.

    Source: arXiv:2510.01450; `theory.operator.local_linear_attention`.
    """
    examine_recurrence(query, key, value, {})
    examine_block(block, power_of_two=False)
    if not ridge > 0:
        raise ValueError(f"ridge is {ridge}; the first tokens have no fit without one: raise it")
    held = accumulator(query.dtype)
    length, width = query.shape[2:]
    place = torch.arange(length, device=query.device)
    identity = torch.eye(width, dtype=held, device=query.device)
    outputs = []
    for top in range(0, length, block):
        q = query[..., top : top + block, :].to(held)
        end = min(top + block, length)
        k, v = key[..., :end, :].to(held), value[..., :end, :].to(held)
        scores = scale * (q @ k.transpose(-1, -2))
        future = place[None, :end] > place[top:end, None]
        shares = torch.softmax(scores.masked_fill(future, -torch.inf), -1)
        centred = k[..., None, :, :] - q[..., :, None, :]
        weighted = shares[..., None] * centred
        first = weighted.sum(-2)
        second = centred.transpose(-1, -2) @ weighted + ridge * identity
        factor, failed = torch.linalg.cholesky_ex(second)
        if bool(failed.any()):
            row = top + int(failed.nonzero()[0][-1])
            raise ArithmeticError(
                f"the moments of row {row} have no Cholesky factor in {held} at the ridge {ridge}, "
                "because rounding outweighs it or an input is not finite: raise the ridge, or give "
                "the inputs in float64"
            )
        slope = torch.cholesky_solve(first[..., None], factor)
        change = 1 - (centred @ slope)[..., 0]
        total = 1 - (first[..., None, :] @ slope)[..., 0]
        outputs.append(((shares * change) @ v) / total)
    return torch.cat(outputs, -2).to(query.dtype)
