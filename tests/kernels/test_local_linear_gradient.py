"""Gradients of local linear attention by conjugate gradients against float64 autograd."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.kernels.local_linear_attention import blocked, conjugate_gradient
from attnproof.theory.engine.rounding import unit_roundoff
from attnproof.theory.paper.lla.analytic_gradient import analytic_gradient

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.local_linear_attention import triton_gradient, triton_solver

FORMS = {"conjugate-gradient": conjugate_gradient, "triton": triton_gradient}
OPTIONS = {"scale": 0.5, "ridge": 0.5}
# One token; a ragged tile of 16 with widths that differ; and two of these.
SHAPES = ((1, 3, 2), (13, 4, 3), (20, 2, 5))


def instance(length, width, columns):
    generator = torch.Generator().manual_seed(length)
    normal = lambda size: torch.randn(1, 2, length, size, generator=generator)
    return [normal(width), normal(width), normal(columns)], normal(columns)


def gradients(form, tensors, cotangent, **options):
    leaves = [x.detach().clone().requires_grad_() for x in tensors]
    output = form.local_linear_attention(*leaves, **OPTIONS, **options)
    return torch.autograd.grad(output, leaves, cotangent.to(output.dtype))


def exact(tensors, cotangent):
    found = gradients(blocked, [x.double() for x in tensors], cotangent.double())
    return [x[0].numpy() for x in found]


def errors(tensors, cotangent):
    """What one unit of relative error in each step of the formulas of `triton_gradient` does to dq,
    dk and dv, to first order."""
    heads = zip(*(x[0].double().numpy() for x in (*tensors, cotangent)))
    return [np.stack(part) for part in zip(*(_errors(*head, **OPTIONS) for head in heads))]


def _errors(query, key, value, cotangent, scale, ridge):
    """Row by row, the name of a number followed by ``_off`` for its error. A sum errs by the sizes
    of its terms, ``s_j = |k_j| + |q|`` for z_j, and a solution of ``Ax = b`` by ``|A^{−1}|`` times
    the errors of b and the sizes of the terms of Ax."""
    of_query, of_key, of_value = (np.zeros_like(x) for x in (query, key, value))
    for t, (q, g) in enumerate(zip(query, cotangent)):
        k, v = key[: t + 1], value[: t + 1]
        p = np.exp(scale * (k @ q) - (scale * (k @ q)).max())
        p, z, s = p / p.sum(), k - q, np.abs(k) + np.abs(q)
        moments = z.T @ (p[:, None] * z) + ridge * np.eye(len(q))
        terms = s.T @ (p[:, None] * s) + ridge * np.eye(len(q))
        inverse = np.linalg.inv(moments)
        rho = inverse @ (p @ z)
        rho_off = np.abs(inverse) @ (p @ s + terms @ np.abs(rho))
        e, rest = 1 - z @ rho, 1 - (p @ z) @ rho
        e_off = 1 + s @ np.abs(rho) + np.abs(z) @ rho_off
        rest_off = 1 + (p @ s) @ np.abs(rho) + np.abs(p @ z) @ rho_off
        level = (p * e) @ (v @ g) / rest
        level_off = (p * e_off) @ np.abs(v @ g) + (p * np.abs(e)) @ (np.abs(v) @ np.abs(g))
        level_off = (level_off + abs(level) * rest_off) / rest
        gain, gain_off = v @ g - level, np.abs(v) @ np.abs(g) + abs(level) + level_off
        pull = (p * gain) @ z / rest
        pull_off = (p * np.abs(gain)) @ s + (p * gain_off) @ np.abs(z) + np.abs(pull) * rest_off
        u = inverse @ pull
        u_off = np.abs(inverse) @ (pull_off / rest + terms @ np.abs(u))
        c = gain / rest - z @ u
        c_off = gain_off / rest + np.abs(gain) * rest_off / rest**2
        c_off = c_off + s @ np.abs(u) + np.abs(z) @ u_off
        shift_off = np.abs(rho) @ (u_off + np.abs(u)) + np.abs(u) @ rho_off
        in_scores = p * (np.abs(e) * (c_off + np.abs(c)) + np.abs(c) * e_off + ridge * shift_off)
        of_query[t] = scale * (in_scores @ np.abs(k)) + abs(p @ c) * rho_off + np.abs(u) * rest_off
        of_query[t] += (p @ (c_off + np.abs(c))) * np.abs(rho) + rest * u_off
        of_key[: t + 1] += scale * np.outer(in_scores, np.abs(q))
        of_key[: t + 1] += np.outer(p * (c_off + np.abs(c)), np.abs(rho))
        of_key[: t + 1] += np.outer(p * np.abs(c), rho_off) + np.outer(p * np.abs(e), u_off)
        of_key[: t + 1] += np.outer(p * (e_off + np.abs(e)), np.abs(u))
        in_value = p * (e_off + np.abs(e) * (1 + rest_off / rest)) / rest
        of_value[: t + 1] += np.outer(in_value, np.abs(g))
    return of_query, of_key, of_value


def shares(found, tensors, cotangent):
    """Largest errors of dq, dk and dv in units of u times `errors`.

    In the worst case each step would count its roundings, N or d of them; they cancel for the most
    part, and those of a step are seldom all at their largest. Observed are shares of up to 0.4.
    """
    unit = unit_roundoff("float32")
    return [
        float((np.abs(x[0].double().numpy() - y) / (unit * off)).max())
        for x, y, off in zip(found, exact(tensors, cotangent), errors(tensors, cotangent))
    ]


ALLOWED = 4.0


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_are_derivatives(form, shape):
    tensors, cotangent = instance(*shape)
    found = gradients(form, tensors, cotangent, block=16)
    assert max(shares(found, tensors, cotangent)) <= ALLOWED


def test_narrow_gradients_are_rounded_once():
    """bfloat16 leaves: what float32 leaves with the same numbers give, rounded at the end."""
    tensors, cotangent = instance(9, 4, 3)
    narrow, given = [x.bfloat16() for x in tensors], cotangent.bfloat16()
    found = gradients(triton_gradient, narrow, given)
    wide = gradients(triton_gradient, [x.float() for x in narrow], given.float())
    # The output, too, is rounded at the end, and its gradient taken before that.
    assert all(torch.equal(one, two.bfloat16()) for one, two in zip(found, wide))


def test_a_gradient_without_the_adjoint_would_be_noticed(monkeypatch):
    """The slope taken for a constant: dq and dk are off, dv is not."""
    tensors, cotangent = instance(13, 4, 3)
    monkeypatch.setattr(triton_gradient, "solve", lambda *given, **more: 0 * given[5])
    monkeypatch.setattr(
        conjugate_gradient._Solution,
        "backward",
        staticmethod(lambda ctx, cotangent: (0 * cotangent, None, None)),
    )
    for form in FORMS.values():
        of_query, of_key, of_value = shares(gradients(form, tensors, cotangent), tensors, cotangent)
        assert min(of_query, of_key) > 100 * ALLOWED and of_value <= ALLOWED


def stated(tensors, cotangent, **how):
    """The gradient of the reference code, with the ridge's term or without, in float64."""
    result = [torch.zeros_like(x, dtype=torch.float64) for x in tensors]
    for head in range(2):
        q, k, v, g = (x[0, head].double().numpy() for x in (*tensors, cotangent))
        for t in range(len(q)):
            keys, scale = k[: t + 1], OPTIONS["scale"]
            weights = np.exp(scale * (keys @ q[t]))
            found = analytic_gradient(
                q[t], keys, v[: t + 1], weights, g[t], OPTIONS["ridge"], scale, **how
            )
            result[0][0, head, t] = torch.from_numpy(found[0])
            for whole, part in zip(result[1:], found[1:]):
                whole[0, head, : t + 1] += torch.from_numpy(part)
    return result


def test_a_gradient_without_the_ridges_term_would_be_noticed():
    """As the reference code has it; with the term it is the derivative."""
    tensors, cotangent = instance(13, 4, 3)
    for through_ridge in (True, False):
        found = stated(tensors, cotangent, through_ridge=through_ridge)
        of_query, of_key, of_value = shares(found, tensors, cotangent)
        assert of_value <= ALLOWED
        assert (max(of_query, of_key) <= ALLOWED) is through_ridge


def test_an_adjoint_that_does_not_arrive_is_advice(monkeypatch):
    """Forward with all steps, backward with one."""
    tensors, cotangent = instance(13, 4, 3)
    leaves = [x.requires_grad_() for x in tensors]
    output = triton_gradient.local_linear_attention(*leaves, **OPTIONS)
    monkeypatch.setattr(triton_solver, "steps", lambda width: 1)
    with pytest.raises(ArithmeticError, match="raise the ridge"):
        output.backward(cotangent)
