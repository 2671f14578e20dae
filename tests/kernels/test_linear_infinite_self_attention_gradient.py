"""Gradients of the Triton kernel of linear infinite self-attention against float64."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.kernels.registry import implementation
from attnproof.kernels.specification import specification
from attnproof.theory.engine.rounding import gamma as counted

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

OPERATOR = "linear_infinite_self_attention"
GAMMA, EPSILON = 0.5, 0.5
SINGLE, DOUBLE = 2.0**-24, 2.0**-53


def instance(length: int, width: int = 5, columns: int = 3):
    generator = torch.Generator().manual_seed(length)
    shapes = [(1, 2, length, width)] * 2 + [(1, 2, length, columns)] * 2
    *given, cotangent = (torch.randn(shape, generator=generator) for shape in shapes)
    # Otherwise q̄ is nearly 0 and its rounding decides about the sign of many scores.
    given[0] += 0.5
    return given, cotangent


def gradients(function, given, cotangent):
    leaves = [x.detach().clone().requires_grad_() for x in given]
    output = function(*leaves, gamma=GAMMA, epsilon=EPSILON)
    return torch.autograd.grad(output, leaves, cotangent.to(output.dtype))


def product(one, one_error, two, two_error):
    """Error of a product of numbers that are off by at most so much."""
    return np.abs(one) * two_error + one_error * (np.abs(two) + two_error)


def bounds(q, k, v, cotangent, u):
    """What rounding may add to dq, dk and dv of one head; see the module under test for the
    formulas, and the operator's own bound for q̄, the scores and their sum.

    g is a sum of N terms; ``l = γg/T`` takes three roundings and the error of T; ``a = g·y/T`` is a
    sum of e products and one rounding, with the errors of g, y and T. ``t_j = l·v_j − a`` is a sum
    of e products and one addition, divided by d. A score within its error of 0 may be taken for
    positive or not, at the cost of all of ``t_j``. h sums N products. ``H = h/S`` and ``b = h·q̄/S``
    again are quotients; dq_i sums d products, and takes a norm, a quotient, a product and a sum.
    """
    length, width = q.shape
    columns = v.shape[1]
    spec = specification(OPERATOR)
    norms = np.sqrt((q * q).sum(1))
    weight = norms.sum() + EPSILON * np.sqrt(width)
    weight_error = counted(length + width + 4, u) * weight
    pooled, largest = norms @ q / weight, norms @ np.abs(q) / weight
    pooled_error = counted(3 * length + 3 * width + 15, u) * largest
    raw = k @ pooled / width
    sizes = np.abs(k) @ largest / width
    off = counted(3 * length + 4 * width + 17, u) * sizes
    scores = np.maximum(raw, 0.0)
    total = scores.sum() + EPSILON
    total_error = counted(4 * length + 4 * width + 19, u) * (sizes.sum() + EPSILON)
    row = spec.define(q, k, v, GAMMA, EPSILON)[0]
    row_error = spec.bound(q, k, v, GAMMA, EPSILON, u=u)[0]

    def divided(size, error, by, by_error, roundings):
        """A quotient of numbers that are off."""
        exact, lowest = size / by, by - by_error
        found = error / lowest + np.abs(exact) * by_error / lowest
        return exact, found + counted(roundings, u) * (np.abs(exact) + found)

    g = cotangent.sum(0)
    g_error = counted(length, u) * np.abs(cotangent).sum(0)
    left, left_error = divided(GAMMA * g, GAMMA * g_error, total, total_error, 3)
    inner_error = product(g, g_error, row, row_error)
    inner_error = (inner_error + counted(columns, u) * (np.abs(g * row) + inner_error)).sum()
    away, away_error = divided(g @ row, inner_error, total, total_error, 1)

    of_value = product(scores[:, None], off[:, None], left, left_error)
    of_value = of_value + u * (np.abs(scores[:, None] * left) + of_value)

    wide = (np.abs(left) + left_error) @ np.abs(v).T
    change = (v @ left - away) / width
    dot = wide - np.abs(left) @ np.abs(v).T + counted(columns + 1, u) * wide + away_error
    error = (dot + counted(3, u) * (wide + abs(away) + dot)) / width
    error = np.where(raw > off, error, np.where(raw < -off, 0.0, error + np.abs(change)))
    change = np.where(raw > -off, change, 0.0)
    of_key = product(change[:, None], error[:, None], pooled, pooled_error)
    of_key = of_key + u * (np.abs(change[:, None] * pooled) + of_key)

    back = np.where(raw > 0, change, 0.0) @ k
    back_error = error @ np.abs(k)
    back_error = back_error + counted(length, u) * (np.abs(change) @ np.abs(k) + back_error)
    h, h_error = divided(back, back_error, weight, weight_error, 1)
    inner_error = product(back, back_error, pooled, pooled_error)
    inner_error = (inner_error + counted(width, u) * (np.abs(back * pooled) + inner_error)).sum()
    b, b_error = divided(back @ pooled, inner_error, weight, weight_error, 1)
    reach = np.abs(q) @ np.abs(h)
    error = np.abs(q) @ h_error + b_error
    error = error + counted(width + 1, u) * (reach + abs(b) + error)
    direction = (np.abs(q) / norms[:, None]) * (
        error + counted(width + 4, u) * (np.abs(q @ h - b) + error)
    )[:, None]
    along = norms[:, None] * (h_error + counted(width + 2, u) * (np.abs(h) + h_error))
    summed = np.abs(q) / norms[:, None] * np.abs(q @ h - b)[:, None] + norms[:, None] * np.abs(h)
    of_query = direction + along
    of_query = of_query + u * (summed + of_query)
    return of_query, of_key, of_value


def allowed(given, cotangent, u) -> list[np.ndarray]:
    heads = [
        bounds(*(x[0, head].double().numpy() for x in (*given, cotangent)), u) for head in range(2)
    ]
    return [np.stack(parts)[None] for parts in zip(*heads)]


def beyond(found, given, cotangent) -> list[bool]:
    """Whether each gradient leaves its bound; the float64 reference has one, too."""
    run = implementation(OPERATOR, "torch").load()
    exact = gradients(run, [x.double() for x in given], cotangent.double())
    single, double = (allowed(given, cotangent, u) for u in (SINGLE, DOUBLE))
    assert all(np.isfinite(one).all() for one in single)
    return [
        bool((np.abs((one.double() - two).numpy()) > a + b).any())
        for one, two, a, b in zip(found, exact, single, double)
    ]


# Around one program per head and several, whose last steps are ragged.
@pytest.mark.parametrize(
    ("length", "width", "columns"), [(1, 5, 3), (17, 3, 18), (64, 5, 3), (150, 8, 1)]
)
def test_gradients_are_within_their_bounds(length, width, columns):
    given, cotangent = instance(length, width, columns)
    found = gradients(implementation(OPERATOR, "triton").load(), given, cotangent)
    assert all(x.dtype == torch.float32 for x in found)
    assert beyond(found, given, cotangent) == [False] * 3


def _row(query, key, value, norms, gamma, epsilon, sum_constant=False):
    shift = epsilon * query.shape[-1] ** 0.5
    pooled = (norms * query).sum(-2, keepdim=True) / (norms.sum(-2, keepdim=True) + shift)
    scores = torch.relu(key @ pooled.transpose(-1, -2) / query.shape[-1])
    total = scores.sum(-2, keepdim=True) + epsilon
    total = total.detach() if sum_constant else total
    return (gamma * (scores * value).sum(-2, keepdim=True) / total).expand(value.shape)


def _right(query, key, value, *, gamma, epsilon):
    return _row(query, key, value, query.norm(dim=-1, keepdim=True), gamma, epsilon)


def _norms_constant(query, key, value, *, gamma, epsilon):
    """The weights of the queries are left out of the derivative."""
    return _row(query, key, value, query.norm(dim=-1, keepdim=True).detach(), gamma, epsilon)


def _sum_constant(query, key, value, *, gamma, epsilon):
    """The sum of the scores is left out of the derivative."""
    norms = query.norm(dim=-1, keepdim=True)
    return _row(query, key, value, norms, gamma, epsilon, sum_constant=True)


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        (_norms_constant, [True, False, False]),
        (_sum_constant, [True, True, False]),
        (_right, [False] * 3),
    ],
)
def test_a_wrong_gradient_would_be_noticed(function, wrong):
    given, cotangent = instance(17)
    assert beyond(gradients(function, given, cotangent), given, cotangent) == wrong


def test_a_lost_row_of_the_cotangent_would_be_noticed():
    given, cotangent = instance(40)
    short = cotangent.clone()
    short[..., -1, :] = 0
    assert beyond(gradients(_right, given, short), given, cotangent) == [True] * 3


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_narrow_gradients_are_rounded_once(dtype):
    """What the float32 passes give on the same numbers, rounded at the end."""
    given, cotangent = instance(20)
    narrow, g = [x.to(dtype) for x in given], cotangent.to(dtype)
    run = implementation(OPERATOR, "triton").load()
    found = gradients(run, narrow, g)
    wide = gradients(run, [x.float() for x in narrow], g.float())
    assert all(one.dtype == dtype for one in found)
    assert all(torch.equal(one, two.to(dtype)) for one, two in zip(found, wide))


def test_a_query_of_zeros_has_the_gradient_zero():
    given, cotangent = instance(20)
    given[0][..., 7, :] = 0
    of_query, *_ = gradients(implementation(OPERATOR, "triton").load(), given, cotangent)
    assert bool((of_query[..., 7, :] == 0).all()) and bool((of_query[..., 8, :] != 0).all())
