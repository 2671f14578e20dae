"""What kernels of gated recurrences demand of their arguments, and what they say otherwise."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from attnproof.kernels.arguments import LAYOUT, NARROW


def examine_recurrence(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    numbers: Mapping[str, torch.Tensor],
    *,
    accepted: tuple[torch.dtype, ...] = (torch.float64, *NARROW),
) -> None:
    """Refuse shapes, dtypes and devices for which the operator is not defined.

    Args:
        numbers: name → one number per token, [batch, heads, tokens].

    Raises:
        ValueError: with what was given and what to give.
    """
    for name, tensor in (("query", query), ("key", key), ("value", value)):
        if tensor.ndim != 4:
            raise ValueError(
                f"{name} has shape {tuple(tensor.shape)}; the layout is {LAYOUT}: add the missing "
                "axes with unsqueeze"
            )
        if tensor.dtype not in accepted:
            raise ValueError(
                f"{name} is {tensor.dtype}; this implementation computes in "
                f"{', '.join(map(str, accepted))}: convert it"
            )
    if query.shape != key.shape or query.shape[:3] != value.shape[:3]:
        raise ValueError(
            f"query {tuple(query.shape)}, key {tuple(key.shape)} and value {tuple(value.shape)} "
            f"differ; the layout is {LAYOUT}, and only the width of the values may differ"
        )
    for name, tensor in numbers.items():
        if tensor.shape != query.shape[:3]:
            raise ValueError(
                f"{name} has shape {tuple(tensor.shape)}; it needs one number per token, "
                f"{tuple(query.shape[:3])}"
            )
    if not query.shape[2] or not query.shape[3]:
        raise ValueError(f"query {tuple(query.shape)} has no tokens or no width")
    kinds = {tensor.dtype for tensor in (query, key, value, *numbers.values())}
    if len(kinds) > 1:
        raise ValueError(f"the arguments are {sorted(map(str, kinds))}; convert them to one dtype")
    places = {tensor.device for tensor in (query, key, value, *numbers.values())}
    if len(places) > 1:
        raise ValueError(
            f"the arguments are on {sorted(map(str, places))}; move them to one device"
        )


def decay_matrix(decay: torch.Tensor) -> torch.Tensor:
    """``Γ_ij = α_{j+1} ⋯ α_i`` for ``j ≤ i``, 0 above the diagonal, for a chunk.

    By cumulative products down each column, not by quotients or logarithms: a gate may be zero.

    Args:
        decay: [..., C].

    Returns:
        [..., C, C].
    """
    size = decay.shape[-1]
    below = torch.ones(size, size, dtype=torch.bool, device=decay.device).tril(-1)
    factors = torch.where(below, decay[..., :, None], torch.ones_like(decay[..., :, None]))
    return torch.cumprod(factors, dim=-2).tril()
