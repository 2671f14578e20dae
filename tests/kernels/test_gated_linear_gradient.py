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

from attnproof.kernels.gated_linear_attention import gate_gradient_triton
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
    assert (off[3] <= allowed_in_the_gates((q, k, v, a), g)).all()


def allowed_in_the_gates(tensors, cotangent) -> np.ndarray:
    """The operator is a sum of products of inputs with coefficients of one, so that its gradient at
    absolute values is the sum of the gradient's terms with their signs removed. A term of dα passes
    through d + e additions of dot products, 2N of the two states, 2N within a chunk, 6 products and
    2N of gates."""
    wide = [x.double().abs() for x in (*tensors, cotangent)]
    size = gradients(blocked, wide[:-1], wide[-1])[3].numpy()
    length, width, columns = *tensors[0].shape[2:], tensors[2].shape[-1]
    count = 6 * length + width + columns + 8
    return (gamma(count, unit_roundoff("float32")) + gamma(count, unit_roundoff("float64"))) * size


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


def with_zeros(length: int):
    """Several gates of zero, two of them next to each other, and small ones."""
    tensors, cotangent = instance(length, seed=3, low=0.3)
    for gate, places in ((0.0, (0, 2, 3, length - 1)), (2.0**-40, (5, length // 2))):
        tensors[3][..., list(places)] = gate
    return tensors, cotangent


@pytest.mark.parametrize("length", [8, 40, 67])
def test_a_gate_of_zero_has_its_gradient(length):
    """Zeros at the ends and in the middle, in chunks of 32 tokens."""
    tensors, cotangent = with_zeros(length)
    found = gradients(gated_linear_attention, tensors, cotangent)
    exact = gradients(blocked, [x.double() for x in tensors], cotangent.double())
    error = (found[3].double() - exact[3]).abs().numpy()
    assert (error <= allowed_in_the_gates(tensors, cotangent)).all()
    assert (exact[3][..., 2:4] != 0).all()


def test_the_gradient_at_zero_is_that_of_differences():
    """The torch form, which the Triton kernel is compared with, uses `torch.cumprod`: its gradient
    at factors of zero, against central differences. The operator is linear in each gate, so that
    they err by rounding alone, some 1e-16/1e-3."""
    tensors, cotangent = with_zeros(8)
    tensors, cotangent = [x.double() for x in tensors], cotangent.double()
    found = gradients(blocked, tensors, cotangent)[3]
    for place in (0, 2, 3, 7):
        ends = []
        for step in (-1e-3, 1e-3):
            moved = tensors[3].clone()
            moved[..., place] += step
            ends.append((blocked(*tensors[:3], moved) * cotangent).sum((2, 3)))
        assert torch.allclose((ends[1] - ends[0]) / 2e-3, found[..., place], rtol=0, atol=1e-10)


def test_a_quotient_by_small_gates_would_be_noticed():
    """``α dα`` from suffix sums of ``q·dq − k·dk``, divided by α: right in the algebra only."""
    tensors, cotangent = with_zeros(40)
    tensors[3] = tensors[3].clamp(min=2.0**-40)
    q, k = tensors[:2]
    of_q, of_k, _, _ = gradients(gated_linear_attention, tensors, cotangent)
    exact = gradients(blocked, [x.double() for x in tensors], cotangent.double())
    share = (q * of_q - k * of_k).sum(-1)
    quotient = share.flip(2).cumsum(2).flip(2) / tensors[3]
    error = (quotient.double() - exact[3]).abs().numpy()
    assert (error > allowed_in_the_gates(tensors, cotangent)).any()


@pytest.mark.parametrize("wrong", ["nothing from after a chunk", "a state off by 2^-10"])
def test_a_wrong_state_would_be_noticed(wrong, monkeypatch):
    right = gate_gradient_triton.chunk_states

    def states(*tensors, block, backwards=False):
        found = right(*tensors, block=block, backwards=backwards)
        if wrong == "nothing from after a chunk":
            return 0 * found if backwards else found
        return found if backwards else found * (1 + 2.0**-10)

    monkeypatch.setattr(gate_gradient_triton, "chunk_states", states)
    tensors, cotangent = instance(40, seed=4, low=0.9)
    found = gradients(gated_linear_attention, tensors, cotangent)
    exact = gradients(blocked, [x.double() for x in tensors], cotangent.double())
    error = (found[3].double() - exact[3]).abs().numpy()
    assert (error > allowed_in_the_gates(tensors, cotangent)).any()


def test_one_gradient_alone():
    """What is not asked for is not needed for the rest."""
    tensors, cotangent = instance(17, seed=5, low=0.5)
    together = gradients(gated_linear_attention, tensors, cotangent)
    for wanted in range(4):
        leaf = tensors[wanted].clone().requires_grad_()
        output = gated_linear_attention(*tensors[:wanted], leaf, *tensors[wanted + 1 :])
        (alone,) = torch.autograd.grad(output, leaf, cotangent)
        assert torch.equal(alone, together[wanted])
