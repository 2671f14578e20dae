"""A kernel through the battery, in children that may hang or crash without losing answers."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from attnproof.theory.engine.child_process import run_in_child

QUESTIONS = (
    "shape and dtype",
    "exact cases",
    "rounding bound",
    "typical error",
    "causality",
    "every entry written",
    "guard bands",
    "determinism",
    "linearity",
    "extreme magnitudes",
    "independent heads",
    "strides",
    "gradient",
)


@dataclass(frozen=True)
class Answer:
    """What one question showed in one dtype.

    Attributes:
        outcome: ``holds``, ``refuted``, ``raised`` (an exception of the kernel), ``timed out``,
            ``crashed``, ``out of memory``.
        reason: a sentence; empty if it holds.
        witness: encoded values of a counterexample.
        figures: what was looked at.
    """

    question: str
    dtype: str
    outcome: str
    reason: str = ""
    witness: Mapping[str, object] = field(default_factory=dict)
    figures: Mapping[str, object] = field(default_factory=dict)
    seconds: float = 0.0


def verify(
    operator: str,
    adapter: Mapping[str, object],
    dtypes: Sequence[str],
    *,
    questions: Sequence[str] = QUESTIONS,
    rounded_weights: bool = False,
    clamped: Mapping[str, Sequence[float]] | None = None,
    parameters: Mapping[str, object] | None = None,
    timeout: float = 120.0,
    memory_bytes: int = 0,
    told: Callable[[str], None] | None = None,
) -> Iterator[Answer]:
    """Every question in every dtype, each answered once, in order.

    A question that takes the child down is answered with how it ended, and the rest go on in a new
    child; ``timeout`` is per child and starts again with every answer lost to it.

    Args:
        rounded_weights: allow for one rounding of the weights to the dtype of the inputs.
        clamped: input → (lowest, highest), a smaller domain to draw from.
        parameters: other values of the operator's own, see `Specification.with_parameters`.
        told: is given, once, how the function is called and what is left at its defaults.
    """
    pending = [[question, dtype] for dtype in dtypes for question in questions]
    while pending:
        with tempfile.TemporaryDirectory(prefix="attnproof-") as folder:
            answers = Path(folder) / "answers.jsonl"
            ended = run_in_child(
                "attnproof.kernels.verification.ask:ask",
                {
                    "operator": operator,
                    "adapter": dict(adapter),
                    "pending": pending,
                    "answers": str(answers),
                    "rounded_weights": rounded_weights,
                    "clamped": {name: list(ends) for name, ends in (clamped or {}).items()},
                    "parameters": dict(parameters or {}),
                },
                timeout=timeout,
                memory_bytes=memory_bytes,
            )
            lines = _lines(answers)
        called = [str(line["called"]) for line in lines if "called" in line]
        if told and called:
            told(called[0])
            told = None
        done = [line for line in lines if "question" in line]
        for line in done:
            yield Answer(**line)
        pending = pending[len(done) :]
        if ended.outcome == "returned":
            return
        if not any("began" in line for line in lines):
            # Nothing was asked: the kernel could not even be imported.
            for question, dtype in pending:
                yield Answer(question, dtype, ended.outcome, ended.reason)
            return
        if pending:
            question, dtype = pending.pop(0)
            yield Answer(question, dtype, ended.outcome, ended.reason, seconds=ended.seconds)


def _lines(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def script(
    operator: str,
    adapter: Mapping[str, object],
    answer: Answer,
    *,
    rounded_weights: bool = False,
    clamped: Mapping[str, Sequence[float]] | None = None,
    parameters: Mapping[str, object] | None = None,
) -> str:
    """Ten lines that show the counterexample again: of a single entry both values, of anything
    else the question itself, which raises `Refuted` with the numbers.

    Args:
        rounded_weights, clamped, parameters: as `verify` was given them.
    """
    allowed: dict[str, object] = {"rounded_weights": True} if rounded_weights else {}
    if clamped:
        allowed["clamped"] = {name: tuple(ends) for name, ends in clamped.items()}
    drawn = {
        key: answer.witness.get(key) for key in ("seed", "length", "width", "columns", "dtype")
    }
    lines = ["from dataclasses import replace"] if allowed else []
    lines += [
        "from attnproof.kernels.specification import specification",
        "from attnproof.kernels.verification.adapter import Adapter",
    ]
    made = f"specification({operator!r})"
    if parameters:
        made += f".with_parameters({dict(parameters)!r})"
    given = [
        "",
        f"spec = replace({made}, **{allowed!r})" if allowed else f"spec = {made}",
        f"adapter = Adapter(**{dict(adapter)!r})",
    ]
    if answer.question == "rounding bound" and None not in drawn.values():
        place = ", ".join(str(answer.witness[key]) for key in ("head", "row", "column"))
        return "\n".join(
            [
                *lines,
                "from attnproof.kernels.verification.draws import Draw, head, tensors",
                *given,
                f"inputs = tensors(spec, Draw(**{drawn!r}))",
                "output = adapter.apply(adapter.load(), spec, inputs)",
                f"h, row, column = {place}",
                'print("computed", float(output[0, h, row, column]))',
                'print("defined ", spec.expected(head(inputs, h))[row, column])',
            ]
        )
    return "\n".join(
        [
            *lines,
            "from attnproof.kernels.verification.questions import QUESTIONS",
            *given,
            "function = adapter.load()",
            "call = lambda inputs: adapter.apply(function, spec, inputs)",
            f"QUESTIONS[{answer.question!r}](spec, call, {answer.dtype!r})",
        ]
    )
