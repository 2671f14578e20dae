"""Gradients of the Triton kernels of infinite self-attention, one hop and all, against float64."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.kernels.normalised_error import frobenius_error
from attnproof.kernels.registry import implementation
from attnproof.kernels.specification import specification
from attnproof.theory.engine.rounding import gamma as counted

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

PURE, RESOLVENT = "infinite_self_attention", "resolvent_attention"
# Fewer hops than at 1/2; an ε of the size of the norms.
GAMMA, EPSILON = 0.125, 0.5
SINGLE, DOUBLE = 2.0**-24, 2.0**-53


def instance(length: int, width: int = 5, columns: int = 3):
    generator = torch.Generator().manual_seed(length)
    shapes = [(1, 2, length, width)] * 2 + [(1, 2, length, columns)] * 2
    *given, cotangent = (torch.randn(shape, generator=generator) for shape in shapes)
    return given, cotangent


def gradients(function, given, cotangent, **options):
    leaves = [x.detach().clone().requires_grad_() for x in given]
    output = function(*leaves, **({"gamma": GAMMA, "epsilon": EPSILON} | options))
    return torch.autograd.grad(output, leaves, cotangent.to(output.dtype))


def exact(operator: str, given, cotangent):
    return gradients(
        implementation(operator, "torch").load(),
        [x.double() for x in given],
        cotangent.double(),
    )


def bounds_of_map(query, key, value, given, output, errors, u):
    """What rounding may add to dq and dk, for ``γÂX`` with the cotangent U; see the module under
    test for the formulas. ``errors`` bound those of X, U and Y = γÂX as they come in.

    With ``l = γU/D``: γ/D and its product are three roundings and D errs by e_D. ``⟨U, Y⟩`` is a
    sum of Ne products of numbers that err themselves; divided by D and by the norm it gives c. A
    score errs by ``e = γ_{d+2} M``; ``l·x`` is a sum of e products, ``c s`` one, and their sum one
    addition: together E. A score within e of 0 may be taken for positive or not, at the cost of the
    whole term. The last sum has N terms, each multiplied by an entry, and by the rounded 1/d.
    """
    length, width = query.shape
    of_value, of_given, of_output = errors
    raw = query @ key.T / width
    magnitude = np.abs(query) @ np.abs(key).T / width
    weights = np.maximum(raw, 0.0)
    off = counted(width + 2, u) * magnitude
    if not weights.any():
        assert (raw < -off).all()
        return 0 * query, 0 * key
    norm, norm_error = frobenius_error(weights, off, 0.0, length, u)
    whole, whole_error = frobenius_error(weights, off, EPSILON, length, u)
    left = GAMMA / whole * given
    factor = whole / (whole - whole_error) * (1 + counted(3, u))
    left_error = np.abs(left) * (factor - 1) + GAMMA / whole * factor * of_given
    terms = np.abs(given) * of_output + of_given * (np.abs(output) + of_output)
    sizes = np.abs(given * output)
    inner_error = terms.sum() + counted(given.size + 1, u) * (sizes + terms).sum()
    lowest = (whole - whole_error) * (norm - norm_error)
    c = -(given * output).sum() / (whole * norm)
    both = whole * norm / lowest * (1 + counted(3, u))
    c_error = abs(c) * (both - 1) + inner_error / lowest * (1 + counted(3, u))
    dot = np.abs(left) @ np.abs(value).T
    wide = (np.abs(left) + left_error) @ (np.abs(value) + of_value).T
    first = wide - dot + counted(value.shape[1] + 1, u) * wide
    second = c_error * (magnitude + off) + abs(c) * off
    second = second + u * (abs(c) + c_error) * (magnitude + off)
    change = left @ value.T + c * raw
    error = first + second + u * (dot + abs(c) * magnitude + first + second)
    error = np.where(raw > off, error, np.where(raw < -off, 0.0, error + np.abs(change)))
    size = np.where(raw > -off, np.abs(change), 0.0)
    total = (error + counted(length + 3, u) * (size + error)) / width
    return total @ np.abs(key), total.T @ np.abs(query)


def bounds(operator: str, given, cotangent, u: float) -> list[np.ndarray]:
    """Of dq, dk and dv; dv is the operator itself on exchanged roles."""
    spec, found = specification(operator), []
    for head in range(2):
        q, k, v, g = (x[0, head].double().numpy() for x in (*given, cotangent))
        bound = lambda *arrays: spec.bound(*arrays, GAMMA, EPSILON, u=u)
        output, of_output = spec.define(q, k, v, GAMMA, EPSILON), bound(q, k, v)
        back, of_value = spec.define(k, q, g, GAMMA, EPSILON), bound(k, q, g)
        if operator == RESOLVENT:
            # X = V + Y and U = G + W, each rounded.
            x, of_x = v + output, of_output * (1 + u) + u * np.abs(v + output)
            w, of_w = g + back, of_value * (1 + u) + u * np.abs(g + back)
        else:
            x, of_x, w, of_w = v, 0 * v, g, 0 * g
        found.append((*bounds_of_map(q, k, x, w, output, (of_x, of_w, of_output), u), of_value))
    return [np.stack(parts)[None] for parts in zip(*found)]


def beyond(operator: str, found, given, cotangent) -> list[bool]:
    """Whether each gradient leaves its bound; the float64 reference has one, too."""
    single, double = (bounds(operator, given, cotangent, u) for u in (SINGLE, DOUBLE))
    return [
        bool((np.abs((one.double() - two).numpy()) > a + b).any())
        for one, two, a, b in zip(found, exact(operator, given, cotangent), single, double)
    ]


@pytest.mark.parametrize(
    ("operator", "length", "width", "columns"),
    [(PURE, 1, 5, 3), (PURE, 17, 3, 18), (PURE, 40, 5, 3), (RESOLVENT, 1, 5, 3),
     (RESOLVENT, 17, 6, 2), (RESOLVENT, 35, 5, 3)],
)  # fmt: skip
def test_gradients_are_within_their_bounds(operator, length, width, columns):
    given, cotangent = instance(length, width, columns)
    found = gradients(implementation(operator, "triton").load(), given, cotangent)
    assert all(x.dtype == torch.float32 for x in found)
    assert beyond(operator, found, given, cotangent) == [False] * 3
    allowed = bounds(operator, given, cotangent, SINGLE)
    assert all(np.isfinite(one).all() for one in allowed)


def _norm_constant(query, key, value, *, gamma, epsilon):
    """The norm is left out of the derivative."""
    scores = torch.relu(query @ key.transpose(-1, -2) / query.shape[-1])
    norm = scores.detach().norm(dim=(-1, -2), keepdim=True)
    return gamma * scores @ value / (norm + epsilon)


def _no_mask(query, key, value, *, gamma, epsilon):
    """The derivative of the rectifier is 1 everywhere."""
    raw = query @ key.transpose(-1, -2) / query.shape[-1]
    scores = raw + (torch.relu(raw) - raw).detach()
    return gamma * scores @ value / (scores.norm(dim=(-1, -2), keepdim=True) + epsilon)


def _right(query, key, value, *, gamma, epsilon):
    scores = torch.relu(query @ key.transpose(-1, -2) / query.shape[-1])
    return gamma * scores @ value / (scores.norm(dim=(-1, -2), keepdim=True) + epsilon)


@pytest.mark.parametrize(
    ("function", "wrong"),
    [(_norm_constant, [True, True, False]), (_no_mask, [True, True, False]), (_right, [False] * 3)],
)
def test_a_wrong_gradient_would_be_noticed(function, wrong):
    given, cotangent = instance(17)
    found = gradients(function, given, cotangent)
    assert beyond(PURE, found, given, cotangent) == wrong


def test_a_resolvent_differentiated_at_its_first_hop_only_would_be_noticed():
    given, cotangent = instance(17)
    assert all(beyond(RESOLVENT, gradients(_right, given, cotangent), given, cotangent))


@pytest.mark.parametrize("operator", [PURE, RESOLVENT])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_narrow_gradients_are_rounded_once(operator, dtype):
    """What the float32 passes give on the same numbers, rounded at the end."""
    given, cotangent = instance(9)
    narrow, g = [x.to(dtype) for x in given], cotangent.to(dtype)
    run = implementation(operator, "triton").load()
    found = gradients(run, narrow, g)
    wide = gradients(run, [x.float() for x in narrow], g.float())
    assert all(one.dtype == dtype for one in found)
    assert all(torch.equal(one, two.to(dtype)) for one, two in zip(found, wide))
