"""What the pages show, worked out once from the records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from attnproof.theory.core import (
    Entry,
    Judgement,
    LedgerDamage,
    Standing,
    Verdict,
    Wanted,
    judge,
    most_wanted,
)
from attnproof.theory.core.records import (
    AnyRecord,
    Ended,
    PaperLine,
    PlotLine,
    RunFinished,
    RunStarted,
)

from .check_view import Cell
from .claim_view import ClaimView, claim_view
from .dependencies import Edge, dependencies
from .engines import EnginesView, disagreements, engines_view, versions
from .kernels import KernelRow, kernel_rows

Counts = list[tuple[Verdict, int]]

MARKS = {
    Verdict.VERIFIED: "✓",
    Verdict.VERIFIED_UP_TO: "✓",
    Verdict.SUPPORTED: "≈",
    Verdict.NOT_RUN: "○",
    Verdict.UNDECIDED: "?",
    Verdict.REFUTED: "✗",
    Verdict.BROKEN: "!",
}

# Runs whose versions are shown side by side.
RECENT = 8

# Best first.
VERDICTS = sorted(Verdict, reverse=True)


@dataclass
class PaperView:
    """A paper with the views of its claims."""

    paper: PaperLine
    claims: list[ClaimView]

    @property
    def counts(self) -> Counts:
        """How many claims have each verdict that occurs, best first."""
        return count(self.claims)

    @property
    def refuted(self) -> list[ClaimView]:
        """The claims that fail as stated."""
        return [view for view in self.claims if view.judgement.verdict is Verdict.REFUTED]


@dataclass
class SiteView:
    """Everything the templates need."""

    papers: list[PaperView]
    claims: dict[str, ClaimView]
    plots: dict[str, list[PlotLine]]
    amended_by: dict[str, list[str]]
    used_by: dict[str, list[str]]
    runs: list[tuple[RunStarted, RunFinished | None]]
    damage: list[LedgerDamage] = field(default_factory=list)
    history: Mapping[str, list[Standing]] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    disagreements: list[tuple[Ended, Ended]] = field(default_factory=list)

    def spans(self, claim: str) -> list[list[Standing]]:
        """Runs in a row at whose end the verdict was the same, the newest first."""
        past = self.history.get(claim, [])
        return [list(runs) for _, runs in groupby(reversed(past), key=attrgetter("verdict"))]

    def case_verdict(self, case: Entry) -> Verdict:
        """The verdict of the part that settles a case, lowered where its claim rests on less."""
        if case.claim not in self.claims:
            return Verdict.NOT_RUN
        judgement = self.claims[case.claim].judgement
        own = judgement.parts.get(case.part, judgement.own)
        return own if judgement.verdict == judgement.own else min(own, judgement.verdict)

    @property
    def started(self) -> list[PaperView]:
        """Papers for which claims have been stated."""
        return [view for view in self.papers if view.claims]

    @property
    def waiting(self) -> list[PaperView]:
        """Papers without any claim yet."""
        return [view for view in self.papers if not view.claims]

    @property
    def counts(self) -> Counts:
        """Claims with each verdict, none of the seven left out, best first."""
        tally = Counter(view.judgement.verdict for view in self.claims.values())
        return [(verdict, tally[verdict]) for verdict in VERDICTS]

    @property
    def wanted(self) -> list[Wanted]:
        """Claims that deserve better evidence, the most wanted first."""
        return most_wanted(self.judgements)

    @property
    def judgements(self) -> dict[str, Judgement]:
        """Claim id → its judgement."""
        return {name: view.judgement for name, view in self.claims.items()}

    @property
    def engines(self) -> EnginesView:
        """What decided the items."""
        return engines_view(self.judgements, self.seen)

    @property
    def kernels(self) -> list[KernelRow]:
        """The checks of the lab's own kernels."""
        return kernel_rows(self.judgements)

    @property
    def recent(self) -> list[tuple[RunStarted, RunFinished | None]]:
        """The last runs, the newest first."""
        return self.runs[: -RECENT - 1 : -1]

    @property
    def versions(self) -> list[tuple[str, list[str]]]:
        """Package → its versions in the recent runs."""
        return versions(started.versions for started, _ in self.recent)

    @cached_property
    def edges(self) -> list[Edge]:
        """Which claims use or amend which."""
        return dependencies(self.judgements)

    @cached_property
    def linked(self) -> list[str]:
        """Claims that use or amend another, or are used or amended; in order."""
        return sorted({name for edge in self.edges for name in (edge.claim, edge.premise)})

    @property
    def controls(self) -> tuple[int, int]:
        """(refuted, all) runs of altered claims."""
        return sum(cell.outcome == "refuted" for cell in self._cells), len(self._cells)

    @property
    def idle(self) -> int:
        """How many altered claims have not run."""
        return sum(cell.record is None for cell in self._cells)

    @property
    def _cells(self) -> list[Cell]:
        checks = [check for view in self.claims.values() for check in view.checks]
        return [cell for check in checks for cell in check.controls]

    @property
    def checks(self) -> int:
        """How many checks there are."""
        return sum(len(view.checks) for view in self.claims.values())

    @property
    def run(self) -> RunStarted | None:
        """The last run."""
        return self.runs[-1][0] if self.runs else None

    @property
    def unfinished(self) -> list[RunStarted]:
        """Runs that were interrupted."""
        return [started for started, finished in self.runs if finished is None]


def count(claims: Iterable[ClaimView]) -> Counts:
    """(verdict, how many), best first, of the verdicts that occur."""
    tally = Counter(view.judgement.verdict for view in claims)
    return [(verdict, tally[verdict]) for verdict in VERDICTS if tally[verdict]]


def view(
    records: list[AnyRecord],
    damage: list[LedgerDamage],
    history: Mapping[str, list[Standing]] | None = None,
) -> SiteView:
    """Judge the records and index them by paper and claim."""
    claims = {identifier: claim_view(judged) for identifier, judged in judge(records).items()}
    papers: dict[str, PaperLine] = {}
    plots: dict[str, dict[str, PlotLine]] = defaultdict(dict)
    started: dict[str, RunStarted] = {}
    seen: set[tuple[str, str]] = set()
    finished: dict[str, RunFinished] = {}
    for record in records:
        if isinstance(record, Ended):
            seen.update(record.engines.items())
        elif isinstance(record, PaperLine):
            papers[record.key] = record
        elif isinstance(record, PlotLine):
            plots[record.claim][record.node] = record
        elif isinstance(record, RunStarted):
            started[record.run] = record
        elif isinstance(record, RunFinished):
            finished[record.run] = record
    amended_by: dict[str, list[str]] = defaultdict(list)
    used_by: dict[str, list[str]] = defaultdict(list)
    of_paper: dict[str, list[ClaimView]] = defaultdict(list)
    for identifier, one in claims.items():
        of_paper[one.claim.paper].append(one)
        if one.claim.amends:
            amended_by[one.claim.amends].append(identifier)
        for used in one.claim.uses:
            used_by[used].append(identifier)
    for key in of_paper:
        papers.setdefault(key, _nameless(key))
    return SiteView(
        papers=[PaperView(paper, of_paper.get(key, [])) for key, paper in papers.items()],
        claims=claims,
        plots={claim: list(found.values()) for claim, found in plots.items()},
        amended_by=dict(amended_by),
        used_by=dict(used_by),
        runs=[(run, finished.get(key)) for key, run in started.items()],
        damage=damage,
        history=history or {},
        seen=sorted(seen),
        disagreements=disagreements(one for one in records if isinstance(one, Ended)),
    )


def _nameless(key: str) -> PaperLine:
    # Its claims are in the ledger but its own line is not: damaged, or never written.
    return PaperLine(key=key, title=key, authors="", year=0, arxiv="", family="", contribution="")
