"""Tensor attention of order three in Triton: per tile of the second keys, all first keys."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.triton_runtime import tl, triton

BLOCK = 16
# With four, sm_100 keeps something on the stack.
WARPS = 8
PRECISION = "ieee"


@triton.jit
def pairs_kernel(
    query, key_one, key_two, value_one, value_two, output, logarithm, length, width, columns, scale,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """One tile of rows of one head, online over all pairs of keys; in float32."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    wide, narrow = across < width, along < columns
    q = tl.load(
        query + (head * length + rows)[:, None] * width + across[None, :],
        mask=(rows < length)[:, None] & wide[None, :],
        other=0.0,
    ).to(tl.float32)
    largest = tl.full([BLOCK], float("-inf"), dtype=tl.float32)
    total = tl.zeros([BLOCK], dtype=tl.float32)
    summed = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    for left in range(0, length, BLOCK):
        others = left + tl.arange(0, BLOCK)
        inside = (others < length)[:, None]
        base = head * length + others
        k = tl.load(
            key_two + base[:, None] * width + across[None, :],
            mask=inside & wide[None, :],
            other=0.0,
        ).to(tl.float32)
        v = tl.load(
            value_two + base[:, None] * columns + along[None, :],
            mask=inside & narrow[None, :],
            other=0.0,
        ).to(tl.float32)
        for j in range(0, length):
            row = head * length + j
            one = tl.load(key_one + row * width + across, mask=wide, other=0.0).to(tl.float32)
            first = tl.load(value_one + row * columns + along, mask=narrow, other=0.0)
            asked = scale * (q * one[None, :])
            scores = tl.dot(asked, tl.trans(k), input_precision=PRECISION)
            scores = tl.where((others < length)[None, :], scores, float("-inf"))
            new = tl.maximum(largest, tl.max(scores, axis=1))
            factor = tl.exp(largest - new)
            weights = tl.exp(scores - new[:, None])
            total = total * factor + tl.sum(weights, axis=1)
            seen = tl.dot(weights, v, input_precision=PRECISION)
            summed = summed * factor[:, None] + seen * first.to(tl.float32)[None, :]
            largest = new
    tl.store(
        output + (head * length + rows)[:, None] * columns + along[None, :],
        summed / total[:, None],
        mask=(rows < length)[:, None] & narrow[None, :],
    )
    tl.store(logarithm + head * length + rows, largest + tl.log(total), mask=rows < length)


def forward_pass(
    query: torch.Tensor,
    key_one: torch.Tensor,
    key_two: torch.Tensor,
    value_one: torch.Tensor,
    value_two: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The output of `triton_gradient.tensor_attention` before it is rounded, and
    ``L_i = log Σ_{j,l} exp(scale · Σ_c q_ic k¹_jc k²_lc)``, from which its weights can be formed
    again.

    Returns:
        [B, H, N, e] and [B, H, N], in float32.

    Raises:
        ValueError: as `triton_gradient.tensor_attention`.
    """
    examine_recurrence(query, key_one, value_one, {}, accepted=NARROW)
    examine_recurrence(query, key_two, value_two, {}, accepted=NARROW)
    block = block or BLOCK
    examine_block(block, power_of_two=True)
    given = (query, key_one, key_two, value_one, value_two)
    given = tuple(x.contiguous() for x in given)
    batch, heads, length, width = query.shape
    columns = value_one.shape[-1]
    # Not empty: an element that no program writes must not look right.
    unwritten = lambda *shape: torch.full(
        shape, float("nan"), dtype=torch.float32, device=query.device
    )
    output, logarithm = unwritten(*value_one.shape), unwritten(batch, heads, length)
    pairs_kernel[(triton.cdiv(length, block), batch * heads)](
        *given, output, logarithm, length, width, columns, scale,
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)), PRECISION=PRECISION, num_warps=WARPS,
    )  # fmt: skip
    return output, logarithm
