"""The questions. Each raises `Refuted` with a counterexample, or returns what it has looked at."""

from __future__ import annotations

from collections.abc import Callable

from attnproof.kernels.specification import Specification

from .asking import Call, Report
from .gradient import gradient
from .magnitudes import extreme_magnitudes
from .memory import every_entry_written, guard_bands, strides
from .structure import (
    causality,
    determinism,
    heads_are_independent,
    linearity,
    shape_and_dtype,
)
from .values import error_of, exact_cases, small_errors, within_bound

__all__ = ["QUESTIONS", "Call", "Report", "error_of", "exact_cases"]

QUESTIONS: dict[str, Callable[[Specification, Call, str], Report]] = {
    "shape and dtype": shape_and_dtype,
    "exact cases": exact_cases,
    "rounding bound": within_bound,
    "typical error": small_errors,
    "causality": causality,
    "every entry written": every_entry_written,
    "guard bands": guard_bands,
    "determinism": determinism,
    "linearity": linearity,
    "extreme magnitudes": extreme_magnitudes,
    "independent heads": heads_are_independent,
    "strides": strides,
    "gradient": gradient,
}
