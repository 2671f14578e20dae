"""The systems of local linear attention by conjugate gradients in Triton, a tile at a time."""

from __future__ import annotations

import torch

from attnproof.kernels.triton_runtime import tl, triton

from .solver import RESTARTS, TOLERANCE, refusal, steps

PRECISION = "ieee"
# A deeper pipeline, and more warps, spill on one GPU or another.
SOLVE_WARPS, SOLVE_STAGES = 4, 2


@triton.jit
def tile_of(tensor, head, rows, length, across, width):
    """Rows of one head in float32, zero outside."""
    at = (head * length + rows)[:, None] * width + across[None, :]
    inside = (rows < length)[:, None] & (across < width)[None, :]
    return tl.load(tensor + at, mask=inside, other=0.0).to(tl.float32)


@triton.jit
def numbers_of(tensor, head, rows, length, other):
    """One number for each row of one head."""
    return tl.load(tensor + head * length + rows, mask=rows < length, other=other)


@triton.jit
def shares_of(q, k, rows, others, largest, total, scale, PRECISION: tl.constexpr):
    """``p_ij = e^{scale·q_iᵀk_j − m_i}/l_i`` for j ≤ i, 0 elsewhere."""
    scores = scale * tl.dot(q, tl.trans(k), input_precision=PRECISION)
    seen = others[None, :] <= rows[:, None]
    # Masked before the exponential: a later key's score may be far above the largest one seen.
    below = tl.where(seen, scores - largest[:, None], float("-inf"))
    return tl.exp(below) / total[:, None]


@triton.jit
def along_of(x, q, k, PRECISION: tl.constexpr):
    """``z_ijᵀx_i = k_jᵀx_i − q_iᵀx_i``."""
    return tl.dot(x, tl.trans(k), input_precision=PRECISION) - tl.sum(q * x, axis=1)[:, None]


@triton.jit
def length_of(x):
    """``‖x_i‖``."""
    return tl.sqrt(tl.sum(x * x, axis=1))


@triton.jit
def solve_kernel(
    query, key, largest_of, total_of, size_of, right_of, solution, residual_of, allowed_of,
    length, width, scale, ridge, tolerance, steps, restarts,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``‖b_i − A_i x_i‖ ≤ tolerance · S_i · ‖x_i‖``, or NaN, for one tile of rows of one head.

    A pass over the keys is one product, of the directions or, to form a residual anew, of the
    estimates. A row that has arrived stays as it is.
    """
    head = tl.program_id(1).to(tl.int64)
    top = tl.program_id(0) * BLOCK
    rows = top + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    q = tile_of(query, head, rows, length, across, width)
    right = tile_of(right_of, head, rows, length, across, width)
    largest = numbers_of(largest_of, head, rows, length, 0.0)
    total = numbers_of(total_of, head, rows, length, 1.0)
    relative = tolerance * numbers_of(size_of, head, rows, length, 0.0)
    estimate = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    # The residual of the estimate 0, which solves the system only if the right-hand side is 0.
    residual = right
    direction = right
    square = tl.sum(right * right, axis=1)
    arrived = (rows >= length) | (square == 0.0)
    active = arrived == 0
    anew, since, begun = 0, 0, 0
    going = tl.max(active.to(tl.int32), axis=0)
    while going > 0:
        operand = tl.where(anew > 0, estimate, direction)
        level = tl.sum(q * operand, axis=1)
        image = ridge * operand
        mass = tl.zeros([BLOCK, BLOCK], dtype=tl.float32)
        for left in range(0, top + BLOCK, BLOCK):
            others = left + tl.arange(0, BLOCK)
            k = tl.load(
                key + (head * length + others)[:, None] * width + across[None, :],
                mask=(others < length)[:, None] & (across < width)[None, :],
                other=0.0,
            ).to(tl.float32)
            turned = tl.trans(k)
            scores = scale * tl.dot(q, turned, input_precision=PRECISION) - largest[:, None]
            scores = tl.where(others[None, :] <= rows[:, None], scores, float("-inf"))
            along = tl.dot(operand, turned, input_precision=PRECISION) - level[:, None]
            weighted = tl.exp(scores) / total[:, None] * along
            image += tl.dot(weighted, k, input_precision=PRECISION)
            mass += weighted
        image -= tl.sum(mass, axis=1)[:, None] * q

        # A step of the rows that are on their way ...
        curvature = tl.sum(operand * image, axis=1)
        active = active & (curvature > 0.0) & (anew == 0)
        step = tl.where(active, square / tl.where(active, curvature, 1.0), 0.0)
        estimate += step[:, None] * direction
        # ... or the residuals formed anew, of those that have not arrived.
        formed = (arrived == 0) & (anew > 0)
        carried = residual - step[:, None] * image
        residual = tl.where(formed[:, None], right - image, carried)
        before = tl.where(square == 0.0, 1.0, square)
        square = tl.sum(residual * residual, axis=1)
        found = tl.sqrt(square)
        allowed = relative * tl.sqrt(tl.sum(estimate * estimate, axis=1))
        arrived = arrived | (formed & (found <= allowed) & (allowed < float("inf")))
        # The residual carried along only says when it is worth forming it.
        active = (active & (found > 0.5 * allowed)) | (formed & (arrived == 0))
        ratio = tl.where(active & (anew == 0), square / before, 0.0)
        direction = residual + ratio[:, None] * direction
        since = tl.where(anew > 0, 0, since + 1)
        begun = tl.where(anew > 0, begun + 1, begun)
        # 0: all have arrived; 1: none is on its way; 2: some are.
        state = tl.max(tl.where(active, 2, tl.where(arrived, 0, 1)), axis=0)
        anew = tl.where((state < 2) | (since == steps), 1, 0)
        going = tl.where((state > 0) & (begun <= restarts), 1, 0)

    allowed = relative * length_of(estimate)
    tl.store(residual_of + head * length + rows, length_of(residual), mask=rows < length)
    tl.store(allowed_of + head * length + rows, allowed, mask=rows < length)
    at = (head * length + rows)[:, None] * width + across[None, :]
    inside = (rows < length)[:, None] & (across < width)[None, :]
    tl.store(solution + at, tl.where(arrived[:, None], estimate, float("nan")), mask=inside)


def solve(
    query: torch.Tensor,
    key: torch.Tensor,
    largest: torch.Tensor,
    total: torch.Tensor,
    size: torch.Tensor,
    right: torch.Tensor,
    *,
    scale: float,
    ridge: float,
    block: int,
) -> torch.Tensor:
    """``(Σ_j p_ij z_ij z_ijᵀ + λI) x_i = b_i`` for all rows, as `solver.solve` does.

    Args:
        query, key: contiguous, [B, H, N, d]; largest, total: m and l of the softmax, [B, H, N];
            size: S, [B, H, N]; right: b, in float32, [B, H, N, d].

    Raises:
        ArithmeticError: a row has not arrived. Asking that waits for the device.
    """
    batch, heads, length, width = query.shape
    new = lambda like: torch.full_like(like, float("nan"), dtype=torch.float32)
    solution, residual, allowed = new(right), new(largest), new(largest)
    solve_kernel[(triton.cdiv(length, block), batch * heads)](
        query, key, largest, total, size, right, solution, residual, allowed,
        length, width, scale, ridge, TOLERANCE * 2.0**-24, steps(width), RESTARTS,
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)), PRECISION=PRECISION,
        num_warps=SOLVE_WARPS, num_stages=SOLVE_STAGES,
    )  # fmt: skip
    certify(residual, allowed, width)
    return solution


def certify(residual: torch.Tensor, allowed: torch.Tensor, width: int) -> None:
    """Refuse rows whose residual is larger than allowed, or was never written.

    Raises:
        ArithmeticError: with the first such row, and what to do.
    """
    failed = ~((residual <= allowed) & (allowed < torch.inf))
    if bool(failed.any()):
        raise refusal(failed, residual, allowed, 0, width)
