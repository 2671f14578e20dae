"""What the pages show, worked out once from the records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from attnproof.theory.core import Judgement, LedgerDamage, Verdict, judge
from attnproof.theory.core.records import (
    AnyRecord,
    ClaimLine,
    PaperLine,
    PlotLine,
    RunFinished,
    RunStarted,
)

MARKS = {
    Verdict.VERIFIED: "✓",
    Verdict.VERIFIED_UP_TO: "≤",
    Verdict.SUPPORTED: "≈",
    Verdict.NOT_RUN: "○",
    Verdict.UNDECIDED: "?",
    Verdict.REFUTED: "✗",
    Verdict.BROKEN: "!",
}


@dataclass
class PaperView:
    """A paper with the judgements of its claims."""

    paper: PaperLine
    claims: list[Judgement]

    @property
    def counts(self) -> list[tuple[Verdict, int]]:
        """How many claims have each verdict, best first, none left out that occurs."""
        return count(self.claims)


@dataclass
class SiteView:
    """Everything the templates need."""

    papers: list[PaperView]
    judgements: dict[str, Judgement]
    plots: dict[str, list[PlotLine]]
    amended_by: dict[str, list[str]]
    used_by: dict[str, list[str]]
    run: RunStarted | None
    finished: RunFinished | None
    damage: list[LedgerDamage] = field(default_factory=list)

    @property
    def counts(self) -> list[tuple[Verdict, int]]:
        """Over all claims."""
        return count(self.judgements.values())


def count(judgements: Iterable[Judgement]) -> list[tuple[Verdict, int]]:
    """(verdict, how many), best first."""
    tally = Counter(judgement.verdict for judgement in judgements)
    return [
        (verdict, tally[verdict]) for verdict in sorted(Verdict, reverse=True) if tally[verdict]
    ]


def view(records: list[AnyRecord], damage: list[LedgerDamage]) -> SiteView:
    """Judge the records and index them by paper and claim."""
    judgements = judge(records)
    papers: dict[str, PaperLine] = {}
    plots: dict[str, dict[str, PlotLine]] = defaultdict(dict)
    run: RunStarted | None = None
    finished: RunFinished | None = None
    for record in records:
        if isinstance(record, PaperLine):
            papers[record.key] = record
        elif isinstance(record, PlotLine):
            plots[record.claim][record.node] = record
        elif isinstance(record, RunStarted):
            run, finished = record, None
        elif isinstance(record, RunFinished):
            finished = record
    amended_by: dict[str, list[str]] = defaultdict(list)
    used_by: dict[str, list[str]] = defaultdict(list)
    of_paper: dict[str, list[Judgement]] = defaultdict(list)
    for identifier, judgement in judgements.items():
        claim: ClaimLine = judgement.claim
        of_paper[claim.paper].append(judgement)
        if claim.amends:
            amended_by[claim.amends].append(identifier)
        for used in claim.uses:
            used_by[used].append(identifier)
    return SiteView(
        papers=[PaperView(paper, of_paper.get(key, [])) for key, paper in papers.items()],
        judgements=judgements,
        plots={claim: list(found.values()) for claim, found in plots.items()},
        amended_by=dict(amended_by),
        used_by=dict(used_by),
        run=run,
        finished=finished,
        damage=damage,
    )
