"""Tensor attention of order three in Triton with a gradient: the weights are formed again.

With the logits ``s_ijl = scale · Σ_c q_ic k¹_jc k²_lc``, ``P_ijl = exp(s_ijl − L_i)``,
``L_i = log Σ_{j,l} exp(s_ijl)``, ``y_i = Σ_{j,l} P_ijl (v¹_j ⊙ v²_l)`` and the cotangent g of y:

    G_ijl = Σ_e g_ie v¹_je v²_le            the cotangent of P_ijl
    D_i   = Σ_{j,l} P_ijl G_ijl = g_iᵀy_i
    S_ijl = P_ijl (G_ijl − D_i)             the cotangent of s_ijl
    dq_i  = scale Σ_{j,l} S_ijl (k¹_j ⊙ k²_l)
    dk¹_j = scale Σ_{i,l} S_ijl (q_i ⊙ k²_l)        dv¹_j = Σ_{i,l} P_ijl (g_i ⊙ v²_l)
    dk²_l = scale Σ_{i,j} S_ijl (q_i ⊙ k¹_j)        dv²_l = Σ_{i,j} P_ijl (g_i ⊙ v¹_j)

The last line is the one before with the two kinds of keys and values exchanged, which leaves s, P
and G alone: one kernel gives both. Between the passes only L and y are held: time n³, memory n.
"""

from __future__ import annotations

import torch

from attnproof.kernels.triton_runtime import tl, triton

from .triton_kernel import BLOCK, PRECISION, forward_pass

# With eight, the gradient of the keys spills on sm_80.
WARPS = 4


@triton.jit
def query_gradient_kernel(
    query, key_one, key_two, value_one, value_two, cotangent, logarithm, mean, output,
    length, width, columns, scale,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``scale Σ_{j,l} S_ijl (k¹_j ⊙ k²_l)`` for one tile of rows of one head; mean is D."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    wide, narrow, present = across < width, along < columns, rows < length
    base = head * length + rows
    at = base[:, None] * width + across[None, :]
    q = tl.load(query + at, mask=present[:, None] & wide[None, :], other=0.0).to(tl.float32)
    g = tl.load(
        cotangent + base[:, None] * columns + along[None, :],
        mask=present[:, None] & narrow[None, :],
        other=0.0,
    ).to(tl.float32)
    normaliser = tl.load(logarithm + base, mask=present, other=0.0)
    centre = tl.load(mean + base, mask=present, other=0.0)
    summed = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    for left in range(0, length, BLOCK):
        others = left + tl.arange(0, BLOCK)
        inside = others < length
        there = head * length + others
        k = tl.load(
            key_two + there[:, None] * width + across[None, :],
            mask=inside[:, None] & wide[None, :],
            other=0.0,
        ).to(tl.float32)
        v = tl.load(
            value_two + there[:, None] * columns + along[None, :],
            mask=inside[:, None] & narrow[None, :],
            other=0.0,
        ).to(tl.float32)
        for j in range(0, length):
            row = head * length + j
            one = tl.load(key_one + row * width + across, mask=wide, other=0.0).to(tl.float32)
            first = tl.load(value_one + row * columns + along, mask=narrow, other=0.0)
            asked, weighed = scale * (q * one[None, :]), g * first.to(tl.float32)[None, :]
            logits = tl.dot(asked, tl.trans(k), input_precision=PRECISION)
            below = tl.where(inside[None, :], logits - normaliser[:, None], float("-inf"))
            gains = tl.dot(weighed, tl.trans(v), input_precision=PRECISION)
            slopes = tl.exp(below) * (gains - centre[:, None])
            summed += tl.dot(slopes, k, input_precision=PRECISION) * one[None, :]
    tl.store(output + at, scale * summed, mask=present[:, None] & wide[None, :])


@triton.jit
def keys_gradient_kernel(
    query, key_one, key_two, value_one, value_two, cotangent, logarithm, mean,
    of_key, of_value, length, width, columns, scale,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``scale Σ_{i,l} S_ijl (q_i ⊙ k²_l)`` and ``Σ_{i,l} P_ijl (g_i ⊙ v²_l)`` for one tile of first
    keys of one head; mean is D."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    wide, narrow, present = across < width, along < columns, rows < length
    base = head * length + rows
    at = base[:, None] * width + across[None, :]
    beside = base[:, None] * columns + along[None, :]
    one = tl.load(key_one + at, mask=present[:, None] & wide[None, :], other=0.0).to(tl.float32)
    first = tl.load(
        value_one + beside, mask=present[:, None] & narrow[None, :], other=0.0
    ).to(tl.float32)  # fmt: skip
    to_keys = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    to_values = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    for left in range(0, length, BLOCK):
        others = left + tl.arange(0, BLOCK)
        inside = others < length
        there = head * length + others
        k = tl.load(
            key_two + there[:, None] * width + across[None, :],
            mask=inside[:, None] & wide[None, :],
            other=0.0,
        ).to(tl.float32)
        v = tl.load(
            value_two + there[:, None] * columns + along[None, :],
            mask=inside[:, None] & narrow[None, :],
            other=0.0,
        ).to(tl.float32)
        # Rows beyond the end have logits of 0, whose exponential may be too large.
        inner = present[:, None] & inside[None, :]
        for i in range(0, length):
            row = head * length + i
            q = tl.load(query + row * width + across, mask=wide, other=0.0).to(tl.float32)
            g = tl.load(cotangent + row * columns + along, mask=narrow, other=0.0).to(tl.float32)
            asked, weighed = scale * (one * q[None, :]), first * g[None, :]
            logits = tl.dot(asked, tl.trans(k), input_precision=PRECISION)
            below = tl.where(inner, logits - tl.load(logarithm + row), float("-inf"))
            weights = tl.exp(below)
            gains = tl.dot(weighed, tl.trans(v), input_precision=PRECISION)
            slopes = weights * (gains - tl.load(mean + row))
            to_keys += tl.dot(slopes, k, input_precision=PRECISION) * q[None, :]
            to_values += tl.dot(weights, v, input_precision=PRECISION) * g[None, :]
    tl.store(of_key + at, scale * to_keys, mask=present[:, None] & wide[None, :])
    tl.store(of_value + beside, to_values, mask=present[:, None] & narrow[None, :])


def backward_pass(
    given: tuple[torch.Tensor, ...],
    cotangent: torch.Tensor,
    output: torch.Tensor,
    logarithm: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
    wanted: tuple[bool, ...] = (True,) * 5,
) -> list[torch.Tensor | None]:
    """The five gradients in float32, or None where one is not wanted.

    Args:
        given: query, both keys and both values, as `forward_pass` was given them.
        cotangent: g, [B, H, N, e], in any dtype; output, logarithm: of `forward_pass`.
        block: as in the forward pass.
    """
    query, key_one, key_two, value_one, value_two = (x.contiguous() for x in given)
    cotangent = cotangent.float().contiguous()
    mean = (cotangent * output).sum(-1)
    batch, heads, length, width = query.shape
    columns = value_one.shape[-1]
    block = block or BLOCK
    grid = (triton.cdiv(length, block), batch * heads)
    sizes = dict(
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)), PRECISION=PRECISION, num_warps=WARPS,
    )  # fmt: skip
    unwritten = lambda x: torch.full(x.shape, float("nan"), dtype=torch.float32, device=x.device)
    found: list[torch.Tensor | None] = [None] * 5
    if wanted[0]:
        found[0] = unwritten(query)
        query_gradient_kernel[grid](
            query, key_one, key_two, value_one, value_two, cotangent, logarithm, mean, found[0],
            length, width, columns, scale, **sizes,
        )  # fmt: skip
    keys, values = (key_one, key_two), (value_one, value_two)
    for first, second in ((0, 1), (1, 0)):
        if wanted[1 + first] or wanted[3 + first]:
            of_key, of_value = unwritten(keys[first]), unwritten(values[first])
            keys_gradient_kernel[grid](
                query, keys[first], keys[second], values[first], values[second],
                cotangent, logarithm, mean, of_key, of_value, length, width, columns, scale,
                **sizes,
            )  # fmt: skip
            found[1 + first], found[3 + first] = of_key, of_value
    return [one if asked else None for one, asked in zip(found, wanted)]


class _TensorAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, *arguments):
        *given, scale, block = arguments
        output, logarithm = forward_pass(*given, scale=scale, block=block)
        # y in float32: D is a difference's other half, and must not be rounded to narrow inputs.
        ctx.save_for_backward(*given, output, logarithm)
        ctx.scale, ctx.block = scale, block
        return output.to(given[-1].dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, cotangent):
        *given, output, logarithm = ctx.saved_tensors
        found = backward_pass(
            tuple(given), cotangent, output, logarithm,
            scale=ctx.scale, block=ctx.block, wanted=ctx.needs_input_grad[:5],
        )  # fmt: skip
        cast = [None if one is None else one.to(x.dtype) for one, x in zip(found, given)]
        return (*cast, None, None)


def tensor_attention(
    query: torch.Tensor,
    key_one: torch.Tensor,
    key_two: torch.Tensor,
    value_one: torch.Tensor,
    value_two: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> torch.Tensor:
    """``y_i = Σ_{j,l} softmax_{j,l}(scale · Σ_c q_ic k¹_jc k²_lc) (v¹_j ⊙ v²_l)``, with a gradient.

    Args:
        query, key_one, key_two: [B, H, N, d] in float32, float16 or bfloat16; value_one,
            value_two: [B, H, N, e]; one dtype.
        scale: of the logits, ``1/d`` in the source.
        block: rows and columns of a tile, a power of two of at least 16; 0 for the default.

    Returns:
        [B, H, N, e] in the dtype of the inputs. The gradient is computed in float32 and rounded
        once; it cannot be differentiated again.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2310.04064; `theory.operator.tensor_attention`.
    """
    return _TensorAttention.apply(query, key_one, key_two, value_one, value_two, scale, block)
