"""The gradient of linear attention with a gate per channel in Triton.

The operator is a sum of products of inputs with coefficients of one, and so is its gradient: the
same gradient at absolute values is the sum of its terms with their signs removed. A term passes
through at most max(d, e) additions of a dot product, 2N additions of the two states and 2N within
chunks, 4 products and N gates: the error is at most ``γ_{d + e + 5N + 8}`` times that sum.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from attnproof.kernels.channel_gated_linear_attention.blocked import (
    channel_gated_linear_attention as blocked,
)
from attnproof.theory.engine.rounding import gamma, unit_roundoff

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.channel_gated_linear_attention import triton_gradient
from attnproof.kernels.channel_gated_linear_attention.triton_gradient import (
    channel_gated_linear_attention,
)

NAMES = ("query", "key", "value", "decay")


def instance(length: int, width: int, columns: int, *, heads: int = 1):
    """With gates that are zero, and some that are next to nothing."""
    generator = torch.Generator().manual_seed(length)
    normal = lambda n: torch.randn(1, heads, length, n, generator=generator)
    uniform = lambda: torch.rand(1, heads, length, width, generator=generator)
    decay = 0.3 + 0.7 * uniform()
    decay[uniform() < 0.1] = 0.0
    decay[uniform() < 0.1] = 2.0**-40
    return [normal(width), normal(width), normal(columns), decay], normal(columns)


def gradients(function, tensors, cotangent):
    leaves = [x.detach().clone().requires_grad_() for x in tensors]
    output = function(*leaves)
    return torch.autograd.grad(output, leaves, cotangent.to(output.dtype))


def shares_of_bound(found, tensors, cotangent) -> dict[str, float]:
    """Largest error of each gradient as a share of its bound; ∞ where 0 is missed."""
    length, width, columns = *tensors[0].shape[2:], tensors[2].shape[-1]
    wide = [x.double() for x in (*tensors, cotangent)]
    exact = gradients(blocked, wide[:-1], wide[-1])
    sizes = gradients(blocked, [x.abs() for x in wide[:-1]], wide[-1].abs())
    count = width + columns + 5 * length + 8
    allowed = gamma(count, unit_roundoff("float32")) + gamma(count, unit_roundoff("float64"))
    shares = {}
    for name, one, two, size in zip(NAMES, found, exact, sizes):
        error = (one.double() - two).abs()
        share = torch.where(error > 0, error / (allowed * size), 0.0)
        shares[name] = float(share.max())
    return shares


@pytest.mark.parametrize(
    ("shape", "heads"), [((1, 3, 2), 2), ((17, 5, 18), 1), ((35, 18, 3), 1)], ids=str
)
def test_gradients_are_within_their_bound(shape, heads):
    tensors, cotangent = instance(*shape, heads=heads)
    found = gradients(channel_gated_linear_attention, tensors, cotangent)
    shares = shares_of_bound(found, tensors, cotangent)
    assert max(shares.values()) <= 1, shares


def test_narrow_gradients_are_rounded_once():
    """bfloat16 leaves: what the float32 passes give, rounded at the end."""
    tensors, cotangent = instance(5, 5, 3)
    narrow, given = [x.bfloat16() for x in tensors], cotangent.bfloat16()
    found = gradients(channel_gated_linear_attention, narrow, given)
    wide = gradients(channel_gated_linear_attention, [x.float() for x in narrow], given.float())
    assert all(torch.equal(one, two.bfloat16()) for one, two in zip(found, wide))


def test_one_gradient_alone():
    """What is not asked for is not needed for the rest, and is not returned."""
    tensors, cotangent = instance(5, 3, 2)
    together = gradients(channel_gated_linear_attention, tensors, cotangent)
    for wanted in (1, 3):
        leaf = tensors[wanted].clone().requires_grad_()
        output = channel_gated_linear_attention(*tensors[:wanted], leaf, *tensors[wanted + 1 :])
        (alone,) = torch.autograd.grad(output, leaf, cotangent)
        assert torch.equal(alone, together[wanted])


def planted(wrong: str):
    """`chunk_states` with something wrong in it."""
    right = triton_gradient.chunk_states

    def states(key, value, decay, *, block, backwards=False):
        if backwards and wrong == "the gates of the pass backwards are one token late":
            decay = decay.roll(1, 2)
        found = right(key, value, decay, block=block, backwards=backwards)
        if backwards and wrong == "nothing comes from after a chunk":
            found = torch.zeros_like(found)
        if not backwards and wrong == "one entry of a state is off by 2^-12":
            found[0, 0, 1, 0, 0] *= 1 + 2.0**-12
        return found

    return states


@pytest.mark.parametrize(
    "wrong",
    [
        "the gates of the pass backwards are one token late",
        "nothing comes from after a chunk",
        "one entry of a state is off by 2^-12",
    ],
)
def test_a_wrong_gradient_is_noticed(wrong, monkeypatch):
    monkeypatch.setattr(triton_gradient, "chunk_states", planted(wrong))
    tensors, cotangent = instance(20, 3, 2)
    found = gradients(channel_gated_linear_attention, tensors, cotangent)
    assert max(shares_of_bound(found, tensors, cotangent).values()) > 1


def test_a_quotient_by_small_gates_is_noticed():
    """``a ∘ da`` from suffix sums of ``q ∘ dq − k ∘ dk``, divided by a: right in the algebra."""
    tensors, cotangent = instance(20, 3, 2)
    tensors[3] = tensors[3].clamp(min=2.0**-40)
    found = list(gradients(channel_gated_linear_attention, tensors, cotangent))
    share = tensors[0] * found[0] - tensors[1] * found[1]
    found[3] = share.flip(2).cumsum(2).flip(2) / tensors[3]
    shares = shares_of_bound(found, tensors, cotangent)
    assert shares["decay"] > 1 and max(shares[name] for name in NAMES[:3]) <= 1
