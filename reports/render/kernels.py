"""The kernels in one table: what was measured or counted for each, beside its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attnproof.theory.core import Judgement, Verdict
from attnproof.theory.core.judgement import CheckJudgement
from attnproof.theory.core.records import Ended

from .compilations import compilations, is_compilation

# The paper whose claims are about the lab's own kernels.
PAPER = "lab-kernels"
RATIO = "observed_over_bound"
HIDDEN = ("traceback", "seed")


@dataclass(frozen=True)
class KernelRow:
    """One check of a kernel at one parameter.

    Attributes:
        verdict: of the check.
        ratios: number system → observed error over its bound, as noted; at most one if it holds.
            The name is empty where the check noted none.
        notes: all other figures: slopes, cases, bytes.
        compiled: kernel and GPU → registers, shared memory and matrix instructions.
        record: the run as claimed, or nothing if it has not run.
    """

    claim: str
    title: str
    part: str
    verdict: Verdict
    check: CheckJudgement
    parameter: str
    ratios: Mapping[str, object]
    notes: Mapping[str, object]
    compiled: Mapping[str, object]
    record: Ended | None

    @property
    def implementation(self) -> str:
        """The check's own name, which says which implementation it holds against the definition."""
        return self.check.line.check.rpartition("::")[2].replace("_", " ")


def kernel_rows(judgements: Mapping[str, Judgement], paper: str = PAPER) -> list[KernelRow]:
    """A row for every check and parameter of the paper's claims, whether it has run or not."""
    return [
        _row(judgement, check, parameter)
        for judgement in judgements.values()
        if judgement.claim.paper == paper
        for check in sorted(judgement.checks, key=lambda one: (one.line.part, one.line.check))
        for parameter in check.line.parameters
    ]


# A bound so far above what was observed would not notice an error a thousand times as large.
LOOSE = 1e-3


def loose(ratio: object) -> bool:
    """Whether an observed error is less than a thousandth of its bound."""
    try:
        return 0 <= float(str(ratio)) < LOOSE
    except ValueError:
        return False


def systems(rows: list[KernelRow]) -> list[str]:
    """The number systems that occur among the ratios, in order of their first occurrence."""
    return list(dict.fromkeys(name for row in rows for name in row.ratios))


# Parts of an implementation's check, by how the names of its checks end.
PARTS = {"exact": "Exact cases", "bound": "Error bound", "gradient": "Gradient"}


@dataclass(frozen=True)
class ImplementationRow:
    """One implementation of one operator: its rows by `PARTS`, each there or not."""

    claim: str
    name: str
    parts: Mapping[str, KernelRow]


def by_implementation(rows: list[KernelRow]) -> tuple[list[ImplementationRow], list[KernelRow]]:
    """Implementations with their checks by `PARTS`, and all rows that are none of these."""
    found: dict[tuple[str, str], dict[str, KernelRow]] = {}
    others = []
    for row in rows:
        name, _, part = row.implementation.rpartition(" ")
        if part in PARTS and not row.parameter:
            found.setdefault((row.claim, name), {})[part] = row
        else:
            others.append(row)
    return [ImplementationRow(claim, name, parts) for (claim, name), parts in found.items()], others


def compiled_for(rows: list[KernelRow]) -> tuple[list[str], dict[str, dict[str, object]]]:
    """GPUs, and kernel → GPU → what compiling ahead of time found."""
    return compilations(row.compiled for row in rows)


def _row(judgement: Judgement, check: CheckJudgement, parameter: str) -> KernelRow:
    record = check.ended.get(("claimed", parameter))
    figures = record.figures if record else {}
    ratios = {
        name.removeprefix(RATIO).strip("_"): value
        for name, value in figures.items()
        if name.startswith(RATIO)
    }
    notes = {
        name: value
        for name, value in figures.items()
        if name not in HIDDEN and not name.startswith(RATIO) and not is_compilation(name)
    }
    compiled = {name: value for name, value in figures.items() if is_compilation(name)}
    return KernelRow(
        claim=judgement.claim.id,
        title=judgement.claim.title,
        part=check.line.part,
        verdict=check.verdict,
        check=check,
        parameter=parameter,
        ratios=ratios,
        notes=notes,
        compiled=compiled,
        record=record,
    )
