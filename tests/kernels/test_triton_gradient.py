"""The gradient of the Triton kernel against that of the torch form in float64."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.kernels.gated_linear_attention.blocked import gated_linear_attention as blocked
from attnproof.kernels.specification import specification
from attnproof.theory.engine.rounding import gamma, unit_roundoff

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.gated_linear_attention.triton_gradient import gated_linear_attention

SPEC = specification("gated_linear_attention")


def instance(length: int, seed: int, low: float):
    generator = torch.Generator().manual_seed(seed)
    normal = lambda width: torch.randn(1, 2, length, width, generator=generator)
    decay = low + (1 - low) * torch.rand(1, 2, length, generator=generator)
    return [normal(5), normal(5), normal(3), decay], normal(3)


def gradients(function, tensors, cotangent):
    leaves = [x.detach().clone().requires_grad_() for x in tensors]
    output = function(*leaves)
    return torch.autograd.grad(output, leaves, cotangent.to(output.dtype))


def bound(*, query, key, value, decay) -> np.ndarray:
    """The operator's own: each gradient but the gates' is the operator on other tensors."""
    u = unit_roundoff("float32")
    heads = [
        SPEC.allowed(dict(query=q, key=k, value=v, decay=a), u)
        for q, k, v, a in zip(*(x[0].double().numpy() for x in (query, key, value, decay)))
    ]
    return np.stack(heads)[None]


@pytest.mark.parametrize(("length", "low"), [(1, 0.5), (17, 0.9), (40, 0.3)])
def test_gradients_are_within_the_bound_of_the_operator(length, low):
    (q, k, v, a), g = instance(length, seed=length, low=low)
    found = gradients(gated_linear_attention, (q, k, v, a), g)
    exact = gradients(blocked, [x.double() for x in (q, k, v, a)], g.double())
    off = [np.abs((one.double() - two).numpy()) for one, two in zip(found, exact)]
    turned = torch.cat([torch.ones_like(a[..., :1]), a[..., 1:].flip(2)], 2)
    back = lambda x: x.flip(2)
    allowed_q = bound(query=g, key=v, value=k, decay=a)
    allowed_k = bound(query=back(v), key=back(g), value=back(q), decay=turned)[:, :, ::-1]
    allowed_v = bound(query=back(k), key=back(q), value=back(g), decay=turned)[:, :, ::-1]
    assert (off[0] <= allowed_q).all() and (off[1] <= allowed_k).all()
    assert (off[2] <= allowed_v).all()
    # The gates': errors of dq and dk, and a sum of N dot products of width 5 and a division.
    u = unit_roundoff("float32")
    size = lambda x: np.abs(x.double().numpy())
    terms = size(q) * (allowed_q + gamma(length + 8, u) * (size(exact[0]) + allowed_q))
    terms = terms + size(k) * (allowed_k + gamma(length + 8, u) * (size(exact[1]) + allowed_k))
    summed = terms.sum(-1)[..., ::-1].cumsum(-1)[..., ::-1]
    assert (off[3] <= summed / size(a) * (1 + 2 * u)).all()


def test_narrow_gradients_are_rounded_once():
    """bfloat16 leaves: what the float32 passes give, rounded at the end."""
    tensors, cotangent = instance(20, seed=1, low=0.8)
    narrow = [x.bfloat16() for x in tensors]
    found = gradients(gated_linear_attention, narrow, cotangent.bfloat16())
    wide = gradients(
        gated_linear_attention, [x.float() for x in narrow], cotangent.bfloat16().float()
    )
    assert all(torch.equal(one, two.bfloat16()) for one, two in zip(found, wide))


def test_a_wrong_gradient_would_be_noticed():
    """Gates one token late on the way back."""
    (q, k, v, a), g = instance(17, seed=2, low=0.3)
    exact = gradients(blocked, [x.double() for x in (q, k, v, a)], g.double())
    back = lambda x: x.flip(2)
    late = back(gated_linear_attention(back(k), back(q), back(g), back(a)))
    turned = torch.cat([torch.ones_like(a[..., :1]), a[..., 1:].flip(2)], 2)
    allowed = bound(query=back(k), key=back(q), value=back(g), decay=turned)[:, :, ::-1]
    assert (np.abs((late.double() - exact[2]).numpy()) > allowed).any()


def test_a_gate_of_zero_is_advice():
    (q, k, v, a), g = instance(4, seed=3, low=0.5)
    a[..., 2] = 0
    with pytest.raises(ValueError, match="use the torch form"):
        gradients(gated_linear_attention, (q, k, v, a), g)
    leaves = [x.requires_grad_() for x in (q, k, v)]
    output = gated_linear_attention(*leaves, a)
    expected = torch.autograd.grad(blocked(*leaves, a), leaves, g)
    found = torch.autograd.grad(output, leaves, g)
    # Sums of at most 4·5 products of numbers below 3, in float32: far below 1e-4.
    assert all(float((x - y).abs().max()) < 1e-4 for x, y in zip(found, expected))
