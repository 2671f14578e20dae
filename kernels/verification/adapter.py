"""Foreign signatures: layouts, names, order, logarithms, and what of a result is the output."""

from __future__ import annotations

import importlib
import inspect
import math
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
            logarithm rounded to half precision is another gate) or ``name * number * …``, of
            which ``width`` and ``sqrt(width)`` of that input may be some; empty to
            pass the inputs by position in the order of the specification.
        constants: further keyword arguments, the same at every call.
        pass_parameters: whether the operator's own parameters (γ, a scale) are passed by keyword.
        multiple: the function wants a multiple of so many tokens: it is given zeros after the last
            one (gates one), whose outputs are cut off. For causal operators.
    """

    target: str
    layout: str = "bhnd"
    call: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    pass_parameters: bool = True
    multiple: int = 1

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
        length = next(iter(inputs.values())).shape[2]
        if self.multiple > 1:
            if not specification.causal:
                raise ValueError(f"{specification.operator} is not causal: zeros would be seen")
            inputs = {name: self._longer(name, tensor) for name, tensor in inputs.items()}
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
        output = self._outward(result)
        return output[:, :, :length] if self.multiple > 1 else output

    def _longer(self, name: str, tensor: torch.Tensor) -> torch.Tensor:
        more = -tensor.shape[2] % self.multiple
        space = (0, more) if tensor.ndim == 3 else (0, 0, 0, more)
        return torch.nn.functional.pad(tensor, space, value=float(name == "decay"))

    def words(self, function: Callable[..., object], specification: Specification) -> str:
        """The call as it will be made, and which parameters are left at their defaults.

        Raises:
            LookupError: the function does not take these arguments.
        """
        options = dict(specification.parameters) if self.pass_parameters else {}
        options |= self.constants
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return ""  # built in: nothing is known about it
        try:
            if self.call:
                bound = signature.bind(**self.call, **options)
            else:
                bound = signature.bind(*specification.inputs, **options)
        except TypeError as error:
            raise LookupError(
                f"{self.target} takes {', '.join(signature.parameters)}: {error}; name its "
                "parameters with --call, and leave ours away with --no-parameters"
            ) from error
        given = ", ".join(f"{name} = {value}" for name, value in bound.arguments.items())
        left = ", ".join(
            f"{name} = {parameter.default}"
            for name, parameter in signature.parameters.items()
            if name not in bound.arguments and parameter.default is not parameter.empty
        )
        return f"{given}; by default {left}" if left else given

    def _outward(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.transpose(1, 2) if self.layout == "bnhd" else tensor


def _expression(words: str, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
    words = words.strip()
    if words.startswith("log(") and words.endswith(")"):
        inner = _expression(words[4:-1], given)
        return torch.log(inner if inner.dtype == torch.float64 else inner.float())
    name, *factors = (part.strip() for part in words.split("*"))
    if name not in given:
        raise LookupError(
            f"{words!r} is no input; there are {', '.join(given)}, log(input) and input * number, "
            "where width and sqrt(width) are numbers, too"
        )
    tensor, product = given[name], 1.0
    for factor in factors:
        product *= _number(factor, tensor)
    return tensor * product if factors else tensor


def _number(word: str, tensor: torch.Tensor) -> float:
    width = float(tensor.shape[-1])
    named = {"width": width, "sqrt(width)": math.sqrt(width)}
    try:
        return named[word] if word in named else float(word)
    except ValueError:
        raise LookupError(f"{word!r} is neither a number nor width nor sqrt(width)") from None
