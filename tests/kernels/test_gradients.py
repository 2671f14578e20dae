"""Gradients of the blocked torch forms where finite differences do not look."""

from __future__ import annotations

import pytest
import torch

from attnproof.kernels.registry import IMPLEMENTATIONS

TORCH = [one for one in IMPLEMENTATIONS if one.backend == "torch"]
each = pytest.mark.parametrize("one", TORCH, ids=lambda one: one.operator)


def inputs(length: int = 5, width: int = 3, columns: int = 2):
    generator = torch.Generator().manual_seed(7)
    shapes = [(1, 2, length, width)] * 2 + [(1, 2, length, columns)]
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


@each
def test_the_gradient_in_the_values_is_the_adjoint(one):
    """``⟨G, F(V)⟩ = ⟨F*(G), V⟩`` because F is linear in V. The two sides multiply the same
    numbers; 1e-12 of the sum of magnitudes leaves room for 2¹² roundings of 2^-53."""
    query, key, value = inputs()
    value.requires_grad_()
    output = one.load()(query, key, value, gamma=0.9, block=2)
    cotangent = torch.rand(output.shape, dtype=torch.float64)
    (gradient,) = torch.autograd.grad(output, value, cotangent)
    gap = ((cotangent * output).sum() - (gradient * value).sum()).abs().item()
    magnitude = one.load()(query.abs(), key.abs(), value.detach().abs(), gamma=0.9, block=2)
    assert gap <= 1e-12 * (cotangent * magnitude.abs()).sum().item()


@each
@pytest.mark.parametrize("empty", ["one query", "one key", "all queries", "no affinity"])
def test_padding_has_a_finite_gradient(one, empty):
    """The norm of a row of zeros has no derivative; a padded token must not spread NaN."""
    query, key, value = inputs()
    if empty == "one query":
        query[..., 2, :] = 0
    elif empty == "one key":
        key[..., 2, :] = 0
    elif empty == "all queries":
        query.zero_()
    else:
        query, key = query.abs(), -key.abs()
    given = [x.requires_grad_() for x in (query, key, value)]
    one.load()(*given, gamma=0.9, block=2).sum().backward()
    assert all(bool(torch.isfinite(x.grad).all()) for x in given)
