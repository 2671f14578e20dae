"""Tensor attention of order three in torch: tiles of pairs of keys, online."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.softmax_attention.blocked import partial_softmax
from attnproof.kernels.softmax_attention.stream_k import merge


def tensor_attention(
    query: torch.Tensor,
    key_one: torch.Tensor,
    key_two: torch.Tensor,
    value_one: torch.Tensor,
    value_two: torch.Tensor,
    *,
    scale: float,
    block: int = 64,
) -> torch.Tensor:
    """``y_i = Σ_{j,l} softmax_{j,l}(scale · Σ_c q_ic k¹_jc k²_lc) (v¹_j ⊙ v²_l)``.

    One key j at a time: against all l this is softmax attention with the queries ``q_i ⊙ k¹_j`` and
    the values ``v¹_j ⊙ v²_l``, whose partial states are merged. Time n³, memory n per row.

    Args:
        query, key_one, key_two: [B, H, N, d]; value_one, value_two: [B, H, N, e]; one dtype.
        scale: of the logits, ``1/d`` in the source.
        block: rows and keys of a tile.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2310.04064; `theory.operator.tensor_attention`.
    """
    examine_recurrence(query, key_one, value_one, {})
    examine_recurrence(query, key_two, value_two, {})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    first, second = value_one.to(held), value_two.to(held)
    outputs = []
    for top in range(0, query.shape[2], block):
        q = query[..., top : top + block, :].to(held)
        state = None
        for j in range(key_one.shape[2]):
            one = key_one[..., j : j + 1, :].to(held)
            weighed = first[..., j : j + 1, :] * second
            found = partial_softmax(q * one, key_two, weighed, scale, block)
            state = found if state is None else merge(state, found)
        outputs.append(state[2] / state[1])
    return torch.cat(outputs, -2).to(query.dtype)
