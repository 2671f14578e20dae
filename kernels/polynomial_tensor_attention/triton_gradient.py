"""Polynomial tensor attention in Triton with a gradient: the same sums, and slopes of monomials.

With the moments ``A_m = Σ_j φ_m(k¹_j) v̂¹_j`` and ``B_m = Σ_l φ_m(k²_l) v̂²_l``, v̂ being the values
with a one appended, and the factors f_m of the monomials, ``C_m = f_m A_m ⊙ B_m`` and
``(t_i, D_i) = Σ_m φ_m(q_i) C_m``, ``y_i = t_i/D_i``. With the cotangent g of y:

    ĝ_i   = (g_i/D_i, −g_iᵀy_i/D_i)                     the cotangent of (t_i, D_i)
    dC_m  = Σ_i φ_m(q_i) ĝ_i                            the moments of the queries and ĝ
    dA_m  = f_m dC_m ⊙ B_m,    dB_m = f_m dC_m ⊙ A_m
    dv¹_j = Σ_m φ_m(k¹_j) dA_m without its last column  the rows of the keys
    dq_i  = Σ_m (ĝ_iᵀC_m) ∇φ_m(q_i)
    dk¹_j = Σ_m (v̂¹_jᵀdA_m) ∇φ_m(k¹_j)

and the same for the second keys and values. A monomial is a product over g places, so that
``∂φ_m/∂x_c`` is the sum, over the places where m has c, of the product over the others. Time
N·R·(e + g·d) for R monomials, memory R·e per head beside gradients.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from attnproof.kernels.triton_runtime import tl, triton

from .triton_kernel import Launcher, entries_at, indices_of, prepared, unwritten


@triton.jit
def slopes_kernel(
    tokens, table, value, weight, state, total, output, length, count, width, columns,
    BLOCK: tl.constexpr, MONOMIALS: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
    DEGREE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``Σ_m (v_iᵀS_m + w_i t_m) ∇φ_m(x_i)`` for one tile of rows of one head."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    present = rows < length
    base = head * length + rows
    v = tl.load(
        value + base[:, None] * columns + along[None, :],
        mask=present[:, None] & (along < columns)[None, :],
        other=0.0,
    ).to(tl.float32)
    w = tl.load(weight + base, mask=present, other=0.0)
    summed = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    for start in range(0, count, MONOMIALS):
        members = start + tl.arange(0, MONOMIALS)
        found = head * count + members
        s = tl.load(
            state + found[:, None] * columns + along[None, :],
            mask=(members < count)[:, None] & (along < columns)[None, :],
            other=0.0,
        )
        t = tl.load(total + found, mask=members < count, other=0.0)
        gains = tl.dot(v, tl.trans(s), input_precision=PRECISION) + w[:, None] * t[None, :]
        for place in tl.static_range(DEGREE):
            product = gains
            for other in tl.static_range(DEGREE):
                if other != place:
                    index = indices_of(table, other, members, count, width)
                    product *= entries_at(tokens, base, present, index, width)
            # Which entry the place holds; the constant has a column that is not stored, or none.
            index = indices_of(table, place, members, count, width)
            held = (index[:, None] == across[None, :]).to(tl.float32)
            summed += tl.dot(product, held, input_precision=PRECISION)
    tl.store(
        output + base[:, None] * width + across[None, :],
        summed,
        mask=present[:, None] & (across < width)[None, :],
    )


def slopes(
    launcher: Launcher,
    tokens: torch.Tensor,
    value: torch.Tensor,
    weight: torch.Tensor,
    state: torch.Tensor,
    total: torch.Tensor,
) -> torch.Tensor:
    """``Σ_m (v_iᵀS_m + w_i t_m) ∇φ_m(x_i)``, [B, H, N, d] in float32.

    Args:
        tokens: [B, H, N, d] and value: [B, H, N, e]; weight: [B, H, N], state: [B, H, R, e] and
            total: [B, H, R], float32; contiguous.
    """
    batch, heads, length, width = tokens.shape
    columns = value.shape[-1]
    output = unwritten(tokens, batch, heads, length, width)
    slopes_kernel[(triton.cdiv(length, launcher.block), batch * heads)](
        tokens, launcher.table, value, weight, state, total, output,
        length, launcher.count, width, columns,
        WIDTH=max(16, triton.next_power_of_2(width)), **launcher.tiles(columns),
    )  # fmt: skip
    return output


class _PolynomialTensorAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, *arguments):
        *given, scale, degree, coefficients, block = arguments
        launcher, factors = prepared(tuple(given), scale, degree, coefficients, block)
        query, key_one, key_two, value_one, value_two = (x.contiguous() for x in given)
        ones = torch.ones(query.shape[:3], dtype=torch.float32, device=query.device)
        first = launcher.moments(key_one, value_one, ones)
        second = launcher.moments(key_two, value_two, ones)
        both = [f * (a * b) for f, a, b in zip((factors[:, None], factors), first, second)]
        output, denominator = launcher.rows(query, *both, quotient=True)
        ctx.save_for_backward(*given, factors, *first, *second, output, denominator)
        ctx.launcher = launcher
        return output.to(value_one.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, cotangent):
        *given, factors, a, a_total, b, b_total, output, denominator = ctx.saved_tensors
        launcher, wanted = ctx.launcher, ctx.needs_input_grad
        tokens = [x.contiguous() for x in given]
        query, keys, values = tokens[0], tokens[1:3], tokens[3:5]
        of_top = (cotangent.float() / denominator[..., None]).contiguous()
        of_bottom = -(of_top * output).sum(-1)
        found: list[torch.Tensor | None] = [None] * 5
        if wanted[0]:
            state, total = factors[:, None] * (a * b), factors * (a_total * b_total)
            found[0] = slopes(launcher, query, of_top, of_bottom, state, total)
        if any(wanted[1:5]):
            of_state, of_total = launcher.moments(query, of_top, of_bottom)
            of_state, of_total = factors[:, None] * of_state, factors * of_total
            ones = torch.ones_like(denominator)
            for kind, (other, other_total) in enumerate(((b, b_total), (a, a_total))):
                back = of_state * other, of_total * other_total
                if wanted[1 + kind]:
                    found[1 + kind] = slopes(launcher, keys[kind], values[kind], ones, *back)
                if wanted[3 + kind]:
                    found[3 + kind], _ = launcher.rows(keys[kind], *back, quotient=False)
        cast = [None if one is None else one.to(x.dtype) for one, x in zip(found, given)]
        return (*cast, None, None, None, None)


def polynomial_tensor_attention(
    query: torch.Tensor,
    key_one: torch.Tensor,
    key_two: torch.Tensor,
    value_one: torch.Tensor,
    value_two: torch.Tensor,
    *,
    scale: float,
    degree: int,
    coefficients: Sequence[float] | None = None,
    block: int = 0,
) -> torch.Tensor:
    """``y_i = Σ_{j,l} p(x_ijl) (v¹_j ⊙ v²_l) / Σ_{j,l} p(x_ijl)``,
    ``x_ijl = scale · Σ_c q_ic k¹_jc k²_lc``, ``p(x) = Σ_{r≤g} a_r x^r``, with a gradient.

    Args:
        query, key_one, key_two: [B, H, N, d] in float32, float16 or bfloat16; value_one,
            value_two: [B, H, N, e]; one dtype.
        scale: of the logits, ``1/d`` in the source.
        degree: g. With the default coefficients the denominators are positive if it is even.
        coefficients: a_0, …, a_g; by default 1/r!. No gradient is taken with respect to them.
        block: tokens of a tile, a power of two of at least 16; 0 for the default.

    Returns:
        [B, H, N, e] in the dtype of the inputs. The gradient is computed in float32 and rounded
        once; it cannot be differentiated again.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence`, `arguments.examine_block` and
            `monomials.examine_polynomial`.

    Source: arXiv:2310.04064; `theory.operator.polynomial_tensor_attention`.
    """
    given = (query, key_one, key_two, value_one, value_two)
    return _PolynomialTensorAttention.apply(*given, scale, degree, coefficients, block)
