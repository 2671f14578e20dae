"""Ulysses attention: tokens are exchanged for heads, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.distributed as distributed

from attnproof.theory.operator.attention_mask import Mask

from .ring_attention import block_state, output


def ulysses_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    positions: Sequence[np.ndarray],
    mask: Mask,
    scale: float = 1.0,
    base_two: bool = False,
) -> torch.Tensor:
    """``Y_I = softmax_M(scale · Q_I Kᵀ) V`` for the tokens I of this rank.

    Called on all ranks of the default process group. All ranks exchange tokens of all heads for all
    tokens of h/P heads, attend, and exchange the outputs back.

    Args and Returns: as for `ring_attention`.

    Raises:
        ValueError: P does not divide h_q and h_k.

    Source: Jacobs et al., arXiv:2309.14509.
    """
    ranks = distributed.get_world_size()
    for heads in (query.shape[1], key.shape[1]):
        if heads % ranks:
            raise ValueError(
                f"{ranks} ranks cannot share {heads} heads evenly: use a number of ranks that "
                "divides both numbers of heads, or a ring"
            )
    order = torch.tensor(np.argsort(np.concatenate(positions)))
    whole = [_heads_for_tokens(x, ranks)[order] for x in (query, key, value)]
    result = one_process(*whole, mask=mask, scale=scale, base_two=base_two)
    return _tokens_for_heads(result[torch.argsort(order)], ranks)


def one_process(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    mask: Mask,
    scale: float = 1.0,
    base_two: bool = False,
) -> torch.Tensor:
    """Attention of whole sequences in their order, a head at a time, without messages."""
    tokens = np.arange(len(query))
    allowed = torch.tensor(mask(tokens[:, None], tokens[None, :]))
    group = query.shape[1] // key.shape[1]
    return torch.cat(
        [
            output(
                block_state(
                    query[:, h : h + 1],
                    key[:, h // group : h // group + 1],
                    value[:, h // group : h // group + 1],
                    allowed,
                    scale,
                    base_two,
                )
            )
            for h in range(query.shape[1])
        ],
        dim=1,
    )


def _heads_for_tokens(mine: torch.Tensor, ranks: int) -> torch.Tensor:
    """(c, h, d) on each rank becomes (Pc, h/P, d), ranks one after the other."""
    tokens, heads, width = mine.shape
    sent = mine.reshape(tokens, ranks, heads // ranks, width).transpose(0, 1).contiguous()
    received = torch.empty_like(sent)
    distributed.all_to_all_single(received, sent)
    return received.reshape(ranks * tokens, heads // ranks, width)


def _tokens_for_heads(mine: torch.Tensor, ranks: int) -> torch.Tensor:
    """(Pc, h/P, d) on each rank becomes (c, h, d)."""
    tokens, heads, width = mine.shape
    sent = mine.reshape(ranks, tokens // ranks, heads, width).contiguous()
    received = torch.empty_like(sent)
    distributed.all_to_all_single(received, sent)
    return received.transpose(0, 1).reshape(tokens // ranks, ranks * heads, width)
