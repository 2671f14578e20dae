"""What an implementation of an operator is called with, and how far it may be off.

A specification is written once per operator (`kernels/specifications`), and every implementation,
ours or foreign, receives the whole battery from it. Importing this loads no tensor library.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """One head on which no intermediate number is rounded: inputs, and the exact output."""

    name: str
    inputs: Arrays
    output: np.ndarray


@dataclass(frozen=True)
class Specification:
    """One operator as kernels see it.

    Attributes:
        operator: its name; the definition lies in `theory.operator`.
        inputs: name → axes for one head: ``nd`` (tokens, width), ``ne`` (tokens, value width) or
            ``n`` (one number per token), ``nn`` (tokens by tokens). A kernel is given a leading
            batch and head axis.
        parameters: keyword arguments that every call receives, the same for kernel, definition
            and bound.
        define: (inputs of one head, parameters) → the exact output up to float64, (N, e).
        draw: (random, length, width, value width) → float64 inputs in the operator's domain.
        bound: (inputs of one head, u, parameters) → componentwise a-priori bound of
            |computed − defined| for sums held with unit round-off u, any order of summation.
        exact: (lengths) → cases without rounding.
        magnitude: the operator on absolute values, which says what rounding the weights once to the
            dtype of the inputs may cost.
        rounded_weights: whether that rounding is allowed for, as programs do before the last
            product in half precision.
        causal: row t depends on tokens up to t only.
        values: the input in which the operator is linear; empty if there is none.
        clamped: input → (lowest, highest): a smaller domain than the operator's, on request.
        extremes: inputs that may be very large: queries and keys whose scores need not be small.
        constant: inputs without a derivative, such as a mask.
        longest: more tokens than these take too long, where the cost grows with their cube.
        domain: in words, what the inputs must satisfy.
        doc: the formula, for people.
    """

    operator: str
    inputs: Mapping[str, str]
    define: Callable[..., np.ndarray]
    draw: Callable[..., dict[str, np.ndarray]]
    bound: Callable[..., np.ndarray]
    exact: Callable[[Sequence[int]], Iterator[Case]]
    magnitude: Callable[..., np.ndarray]
    parameters: Mapping[str, object] = field(default_factory=dict)
    rounded_weights: bool = False
    causal: bool = False
    values: str = "value"
    clamped: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    extremes: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    longest: int = 500
    domain: str = "all finite inputs"
    doc: str = ""

    def with_parameters(self, given: Mapping[str, object]) -> Specification:
        """The same with other parameters, and without the cases that are exact for these alone.

        Raises:
            LookupError: the operator has no such parameter; the message lists what it has.
        """
        unknown = sorted(given.keys() - self.parameters.keys())
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise LookupError(f"{self.operator} has no parameter {unknown[0]!r}; it has {known}")
        return replace(
            self, parameters={**self.parameters, **given}, exact=lambda lengths: iter(())
        )

    def expected(self, inputs: Arrays) -> np.ndarray:
        """The definition on one head."""
        return self.define(**inputs, **self.parameters)

    def weighed(self, inputs: Arrays) -> np.ndarray:
        """The operator on absolute values, on one head."""
        return self.magnitude(**inputs, **self.parameters)

    def allowed(self, inputs: Arrays, u: float) -> np.ndarray:
        """The bound on one head; infinite where nothing can be promised."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            found = self.bound(**inputs, u=u, **self.parameters)
        return np.where(np.isnan(found), np.inf, found)


def names() -> list[str]:
    """The operators that have a specification, in alphabetical order."""
    package = importlib.import_module("attnproof.kernels.specifications")
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def specification(operator: str) -> Specification:
    """The specification of an operator.

    Raises:
        LookupError: there is none; the message lists what there is.
    """
    if operator not in names():
        raise LookupError(f"no operator {operator!r}; there are {', '.join(names())}")
    return importlib.import_module(f"attnproof.kernels.specifications.{operator}").SPECIFICATION
