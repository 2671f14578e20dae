"""Bugs to plant in a kernel: whatever a question lets pass for one of these, it cannot find.

A bug is a function ``(run, inputs, options) → output``: it calls the kernel ``run(inputs,
options)`` on altered inputs, or alters what comes out. Which ones apply follows from the
specification; an operator's folder may add its own in ``planted_bugs.py``. Importing this loads no
tensor library.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from attnproof.kernels.specification import Specification

if TYPE_CHECKING:
    import torch

    Tensors = dict[str, torch.Tensor]
    Run = Callable[[Tensors, dict[str, object]], torch.Tensor]

# (run, inputs, options) → output
Bug = Callable[..., "torch.Tensor"]


def _second(inputs: Tensors, word: str) -> str:
    """``word``, or the second of two inputs of that kind."""
    return word if word in inputs else f"{word}_two"


def _changed(inputs: Tensors, name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> Tensors:
    return {**inputs, name: change(inputs[name])}


def _without_last(tensor: torch.Tensor) -> torch.Tensor:
    changed = tensor.clone()
    changed[:, :, -1] = 0
    return changed


def _ones(tensor: torch.Tensor) -> torch.Tensor:
    return 0 * tensor + 1


def last_token_lost(run, inputs, options):
    return run(_changed(inputs, _second(inputs, "value"), _without_last), options)


def last_key_lost(run, inputs, options):
    return run(_changed(inputs, _second(inputs, "key"), _without_last), options)


def keys_one_token_late(run, inputs, options):
    return run(_changed(inputs, _second(inputs, "key"), lambda x: x.roll(1, 2)), options)


def heads_exchanged(run, inputs, options):
    return run(_changed(inputs, _second(inputs, "value"), lambda x: x.flip(1)), options)


def future_leak(run, inputs, options):
    return run(inputs, options) + inputs[_second(inputs, "value")][:, :, -1:] * 2.0**-6


def one_element_off(run, inputs, options):
    output = run(inputs, options).contiguous().clone()
    output.view(-1)[output.abs().argmax()] *= 1.02
    return output


def gates_one_token_late(run, inputs, options):
    return run(_changed(inputs, "decay", lambda x: x.roll(1, 2)), options)


def gates_forgotten(run, inputs, options):
    return run(_changed(inputs, "decay", _ones), options)


def step_sizes_forgotten(run, inputs, options):
    return run(_changed(inputs, "step_size", _ones), options)


def mask_forgotten(run, inputs, options):
    return run(_changed(inputs, "mask", _ones), options)


def scale_forgotten(run, inputs, options):
    return run(inputs, {**options, "scale": 1.0})


# On cases without rounding scores are 0 or vanish at any scale, some keys are 0, and there is one
# head only.
HIDDEN_IN_EXACT_CASES = {"scale forgotten", "last key lost", "heads exchanged", "ridge halved"}


def planted_bugs(specification: Specification) -> dict[str, Bug]:
    """Name → bug, for the operator of a specification."""
    found: dict[str, Bug] = {
        "last token lost": last_token_lost,
        "last key lost": last_key_lost,
        "keys one token late": keys_one_token_late,
        "heads exchanged": heads_exchanged,
        "future leak": future_leak,
        "one element off by two per cent": one_element_off,
    }
    if "decay" in specification.inputs:
        found |= {"gates one token late": gates_one_token_late, "gates forgotten": gates_forgotten}
    if "step_size" in specification.inputs:
        found["step sizes forgotten"] = step_sizes_forgotten
    if "mask" in specification.inputs:
        found["mask forgotten"] = mask_forgotten
    if "scale" in specification.parameters:
        found["scale forgotten"] = scale_forgotten
    name = f"attnproof.kernels.{specification.operator}.planted_bugs"
    if importlib.util.find_spec(name) is not None:
        found |= importlib.import_module(name).PLANTED
    return found


@cache
def _identity() -> Callable[..., torch.Tensor]:
    """The identity, with another gradient."""
    import torch

    class Identity(torch.autograd.Function):
        @staticmethod
        def forward(ctx, tensor, change):
            ctx.change = change
            return tensor.view_as(tensor)

        @staticmethod
        def backward(ctx, cotangent):
            return ctx.change(cotangent), None

    return Identity.apply


def _off_by_one_per_cent(tensor: torch.Tensor) -> torch.Tensor:
    changed = tensor.contiguous().clone()
    changed.view(-1)[changed.abs().argmax()] *= 1.01
    return changed


def _of_inputs(change: Callable[[torch.Tensor], torch.Tensor]) -> Bug:
    def bug(run, inputs, options):
        return run({n: _identity()(x, change) for n, x in inputs.items()}, options)

    return bug


def _of_the_output(change: Callable[[torch.Tensor], torch.Tensor]) -> Bug:
    return lambda run, inputs, options: _identity()(run(inputs, options), change)


# Right outputs with wrong derivatives.
WRONG_GRADIENTS: Mapping[str, Bug] = {
    "one derivative off by one per cent": _of_inputs(_off_by_one_per_cent),
    "derivatives one token late": _of_inputs(lambda x: x.roll(1, 2)),
    "the last output's cotangent lost": _of_the_output(_without_last),
    # Along the channels: where all rows are one row, only the sum of their cotangents counts.
    "cotangents one channel late": _of_the_output(lambda x: x.roll(1, 3)),
    "derivatives with the other sign": _of_inputs(lambda x: -x),
}
