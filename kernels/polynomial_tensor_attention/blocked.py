"""Polynomial tensor attention in torch: moments of the keys once, then tiles of rows."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence

from .monomials import examine_polynomial, monomial_factors, monomial_table


def monomials(tokens: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """``φ_m(x) = Π_c x_c^{m_c}`` for every monomial of the table.

    Args:
        tokens: [..., d]; table: indices into (x, 1), [g, R].

    Returns:
        [..., R].
    """
    extended = torch.nn.functional.pad(tokens, (0, 1), value=1.0)
    product = extended.index_select(-1, table[0])
    for indices in table[1:]:
        product = product * extended.index_select(-1, indices)
    return product


def moments(
    key: torch.Tensor, value: torch.Tensor, table: torch.Tensor, block: int
) -> torch.Tensor:
    """``Σ_j φ_m(k_j) (v_j, 1)``, in blocks of tokens.

    Returns:
        [B, H, R, e + 1], in what sums are held in.
    """
    held = accumulator(key.dtype)
    count, columns = table.shape[1], value.shape[3]
    summed = key.new_zeros(*key.shape[:2], count, columns + 1, dtype=held)
    for start in range(0, key.shape[2], block):
        features = monomials(key[..., start : start + block, :].to(held), table)
        v = value[..., start : start + block, :].to(held)
        v = torch.nn.functional.pad(v, (0, 1), value=1.0)
        summed = summed + features.transpose(-1, -2) @ v
    return summed


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
    block: int = 64,
) -> torch.Tensor:
    """``y_i = Σ_{j,l} p(x_ijl) (v¹_j ⊙ v²_l) / Σ_{j,l} p(x_ijl)``,
    ``x_ijl = scale · Σ_c q_ic k¹_jc k²_lc``, ``p(x) = Σ_{r≤g} a_r x^r``.

    A polynomial of a sum of products is a sum over monomials of products, so that the sums over j
    and l separate: ``Σ_m f_m q_i^m (Σ_j (k¹_j)^m v¹_j) ⊙ (Σ_l (k²_l)^m v²_l)``, and the same with
    ones for values. With ``R = C(d + g, g)`` monomials: time N·R·e, memory R·(e + block) per head
    beside the inputs and the output, and N·R where a gradient is wanted.

    Args:
        query, key_one, key_two: [B, H, N, d]; value_one, value_two: [B, H, N, e]; one dtype.
        scale: of the logits, ``1/d`` in the source.
        degree: g. With the default coefficients the denominators are positive if it is even.
        coefficients: a_0, …, a_g; by default 1/r!. Others may have denominators near 0, which is
            not looked at.
        block: tokens at a time.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence`, `arguments.examine_block` and
            `monomials.examine_polynomial`.

    Source: arXiv:2310.04064; `theory.operator.polynomial_tensor_attention`.
    """
    examine_recurrence(query, key_one, value_one, {})
    examine_recurrence(query, key_two, value_two, {})
    examine_block(block, power_of_two=False)
    width = query.shape[3]
    given = examine_polynomial(width, degree, coefficients)
    held = accumulator(query.dtype)
    table = torch.tensor(monomial_table(width, degree), device=query.device)
    factors = torch.tensor(monomial_factors(width, scale, given), dtype=held, device=query.device)
    first = moments(key_one, value_one, table, block)
    state = factors[:, None] * (first * moments(key_two, value_two, table, block))
    outputs = []
    for start in range(0, query.shape[2], block):
        found = monomials(query[..., start : start + block, :].to(held), table) @ state
        outputs.append(found[..., :-1] / found[..., -1:])
    return torch.cat(outputs, -2).to(query.dtype)
