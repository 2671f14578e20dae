"""Foreign signatures: layouts, names, order, logarithms, and what of a result is the output."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch

from attnproof.kernels.specification import Specification

LAYOUTS = ("bhnd", "bnhd")


@dataclass(frozen=True)
class Adapter:
    """How a function is called.

    Attributes:
        target: ``package.module:function``.
        layout: ``bhnd`` for [batch, heads, tokens, width], ``bnhd`` with heads after tokens.
        call: its parameter → one of our inputs, possibly ``log(name)`` (in float32 at least, as a
            logarithm rounded to half precision is another gate) or ``name * number``; empty to
            pass the inputs by position in the order of the specification.
        constants: further keyword arguments, the same at every call.
        pass_parameters: whether the operator's own parameters (γ, a scale) are passed by keyword.
    """

    target: str
    layout: str = "bhnd"
    call: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    pass_parameters: bool = True

    def load(self) -> Callable[..., object]:
        """The function itself.

        Raises:
            LookupError: no such module or function, with what to check.
        """
        module, _, path = self.target.partition(":")
        if not path:
            raise LookupError(f"{self.target!r}: write package.module:function")
        try:
            found: object = importlib.import_module(module)
        except ModuleNotFoundError as error:
            raise LookupError(
                f"{self.target!r}: {error}; is it installed, or its folder on PYTHONPATH?"
            ) from error
        for part in path.split("."):
            if not hasattr(found, part):
                raise LookupError(f"{self.target!r}: {module} has no {path}")
            found = getattr(found, part)
        return found  # type: ignore[return-value]

    def apply(
        self,
        function: Callable[..., object],
        specification: Specification,
        inputs: Mapping[str, torch.Tensor],
    ) -> torch.Tensor:
        """The function on tensors in our layout; the result in our layout, too.

        Raises:
            TypeError: the result is no tensor, or not of four axes.
        """
        # What belongs to pairs of tokens has its heads second in every layout.
        given = {
            name: tensor if specification.inputs[name] == "nn" else self._outward(tensor)
            for name, tensor in inputs.items()
        }
        options = dict(specification.parameters) if self.pass_parameters else {}
        options |= self.constants
        if self.call:
            named = {key: _expression(words, given) for key, words in self.call.items()}
            result = function(**named, **options)
        else:
            result = function(*given.values(), **options)
        if isinstance(result, tuple | list):
            result = result[0]
        if not isinstance(result, torch.Tensor):
            raise TypeError(f"the function returned {type(result).__name__}, not a tensor")
        if result.ndim != 4:
            raise TypeError(
                f"the function returned shape {tuple(result.shape)}; with layout {self.layout} it "
                "must have four axes"
            )
        return self._outward(result)

    def _outward(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.transpose(1, 2) if self.layout == "bnhd" else tensor


def _expression(words: str, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
    words = words.strip()
    if words.startswith("log(") and words.endswith(")"):
        inner = _expression(words[4:-1], given)
        return torch.log(inner if inner.dtype == torch.float64 else inner.float())
    name, star, factor = words.partition("*")
    if name.strip() not in given:
        raise LookupError(
            f"{words!r} is no input; there are {', '.join(given)}, log(input) and input * number"
        )
    tensor = given[name.strip()]
    return tensor * float(factor) if star else tensor
