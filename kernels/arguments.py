"""What every kernel demands of its arguments, and what it says otherwise."""

from __future__ import annotations

import torch

LAYOUT = "[batch, heads, tokens, width]"
NARROW = (torch.float32, torch.float16, torch.bfloat16)


def examine(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    gamma: float,
    epsilon: float,
    *,
    accepted: tuple[torch.dtype, ...] = (torch.float64, *NARROW),
) -> None:
    """Refuse shapes, dtypes, devices and parameters for which the operator is not defined.

    Args:
        accepted: dtypes the implementation computes in without losing what was given.

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
    if query.shape != key.shape:
        raise ValueError(
            f"query {tuple(query.shape)} and key {tuple(key.shape)} must have one shape: this "
            "operator is self-attention"
        )
    if query.shape[:3] != value.shape[:3]:
        raise ValueError(
            f"query {tuple(query.shape)} and value {tuple(value.shape)} differ in batch, heads or "
            f"tokens; the layout is {LAYOUT}"
        )
    if not query.shape[2] or not query.shape[3]:
        raise ValueError(f"query {tuple(query.shape)} has no tokens or no width")
    if len({query.dtype, key.dtype, value.dtype}) > 1:
        raise ValueError(
            f"query, key and value are {query.dtype}, {key.dtype} and {value.dtype}; convert them "
            "to one dtype"
        )
    if len({query.device, key.device, value.device}) > 1:
        raise ValueError(
            f"query, key and value are on {query.device}, {key.device} and {value.device}; move "
            "them to one device"
        )
    if not 0.0 <= gamma < 1.0:
        raise ValueError(f"gamma = {gamma} is outside [0, 1), where the series need not converge")
    if not epsilon >= 0.0:
        raise ValueError(f"epsilon = {epsilon} is negative; the released default is 1e-6")


def examine_block(block: int, *, power_of_two: bool) -> None:
    """Refuse block sizes that a tile cannot have.

    Raises:
        ValueError: with what was given and what to give.
    """
    if block < 1:
        raise ValueError(f"block = {block}; a tile needs at least one row: give 1 or more")
    if power_of_two and (block < 16 or block & (block - 1)):
        raise ValueError(f"block = {block}; Triton tiles need a power of two of at least 16")


def accumulator(dtype: torch.dtype) -> torch.dtype:
    """The dtype sums are held in: float64 for float64, float32 for everything narrower."""
    return torch.float64 if dtype == torch.float64 else torch.float32
