"""Local linear attention by conjugate gradients, in torch and in Triton."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import pytest
import torch

from attnproof.kernels.local_linear_attention import blocked, conjugate_gradient, solver
from attnproof.kernels.specification import specification
from attnproof.kernels.specifications import local_linear_attention as specified
from attnproof.kernels.verification.draws import Draw
from attnproof.kernels.verification.questions import error_of, exact_cases

if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels.local_linear_attention import triton_gradient, triton_solver

SPEC = specification("local_linear_attention")
# The released default leaves little to the fit; at this ridge the slope matters.
SMALL = replace(SPEC, parameters={"scale": 0.5, "ridge": 0.25})
FORMS = {"conjugate-gradient": conjugate_gradient, "triton": triton_gradient}
DTYPES = ("float32", "float16", "bfloat16")
# N, d, e: one token, and tiles that are not full.
SHAPES = ((1, 3, 2), (17, 5, 3))
BOTH = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def share_of_bound(form, spec, shape, dtype="float32", seed=1, **options):
    """The first entry beyond its bound, or nothing; and the largest share of the bound."""
    call = lambda given: form.local_linear_attention(**given, **spec.parameters, **options)
    return error_of(spec, call, Draw(seed, *shape, dtype))


def instance(length, width, columns, seed=0):
    generator = torch.Generator().manual_seed(seed)
    normal = lambda size: torch.randn(1, 2, length, size, generator=generator)
    return normal(width), normal(width), normal(columns)


def badly_scaled():
    """Channels over three orders of magnitude, and a ridge far below a rounding of the moments."""
    sizes = 10 * torch.logspace(-3, 0, 32)
    query, key, value = instance(40, 32, 1)
    return (sizes * query, sizes * key, value), {"scale": 0.01, "ridge": 1e-6}


@BOTH
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("spec", [SPEC, SMALL], ids=["default ridge", "small ridge"])
def test_every_entry_is_within_the_bound(form, dtype, spec):
    for shape in SHAPES:
        wrong, _ = share_of_bound(form, spec, shape, dtype)
        assert not wrong


@BOTH
@pytest.mark.parametrize(("length", "block"), [(20, 16), (70, 64)])
def test_rows_of_several_tiles_are_within_the_bound(form, length, block):
    wrong, _ = share_of_bound(form, SMALL, (length, 3, 4), block=block)
    assert not wrong


@BOTH
@pytest.mark.parametrize("dtype", DTYPES)
def test_cases_without_rounding_come_out_bitwise(form, dtype):
    call = lambda given: form.local_linear_attention(**given, **SPEC.parameters)
    assert exact_cases(SPEC, call, dtype, (1, 2, 17, 65))["cases"] > 0


def test_the_stopping_rule_is_as_strict_as_the_specification():
    assert solver.TOLERANCE <= specified.RESIDUAL


def test_keys_far_from_the_origin_are_within_the_bound():
    """Keys and queries three units away from it, where products with the keys cancel."""

    def draw(random, length, width, columns):
        given = SMALL.draw(random, length, width, columns)
        return given | {name: given[name] + 3 for name in ("query", "key")}

    away = replace(SMALL, draw=draw, parameters={"scale": 0.01, "ridge": 0.25})
    wrong, _ = share_of_bound(conjugate_gradient, away, (17, 4, 3))
    assert not wrong


def fixed_steps(count):
    """Conjugate gradients that take a number of steps and ask for no residual."""

    def run(product, right, size, *, first=0):
        estimate, residual, direction = torch.zeros_like(right), right, right
        for _ in range(count):
            image, square = product(direction), (residual * residual).sum(-1, keepdim=True)
            step = square / (direction * image).sum(-1, keepdim=True).clamp_min(1e-30)
            estimate, residual = estimate + step * direction, residual - step * image
            ratio = (residual * residual).sum(-1, keepdim=True) / square.clamp_min(1e-30)
            direction = residual + ratio * direction
        return estimate

    return run


def test_one_step_too_few_would_be_noticed(monkeypatch):
    """At width 3 three steps are enough, and two are not."""
    for count, enough in ((3, True), (2, False)):
        monkeypatch.setattr(conjugate_gradient, "solve", fixed_steps(count))
        wrong, _ = share_of_bound(conjugate_gradient, SMALL, (17, 3, 2))
        assert bool(wrong) is not enough


def test_a_lax_tolerance_would_be_noticed(monkeypatch):
    for module, form in ((solver, conjugate_gradient), (triton_solver, triton_gradient)):
        monkeypatch.setattr(module, "TOLERANCE", 1e-2 * 2.0**24)
        wrong, _ = share_of_bound(form, SMALL, (17, 5, 3))
        assert wrong


def test_the_square_of_the_norm_would_be_noticed(monkeypatch):
    squared = lambda r, x, allowed: r.square().sum(-1) <= allowed * x.norm(dim=-1)
    monkeypatch.setattr(solver, "_small", squared)
    wrong, _ = share_of_bound(conjugate_gradient, SPEC, (17, 3, 2))
    assert wrong


def test_a_row_that_has_not_arrived_is_no_number(monkeypatch):
    """Two steps at width 5 in Triton, with the refusal suppressed, and with it."""
    monkeypatch.setattr(triton_solver, "steps", lambda width: 2)
    monkeypatch.setattr(triton_solver, "RESTARTS", 0)
    query, key, value = instance(17, 5, 3)
    with pytest.raises(ArithmeticError, match=r"row \d+ of head \(0, 0\).*raise the ridge"):
        triton_gradient.local_linear_attention(query, key, value, **SMALL.parameters)
    monkeypatch.setattr(triton_solver, "certify", lambda residual, allowed, width: None)
    output = triton_gradient.local_linear_attention(query, key, value, **SMALL.parameters)
    # The first row solves a system of rank one and a ridge, in one step.
    assert bool(output[:, :, 0].isfinite().all()) and bool(output[:, :, -1].isnan().all())


def test_ill_conditioned_moments_are_advice():
    (query, key, value), options = badly_scaled()
    for run in (conjugate_gradient.local_linear_attention, blocked.local_linear_attention):
        with pytest.raises(ArithmeticError, match="raise the ridge"):
            run(query, key, value, **options)
    # Both pieces of advice help.
    wide = (x.double() for x in (query, key, value))
    assert blocked.local_linear_attention(*wide, **options).isfinite().all()
    options["ridge"] = 1e-2
    output = conjugate_gradient.local_linear_attention(query, key, value, **options)
    assert output.isfinite().all()


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid:RuntimeWarning")
@BOTH
def test_numbers_that_overflow_are_advice(form):
    query, key, value = (x * 1e30 for x in instance(2, 3, 2))
    with pytest.raises(ArithmeticError, match="scale the inputs down"):
        form.local_linear_attention(query, key, value, **SPEC.parameters)


@BOTH
def test_a_ridge_of_zero_is_refused(form):
    with pytest.raises(ValueError, match="raise it"):
        form.local_linear_attention(*instance(2, 3, 2), scale=1.0, ridge=0.0)
