"""Softmax attention in Triton with the keys dealt out in one stream, as Lean Attention decodes.

The merged state of a row is what the undivided kernel keeps of it, so that the gradient is the same
pass over keys and rows: `causal_softmax_attention.triton_gradient`.
"""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.causal_softmax_attention.triton_gradient import with_gradient
from attnproof.kernels.causal_softmax_attention.triton_kernel import State
from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

# Rows and columns of a tile. Products in float32 take more registers: fewer warps spill.
BLOCK = {torch.bfloat16: 64, torch.float16: 32, torch.float32: 32}
WARPS = {torch.bfloat16: 4, torch.float16: 8, torch.float32: 8}
MERGE_WARPS = 8
PRECISION = "ieee"


@triton.jit
def share_kernel(
    query, key, value, largest_of, total_of, summed_of, length, width, columns, workers, scale,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
    COMPUTE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """The partial state of one worker's share of the keys for one tile of rows of one head."""
    head = tl.program_id(2).to(tl.int64)
    worker = tl.program_id(1)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    q = tl.load(
        query + (head * length + rows)[:, None] * width + across[None, :],
        mask=(rows < length)[:, None] & (across < width)[None, :],
        other=0.0,
    ).to(COMPUTE)
    largest = tl.full([BLOCK], float("-inf"), dtype=tl.float32)
    total = tl.zeros([BLOCK], dtype=tl.float32)
    summed = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    tiles = tl.cdiv(length, BLOCK)
    for tile in range(worker * tiles // workers, (worker + 1) * tiles // workers):
        others = tile * BLOCK + tl.arange(0, BLOCK)
        inside = (others < length)[:, None]
        base = head * length + others
        k = tl.load(
            key + base[:, None] * width + across[None, :],
            mask=inside & (across < width)[None, :],
            other=0.0,
        ).to(COMPUTE)
        v = tl.load(
            value + base[:, None] * columns + along[None, :],
            mask=inside & (along < columns)[None, :],
            other=0.0,
        ).to(COMPUTE)
        scores = scale * tl.dot(q, tl.trans(k), input_precision=PRECISION)
        # Every tile holds at least one key: no row of scores is empty.
        scores = tl.where((others < length)[None, :], scores, float("-inf"))
        new = tl.maximum(largest, tl.max(scores, axis=1))
        factor = tl.exp(largest - new)
        weights = tl.exp(scores - new[:, None])
        total = total * factor + tl.sum(weights, axis=1)
        summed = summed * factor[:, None] + tl.dot(
            weights.to(COMPUTE), v, input_precision=PRECISION
        )
        largest = new
    place = (head * workers + worker) * length + rows
    tl.store(largest_of + place, largest, mask=rows < length)
    tl.store(total_of + place, total, mask=rows < length)
    tl.store(
        summed_of + place[:, None] * columns + along[None, :],
        summed,
        mask=(rows < length)[:, None] & (along < columns)[None, :],
    )


@triton.jit
def merge_kernel(
    largest_of, total_of, summed_of, output, merged_largest, merged_total,
    length, columns, workers,
    BLOCK: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    """The states of all workers for one tile of rows of one head, merged one by one."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    along = tl.arange(0, COLUMNS)
    narrow = (rows < length)[:, None] & (along < columns)[None, :]
    place = head * workers * length + rows
    largest = tl.load(largest_of + place, mask=rows < length, other=0.0)
    total = tl.load(total_of + place, mask=rows < length, other=1.0)
    summed = tl.load(summed_of + place[:, None] * columns + along[None, :], mask=narrow, other=0.0)
    for worker in range(1, workers):
        place = (head * workers + worker) * length + rows
        other = tl.load(largest_of + place, mask=rows < length, other=0.0)
        new = tl.maximum(largest, other)
        before, after = tl.exp(largest - new), tl.exp(other - new)
        total = total * before + after * tl.load(total_of + place, mask=rows < length, other=1.0)
        found = tl.load(
            summed_of + place[:, None] * columns + along[None, :], mask=narrow, other=0.0
        )
        summed = summed * before[:, None] + after[:, None] * found
        largest = new
    tl.store(
        output + (head * length + rows)[:, None] * columns + along[None, :],
        summed / total[:, None],
        mask=narrow,
    )
    tl.store(merged_largest + head * length + rows, largest, mask=rows < length)
    tl.store(merged_total + head * length + rows, total, mask=rows < length)


def split_state(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int,
    workers: int,
) -> State:
    """``y_i = Σ_j softmax_j(scale · q_iᵀk_j) v_j`` from one partial state per worker, and the
    merged ``m_i = max_j s_ij`` and ``l_i = Σ_j e^{s_ij − m_i}``.

    Args:
        see `softmax_attention`.

    Returns:
        y [B, H, N, e], m and l [B, H, N], in float32.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)
    block = block or BLOCK[query.dtype]
    examine_block(block, power_of_two=True)
    query, key, value = (x.contiguous() for x in (query, key, value))
    batch, heads, length, width = query.shape
    columns, tiles = value.shape[-1], triton.cdiv(length, block)
    workers = max(1, min(workers, tiles))
    broad = max(16, triton.next_power_of_2(columns))
    # Not empty: an element that no program writes must not look right.
    new = lambda *shape: torch.full(shape, float("nan"), dtype=torch.float32, device=value.device)
    largest, total = (new(batch * heads, workers, length) for _ in range(2))
    summed, output = new(batch * heads, workers, length, columns), new(*value.shape)
    merged = new(batch, heads, length), new(batch, heads, length)
    share_kernel[(tiles, workers, batch * heads)](
        query, key, value, largest, total, summed, length, width, columns, workers, scale,
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)), COLUMNS=broad,
        COMPUTE=compute_dtype(query.dtype), PRECISION=PRECISION, num_warps=WARPS[query.dtype],
    )  # fmt: skip
    merge_kernel[(tiles, batch * heads)](
        largest, total, summed, output, *merged, length, columns, workers,
        BLOCK=block, COLUMNS=broad, num_warps=MERGE_WARPS,
    )  # fmt: skip
    return output, *merged


def softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
    workers: int = 5,
) -> torch.Tensor:
    """``y_i = Σ_j softmax_j(scale · q_iᵀk_j) v_j`` from one partial state per worker, with a
    gradient.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one dtype.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile of the forward pass, a power of two of at least 16; 0 for
            what suits the dtype.
        workers: how many shares; never more than there are tiles, so that none is empty.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Gradients are computed in float32 and rounded once.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2405.10480, Algorithm 2; `theory.operator.online_softmax`.
    """

    def attend(query, key, value, _, block):
        return split_state(query, key, value, scale=scale, block=block, workers=workers)

    return with_gradient(query, key, value, attend=attend, scale=scale, causal=False, block=block)
