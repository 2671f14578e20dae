"""The sums over all keys that linear forms of attention share."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator


def moments(
    key: torch.Tensor, value: torch.Tensor, block: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """``KᵀV``, ``Kᵀ1`` and ``Vᵀ1``, in blocks of tokens.

    Args:
        key: [B, H, N, d]; value: [B, H, N, e].

    Returns:
        [B, H, d, e], [B, H, d, 1] and [B, H, 1, e], in what sums are held in.
    """
    held = accumulator(key.dtype)
    state = key.new_zeros(*key.shape[:2], key.shape[3], value.shape[3], dtype=held)
    keys = key.new_zeros(*key.shape[:2], key.shape[3], 1, dtype=held)
    values = key.new_zeros(*key.shape[:2], 1, value.shape[3], dtype=held)
    for start in range(0, key.shape[2], block):
        k = key[..., start : start + block, :].to(held)
        v = value[..., start : start + block, :].to(held)
        state = state + k.transpose(-1, -2) @ v
        keys = keys + k.sum(-2)[..., None]
        values = values + v.sum(-2, keepdim=True)
    return state, keys, values
