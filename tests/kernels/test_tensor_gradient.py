"""The gradient of tensor attention in Triton against that of its definition in float64."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.kernels.specification import specification
from attnproof.kernels.specifications.causal_softmax_attention import EXPONENTIAL
from attnproof.theory.engine.rounding import gamma, unit_roundoff

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.tensor_attention.triton_gradient import (
    backward_pass,
    forward_pass,
    tensor_attention,
)

SPEC = specification("tensor_attention")
SCALE = 0.3
U = unit_roundoff("float32")


def instance(length: int, width: int, columns: int, heads: int = 1, size: float = 1.0):
    generator = torch.Generator().manual_seed(length)
    normal = lambda wide: torch.randn(1, heads, length, wide, generator=generator)
    given = [size * normal(width), normal(width), normal(width), normal(columns), normal(columns)]
    return given, normal(columns)


def definition(query, key_one, key_two, value_one, value_two):
    logits = SCALE * torch.einsum("bhic,bhjc,bhlc->bhijl", query, key_one, key_two)
    weights = logits.flatten(-2).softmax(-1).view(logits.shape)
    return torch.einsum("bhijl,bhje,bhle->bhie", weights, value_one, value_two)


def gradients(function, given, cotangent, **options):
    leaves = [x.detach().clone().requires_grad_() for x in given]
    output = function(*leaves, **options)
    return torch.autograd.grad(output, leaves, cotangent.to(output.dtype))


def exact(given, cotangent):
    return gradients(definition, [x.double() for x in given], cotangent.double())


def bounds(given, cotangent) -> list[np.ndarray]:
    """What rounding to float32 may add to each gradient, per entry; see the module for the names.

    A logit errs by ``e = γ_{d+5} M``. L is a maximum and a logarithm of sums as in the bound of the
    operator: it errs by ``max e`` of the row, 2u times the range of the logits, 2N + 2 exponentials
    and γ_{2N²+4} of the sums, the logarithm itself (4u of at most 1 + 2 log N) and u|L|. So
    ``P̂ = P(1 + η)``, where log(1 + η) has the errors of s and L, u|s − L| of their difference and
    one exponential. G is a sum of e products of three, γ_{e+2}; D inherits the error of y, which
    the operator's own bound gives, and is a sum of e terms. S is a product of P and a difference.
    The last sums have at most N² + N additions, and products with k (or g), q and the scale:
    γ_{N²+N+6}. The reference in float64 errs 2^29 times less, up to a factor that depends on its
    order of summation and is far below 2^9: a factor 1 + 2^-20."""
    found = []
    for head in range(given[0].shape[1]):
        arrays = [x[0, head].double().numpy() for x in (*given, cotangent)]
        found.append(_bounds_of_head(*arrays))
    return [np.stack(parts)[None] * (1 + 2.0**-20) for parts in zip(*found)]


def _bounds_of_head(q, one, two, first, second, g):
    length, width = q.shape
    columns = g.shape[1]
    names = ("query", "key_one", "key_two", "value_one", "value_two")
    inputs = dict(zip(names, (q, one, two, first, second)))
    output = SPEC.define(**inputs, scale=SCALE)
    of_output = SPEC.bound(**inputs, scale=SCALE, u=U)
    triple = lambda a, b, c: np.einsum("ic,jc,lc->ijl", a, b, c)
    sizes = [np.abs(x) for x in (q, one, two, first, second, g)]
    logits = SCALE * triple(q, one, two)
    off = gamma(width + 5, U) * SCALE * triple(*sizes[:3])
    rows = lambda array: array.reshape(length, -1).max(1)[:, None, None]
    normaliser = np.log(np.exp(logits - rows(logits)).sum((1, 2)))[:, None, None] + rows(logits)
    spread = rows(logits) + rows(-logits)
    of_normaliser = rows(off) + 2 * U * spread + (2 * length + 2) * EXPONENTIAL * U
    of_normaliser = of_normaliser + gamma(2 * length**2 + 4, U) + U * np.abs(normaliser)
    of_normaliser = of_normaliser + 4 * U * (1 + 2 * np.log(length))
    weights = np.exp(logits - normaliser)
    below = off + of_normaliser
    eta = np.expm1((1 + U) * below + U * np.abs(logits - normaliser) + EXPONENTIAL * U)
    gains = triple(g, first, second)
    centre = (g * output).sum(1)[:, None, None]
    of_gains = gamma(columns + 2, U) * triple(sizes[5], sizes[3], sizes[4])
    of_centre = (sizes[5] * of_output).sum(1)
    of_centre = of_centre + gamma(columns + 1, U) * (sizes[5] * (np.abs(output) + of_output)).sum(1)
    grown = (1 + eta) * (1 + U) ** 2
    slopes = weights * np.abs(gains - centre)
    of_slopes = (grown - 1) * slopes + grown * weights * (of_gains + of_centre[:, None, None])
    last = gamma(length**2 + length + 6, U)
    of_slopes = SCALE * ((1 + last) * of_slopes + last * slopes)
    of_weights = ((1 + last) * eta + last) * weights
    return (
        np.einsum("ijl,jc,lc->ic", of_slopes, sizes[1], sizes[2]),
        np.einsum("ijl,ic,lc->jc", of_slopes, sizes[0], sizes[2]),
        np.einsum("ijl,ic,jc->lc", of_slopes, sizes[0], sizes[1]),
        np.einsum("ijl,ie,le->je", of_weights, sizes[5], sizes[4]),
        np.einsum("ijl,ie,je->le", of_weights, sizes[5], sizes[3]),
    )


def beyond(found, given, cotangent) -> list[bool]:
    """Which gradients have an entry beyond its bound."""
    true, allowed = exact(given, cotangent), bounds(given, cotangent)
    off = [np.abs((one.double() - two).numpy()) for one, two in zip(found, true)]
    return [not bool((a <= b).all()) for a, b in zip(off, allowed)]


@pytest.mark.parametrize(
    ("length", "width", "columns", "heads", "block", "size"),
    [(1, 3, 2, 2, 0, 1.0), (5, 1, 4, 2, 16, 4.0), (17, 5, 3, 1, 16, 1.0), (18, 2, 5, 1, 32, 1.0)],
)
def test_gradients_are_within_their_bound(length, width, columns, heads, block, size):
    """One token; one ragged tile; two ragged tiles; unequal widths; larger logits."""
    given, cotangent = instance(length, width, columns, heads, size)
    found = gradients(tensor_attention, given, cotangent, scale=SCALE, block=block)
    assert beyond(found, given, cotangent) == [False] * 5


@pytest.fixture(scope="module")
def passed():
    given, cotangent = instance(4, 3, 2)
    output, logarithm = forward_pass(*given, scale=SCALE)
    return given, cotangent, output, logarithm


@pytest.mark.parametrize("how", ["D forgotten", "L off by 2^-9", "kinds not exchanged", "no scale"])
def test_a_wrong_gradient_would_be_noticed(passed, how):
    given, cotangent, output, logarithm = passed
    if how == "D forgotten":
        output = 0 * output
    if how == "L off by 2^-9":
        logarithm = logarithm + 2.0**-9
    found = backward_pass(tuple(given), cotangent, output, logarithm, scale=SCALE)
    expected = [True] * 5
    if how == "D forgotten":
        expected = [True] * 3 + [False] * 2
    if how == "kinds not exchanged":
        found = [found[0], found[1], found[1], found[3], found[3]]
        expected = [False, False, True, False, True]
    if how == "no scale":
        found = [x / SCALE for x in found[:3]] + found[3:]
        expected = [True] * 3 + [False] * 2
    assert beyond(found, given, cotangent) == expected


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_narrow_gradients_are_rounded_once(dtype):
    """Leaves in half precision: what float32 leaves with the same numbers give, rounded."""
    given, cotangent = instance(3, 3, 2)
    narrow, g = [x.to(dtype) for x in given], cotangent.to(dtype)
    found = gradients(tensor_attention, narrow, g, scale=SCALE)
    wide = gradients(tensor_attention, [x.float() for x in narrow], g.float(), scale=SCALE)
    assert all(torch.equal(one, two.to(dtype)) for one, two in zip(found, wide))


def test_only_what_is_wanted_is_computed(passed):
    """Gradients of the queries and of the second values alone: the same bits, and no others."""
    given, cotangent, output, logarithm = passed
    every = backward_pass(tuple(given), cotangent, output, logarithm, scale=SCALE)
    leaves = [x.clone().requires_grad_(index in (0, 4)) for index, x in enumerate(given)]
    tensor_attention(*leaves, scale=SCALE).backward(cotangent)
    assert [x.grad is None for x in leaves] == [False, True, True, True, False]
    assert torch.equal(leaves[0].grad, every[0]) and torch.equal(leaves[4].grad, every[4])
