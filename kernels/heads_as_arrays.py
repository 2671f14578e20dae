"""Tensors as NumPy arrays, one entry of the first axis per head, for compiled functions."""

from __future__ import annotations

import numpy as np
import torch


def heads_as_arrays(tensor: torch.Tensor, held: torch.dtype) -> np.ndarray:
    """[B, H, N, …] as [B·H, N, …] in ``held``, contiguous; a view where it can be one.

    Each step is taken only where it is needed: on short sequences the calls that would change
    nothing take longer than the recurrence.
    """
    if tensor.requires_grad:
        tensor = tensor.detach()
    if tensor.dtype is not held:
        tensor = tensor.to(held)
    array = np.ascontiguousarray(tensor.numpy())
    return array.reshape(-1, *array.shape[2:])
