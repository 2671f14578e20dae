"""Masked softmax attention: masks of many kinds, rows without keys, and the gradient."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.kernels.causal_softmax_attention.gradient_bound import gradient_with_bound
from attnproof.kernels.masked_softmax_attention.blocked import masked_softmax_attention as blocked
from attnproof.kernels.masked_softmax_attention.pairs import pairs
from attnproof.kernels.specification import specification
from attnproof.kernels.verification.draws import Draw, head, tensors
from attnproof.theory.engine.rounding import unit_roundoff

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.causal_softmax_attention.triton_gradient import (
    causal_softmax_attention,
    gradients,
)
from attnproof.kernels.causal_softmax_attention.triton_kernel import tiled_state
from attnproof.kernels.masked_softmax_attention.triton_gradient import masked_softmax_attention
from attnproof.kernels.masked_softmax_attention.triton_kernel import bytes_of

SPEC = specification("masked_softmax_attention")
SCALE = 0.125
# The float64 evaluation of gradient and bound: a few thousand roundings of 2⁻⁵³.
EVALUATION = 1.0 + 2.0**-20
both = pytest.mark.parametrize("form", [blocked, masked_softmax_attention], ids=["torch", "triton"])


def instance(length: int, width: int, columns: int, seed: int):
    """Inputs of two heads as the specification draws them, and a cotangent."""
    inputs = tensors(SPEC, Draw(seed, length, width, columns, "float32"))
    generator = torch.Generator().manual_seed(seed)
    return inputs, torch.randn(1, 2, length, columns, generator=generator)


def derivatives(form, inputs, cotangent):
    leaves = [inputs[name].detach().clone().requires_grad_() for name in ("query", "key", "value")]
    output = form(*leaves, inputs["mask"], scale=SCALE, block=16)
    return output, torch.autograd.grad(output, leaves, cotangent)


def excess(found, inputs, cotangent) -> list[float]:
    """The largest |error|/bound of dq, dk and dv over two heads: at most 1 if they are right."""
    worst = [0.0, 0.0, 0.0]
    for index in range(2):
        given = head(inputs, index)
        seen = given.pop("mask") != 0
        right = gradient_with_bound(
            **given, cotangent=cotangent[0, index].double().numpy(), seen=seen,
            scale=SCALE, u=unit_roundoff("float32"),
        )  # fmt: skip
        exact = right.of_query, right.of_key, right.of_value
        bounds = right.query_bound, right.key_bound, right.value_bound
        for number, (one, two, bound) in enumerate(zip(found, exact, bounds)):
            error = np.abs(one[0, index].double().numpy() - two)
            assert np.isfinite(error).all()
            share = error / np.maximum(bound * EVALUATION, 1e-300)
            worst[number] = max(worst[number], float(share.max()))
    return worst


@both
@pytest.mark.parametrize("seed", [0, 2])
def test_gradients_are_within_their_bound(form, seed):
    """Of two heads with different masks, rows without keys among them."""
    inputs, cotangent = instance(40, 3, 5, seed)
    assert not inputs["mask"].any(-1).all()
    _, found = derivatives(form, inputs, cotangent)
    assert max(excess(found, inputs, cotangent)) <= 1


@both
def test_a_row_without_keys_is_zero_and_has_no_gradient(form):
    """Neither NaN, as 0/0 would be, nor a share in the gradients of others."""
    inputs, cotangent = instance(20, 3, 2, seed=1)
    inputs["mask"] = torch.ones(1, 2, 20, 20)
    inputs["mask"][:, :, [0, 7, 15, 16, 19]] = 0
    output, found = derivatives(form, inputs, cotangent)
    empty = ~inputs["mask"].any(-1)
    assert not output[empty].any() and not found[0][empty].any()
    assert all(bool(torch.isfinite(one).all()) for one in (output, *found))
    other = torch.where(empty[..., None], 100.0, cotangent)
    again = derivatives(form, inputs, other)[1]
    assert all(torch.equal(one, two) for one, two in zip(found, again))

    inputs["mask"] = 0 * inputs["mask"]
    output, found = derivatives(form, inputs, cotangent)
    assert not any(one.any() for one in (output, *found))


def wrong(how: str):
    """The gradient with a planted bug, on 36 tokens."""
    inputs, cotangent = instance(36, 5, 3, seed=2)
    q, k, v = (inputs[name] for name in ("query", "key", "value"))
    seen = bytes_of(inputs["mask"], q)
    output, *rest = tiled_state(q, k, v, seen, scale=SCALE, block=16, causal=False)
    state = (0 * output if how == "D forgotten" else output, *rest)
    run = lambda mask: list(
        gradients(q, k, v, mask, cotangent, state, scale=SCALE, causal=False, needed=(True, True))
    )
    found = run(seen)
    if how == "mask ignored in dk":
        found[1] = run(None)[1]
    if how == "mask transposed":
        found = run(seen.transpose(2, 3))
    if how == "the other head's mask":
        found = run(seen.flip(1))
    if how == "scale forgotten in dq":
        found[0] = found[0] / SCALE
    return excess(found, inputs, cotangent)


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ("", ()),
        ("scale forgotten in dq", (0,)),
        ("D forgotten", (0, 1)),
        ("mask ignored in dk", (1,)),
        ("mask transposed", (0, 1, 2)),
        ("the other head's mask", (0, 1, 2)),
    ],
)
def test_a_wrong_gradient_would_be_noticed(how, where):
    assert [share > 1 for share in wrong(how)] == [number in where for number in range(3)]


def test_the_lower_triangle_is_the_causal_operator():
    """Bitwise: tiles of which nothing is seen add 0."""
    inputs, cotangent = instance(40, 3, 5, seed=3)
    inputs["mask"] = torch.ones(1, 1, 40, 40).tril()
    output, found = derivatives(masked_softmax_attention, inputs, cotangent)
    run = lambda query, key, value, _, **options: causal_softmax_attention(
        query, key, value, **options
    )
    expected, others = derivatives(run, inputs, cotangent)
    assert torch.equal(output, expected)
    assert all(torch.equal(one, two) for one, two in zip(found, others))


@both
@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((1, 1, 1, 17), torch.bool),
        ((1, 2, 17, 1), torch.uint8),
        ((1, 1, 17, 17), torch.float64),
    ],
    ids=str,
)
def test_axes_of_size_one_are_broadcast(form, shape, dtype):
    """Padding of the keys, rows per head, one mask for all; as booleans, bytes or numbers."""
    inputs, cotangent = instance(17, 3, 2, seed=4)
    mask = torch.rand(shape, generator=torch.Generator().manual_seed(0)) < 0.6
    inputs["mask"] = mask.float().expand(1, 2, 17, 17).contiguous()
    output, found = derivatives(form, inputs, cotangent)
    inputs["mask"] = mask.to(dtype)
    again, others = derivatives(form, inputs, cotangent)
    assert torch.equal(output, again)
    assert all(torch.equal(one, two) for one, two in zip(found, others))


def test_a_mask_of_booleans_is_read_where_it_lies():
    query = torch.zeros(3, 4, 20, 2)
    mask = torch.ones(3, 1, 1, 20, dtype=torch.bool)
    read = bytes_of(mask, query)
    assert read.data_ptr() == mask.data_ptr()
    assert read.shape == (3, 4, 20, 20) and read.stride()[1:3] == (0, 0)


def test_another_implementation_is_within_the_bound_where_rows_have_keys():
    """torch's own attention, which gives other numbers than 0 to empty rows in some versions."""
    inputs, _ = instance(33, 8, 5, seed=9)
    q, k, v, mask = inputs.values()
    output = torch.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=mask.bool(), scale=SCALE
    )
    compared = 0
    for index in range(2):
        exact = head(inputs, index)
        bound = sum(SPEC.allowed(exact, unit_roundoff(name)) for name in ("float32", "float64"))
        error = np.abs(output[0, index].double().numpy() - SPEC.expected(exact))
        full = exact["mask"].any(1)
        assert (error <= bound * EVALUATION)[full].all()
        compared += int(full.sum())
    assert compared > 33


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (torch.zeros(1, 2, 5, 5).fill_(-torch.inf), "entry -inf; .* give mask == 0"),
        (torch.full((1, 2, 5, 5), 0.5), "entry 0.5; 1 is for a key that is seen"),
        (torch.full((1, 1, 5, 5), torch.nan), "entry nan"),
        (torch.ones(5, 5), r"shape \(5, 5\); it needs four axes"),
        (torch.ones(1, 2, 5, 4), r"shape \(1, 2, 5, 4\); it needs four axes"),
        (torch.ones(1, 2, 5, 5, device="meta"), "are on cpu and meta; move them"),
    ],
)
@both
def test_other_masks_are_refused(form, mask, words):
    tensor = torch.zeros(1, 2, 5, 3)
    with pytest.raises(ValueError, match=words):
        form(tensor, tensor, tensor, mask, scale=SCALE)


def test_pairs_keeps_what_is_boolean():
    mask = torch.ones(1, 2, 5, 5, dtype=torch.bool)
    assert pairs(mask, torch.zeros(1, 2, 5, 3)).data_ptr() == mask.data_ptr()
