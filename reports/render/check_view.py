"""One check as the claim page shows it: its runs, its controls and the commands for each."""

from __future__ import annotations

from dataclasses import dataclass

from attnproof.theory.core.judgement import CheckJudgement
from attnproof.theory.core.records import CheckLine, Ended

from .addresses import anchor, pytest_command, replay_command

COVERAGE = {
    "all": "every instance in scope",
    "bounded": "every instance up to the bound",
    "sampled": "a sample of instances",
}
CERTAINTY = {
    "proof": "proof",
    "error": "randomised identity test, with its error probability",
    "confidence": "statistical",
    "none": "measurement: no certainty is claimed",
}


@dataclass(frozen=True)
class Cell:
    """One altered claim at one parameter: a cell of the mutation strip, and its details.

    Attributes:
        state: ``ok`` (refuted control, holding repair), ``bad``, ``unsettled`` or ``none``.
        outcome: the word for it: ``refuted``, ``survived``, ``holds``, ``not run`` …
        mark: a sign, so that the outcome is not told by colour alone.
    """

    kind: str
    name: str
    parameter: str
    drops: str
    alters: str
    state: str
    outcome: str
    mark: str
    record: Ended | None
    anchor: str
    replay: str
    pytest: str


@dataclass(frozen=True)
class CheckView:
    """A judged check, ready to be laid out."""

    judged: CheckJudgement
    name: str
    anchor: str
    runs: list[Ended]
    cells: list[Cell]
    replay: str
    pytest: str

    @property
    def line(self) -> CheckLine:
        """The check as collected."""
        return self.judged.line

    @property
    def coverage(self) -> str:
        """Which instances, in words."""
        return COVERAGE[self.line.establishes.coverage]

    @property
    def certainty(self) -> str:
        """How certain, in words."""
        return CERTAINTY[self.line.establishes.certainty]

    @property
    def engines(self) -> dict[str, str]:
        """Engine → version, of everything that decided something in it."""
        found: dict[str, str] = {}
        for record in self.judged.ended.values():
            found.update(record.engines)
        return dict(sorted(found.items()))

    @property
    def seconds(self) -> float:
        """Of all its variants together."""
        return sum(record.seconds for record in self.judged.ended.values())

    @property
    def newest(self) -> str:
        """When its newest record was made."""
        return max((record.ended for record in self.judged.ended.values()), default="")

    @property
    def controls(self) -> list[Cell]:
        """What must be refuted."""
        return [cell for cell in self.cells if cell.kind == "control"]

    @property
    def repairs(self) -> list[Cell]:
        """What must hold."""
        return [cell for cell in self.cells if cell.kind == "repair"]


def check_view(judged: CheckJudgement, name: str) -> CheckView:
    """Lay out one judged check; its verdict is taken as judged.

    Args:
        name: unique among the checks of the claim; anchors are made of it.
    """
    line = judged.line
    runs = [
        judged.ended["claimed", parameter]
        for parameter in line.parameters
        if ("claimed", parameter) in judged.ended
    ]
    return CheckView(
        judged=judged,
        name=name,
        anchor=anchor("check", name),
        runs=runs,
        cells=_cells(judged, name),
        replay=replay_command(line.claim),
        pytest=pytest_command(line.check),
    )


def _cells(judged: CheckJudgement, name: str) -> list[Cell]:
    line = judged.line
    found = []
    for control in line.controls:
        for parameter in line.parameters:
            label = f"{control.kind}:{control.name}"
            record = judged.ended.get((label, parameter))
            state, outcome, mark = _outcome(control.kind, record)
            found.append(
                Cell(
                    kind=control.kind,
                    name=control.name,
                    parameter=parameter,
                    drops=control.drops,
                    alters=", ".join(control.alters),
                    state=state,
                    outcome=outcome,
                    mark=mark,
                    record=record,
                    anchor=anchor("variant", name, label, parameter),
                    replay=replay_command(line.claim, control.name),
                    pytest=pytest_command(record.node if record else line.check),
                )
            )
    return found


def _outcome(kind: str, record: Ended | None) -> tuple[str, str, str]:
    if record is None:
        return "none", "not run", "○"
    if record.outcome == "undecided":
        return "unsettled", "undecided", "?"
    if record.outcome == "error":
        return "bad", "raised an error", "!"
    if kind == "control":
        return ("ok", "refuted", "✗") if record.outcome == "refuted" else ("bad", "survived", "!")
    return ("ok", "holds", "✓") if record.outcome == "holds" else ("bad", "refuted too", "!")
