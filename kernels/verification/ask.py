"""Runs in a child process: asks the questions one by one, and writes each answer as it comes."""

from __future__ import annotations

import json
import time
import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from attnproof.kernels.interpreted_without_gpu import interpreted_without_gpu
from attnproof.kernels.specification import Specification, specification
from attnproof.theory.core import Refuted, encode

from .adapter import Adapter
from .draws import Draw, head, tensors
from .questions import QUESTIONS, Call


def ask(
    operator: str,
    adapter: dict[str, object],
    pending: list[list[str]],
    answers: str,
    threads: int = 1,
    rounded_weights: bool = False,
    clamped: dict[str, list[float]] | None = None,
    parameters: dict[str, object] | None = None,
) -> int:
    """Ask ``pending``, a list of (question, dtype), and append a JSON line before and after each.

    The line before says which question was under way if the kernel takes the process down.

    Returns:
        How many were asked.
    """
    interpreted_without_gpu()  # before the foreign module, which may import triton
    torch.set_num_threads(threads)
    spec = replace(
        specification(operator),
        rounded_weights=rounded_weights,
        clamped={name: (low, high) for name, (low, high) in (clamped or {}).items()},
    )
    if parameters:
        spec = spec.with_parameters(parameters)
    with Path(answers).open("a", encoding="utf-8") as file:

        def say(**line: object) -> None:
            file.write(json.dumps(line) + "\n")
            file.flush()

        adapted = Adapter(**adapter)  # type: ignore[arg-type]
        function = adapted.load()
        say(called=adapted.words(function, spec))
        call = lambda inputs: adapted.apply(function, spec, inputs)
        for question, dtype in pending:
            say(began=question, dtype=dtype)
            started = time.monotonic()
            answer: dict[str, object] = {"question": question, "dtype": dtype}
            try:
                answer |= {"outcome": "holds", "figures": QUESTIONS[question](spec, call, dtype)}
            except Refuted as refuted:
                witness = {name: encode(value) for name, value in refuted.witness.items()}
                reason = str(refuted) + _factor(spec, call, dtype)
                answer |= {"outcome": "refuted", "reason": reason, "witness": witness}
            except Exception as error:
                answer |= {"outcome": "raised", "reason": _words(error)}
            say(**answer, seconds=round(time.monotonic() - started, 3))
    return len(pending)


def _words(error: Exception) -> str:
    """What was raised; where, if it says nothing itself; and advice on what is often met."""
    words = " ".join(f"{type(error).__name__}: {error}".split())[:400]
    if not str(error).strip():
        frame = traceback.extract_tb(error.__traceback__)[-1]
        words += f" in {frame.name}, {Path(frame.filename).name} line {frame.lineno}: {frame.line}"
    if "active drivers" in words:
        words += (
            " (Triton's autotuner wants a GPU; interpreted, only kernels run that are not "
            "autotuned)"
        )
    return words


def _factor(spec: Specification, call: Call, dtype: str) -> str:
    """Advice where the output is a multiple of what it should be: a scale has been left on."""
    found = []
    for width in (4, 16):
        inputs = tensors(spec, Draw(1, 9, width, 5, dtype))
        expected = spec.expected(head(inputs, 0))
        try:
            output = call(inputs)[0, 0].double().numpy()
        except Exception:
            return ""  # other answers say that it raises
        if output.shape != expected.shape:
            return ""
        factor = float((output * expected).sum() / (expected**2).sum())
        if not (np.abs(output - factor * expected) <= 0.01 * np.abs(factor * expected).max()).all():
            return ""
        found.append(factor)
    near = lambda one, other: abs(one - other) <= 0.01 * abs(other)
    if near(found[0], 1 / 2) and near(found[1], 1 / 4):
        return (
            "; every entry is width^(-1/2) times the one defined: set the function's scale to 1, "
            "or give it query * sqrt(width)"
        )
    if near(*found) and not near(found[0], 1.0):
        return f"; every entry is {found[0]:.3g} times the one defined"
    return ""
