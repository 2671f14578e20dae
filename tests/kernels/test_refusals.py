"""Arguments that a kernel cannot honour are refused with what to do, by every implementation."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from attnproof.kernels.registry import Implementation, implementations
from attnproof.kernels.specification import specification

INFINITE = ("infinite_self_attention", "resolvent_attention", "linear_infinite_self_attention")


def _runnable(one: Implementation):
    missing = bool(one.needs) and find_spec(one.needs) is None
    marks = [pytest.mark.skip(reason=f"needs {one.needs}")] if missing else []
    return pytest.param(one, id=one.name, marks=marks)


def each(which=lambda one: True):
    return pytest.mark.parametrize("one", [_runnable(x) for x in implementations() if which(x)])


def arguments(one: Implementation, dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    """Ones for five tokens of width four."""
    sizes = {"n": (5,), "nd": (5, 4), "ne": (5, 3), "nn": (5, 5)}
    spec = specification(one.operator)
    return {name: torch.ones(1, 2, *sizes[axes]).to(dtype) for name, axes in spec.inputs.items()}


def call(one: Implementation, given: dict[str, torch.Tensor], **options):
    return one.load()(**given, **(dict(specification(one.operator).parameters) | options))


@each()
@pytest.mark.parametrize("dtype", ["float64", "float16", "float8_e4m3fn", "int32"])
def test_a_dtype_is_computed_in_or_refused(one, dtype):
    """Triton sums in float32: to take float64 in silence would lose half of its digits."""
    if dtype in one.dtypes:
        assert call(one, arguments(one, getattr(torch, dtype))).dtype == getattr(torch, dtype)
    else:
        with pytest.raises(ValueError, match=f"is torch.{dtype}; .* convert it"):
            call(one, arguments(one, getattr(torch, dtype)))


@each()
def test_axes_are_four(one):
    given = {name: tensor[0] for name, tensor in arguments(one).items()}
    with pytest.raises(ValueError, match=r"has shape \(2, 5, \d\).*unsqueeze"):
        call(one, given)


@each()
def test_lengths_must_agree(one):
    given = arguments(one)
    name = next(reversed(given))
    given[name] = given[name][:, :, :4]
    with pytest.raises(ValueError, match=r"differ|one number per token|tokens"):
        call(one, given)


@each()
def test_dtypes_must_agree(one):
    given = arguments(one)
    # A mask may be of another dtype.
    name = [name for name in given if name not in specification(one.operator).constant][-1]
    given[name] = given[name].half()
    with pytest.raises(ValueError, match="convert them to one dtype"):
        call(one, given)


@each()
def test_devices_must_agree(one):
    given = arguments(one)
    name = next(iter(given))
    given[name] = given[name].to("meta")
    with pytest.raises(ValueError, match=r"meta.*move them to one device"):
        call(one, given)


@each(lambda one: one.blocks)
def test_a_block_without_rows_is_refused(one):
    with pytest.raises(ValueError, match="block = -1; a tile needs at least one row"):
        call(one, arguments(one), block=-1)


@each(lambda one: one.blocks and one.needs != "triton")
def test_torch_blocks_may_be_odd(one):
    assert call(one, arguments(one), block=3).shape == (1, 2, 5, 3)


@each(lambda one: one.blocks and one.needs == "triton")
@pytest.mark.parametrize("block", [8, 48])
def test_triton_blocks_are_powers_of_two(one, block):
    with pytest.raises(ValueError, match=f"block = {block}; Triton tiles need a power of"):
        call(one, arguments(one), block=block)


@each(lambda one: one.operator in INFINITE)
def test_parameters_out_of_range_are_refused(one):
    with pytest.raises(ValueError, match=r"gamma = 1.5 is outside \[0, 1\)"):
        call(one, arguments(one), gamma=1.5)
    with pytest.raises(ValueError, match="epsilon = -1 is negative"):
        call(one, arguments(one), epsilon=-1)
