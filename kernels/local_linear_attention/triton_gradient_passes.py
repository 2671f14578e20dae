"""The passes of the gradient of local linear attention, over rows and over keys; the formulas stand
in `triton_gradient`."""

from __future__ import annotations

from attnproof.kernels.triton_runtime import tl, triton

from .triton_solver import numbers_of, shares_of, tile_of


@triton.jit
def pull_kernel(
    query, key, value, cotangent, largest_of, total_of, rest_of, level_of, pull_of,
    length, width, columns, scale,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``t = Σ_j p_j (G_j − h) z_j / D`` of one tile of rows of one head."""
    head = tl.program_id(1).to(tl.int64)
    top = tl.program_id(0) * BLOCK
    rows = top + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    q = tile_of(query, head, rows, length, across, width)
    g = tile_of(cotangent, head, rows, length, along, columns)
    largest = numbers_of(largest_of, head, rows, length, 0.0)
    total = numbers_of(total_of, head, rows, length, 1.0)
    rest = numbers_of(rest_of, head, rows, length, 1.0)
    level = numbers_of(level_of, head, rows, length, 0.0)
    summed = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    mass = tl.zeros([BLOCK], dtype=tl.float32)
    for left in range(0, top + BLOCK, BLOCK):
        others = left + tl.arange(0, BLOCK)
        k = tile_of(key, head, others, length, across, width)
        v = tile_of(value, head, others, length, along, columns)
        shares = shares_of(q, k, rows, others, largest, total, scale, PRECISION)
        gain = tl.dot(g, tl.trans(v), input_precision=PRECISION) - level[:, None]
        weights = shares * gain
        summed += tl.dot(weights, k, input_precision=PRECISION)
        mass += tl.sum(weights, axis=1)
    tl.store(
        pull_of + (head * length + rows)[:, None] * width + across[None, :],
        (summed - mass[:, None] * q) / rest[:, None],
        mask=(rows < length)[:, None] & (across < width)[None, :],
    )


@triton.jit
def query_gradient_kernel(
    query, key, value, cotangent, slope_of, adjoint_of,
    largest_of, total_of, rest_of, level_of, of_query,
    length, width, columns, scale, ridge,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``dq`` of one tile of rows of one head."""
    head = tl.program_id(1).to(tl.int64)
    top = tl.program_id(0) * BLOCK
    rows = top + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    q = tile_of(query, head, rows, length, across, width)
    g = tile_of(cotangent, head, rows, length, along, columns)
    slope = tile_of(slope_of, head, rows, length, across, width)
    adjoint = tile_of(adjoint_of, head, rows, length, across, width)
    largest = numbers_of(largest_of, head, rows, length, 0.0)
    total = numbers_of(total_of, head, rows, length, 1.0)
    rest = numbers_of(rest_of, head, rows, length, 1.0)
    level = numbers_of(level_of, head, rows, length, 0.0)
    shift = ridge * tl.sum(slope * adjoint, axis=1)
    above, below = tl.sum(q * slope, axis=1), tl.sum(q * adjoint, axis=1)
    summed = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    mass = tl.zeros([BLOCK, BLOCK], dtype=tl.float32)
    for left in range(0, top + BLOCK, BLOCK):
        others = left + tl.arange(0, BLOCK)
        k = tile_of(key, head, others, length, across, width)
        v = tile_of(value, head, others, length, along, columns)
        turned = tl.trans(k)
        scores = scale * tl.dot(q, turned, input_precision=PRECISION) - largest[:, None]
        scores = tl.where(others[None, :] <= rows[:, None], scores, float("-inf"))
        shares = tl.exp(scores) / total[:, None]
        gain = tl.dot(g, tl.trans(v), input_precision=PRECISION) - level[:, None]
        turn = tl.dot(adjoint, turned, input_precision=PRECISION) - below[:, None]
        tilt = gain / rest[:, None] - turn
        change = 1.0 + above[:, None] - tl.dot(slope, turned, input_precision=PRECISION)
        mass += shares * tilt
        of_scores = shares * (change * tilt + shift[:, None])
        summed += tl.dot(of_scores, k, input_precision=PRECISION)
    drift = tl.sum(mass, axis=1)[:, None] * slope + rest[:, None] * adjoint
    tl.store(
        of_query + (head * length + rows)[:, None] * width + across[None, :],
        scale * summed + drift,
        mask=(rows < length)[:, None] & (across < width)[None, :],
    )


@triton.jit
def key_gradient_kernel(
    query, key, value, cotangent, slope_of, adjoint_of,
    largest_of, total_of, rest_of, level_of, of_key,
    length, width, columns, scale, ridge,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``dk`` of one tile of keys of one head, over all rows that see them."""
    head = tl.program_id(1).to(tl.int64)
    left = tl.program_id(0) * BLOCK
    others = left + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    k = tile_of(key, head, others, length, across, width)
    v = tile_of(value, head, others, length, along, columns)
    summed = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    for top in range(left, length, BLOCK):
        rows = top + tl.arange(0, BLOCK)
        q = tile_of(query, head, rows, length, across, width)
        g = tile_of(cotangent, head, rows, length, along, columns)
        slope = tile_of(slope_of, head, rows, length, across, width)
        adjoint = tile_of(adjoint_of, head, rows, length, across, width)
        largest = numbers_of(largest_of, head, rows, length, 0.0)
        # Rows beyond the last have the share 0.
        total = numbers_of(total_of, head, rows, length, float("inf"))
        rest = numbers_of(rest_of, head, rows, length, 1.0)
        level = numbers_of(level_of, head, rows, length, 0.0)
        # Keys down, rows across.
        scores = scale * tl.dot(k, tl.trans(q), input_precision=PRECISION) - largest[None, :]
        scores = tl.where(others[:, None] <= rows[None, :], scores, float("-inf"))
        shares = tl.exp(scores) / total[None, :]
        gain = tl.dot(v, tl.trans(g), input_precision=PRECISION) - level[None, :]
        turn = tl.dot(k, tl.trans(adjoint), input_precision=PRECISION)
        tilt = gain / rest[None, :] - turn + tl.sum(q * adjoint, axis=1)[None, :]
        fall = tl.dot(k, tl.trans(slope), input_precision=PRECISION)
        change = 1.0 - fall + tl.sum(q * slope, axis=1)[None, :]
        shift = ridge * tl.sum(slope * adjoint, axis=1)
        of_scores = scale * shares * (change * tilt + shift[None, :])
        summed += tl.dot(of_scores, q, input_precision=PRECISION)
        summed -= tl.dot(shares * tilt, slope, input_precision=PRECISION)
        summed -= tl.dot(shares * change, adjoint, input_precision=PRECISION)
    tl.store(
        of_key + (head * length + others)[:, None] * width + across[None, :],
        summed,
        mask=(others < length)[:, None] & (across < width)[None, :],
    )


@triton.jit
def value_gradient_kernel(
    query, key, cotangent, slope_of, largest_of, total_of, rest_of, of_value,
    length, width, columns, scale,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``dv`` of one tile of keys of one head, over all rows that see them."""
    head = tl.program_id(1).to(tl.int64)
    left = tl.program_id(0) * BLOCK
    others = left + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    k = tile_of(key, head, others, length, across, width)
    summed = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    for top in range(left, length, BLOCK):
        rows = top + tl.arange(0, BLOCK)
        q = tile_of(query, head, rows, length, across, width)
        g = tile_of(cotangent, head, rows, length, along, columns)
        slope = tile_of(slope_of, head, rows, length, across, width)
        largest = numbers_of(largest_of, head, rows, length, 0.0)
        total = numbers_of(total_of, head, rows, length, float("inf"))
        rest = numbers_of(rest_of, head, rows, length, 1.0)
        # Keys down, rows across.
        scores = scale * tl.dot(k, tl.trans(q), input_precision=PRECISION) - largest[None, :]
        scores = tl.where(others[:, None] <= rows[None, :], scores, float("-inf"))
        fall = tl.dot(k, tl.trans(slope), input_precision=PRECISION)
        change = 1.0 - fall + tl.sum(q * slope, axis=1)[None, :]
        weights = tl.exp(scores) * change / (total * rest)[None, :]
        summed += tl.dot(weights, g, input_precision=PRECISION)
    tl.store(
        of_value + (head * length + others)[:, None] * columns + along[None, :],
        summed,
        mask=(others < length)[:, None] & (along < columns)[None, :],
    )
