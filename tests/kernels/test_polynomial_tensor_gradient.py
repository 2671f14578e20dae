"""The gradient of polynomial tensor attention in Triton against its definition's in float64."""

from __future__ import annotations

from importlib.util import find_spec
from math import comb, factorial

import numpy as np
import pytest
import torch

from attnproof.kernels.specification import specification
from attnproof.theory.engine.rounding import gamma, unit_roundoff

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.polynomial_tensor_attention import triton_gradient
from attnproof.kernels.polynomial_tensor_attention.triton_gradient import (
    polynomial_tensor_attention,
)
from attnproof.kernels.polynomial_tensor_attention.triton_kernel import Launcher

SPEC = specification("polynomial_tensor_attention")
U = unit_roundoff("float32")
TAYLOR = {"scale": 0.3, "degree": 2}
QUARTIC = {"scale": 0.2, "degree": 4}
CUBIC = {"scale": 0.25, "degree": 3, "coefficients": (2.0, 0.5, 0.25, -0.0625)}
LINE = {"scale": 0.25, "degree": 1, "coefficients": (8.0, 1.0)}


def coefficients_of(parameters) -> list[float]:
    given = parameters.get("coefficients")
    return list(given or [1 / factorial(r) for r in range(parameters["degree"] + 1)])


def instance(length: int, width: int, columns: int, heads: int = 1):
    generator = torch.Generator().manual_seed(length)
    normal = lambda wide: torch.randn(1, heads, length, wide, generator=generator)
    return [normal(width) for _ in range(3)] + [normal(columns) for _ in range(2)], normal(columns)


def definition(query, key_one, key_two, value_one, value_two, **parameters):
    logits = torch.einsum("bhic,bhjc,bhlc->bhijl", query, key_one, key_two)
    logits = parameters["scale"] * logits
    weights = sum(a * logits**r for r, a in enumerate(coefficients_of(parameters)))
    top = torch.einsum("bhijl,bhje,bhle->bhie", weights, value_one, value_two)
    return top / weights.sum((-1, -2))[..., None]


def gradients(function, given, cotangent, **options):
    leaves = [x.detach().clone().requires_grad_() for x in given]
    output = function(*leaves, **options)
    return torch.autograd.grad(output, leaves, cotangent.to(output.dtype))


def bounds(given, cotangent, parameters) -> list[np.ndarray]:
    """What rounding to float32 may add to each gradient, per entry.

    D errs relatively by ρ and y by the operator's own bound, so ``ĝ = (g/D, −Σ_e g_e y_e/D)`` by
    the quotient's and the sum's: E. What follows is linear in ĝ: sums of products, of which a term
    meets the roundings of its factor f (g + 4), of two moments (g − 1 products, one with the value,
    N additions; each), their product and that with f, of a sum over e + 1 columns, g − 1 products
    with the other places and at most gR additions over monomials and places: in all no more than
    ``γ_{2N+gR+4g+e+10}`` of the same sums over absolute values, in which the places of a monomial
    add up to p̄', the derivative of ``p̄(x) = Σ_r |a_r|x^r``. E passes through the same sums.
    The reference in float64 errs 2^29 times less, up to a factor that depends on its order of
    summation and is far below 2^9: a factor 1 + 2^-20."""
    found = []
    for head in range(given[0].shape[1]):
        arrays = [x[0, head].double().numpy() for x in (*given, cotangent)]
        found.append(_bounds_of_head(*arrays, parameters))
    return [np.stack(parts)[None] * (1 + 2.0**-20) for parts in zip(*found)]


def _bounds_of_head(q, one, two, first, second, g, parameters):
    scale, degree = parameters["scale"], parameters["degree"]
    (length, width), columns = q.shape, g.shape[1]
    inputs = dict(zip(SPEC.inputs, (q, one, two, first, second)))
    output, of_output = SPEC.define(**inputs, **parameters), SPEC.bound(**inputs, **parameters, u=U)
    coefficients = coefficients_of(parameters)
    sizes = [np.abs(x) for x in (q, one, two, first, second, g)]
    form = scale * np.einsum("ic,jc,lc->ijl", q, one, two)
    magnitude = scale * np.einsum("ic,jc,lc->ijl", *sizes[:3])
    weights = sum(a * form**r for r, a in enumerate(coefficients))
    large = sum(abs(a) * magnitude**r for r, a in enumerate(coefficients))
    steep = scale * sum(
        r * abs(a) * magnitude ** (r - 1) for r, a in enumerate(coefficients) if r
    )  # fmt: skip
    monomials = comb(width + degree, degree)
    size = np.abs(weights.sum((1, 2)))[:, None]
    off = gamma(2 * length + monomials + 4 * degree + 9, U) * large.sum((1, 2))[:, None]
    rho = off / (size - off)
    assert (rho > 0).all() and (rho < 0.1).all()
    of_top = sizes[5] / size * (rho * (1 + U) + U)
    top = sizes[5] / size + of_top
    of_bottom = (of_top * (np.abs(output) + of_output) + sizes[5] / size * of_output).sum(1)
    of_bottom = of_bottom + gamma(columns + 1, U) * (top * (np.abs(output) + of_output)).sum(1)
    bottom = (sizes[5] / size * np.abs(output)).sum(1) + of_bottom
    count = 2 * length + degree * monomials + 4 * degree + columns + 10
    rounding = gamma(count, U)
    columns_of = lambda a, b: (1 + rounding) * b + rounding * a
    of_values = columns_of(top, of_top)
    gains = np.einsum("ie,je,le->ijl", of_values, sizes[3], sizes[4])
    slopes = steep * (gains + columns_of(bottom, of_bottom)[:, None, None])
    return (
        np.einsum("ijl,jc,lc->ic", slopes, sizes[1], sizes[2]),
        np.einsum("ijl,ic,lc->jc", slopes, sizes[0], sizes[2]),
        np.einsum("ijl,ic,jc->lc", slopes, sizes[0], sizes[1]),
        np.einsum("ijl,ie,le->je", large, of_values, sizes[4]),
        np.einsum("ijl,ie,je->le", large, of_values, sizes[3]),
    )


def beyond(found, given, cotangent, parameters) -> list[bool]:
    """Which gradients have an entry beyond its bound."""
    wide = [x.double() for x in given]
    true = gradients(definition, wide, cotangent.double(), **parameters)
    allowed = bounds(given, cotangent, parameters)
    off = [np.abs((one.double() - two).numpy()) for one, two in zip(found, true)]
    return [not bool((a <= b).all()) for a, b in zip(off, allowed)]


@pytest.mark.parametrize(
    ("length", "width", "columns", "heads", "block", "parameters"),
    [
        (1, 3, 2, 2, 0, TAYLOR),
        (19, 16, 5, 1, 16, TAYLOR),
        (18, 4, 3, 2, 32, CUBIC),
        (7, 2, 17, 1, 0, QUARTIC),
        (5, 3, 2, 2, 0, LINE),
    ],
    ids=["one token", "degree 2", "degree 3", "degree 4", "degree 1"],
)
def test_gradients_are_within_their_bound(length, width, columns, heads, block, parameters):
    """One and two tiles of tokens, one and five of monomials; unequal widths."""
    given, cotangent = instance(length, width, columns, heads)
    found = gradients(polynomial_tensor_attention, given, cotangent, block=block, **parameters)
    assert beyond(found, given, cotangent, parameters) == [False] * 5


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("cotangent of the denominator forgotten", [False, True, True, False, False]),
        ("one place of each monomial", [True, True, True, False, False]),
        ("kinds not exchanged", [False, False, True, False, True]),
    ],
)
def test_a_wrong_gradient_would_be_noticed(how, expected, monkeypatch):
    given, cotangent = instance(4, 3, 2)
    leaves = [x.clone().requires_grad_() for x in given]
    output = polynomial_tensor_attention(*leaves, **TAYLOR)
    moments, slopes = Launcher.moments, triton_gradient.slopes
    if how == "cotangent of the denominator forgotten":
        forgotten = lambda self, tokens, value, weight: moments(self, tokens, value, 0 * weight)
        monkeypatch.setattr(Launcher, "moments", forgotten)
    if how == "one place of each monomial":
        monkeypatch.setattr(triton_gradient, "slopes", lambda *given: slopes(*given) / 2)
    found = list(torch.autograd.grad(output, leaves, cotangent))
    if how == "kinds not exchanged":
        found[2], found[4] = found[1], found[3]
    assert beyond(found, given, cotangent, TAYLOR) == expected


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_narrow_gradients_are_rounded_once(dtype):
    """Leaves in half precision: what float32 leaves with the same numbers give, rounded."""
    given, cotangent = instance(3, 3, 2)
    narrow, g = [x.to(dtype) for x in given], cotangent.to(dtype)
    found = gradients(polynomial_tensor_attention, narrow, g, **TAYLOR)
    wide = [x.float() for x in narrow]
    wide = gradients(polynomial_tensor_attention, wide, g.float(), **TAYLOR)
    assert all(torch.equal(one, two.to(dtype)) for one, two in zip(found, wide))


@pytest.mark.parametrize("wanted", [(0,), (1, 4), (3,)])
def test_only_what_is_wanted_is_computed(wanted):
    """The same bits, and no others."""
    given, cotangent = instance(4, 3, 2)
    every = gradients(polynomial_tensor_attention, given, cotangent, **TAYLOR)
    leaves = [x.clone().requires_grad_(index in wanted) for index, x in enumerate(given)]
    polynomial_tensor_attention(*leaves, **TAYLOR).backward(cotangent)
    for index, leaf in enumerate(leaves):
        assert (leaf.grad is not None) == (index in wanted)
        assert leaf.grad is None or torch.equal(leaf.grad, every[index])
