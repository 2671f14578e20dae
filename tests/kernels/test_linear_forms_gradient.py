"""Gradients of normalised linear attention, InLine attention and MALA in Triton.

Every gradient is a sum of products of inputs, divided by powers of sums of positive features. The
tolerance is ``γ_m`` times that sum with the sign of every term removed. The longest chain of
roundings is that of dK through dt of a quotient: ``r_i`` has N + d + 2 (N tokens of the state and a
product with its sum over d), ``g·r`` e + 1 more, ``1/t²`` at most ``4(N + d + 2) + 3`` (``t`` is a
sum of positive terms with N + d + 2 roundings, a quotient of two counts twice: Higham, Lemma 3.3),
and the sum of ``dt_i q_i`` over the tokens N + 1. With the subtractions and the mean's division no
chain is longer than ``m = 6N + 6d + 2e + 32``.
"""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from attnproof.kernels.registry import implementation
from attnproof.theory.engine.rounding import gamma, unit_roundoff

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.linear_attention import triton_gradient

EPSILON = 0.5
LINEAR, CENTRED = "linear_attention", "inline_attention"
MAGNITUDE_AWARE = "magnitude_aware_linear_attention"
# Tokens, width, columns: one token, ragged tiles, a width and columns beyond one tile of 16.
SHAPES = [(1, 3, 2), (17, 5, 18), (70, 18, 4)]
each_operator = pytest.mark.parametrize("operator", (LINEAR, CENTRED, MAGNITUDE_AWARE))


def instance(operator: str, length: int, width: int, columns: int):
    generator = torch.Generator().manual_seed(length)
    normal = lambda n: torch.randn(1, 2, length, n, generator=generator)
    query, key = normal(width), normal(width)
    if operator != CENTRED:
        query, key = query.exp(), key.exp()
    if operator != LINEAR:
        query = query / length
    return [query, key, normal(columns)], normal(columns)


def run(operator: str, backend: str, tensors, **options):
    if operator == MAGNITUDE_AWARE:
        options["epsilon"] = EPSILON
    return implementation(operator, backend).load()(*tensors, **options)


def gradients(operator: str, backend: str, tensors, cotangent, **options):
    leaves = [x.detach().clone().requires_grad_() for x in tensors]
    output = run(operator, backend, leaves, **options)
    return torch.autograd.grad(output, leaves, cotangent.to(output.dtype))


def magnitudes(operator: str, tensors, cotangent) -> list[torch.Tensor]:
    """The sums of the gradients with the sign of every term removed, in float64."""
    q, k, v, g = (x.double().abs() for x in (*tensors, cotangent))
    length = q.shape[2]
    state, keys = k.mT @ v, k.sum(2, keepdim=True).mT
    mean = v.mean(2, keepdim=True)
    recalled, total = q @ state, q @ keys
    if operator == LINEAR:
        of_recalled, of_mean = g / total, 0 * mean
        of_total = (g * recalled).sum(-1, keepdim=True) / total**2
    elif operator == CENTRED:
        of_recalled, of_total = g, g @ mean.mT
        of_mean = ((1 + total) * g).sum(2, keepdim=True)
    else:
        of_recalled, of_mean = (1 + 1 / (total + EPSILON)) * g, (total * g).sum(2, keepdim=True)
        of_total = (g * recalled).sum(-1, keepdim=True) / (total + EPSILON) ** 2 + g @ mean.mT
    of_query = of_recalled @ state.mT + of_total @ keys.mT
    of_key = v @ (q.mT @ of_recalled).mT + (q.mT @ of_total).mT
    return [of_query, of_key, k @ (q.mT @ of_recalled) + of_mean / length]


def shares_of_bound(operator: str, found, tensors, cotangent) -> list[float]:
    """Largest error of each gradient, as a share of the bound."""
    length, width, columns = *tensors[0].shape[2:], tensors[2].shape[-1]
    exact = gradients(operator, "torch", [x.double() for x in tensors], cotangent.double())
    count = 6 * length + 6 * width + 2 * columns + 32
    allowed = gamma(count, unit_roundoff("float32")) + gamma(count, unit_roundoff("float64"))
    sizes = magnitudes(operator, tensors, cotangent)
    return [
        float(((one.double() - two).abs() / (allowed * size)).max())
        for one, two, size in zip(found, exact, sizes)
    ]


@each_operator
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradients_are_within_their_bound(operator, shape):
    tensors, cotangent = instance(operator, *shape)
    found = gradients(operator, "triton", tensors, cotangent)
    assert max(shares_of_bound(operator, found, tensors, cotangent)) <= 1


def test_a_share_of_tokens_per_program(monkeypatch):
    """Several programs add up a head's tokens, as beyond 2048 of them; the last has fewer."""
    from attnproof.kernels.linear_attention import moments_triton

    monkeypatch.setattr(moments_triton, "SHARE", 16)
    tensors, cotangent = instance(MAGNITUDE_AWARE, 40, 5, 3)
    found = gradients(MAGNITUDE_AWARE, "triton", tensors, cotangent)
    assert max(shares_of_bound(MAGNITUDE_AWARE, found, tensors, cotangent)) <= 1


@pytest.mark.parametrize("operator", [LINEAR, MAGNITUDE_AWARE])
def test_narrow_gradients_are_rounded_once(operator):
    """bfloat16 leaves: what float32 leaves receive for the same cotangent, rounded at the end. In
    blocks of 16, which float32 takes anyway, so that the order of additions is the same."""
    tensors, cotangent = instance(operator, 20, 5, 3)
    narrow, given = [x.bfloat16() for x in tensors], cotangent.bfloat16()
    found = gradients(operator, "triton", narrow, given, block=16)
    wide = gradients(operator, "triton", [x.float() for x in narrow], given.float(), block=16)
    assert all(torch.equal(one, two.bfloat16()) for one, two in zip(found, wide))


def test_one_gradient_alone():
    """What is not asked for is not needed for the rest."""
    tensors, cotangent = instance(MAGNITUDE_AWARE, 17, 5, 3)
    together = gradients(MAGNITUDE_AWARE, "triton", tensors, cotangent)
    for wanted in range(3):
        leaf = tensors[wanted].clone().requires_grad_()
        output = run(MAGNITUDE_AWARE, "triton", [*tensors[:wanted], leaf, *tensors[wanted + 1 :]])
        (alone,) = torch.autograd.grad(output, leaf, cotangent)
        assert torch.equal(alone, together[wanted])


@pytest.mark.parametrize(
    ("operator", "wrong"),
    [
        (LINEAR, lambda r, t, m: (r, 0 * t, m)),  # the total taken for a constant
        (CENTRED, lambda r, t, m: (r, t, 0 * m)),  # the mean taken for a constant
        (MAGNITUDE_AWARE, lambda r, t, m: (r, t, -m)),
        (MAGNITUDE_AWARE, lambda r, t, m: (r, t * (1 + 2.0**-10), m)),
        (MAGNITUDE_AWARE, lambda r, t, m: (r.roll(1, 2), t, m)),
    ],
)
def test_a_wrong_gradient_is_noticed(operator, wrong, monkeypatch):
    right = triton_gradient._cotangents
    monkeypatch.setattr(triton_gradient, "_cotangents", lambda *given: wrong(*right(*given)))
    tensors, cotangent = instance(operator, 17, 5, 3)
    found = gradients(operator, "triton", tensors, cotangent)
    assert max(shares_of_bound(operator, found, tensors, cotangent)) > 1
