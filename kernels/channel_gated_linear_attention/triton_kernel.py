"""Gated linear attention with a gate per key channel, in Triton: the recurrence, token by token.

A program holds the state of one head and some value channels in registers. For training lengths a
chunked form is faster; this one is that of decoding, in the definition's order of operations.
"""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.triton_runtime import tl, triton

# Value channels of a program.
SLICE = 16


@triton.jit
def recurrence_kernel(
    query, key, value, decay, output, length, width, columns,
    WIDTH: tl.constexpr, SLICE: tl.constexpr,
):  # fmt: skip
    """All tokens of one head, for one slice of the value channels; in float32."""
    head = tl.program_id(0).to(tl.int64)
    across = tl.arange(0, WIDTH)
    along = tl.program_id(1) * SLICE + tl.arange(0, SLICE)
    state = tl.zeros([WIDTH, SLICE], dtype=tl.float32)
    wide, narrow = across < width, along < columns
    for t in range(0, length):
        at = (head * length + t) * width + across
        there = (head * length + t) * columns + along
        q = tl.load(query + at, mask=wide, other=0.0).to(tl.float32)
        k = tl.load(key + at, mask=wide, other=0.0).to(tl.float32)
        gate = tl.load(decay + at, mask=wide, other=0.0).to(tl.float32)
        v = tl.load(value + there, mask=narrow, other=0.0).to(tl.float32)
        state = state * gate[:, None] + k[:, None] * v[None, :]
        tl.store(output + there, tl.sum(q[:, None] * state, axis=0), mask=narrow)


def channel_gated_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
) -> torch.Tensor:
    """``S_t = S_{t−1} diag(a_t) + v_t k_tᵀ``, ``o_t = S_t q_t``, forward only.

    Args:
        query, key, decay: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one
            dtype; gates may be zero.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence`.

    Source: arXiv:2312.06635, Eq. (3); `theory.operator.gated_linear_attention`.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)
    examine_recurrence(query, decay, value, {}, accepted=NARROW)
    query, key, value, decay = (x.contiguous() for x in (query, key, value, decay))
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    # Not empty: an element that no program writes must not look right.
    output = torch.full(value.shape, float("nan"), dtype=torch.float32, device=value.device)
    recurrence_kernel[(batch * heads, triton.cdiv(columns, SLICE))](
        query, key, value, decay, output, length, width, columns,
        WIDTH=max(16, triton.next_power_of_2(width)), SLICE=SLICE,
    )  # fmt: skip
    return output.to(value.dtype)
