"""Gradients of infinite self-attention where finite differences do not look."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from attnproof.kernels.registry import implementations

INFINITE = ("infinite_self_attention", "resolvent_attention", "linear_infinite_self_attention")
ALL = [
    one
    for one in implementations()
    if one.operator in INFINITE and (not one.needs or find_spec(one.needs))
]
TORCH = [one for one in ALL if one.backend == "torch"]


def inputs(dtype: torch.dtype = torch.float64, length: int = 5, width: int = 3, columns: int = 2):
    generator = torch.Generator().manual_seed(7)
    shapes = [(1, 2, length, width)] * 2 + [(1, 2, length, columns)]
    return [
        torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes
    ]


@pytest.mark.parametrize("one", TORCH, ids=lambda one: one.name)
def test_the_gradient_in_the_values_is_the_adjoint(one):
    """``⟨G, F(V)⟩ = ⟨F*(G), V⟩`` because F is linear in V. The two sides multiply the same
    numbers; 1e-12 of the sum of magnitudes leaves room for 2¹² roundings of 2^-53."""
    query, key, value = inputs()
    value.requires_grad_()
    output = one.load()(query, key, value, gamma=0.5, block=2)
    cotangent = torch.rand(output.shape, dtype=torch.float64)
    (gradient,) = torch.autograd.grad(output, value, cotangent)
    gap = ((cotangent * output).sum() - (gradient * value).sum()).abs().item()
    magnitude = one.load()(query.abs(), key.abs(), value.detach().abs(), gamma=0.5, block=2)
    assert gap <= 1e-12 * (cotangent * magnitude.abs()).sum().item()


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("epsilon", [0.0, 1e-6])
@pytest.mark.parametrize("empty", ["one query", "one key", "all queries", "no affinity"])
def test_padding_has_a_finite_gradient(one, empty, epsilon):
    """The norm of a row of zeros has no derivative, nor has the root of a sum of squares that is 0;
    a padded token must not spread NaN, and without any affinity the gradient is 0."""
    query, key, value = inputs(torch.float32)
    if empty == "one query":
        query[..., 2, :] = 0
    elif empty == "one key":
        key[..., 2, :] = 0
    elif empty == "all queries":
        query.zero_()
    else:
        query, key = query.abs(), -key.abs()
    given = [x.requires_grad_() for x in (query, key, value)]
    # γ = 1/4: fewer hops.
    one.load()(*given, gamma=0.25, epsilon=epsilon).sum().backward()
    assert all(bool(torch.isfinite(x.grad).all()) for x in given)
    if empty in ("all queries", "no affinity"):
        assert all(bool((x.grad == 0).all()) for x in given)
    else:
        assert all(bool((x.grad != 0).any()) for x in given)
