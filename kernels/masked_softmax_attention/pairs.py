"""Which pairs of tokens a mask lets meet, from what a caller has."""

from __future__ import annotations

import torch


def pairs(mask: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
    """``M_ij ≠ 0`` for every head, without a copy per head or row.

    Args:
        mask: four axes that broadcast to [B, H, N, N]: booleans, or numbers of any dtype that are
            all 0 or 1. [B, 1, 1, N] says which keys are padding, [1, 1, N, N] is one mask for all.
        query: [B, H, N, d], examined already.

    Returns:
        Booleans, [B, H, N, N], with strides of 0 where the mask was broadcast.

    Raises:
        ValueError: another shape or device; an entry that is neither 0 nor 1, as in masks that are
            added to the logits: to read −∞ as "seen" would be the opposite of what was meant.
    """
    batch, heads, length = query.shape[:3]
    whole = (batch, heads, length, length)
    if mask.ndim != 4 or any(size not in (1, full) for size, full in zip(mask.shape, whole)):
        raise ValueError(
            f"mask has shape {tuple(mask.shape)}; it needs four axes, each of size 1 or as in "
            f"[batch, heads, tokens, tokens] = {list(whole)}: add the missing axes with unsqueeze"
        )
    if mask.device != query.device:
        raise ValueError(
            f"query and mask are on {query.device} and {mask.device}; move them to one device"
        )
    seen = mask
    if mask.dtype != torch.bool:
        seen = mask != 0
        other = seen & (mask != 1)
        if bool(other.any()):
            raise ValueError(
                f"mask has an entry {mask[other][0].item()}; 1 is for a key that is seen and 0 for "
                "one that is not: of a mask that is added to the logits, give mask == 0"
            )
    return seen.expand(whole)
