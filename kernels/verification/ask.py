"""Runs in a child process: asks the questions one by one, and writes each answer as it comes."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import torch

from attnproof.kernels.interpreted_without_gpu import interpreted_without_gpu
from attnproof.kernels.specification import specification
from attnproof.theory.core import Refuted, encode

from .adapter import Adapter
from .questions import QUESTIONS


def ask(
    operator: str,
    adapter: dict[str, object],
    pending: list[list[str]],
    answers: str,
    threads: int = 1,
    rounded_weights: bool = False,
    clamped: dict[str, list[float]] | None = None,
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
    with Path(answers).open("a", encoding="utf-8") as file:

        def say(**line: object) -> None:
            file.write(json.dumps(line) + "\n")
            file.flush()

        adapted = Adapter(**adapter)  # type: ignore[arg-type]
        function = adapted.load()
        call = lambda inputs: adapted.apply(function, spec, inputs)
        for question, dtype in pending:
            say(began=question, dtype=dtype)
            started = time.monotonic()
            answer: dict[str, object] = {"question": question, "dtype": dtype}
            try:
                answer |= {"outcome": "holds", "figures": QUESTIONS[question](spec, call, dtype)}
            except Refuted as refuted:
                witness = {name: encode(value) for name, value in refuted.witness.items()}
                answer |= {"outcome": "refuted", "reason": str(refuted), "witness": witness}
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                answer |= {"outcome": "raised", "reason": reason[:400]}
            say(**answer, seconds=round(time.monotonic() - started, 3))
    return len(pending)
