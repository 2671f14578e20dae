"""The bounds hold whatever the shape, and a kernel with a bug does not stay within them."""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attnproof.kernels.bounds import whole_bound
from attnproof.kernels.registry import implementation, implementations
from attnproof.kernels.specification import specification
from attnproof.kernels.verification.draws import Draw
from attnproof.kernels.verification.planted_bugs import planted_bugs
from attnproof.kernels.verification.questions import QUESTIONS, error_of
from attnproof.theory.core import Refuted

OPERATORS = ("infinite_self_attention", "resolvent_attention", "linear_infinite_self_attention")
IN_TILES = [one for one in implementations() if one.backend in ("torch", "split")]


@pytest.mark.parametrize("one", IN_TILES, ids=lambda one: one.name)
@settings(max_examples=6, deadline=None)
@given(
    length=st.integers(1, 40),
    width=st.integers(1, 24),
    columns=st.integers(1, 12),
    block=st.integers(1, 30),
    dtype=st.sampled_from(["float64", "float32", "float16", "bfloat16"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_bound_holds_for_every_shape(one, length, width, columns, block, dtype, seed):
    spec = specification(one.operator)
    if one.operator == "tensor_attention":
        length, block = min(length, 12), max(block, 5)  # its work grows with N³
    call = lambda inputs: one.load()(**inputs, **spec.parameters, block=block)
    wrong, share = error_of(spec, call, Draw(seed, length, width, columns, dtype))
    assert not wrong and 0.0 <= share <= 1.0


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_logit_that_rounds_across_zero_is_not_promised(operator):
    """Without ε, a true logit of at most 0 that is computed as positive gets all the attention:
    nothing but an infinite bound is honest."""
    query = np.array([[1.0, 2.0**-13, 1.0, 2.0**-13]])
    key = np.array([[1.0, 2.0**-13, -1.0, -(2.0**-13)]])
    spec = specification(operator)
    assert spec.define(query, key, np.ones((1, 1)), 0.5, 1e-6).max() == 0
    assert np.isinf(spec.bound(query, key, np.ones((1, 1)), 0.5, 0.0, u=2.0**-24)).all()


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_bound_promises_nothing_where_the_analysis_breaks_down(operator):
    """As many additions as 1/u: γ_n is infinite."""
    query = np.array([[1.0, -1.0], [1.0, 1.0]])
    spec = specification(operator)
    with np.errstate(invalid="ignore"):
        found = spec.bound(query, query, np.ones((2, 1)), 0.5, 0.0, u=2.0**-24, additions=2**25)
    assert not np.isfinite(found).any()


@pytest.mark.parametrize("operator", OPERATORS)
def test_fewer_additions_give_a_smaller_bound(operator):
    spec = specification(operator)
    drawn = spec.draw(np.random.default_rng(1), 40, 8, 3)
    bound = partial(spec.bound, **drawn, **spec.parameters, u=2.0**-24)
    assert (bound(additions=9) < bound()).all() and (bound(additions=40) == bound()).all()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_resolvent_may_also_be_solved_for(dtype):
    """Elimination in float32, and subtracting V from the solution for V."""

    def system(inputs, gamma, epsilon):
        query, key = inputs["query"].float(), inputs["key"].float()
        scores = (query @ key.transpose(-1, -2) / query.shape[-1]).relu()
        weights = gamma * scores / (scores.norm(dim=(-1, -2), keepdim=True) + epsilon)
        return torch.eye(query.shape[-2]) - weights, inputs["value"].float()

    def solved(inputs, **options):
        matrix, value = system(inputs, **options)
        right = value - matrix @ value
        return torch.linalg.solve(matrix, right).to(inputs["value"].dtype)

    def subtracted(inputs, **options):
        matrix, value = system(inputs, **options)
        return (torch.linalg.solve(matrix, value) - value).to(inputs["value"].dtype)

    spec = specification("resolvent_attention")
    for function in (solved, subtracted):
        QUESTIONS["rounding bound"](
            spec, lambda inputs, run=function: run(inputs, **spec.parameters), dtype
        )


def test_one_rounding_of_the_weights_is_allowed_on_request():
    """As a program does whose matrix units take bfloat16."""

    def rounded(inputs, gamma, epsilon):
        query, key, value = (x.float() for x in inputs.values())
        scores = (query @ key.transpose(-1, -2) / query.shape[-1]).relu()
        norm = scores.norm(dim=(-1, -2), keepdim=True) + epsilon
        return (gamma * scores.bfloat16().float() @ value / norm).bfloat16()

    spec = specification("infinite_self_attention")
    call = lambda inputs: rounded(inputs, **spec.parameters)
    QUESTIONS["rounding bound"](replace(spec, rounded_weights=True), call, "bfloat16")
    with pytest.raises(Refuted, match="farther off than rounding explains"):
        QUESTIONS["rounding bound"](spec, call, "bfloat16")


def _key_lost_at_an_edge(run, inputs, options):
    if inputs["key"].shape[-2] > 16:
        inputs = {**inputs, "key": inputs["key"].clone()}
        inputs["key"][..., 16, :] = 0
    return run(inputs, options)


def _sums_in_bfloat16(run, inputs, options):
    """The numerator is rounded to bfloat16 after every tile of 16."""
    query, key, value = inputs.values()
    scores = torch.relu(query @ key.transpose(-1, -2) / query.shape[-1])
    total = torch.zeros_like(value)
    for left in range(0, key.shape[-2], 16):
        part = scores[..., left : left + 16] @ value[..., left : left + 16, :]
        total = (total + part).bfloat16().float()
    size = scores.norm(dim=(-1, -2), keepdim=True) + options["epsilon"]
    return options["gamma"] * total / size


def _inputs_in_bfloat16(run, inputs, options):
    return run({name: x.bfloat16() for name, x in inputs.items()}, options).float()


BUGS = {
    "a key lost at the edge of a block": _key_lost_at_an_edge,
    "sums in bfloat16": _sums_in_bfloat16,
    "inputs in bfloat16": _inputs_in_bfloat16,
}


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_leaves_the_bound(name):
    """Besides those of `planted_bugs`, which are controls of the checks."""
    spec = specification("infinite_self_attention")
    function = implementation("infinite_self_attention", "torch").load()
    run = lambda inputs, options: function(**inputs, **options)
    call = lambda inputs: BUGS[name](run, inputs, spec.parameters)
    with pytest.raises(Refuted, match="an entry is farther off than rounding explains"):
        QUESTIONS["rounding bound"](spec, call, "float32")


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_mistaken_operator_leaves_the_bound_and_the_exact_cases(operator):
    spec, function = specification(operator), implementation(operator, "torch").load()
    run = lambda inputs, options: function(**inputs, **options)
    own = importlib.import_module(f"attnproof.kernels.{operator}.planted_bugs").PLANTED
    assert own.items() <= planted_bugs(spec).items()
    for bug in own.values():
        call = lambda inputs, bug=bug: bug(run, inputs, dict(spec.parameters))
        with pytest.raises(Refuted, match="an entry is farther off than rounding explains"):
            QUESTIONS["rounding bound"](spec, call, "float32")
        with pytest.raises(Refuted, match="a case without rounding comes out wrong"):
            QUESTIONS["exact cases"](spec, call, "float32")


def test_the_same_code_without_a_bug_stays_within():
    def dense(inputs, gamma, epsilon):
        query, key, value = inputs.values()
        scores = torch.relu(query @ key.transpose(-1, -2) / query.shape[-1])
        return gamma * scores @ value / (scores.norm(dim=(-1, -2), keepdim=True) + epsilon)

    spec = specification("infinite_self_attention")
    QUESTIONS["rounding bound"](spec, lambda x: dense(x, **spec.parameters), "float32")


@pytest.mark.parametrize("operator", OPERATORS)
def test_the_exact_cases_lie_within_the_bound(operator):
    """Definition and stated output agree, and every bound there is finite."""
    spec, seen = specification(operator), 0
    for case in spec.exact((1, 2, 3, 4, 5, 7, 8, 9, 40, 130)):
        bound = whole_bound(spec, case.inputs, "float64")
        assert np.isfinite(bound).all()
        assert (np.abs(spec.expected(case.inputs) - case.output) <= bound).all()
        seen += 1
    assert seen >= 20
