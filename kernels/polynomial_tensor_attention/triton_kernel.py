"""Polynomial tensor attention in Triton: sums over tokens of monomials, and what rows make of them.

Both kernels are linear in the values, which stand beside one number per token: that column is the
ones of the keys on the way forward, and the cotangent of the denominator on the way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.triton_runtime import tl, triton

from .monomials import examine_polynomial, monomial_factors, monomial_table

# Tokens and monomials of a tile; with four warps some of these kernels spill.
BLOCK, MONOMIALS = 32, 32
WARPS = 8
PRECISION = "ieee"


@triton.jit
def indices_of(table, place, members, count, width):
    """What the monomials have in one place; the constant 1 beyond the last monomial."""
    return tl.load(table + place * count + members, mask=members < count, other=width)


@triton.jit
def entries_at(tokens, base, present, index, width):
    """The entries of the tokens at these indices, and 1 at the index behind the last one."""
    return tl.load(
        tokens + base[:, None] * width + index[None, :],
        mask=present[:, None] & (index < width)[None, :],
        other=1.0,
    ).to(tl.float32)


@triton.jit
def moments_kernel(
    tokens, table, value, weight, state, total, length, count, width, columns,
    BLOCK: tl.constexpr, MONOMIALS: tl.constexpr, COLUMNS: tl.constexpr, DEGREE: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """``Σ_j φ_m(x_j) (v_j, w_j)`` for one tile of monomials of one head."""
    head = tl.program_id(1).to(tl.int64)
    members = tl.program_id(0) * MONOMIALS + tl.arange(0, MONOMIALS)
    along = tl.arange(0, COLUMNS)
    summed = tl.zeros([MONOMIALS, COLUMNS], dtype=tl.float32)
    of_weights = tl.zeros([MONOMIALS], dtype=tl.float32)
    for start in range(0, length, BLOCK):
        rows = start + tl.arange(0, BLOCK)
        present = rows < length
        base = head * length + rows
        product = tl.full([BLOCK, MONOMIALS], 1.0, dtype=tl.float32)
        for place in tl.static_range(DEGREE):
            index = indices_of(table, place, members, count, width)
            product *= entries_at(tokens, base, present, index, width)
        # Tokens beyond the end have monomials of 1, but neither values nor weights.
        v = tl.load(
            value + base[:, None] * columns + along[None, :],
            mask=present[:, None] & (along < columns)[None, :],
            other=0.0,
        ).to(tl.float32)
        w = tl.load(weight + base, mask=present, other=0.0)
        summed += tl.dot(tl.trans(product), v, input_precision=PRECISION)
        of_weights += tl.sum(product * w[:, None], axis=0)
    found = head * count + members
    tl.store(
        state + found[:, None] * columns + along[None, :],
        summed,
        mask=(members < count)[:, None] & (along < columns)[None, :],
    )
    tl.store(total + found, of_weights, mask=members < count)


@triton.jit
def rows_kernel(
    tokens, table, state, total, output, denominator, length, count, width, columns,
    BLOCK: tl.constexpr, MONOMIALS: tl.constexpr, COLUMNS: tl.constexpr, DEGREE: tl.constexpr,
    QUOTIENT: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``Σ_m φ_m(x_i) S_m`` for one tile of rows of one head, with ``D_i = Σ_m φ_m(x_i) t_m``; the
    first divided by the second if QUOTIENT."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    along = tl.arange(0, COLUMNS)
    present = rows < length
    base = head * length + rows
    summed = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    of_totals = tl.zeros([BLOCK], dtype=tl.float32)
    for start in range(0, count, MONOMIALS):
        members = start + tl.arange(0, MONOMIALS)
        product = tl.full([BLOCK, MONOMIALS], 1.0, dtype=tl.float32)
        for place in tl.static_range(DEGREE):
            index = indices_of(table, place, members, count, width)
            product *= entries_at(tokens, base, present, index, width)
        found = head * count + members
        s = tl.load(
            state + found[:, None] * columns + along[None, :],
            mask=(members < count)[:, None] & (along < columns)[None, :],
            other=0.0,
        )
        t = tl.load(total + found, mask=members < count, other=0.0)
        summed += tl.dot(product, s, input_precision=PRECISION)
        of_totals += tl.sum(product * t[None, :], axis=1)
    if QUOTIENT:
        summed = summed / tl.where(present, of_totals, 1.0)[:, None]
    tl.store(
        output + base[:, None] * columns + along[None, :],
        summed,
        mask=present[:, None] & (along < columns)[None, :],
    )
    tl.store(denominator + base, of_totals, mask=present)


def unwritten(like: torch.Tensor, *shape: int) -> torch.Tensor:
    """In float32, and not empty: an element that no program writes must not look right."""
    return torch.full(shape, float("nan"), dtype=torch.float32, device=like.device)


@dataclass(frozen=True)
class Launcher:
    """What all launches of one call share: the table of monomials, and how large tiles are."""

    table: torch.Tensor
    block: int

    @property
    def degree(self) -> int:
        return self.table.shape[0]

    @property
    def count(self) -> int:
        return self.table.shape[1]

    def tiles(self, columns: int) -> dict[str, object]:
        """The compile-time constants of all kernels."""
        return dict(
            BLOCK=self.block, MONOMIALS=MONOMIALS, DEGREE=self.degree, PRECISION=PRECISION,
            COLUMNS=max(16, triton.next_power_of_2(columns)), num_warps=WARPS,
        )  # fmt: skip

    def moments(
        self, tokens: torch.Tensor, value: torch.Tensor, weight: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """``Σ_j φ_m(x_j) v_j`` and ``Σ_j φ_m(x_j) w_j``.

        Args:
            tokens: [B, H, N, d] and value: [B, H, N, e], contiguous; weight: [B, H, N], float32.

        Returns:
            [B, H, R, e] and [B, H, R], in float32.
        """
        batch, heads, length, width = tokens.shape
        columns = value.shape[-1]
        state = unwritten(tokens, batch, heads, self.count, columns)
        total = unwritten(tokens, batch, heads, self.count)
        moments_kernel[(triton.cdiv(self.count, MONOMIALS), batch * heads)](
            tokens, self.table, value, weight, state, total, length, self.count, width, columns,
            **self.tiles(columns),
        )  # fmt: skip
        return state, total

    def rows(
        self, tokens: torch.Tensor, state: torch.Tensor, total: torch.Tensor, *, quotient: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """``Σ_m φ_m(x_i) S_m`` and ``D_i = Σ_m φ_m(x_i) t_m``, the first divided by the second if
        asked.

        Args:
            tokens: [B, H, N, d]; state: [B, H, R, e] and total: [B, H, R], float32; contiguous.

        Returns:
            [B, H, N, e] and [B, H, N], in float32.
        """
        batch, heads, length, width = tokens.shape
        columns = state.shape[-1]
        output = unwritten(tokens, batch, heads, length, columns)
        denominator = unwritten(tokens, batch, heads, length)
        rows_kernel[(triton.cdiv(length, self.block), batch * heads)](
            tokens, self.table, state, total, output, denominator,
            length, self.count, width, columns, QUOTIENT=quotient, **self.tiles(columns),
        )  # fmt: skip
        return output, denominator


def prepared(
    given: tuple[torch.Tensor, ...],
    scale: float,
    degree: int,
    coefficients: Sequence[float] | None,
    block: int,
) -> tuple[Launcher, torch.Tensor]:
    """The launcher, and the factors of the monomials, [R] in float32.

    Args:
        given: query, both keys and both values.

    Raises:
        ValueError: as `triton_gradient.polynomial_tensor_attention`.
    """
    query, key_one, key_two, value_one, value_two = given
    examine_recurrence(query, key_one, value_one, {}, accepted=NARROW)
    examine_recurrence(query, key_two, value_two, {}, accepted=NARROW)
    block = block or BLOCK
    examine_block(block, power_of_two=True)
    width = query.shape[3]
    polynomial = examine_polynomial(width, degree, coefficients)
    table = torch.tensor(monomial_table(width, degree), device=query.device)
    factors = monomial_factors(width, scale, polynomial)
    factors = torch.tensor(factors, dtype=torch.float32, device=query.device)
    return Launcher(table, block), factors
