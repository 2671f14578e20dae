"""Autograd through the torch forms against differences of what they compute, in float64."""

from __future__ import annotations

import pytest
import torch

from attnproof.kernels.registry import implementations
from attnproof.kernels.specification import specification
from attnproof.kernels.verification.draws import Draw, tensors

TORCH = [one for one in implementations() if not one.needs]


@pytest.mark.parametrize("one", TORCH, ids=lambda one: f"{one.operator}-{one.backend}")
@pytest.mark.parametrize("block", [2, 16])
def test_gradients_are_derivatives(one, block):
    """Tiles that do not divide the length, and one tile for all. The tolerances are gradcheck's:
    central differences with steps of 1e-6 err by some 1e-9 in float64."""
    spec = specification(one.operator)
    given = tensors(spec, Draw(seed=3, length=5, width=2, columns=2, dtype="float64"))
    names = [name for name in given if name not in spec.constant]
    function = one.load()

    def run(*values):
        return function(**{**given, **dict(zip(names, values))}, **spec.parameters, block=block)

    if "decay" in given:
        # A gate of 0 or 1 lies at the end of its domain, where differences leave it.
        given["decay"] = given["decay"].clamp(0.2, 0.9)
    leaves = [given[name].detach().clone().requires_grad_() for name in names]
    assert torch.autograd.gradcheck(run, leaves)
