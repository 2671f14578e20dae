"""LUCID attention in Triton: values within the bound, gradients within one derived from it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.kernels.lucid_attention.blocked import lucid_attention as blocked
from attnproof.kernels.specification import specification
from attnproof.kernels.specifications.lucid_attention import entry_error, written_error
from attnproof.kernels.verification import questions
from attnproof.kernels.verification.draws import Draw, tensors
from attnproof.theory.engine.rounding import gamma, unit_roundoff
from attnproof.theory.operator.lucid_attention import preconditioned_values as written_values

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.lucid_attention import triton_gradient, triton_kernel

SPEC = specification("lucid_attention")
CAUSAL = specification("causal_softmax_attention")
NAMES = ("query", "key", "normal_key", "value")


def call(inputs, **more):
    return triton_gradient.lucid_attention(**inputs, **SPEC.parameters, **more)


@pytest.mark.parametrize(
    ("length", "width", "columns", "dtype"),
    [
        (1, 3, 2, "float32"),
        (70, 8, 17, "float32"),
        (33, 5, 3, "float16"),
        (33, 5, 3, "bfloat16"),
    ],
)
def test_values_are_within_the_bound(length, width, columns, dtype):
    wrong, _ = questions.error_of(SPEC, call, Draw(length, length, width, columns, dtype))
    assert not wrong, wrong


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_cases_without_rounding_come_out_exactly(dtype):
    few = replace(SPEC, exact=lambda _: SPEC.exact((1, 2, 19)))
    assert questions.exact_cases(few, call, dtype)["cases"] == 7


def test_values_kept_in_half_precision_would_be_noticed(monkeypatch):
    """A u that is rounded to the dtype of narrow inputs before softmax."""
    kept = triton_gradient.forward_pass
    narrow = lambda *given, **named: kept(*given, **named).bfloat16().float()
    monkeypatch.setattr(triton_gradient, "forward_pass", narrow)
    wrong, _ = questions.error_of(SPEC, call, Draw(2, 33, 5, 3, "bfloat16"))
    assert wrong


class Doubling:
    """Stands in for the kernel that solves a block: ``(1 + A)^{−1} = Π_k (1 + (−A)^{2^k})``."""

    def __getitem__(self, grid):
        return self

    def __call__(self, normal_key, rest, written, *numbers, BLOCK, **_):
        length, _, _, first, scale, offset = numbers
        rows = slice(first, min(first + BLOCK, length))
        k = normal_key[:, :, rows].float()
        power = -torch.exp(scale * k @ k.transpose(-1, -2) - offset).tril(-1)
        inverse = torch.eye(k.shape[2]) + power
        for _ in range(1, BLOCK.bit_length()):
            power = power @ power
            inverse = inverse + inverse @ power
        written[:, :, rows] = inverse @ rest[:, :, rows].float()


@pytest.mark.parametrize(("length", "fails"), [(8, False), (64, True)])
def test_an_inverse_by_doubling_fails_on_repeated_keys(length, fails, monkeypatch):
    """One key for all tokens: the inverse has entries −1, 0 and 1, but powers of A hold binomials,
    up to 20 with 8 tokens and up to 10^17 with 64, where all digits are lost."""
    inputs = tensors(SPEC, Draw(5, length, 8, 4, "float32"))
    key = torch.tensor([2.0, 2.0] + [0.0] * 6)
    inputs["normal_key"] = key.expand_as(inputs["normal_key"]).contiguous()
    u = unit_roundoff("float32")
    heads = [{n: x[0, i].double().numpy() for n, x in inputs.items()} for i in range(2)]
    allowed = np.stack([SPEC.allowed(one, u) for one in heads])
    expected = np.stack([SPEC.expected(one) for one in heads])
    share = lambda found: float((np.abs(found[0].double().numpy() - expected) / allowed).max())
    assert share(call(inputs, block=64)) <= 1
    monkeypatch.setattr(triton_kernel, "solve_kernel", Doubling())
    found = share(call(inputs, block=64))
    assert found > 1e3 if fails else found <= 1


def gradients(function, inputs, cotangent):
    leaves = {n: x.detach().clone().requires_grad_() for n, x in inputs.items()}
    output = function(**leaves, **SPEC.parameters)
    found = torch.autograd.grad(output, list(leaves.values()), cotangent.to(output.dtype))
    return dict(zip(leaves, found))


def allowed_gradients(query, key, normal_key, value, g, u):
    """Bounds of the error of each gradient of one head, from those of the values.

    Every line forms ``Π (size + error) − Π size`` with γ_n for the roundings of its own, sizes
    being the formula on absolute values. A row of P is the softmax of unit vectors, whose error its
    specification bounds; the state that the backward pass takes P from is that of the forward pass.
    The substitution on reversed tokens is held against `written_error`, with the error of its right
    hand side.
    """
    scale, offset = SPEC.parameters["scale"], SPEC.parameters["offset"]
    length, columns = value.shape
    grow = lambda size, n: size * (1 + gamma(n, u))
    logits = np.where(np.tri(length) > 0, scale * query @ key.T, -np.inf)
    weights = np.exp(logits - logits.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    softmax = weights + CAUSAL.bound(query, key, np.eye(length), scale, u)
    entries = np.exp(scale * normal_key @ normal_key.T - offset)
    written = written_values(entries, value)
    off = written_error(normal_key, value, scale, offset, u)
    size_g, size_u = np.abs(g), np.abs(written) + off
    bound = {}
    # dS = P(g·u − g·o): a dot product of e terms each, a difference and a product.
    output = np.abs(weights @ written)
    output_off = SPEC.bound(query, key, normal_key, value, scale, offset, u)
    dots = (size_g * output).sum(1, keepdims=True)
    change = weights * (size_g @ np.abs(written).T + dots)
    changed = grow(size_g @ size_u.T, columns)
    changed = changed + grow((size_g * (output + output_off)).sum(1, keepdims=True), columns)
    changed = grow(softmax * changed, 2)
    for name, one, other, tensor in (
        ("query", change, changed, key),
        ("key", change.T, changed.T, query),
    ):
        exact = scale * one @ np.abs(tensor)
        bound[name] = grow(abs(scale) * other @ np.abs(tensor), length + 2) - exact
    of_written = weights.T @ g
    of_written_off = grow(softmax.T @ size_g, length + 1) - weights.T @ size_g
    back = lambda x: x[::-1]
    solved = back(written_values(entries[::-1, ::-1], back(of_written)))
    solved_off = back(
        written_error(back(normal_key), back(of_written), scale, offset, u, back(of_written_off))
    )
    bound["value"] = solved_off
    # E_tj (x_t·u_j) κ_j and its mirror image: e + 1 roundings, a product, two sums and a scaling.
    below = np.tril(entries, -1)
    pairs = below * (np.abs(solved) @ np.abs(written).T)
    eta = entry_error(normal_key, scale, offset, u)
    computed = below * (1 + eta) * ((np.abs(solved) + solved_off) @ size_u.T)
    size_k = np.abs(normal_key)
    exact = (pairs + pairs.T) @ size_k
    grown = grow((computed + computed.T) @ size_k, length + columns + 5)
    bound["normal_key"] = abs(scale) * (grown - exact)
    return bound


def shares(inputs, cotangent):
    """The largest error of each gradient, in units of what is allowed."""
    found = gradients(triton_gradient.lucid_attention, inputs, cotangent)
    wide = {n: x.double() for n, x in inputs.items()}
    exact = gradients(blocked, wide, cotangent.double())
    u = unit_roundoff("float32")
    largest = dict.fromkeys(NAMES, 0.0)
    for head in range(inputs["key"].shape[1]):
        numbers = {n: x[0, head].numpy() for n, x in wide.items()}
        allowed = allowed_gradients(**numbers, g=cotangent[0, head].double().numpy(), u=u)
        for name in NAMES:
            error = (found[name].double() - exact[name])[0, head].abs().numpy()
            # Of one token dq and dk are 0, by softmax; then the bound is that of rounding alone.
            share = error / np.maximum(allowed[name], np.finfo(float).tiny)
            largest[name] = max(largest[name], float(share.max()))
    return largest


def instance(length, width, columns, seed):
    inputs = tensors(SPEC, Draw(seed, length, width, columns, "float32"))
    generator = torch.Generator().manual_seed(seed)
    return inputs, torch.randn(inputs["value"].shape, generator=generator)


@pytest.mark.parametrize(("length", "width", "columns"), [(1, 3, 2), (40, 5, 3), (35, 2, 18)])
def test_gradients_are_within_a_derived_bound(length, width, columns):
    found = shares(*instance(length, width, columns, seed=length))
    assert max(found.values()) <= 1, found


def test_repeated_keys_have_a_gradient():
    inputs, cotangent = instance(20, 4, 3, seed=1)
    inputs["normal_key"] = inputs["normal_key"][:, :, :1].expand_as(inputs["normal_key"])
    found = shares(inputs, cotangent)
    assert max(found.values()) <= 1, found


def test_narrow_gradients_are_rounded_once():
    """bfloat16 leaves: what the float32 passes give, rounded at the end."""
    inputs, cotangent = instance(20, 4, 3, seed=2)
    narrow = {n: x.bfloat16() for n, x in inputs.items()}
    wide = {n: x.float() for n, x in narrow.items()}
    given = cotangent.bfloat16()
    found = gradients(triton_gradient.lucid_attention, narrow, given)
    exact = gradients(triton_gradient.lucid_attention, wide, given.float())
    assert all(torch.equal(found[n], exact[n].bfloat16()) for n in NAMES)


def test_a_transpose_not_honoured_would_be_noticed(monkeypatch):
    """L in the place of Lᵀ on the way back."""
    monkeypatch.setattr(triton_gradient, "_backwards", lambda tensor: tensor)
    found = shares(*instance(20, 4, 3, seed=3))
    assert found["value"] > 1e3 and found["normal_key"] > 1e3
    assert found["query"] <= 1 and found["key"] <= 1


@pytest.mark.parametrize("side", ["before", "after"])
def test_one_side_of_the_sum_would_be_missed(side, monkeypatch):
    """dκ of the earlier keys alone, and of the later ones alone."""
    kept, calls = triton_gradient.earlier_keys, []

    def one_side(*given):
        calls.append(given)
        found = kept(*given)
        return 0 * found if len(calls) == (2 if side == "before" else 1) else found

    monkeypatch.setattr(triton_gradient, "earlier_keys", one_side)
    found = shares(*instance(20, 4, 3, seed=4))
    assert found["normal_key"] > 1e3 and found["value"] <= 1


def test_only_what_is_wanted_is_computed(monkeypatch):
    """Without a gradient of κ no pairs are summed."""
    monkeypatch.setattr(triton_gradient, "earlier_keys", None)
    inputs, cotangent = instance(5, 4, 3, seed=6)
    value = inputs["value"].clone().requires_grad_()
    output = call({**inputs, "value": value})
    (found,) = torch.autograd.grad(output, [value], cotangent)
    assert found.shape == value.shape


def test_wrong_arguments_are_advice():
    inputs, _ = instance(5, 4, 3, seed=6)
    with pytest.raises(ValueError, match="a power of two"):
        call(inputs, block=24)
    with pytest.raises(ValueError, match="only the width of the values may differ"):
        call({**inputs, "normal_key": inputs["normal_key"][..., :3]})
    with pytest.raises(ValueError, match="convert it"):
        call({n: x.double() for n, x in inputs.items()})
