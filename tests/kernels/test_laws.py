"""Laws of the operators that the battery does not ask for, for every registered implementation."""

from __future__ import annotations

import itertools
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from attnproof.kernels.bounds import whole_bound
from attnproof.kernels.registry import Implementation, implementations
from attnproof.kernels.specification import specification
from attnproof.kernels.verification.draws import Draw, head, tensors

INFINITE = ("infinite_self_attention", "resolvent_attention", "linear_infinite_self_attention")
GAMMA = 0.5


def _runnable(one: Implementation):
    missing = bool(one.needs) and find_spec(one.needs) is None
    marks = [pytest.mark.skip(reason=f"needs {one.needs}")] if missing else []
    return pytest.param(one, id=one.name, marks=marks)


def each(which):
    return pytest.mark.parametrize("one", [_runnable(x) for x in implementations() if which(x)])


def bounds(spec, inputs: dict[str, torch.Tensor], dtype: str = "float32") -> torch.Tensor:
    """The a-priori bound of every entry of the output."""
    heads = range(inputs["value" if "value" in inputs else "value_one"].shape[1])
    return torch.from_numpy(
        np.stack([whole_bound(spec, head(inputs, index), dtype) for index in heads])
    )[None]


@each(lambda one: not specification(one.operator).causal)
def test_permuting_tokens_permutes_the_output(one):
    """Rounding differs with the order of summation: hence within two bounds, not bitwise."""
    spec = specification(one.operator)
    length = 18 if "value" in spec.inputs else 9  # the work of tensor attention grows with N³
    given = tensors(spec, Draw(2, length, 5, 3, "float32"))
    order = torch.randperm(length, generator=torch.Generator().manual_seed(1))
    moved = {
        name: x[:, :, order][..., order] if spec.inputs[name] == "nn" else x[:, :, order]
        for name, x in given.items()
    }
    run = lambda inputs: one.load()(**inputs, **spec.parameters)
    gap = run(moved).double() - run(given)[:, :, order].double()
    allowed = bounds(spec, moved) + bounds(spec, given)[:, :, order]
    assert bool((gap.abs() <= allowed).all()) and bool(torch.isfinite(allowed).any())


def normal(length: int, *, heads: int = 2, seed: int = 0) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shapes = [(1, heads, length, 5)] * 2 + [(1, heads, length, 3)]
    return [torch.randn(shape, generator=generator) + 0.25 for shape in shapes]


def run(one: Implementation, query, key, value, *, epsilon: float = 1e-6):
    return one.load()(query, key, value, gamma=GAMMA, epsilon=epsilon)


def of_infinite(one: Implementation, epsilon: float):
    """The specification with another ε."""
    return replace(specification(one.operator), parameters={"gamma": GAMMA, "epsilon": epsilon})


@each(lambda one: one.operator == "linear_infinite_self_attention")
def test_the_linear_operator_sees_queries_as_a_set(one):
    query, key, value = normal(21)
    order = torch.randperm(21, generator=torch.Generator().manual_seed(1))
    output = run(one, query, key, value)
    gap = (run(one, query[..., order, :], key, value).double() - output.double()).abs()
    spec = of_infinite(one, 1e-6)
    assert bool((gap <= 2 * bounds(spec, dict(query=query, key=key, value=value))).all())
    assert torch.equal(output, output[..., :1, :].expand(output.shape))


@each(lambda one: one.operator in INFINITE)
@pytest.mark.parametrize("epsilon", [0.0, 1e-6])
def test_without_any_affinity_nothing_is_attended_to(one, epsilon):
    query, key, value = normal(17)
    query, key = query.abs(), -key.abs()
    assert torch.equal(run(one, query, key, value, epsilon=epsilon), torch.zeros_like(value))
    zero = torch.zeros_like(query)
    assert torch.equal(run(one, zero, key, value, epsilon=epsilon), torch.zeros_like(value))


@each(lambda one: one.operator in INFINITE[:2])
def test_a_row_without_affinity_is_zero_beside_rows_with(one):
    query, key, value = (x.abs() for x in normal(17))
    query[..., 3, :] *= -1
    output = run(one, query, key, value)
    assert bool((output[..., 3, :] == 0).all()) and bool((output[..., 4, :] != 0).all())


@each(lambda one: one.operator in INFINITE and one.operator != "resolvent_attention")
def test_a_head_alone_gives_the_same_bits(one):
    """The resolvent is left out: its heads share the number of hops."""
    given = normal(17, heads=3)
    together = run(one, *given)
    for index in range(3):
        alone = run(one, *(x[:, index : index + 1] for x in given))
        assert torch.equal(alone, together[:, index : index + 1])
    batched = run(one, *(x.transpose(0, 1) for x in given)).transpose(0, 1)
    assert torch.equal(batched, together)


@each(lambda one: one.operator in INFINITE)
def test_squares_of_large_halves_do_not_overflow(one):
    """65 504 is the largest float16; its square is not one."""
    query, key, value = (x.clamp(-1, 1).abs().half() for x in normal(17))
    query, key = query * 30_000, key * 30_000
    output = run(one, query, key, value)
    assert bool(torch.isfinite(output).all()) and bool((output != 0).all())
    allowed = bounds(of_infinite(one, 1e-6), dict(query=query, key=key, value=value), "float16")
    assert bool(torch.isfinite(allowed).all())
    small = run(one, query * 2.0**-10, key * 2.0**-10, value, epsilon=0.0)
    # Scaling queries and keys leaves the operator alone, up to rounding and to ε.
    assert bool(((output.double() - small.double()).abs() <= 4 * allowed + 1e-6).all())


def test_every_kind_of_implementation_is_looked_at():
    """So that a change of names does not leave the tests above without a subject."""
    found = {(one.operator, one.backend) for one in implementations()}
    assert set(itertools.product(INFINITE, ("torch", "triton"))) <= found
