"""Every registered implementation: what its registration says, sizes of tiles, states carried."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the kernels need the extra 'kernels'")

from attnproof.kernels.bounds import whole_bound  # noqa: E402
from attnproof.kernels.registry import Implementation, implementations  # noqa: E402
from attnproof.kernels.specification import names, specification  # noqa: E402
from attnproof.kernels.verification.draws import HEADS, Draw, head, tensors  # noqa: E402
from attnproof.theory.paper.lab_kernels import VALUES  # noqa: E402

ALL = implementations()
# No block divides it, and two blocks of 16 do not reach its end.
LENGTH = 41


def each(*chosen: Implementation):
    return pytest.mark.parametrize("one", chosen, ids=lambda one: one.name)


def needs(one: Implementation) -> None:
    # Not importorskip: importing triton here would decide that it compiles.
    if one.needs and importlib.util.find_spec(one.needs) is None:
        pytest.skip(f"{one.needs} is not installed")


def within(spec, one, other, inputs, dtype: str, factor: float = 2.0) -> None:
    """Two evaluations of the same heads, each within the operator's bound of the definition."""
    for index in range(HEADS):
        bound = factor * whole_bound(spec, head(inputs, index), dtype)
        gap = (one[0, index].double() - other[0, index].double()).abs().numpy()
        assert (gap <= bound).all(), np.argwhere(~(gap <= bound))[0]


def test_every_operator_has_a_specification_a_claim_and_a_torch_form():
    operators = {one.operator for one in ALL}
    assert operators == set(names()) == set(VALUES)
    assert operators == {one.operator for one in ALL if one.backend == "torch"}
    assert len({(one.operator, one.backend) for one in ALL}) == len(ALL)


def test_every_folder_of_kernels_is_registered():
    root = Path(importlib.util.find_spec("attnproof.kernels.registry").origin).parent
    folders = {path.parent.name for path in root.glob("*/*triton*.py")}
    registered = {one.target.split(".")[2] for one in ALL if one.needs == "triton"}
    assert folders <= registered


@each(*(one for one in ALL if one.needs != "numba"))
def test_a_backward_pass_is_registered_where_there_is_one(one):
    needs(one)
    spec = specification(one.operator)
    inputs = tensors(spec, Draw(1, 3, 2, 2, "float32"))
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in inputs.items()}
    assert one.load()(**leaves, **spec.parameters).requires_grad is bool(one.backward)


@each(*(one for one in ALL if one.blocks))
def test_the_size_of_a_tile_changes_rounding_only(one):
    needs(one)
    spec = specification(one.operator)
    inputs = tensors(spec, Draw(2, min(LENGTH, one.lengths[-1]), 6, 4, "float32"))
    results = [one.load()(**inputs, **spec.parameters, block=block) for block in one.blocks]
    for other in results[1:]:
        within(spec, results[0], other, inputs, "float32")


@each(*(one for one in ALL if one.keeps_state))
@pytest.mark.parametrize("cut", [1, 16, 29, LENGTH - 1])
def test_a_sequence_may_be_cut_in_two(one, cut):
    """The state after the first part is what the second needs."""
    needs(one)
    spec = specification(one.operator)
    inputs = tensors(spec, Draw(3, LENGTH, 6, 4, "float32"))
    whole = one.load()(**inputs)
    first = {name: tensor[:, :, :cut] for name, tensor in inputs.items()}
    second = {name: tensor[:, :, cut:] for name, tensor in inputs.items()}
    left, state = one.load()(**first, return_state=True)
    right, last = one.load()(**second, state=state, return_state=True)
    within(spec, whole, torch.cat([left, right], 2), inputs, "float32")
    assert last.shape == state.shape and bool((last != state).any())


@each(*(one for one in ALL if one.keeps_state))
def test_a_lost_state_would_be_noticed(one):
    needs(one)
    spec = specification(one.operator)
    inputs = tensors(spec, Draw(3, LENGTH, 6, 4, "float32"))
    # Where every gate is zero there is no state to lose.
    inputs["decay"] = inputs["decay"].clamp_min(0.5)
    parts = [
        one.load()(**{name: tensor[:, :, a:b] for name, tensor in inputs.items()})
        for a, b in ((0, 16), (16, LENGTH))
    ]
    with pytest.raises(AssertionError):
        within(spec, one.load()(**inputs), torch.cat(parts, 2), inputs, "float32")
