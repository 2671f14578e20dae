"""A claim as its page shows it: what decides each part, what shows each hypothesis necessary."""

from __future__ import annotations

from dataclasses import dataclass, field

from attnproof.theory.core import Judgement, Verdict
from attnproof.theory.core.records import ClaimLine, Ended

from .check_view import Cell, CheckView, check_view


@dataclass(frozen=True)
class HypothesisView:
    """An assumption with what is known about its necessity.

    Attributes:
        status: ``necessary``, ``claimed necessary`` or ``not shown``, as judged.
        control: name of the control that shows it.
        cell: the run whose witness shows it, if it is among the evidence.
        others: hypotheses that this witness satisfies.
        unknown: hypotheses that could not be evaluated on it.
    """

    name: str
    formula: str
    status: str
    control: str
    cell: Cell | None
    others: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@dataclass
class ClaimView:
    """A judged claim, ready to be laid out."""

    judgement: Judgement
    checks: list[CheckView]
    hypotheses: list[HypothesisView]
    example: dict[str, object] = field(default_factory=dict)

    @property
    def claim(self) -> ClaimLine:
        """The claim as declared."""
        return self.judgement.claim

    @property
    def method(self) -> str:
        """How the weakest part was established or refuted, or nothing."""
        for view in self.checks:
            part, verdict = view.line.part, view.judged.verdict
            decides = self.judgement.parts.get(part) == verdict == self.judgement.own
            if decides and verdict not in (Verdict.NOT_RUN, Verdict.BROKEN):
                return view.line.establishes.method
        return ""

    @property
    def finding(self) -> str:
        """In a line: over what it was established, or what stands in the way."""
        judgement = self.judgement
        if judgement.verdict >= Verdict.SUPPORTED:
            return judgement.bound
        if judgement.verdict is not judgement.own and judgement.weakest:
            return judgement.reasons[-1]
        # A part that is merely missing comes before one that is broken: name what decides.
        for view in self.checks:
            if view.judged.verdict is judgement.own and view.judged.reasons:
                return view.judged.reasons[0]
        return judgement.reasons[0] if judgement.reasons else ""

    def decides(self, part: str) -> list[CheckView]:
        """The checks from which a part has its verdict, strongest first."""
        verdict = self.judgement.parts.get(part)
        return [
            view
            for view in self.checks
            if view.line.part == part and view.judged.verdict == verdict
        ]

    @property
    def refutations(self) -> list[tuple[CheckView, Ended]]:
        """The runs that refute the statement as claimed."""
        return [
            (view, run)
            for view in self.checks
            if view.judged.verdict is Verdict.REFUTED
            for run in view.runs
            if run.outcome == "refuted"
        ]


def claim_view(judgement: Judgement) -> ClaimView:
    """Lay out one judged claim; every verdict is taken as judged."""
    short = [check.line.check.rpartition("::")[2] for check in judgement.checks]
    checks = [
        check_view(check, name if short.count(name) == 1 else check.line.check)
        for name, check in zip(short, judgement.checks, strict=True)
    ]
    hypotheses = []
    for name, formula in judgement.claim.hypotheses.items():
        status, control = judgement.necessity.get(name, ("not shown", ""))
        cell = _shows(checks, name, control, status)
        truths = cell.record.necessity if cell and cell.record else {}
        others = [other for other in judgement.claim.hypotheses if other != name]
        hypotheses.append(
            HypothesisView(
                name,
                formula,
                status,
                control,
                cell,
                others=[other for other in others if truths.get(other)],
                unknown=[other for other in others if other not in truths],
            )
        )
    examples = (run.example for view in checks for run in view.runs if run.example)
    return ClaimView(judgement, checks, hypotheses, next(examples, {}))


def _shows(checks: list[CheckView], hypothesis: str, control: str, status: str) -> Cell | None:
    for view in checks:
        for cell in view.controls:
            if (cell.name, cell.drops) != (control, hypothesis):
                continue
            if cell.record is None or cell.record.outcome != "refuted":
                continue
            if status != "necessary" or cell.record.necessity.get(hypothesis) is False:
                return cell
    return None
