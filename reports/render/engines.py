"""What decided the items: every engine and version, with what was left undecided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from attnproof.theory.core import Judgement
from attnproof.theory.core.records import Ended

SLOWEST = 20
# The name under which items stand that recorded no engine.
PLAIN = ""


@dataclass
class EngineView:
    """One engine at one version, over the newest record of every item it took part in.

    Attributes:
        name: empty for the items that recorded no engine: plain exact arithmetic or floats, and
            items that ended before any engine answered.
        items: how many items.
        seconds: of these items together; an item of two engines counts for both.
        undecided: items without a conclusion, faults left out.
        faults: items that hung, crashed or ran out of memory.
        errors: items that ended in an error.
        slowest: the item that took longest.
    """

    name: str
    version: str
    items: int = 0
    seconds: float = 0.0
    undecided: int = 0
    faults: int = 0
    errors: int = 0
    slowest: Ended | None = None

    def add(self, record: Ended) -> None:
        """Count one more item."""
        self.items += 1
        self.seconds += record.seconds
        self.undecided += record.outcome == "undecided" and not record.fault
        self.faults += record.fault
        self.errors += record.outcome == "error" and not record.fault
        if self.slowest is None or record.seconds > self.slowest.seconds:
            self.slowest = record


@dataclass(frozen=True)
class EnginesView:
    """Everything on the engines' page.

    Attributes:
        engines: by name, then version; the items without an engine last.
        slowest: the items that took longest, the longest first.
        unsettled: items that are undecided or failed, in order of their claims.
        interrupted: (claim, item and reason) of those that began and never ended.
    """

    engines: list[EngineView]
    slowest: list[Ended]
    unsettled: list[Ended]
    interrupted: list[tuple[str, str]]


def engines_view(
    judgements: Mapping[str, Judgement], seen: Iterable[tuple[str, str]] = ()
) -> EnginesView:
    """Count the evidence that the verdicts rest on: of each item the newest record that counts.

    Args:
        seen: (engine, version) of any record, older ones included; those that no longer decide
            anything are listed with no item.
    """
    records = list(_counting(judgements))
    found = {one: EngineView(*one) for one in seen}
    for record in records:
        for name, version in (record.engines or {PLAIN: ""}).items():
            found.setdefault((name, version), EngineView(name, version)).add(record)
    ordered = sorted(found.items(), key=lambda item: (item[0][0] == PLAIN, item[0]))
    return EnginesView(
        engines=[one for _, one in ordered],
        slowest=sorted(records, key=lambda one: (-one.seconds, one.node))[:SLOWEST],
        unsettled=[one for one in records if one.fault or one.outcome in ("undecided", "error")],
        interrupted=[
            (name, words)
            for name in sorted(judgements)
            for check in judgements[name].checks
            for words in check.interrupted
        ],
    )


def disagreements(records: Iterable[Ended]) -> list[tuple[Ended, Ended]]:
    """Pairs of records of which one says that an item holds and the other that it is refuted.

    Either the same item ended differently under the same code, in two runs or with two versions of
    an engine; or two checks of the same part of a claim, as their code last was, contradict one
    another. Of each item and each part the newest such pair, in order of the claims.
    """
    again: dict[tuple[str, ...], dict[str, Ended]] = defaultdict(dict)
    newest: dict[tuple[str, str], Ended] = {}
    for record in records:
        if record.outcome in ("holds", "refuted"):
            item = (record.check, record.variant, record.parameter, record.code_hash)
            again[item][record.outcome] = record
            if record.variant == "claimed":
                newest[record.check, record.parameter] = record
    parts: dict[tuple[str, ...], dict[str, Ended]] = defaultdict(dict)
    for record in newest.values():
        parts[record.claim, record.part][record.outcome] = record
    pairs = [
        (found["holds"], found["refuted"])
        for found in [*again.values(), *parts.values()]
        if len(found) == 2
    ]
    return sorted(pairs, key=lambda pair: (pair[0].claim, pair[0].node, pair[1].node))


def versions(runs: Iterable[Mapping[str, str]]) -> list[tuple[str, list[str]]]:
    """Package → its version in each run, empty where the run did not name it."""
    runs = list(runs)
    table: dict[str, list[str]] = defaultdict(lambda: [""] * len(runs))
    for number, named in enumerate(runs):
        for package, version in named.items():
            table[package][number] = version
    return sorted(table.items())


def _counting(judgements: Mapping[str, Judgement]) -> Iterable[Ended]:
    for name in sorted(judgements):
        for check in judgements[name].checks:
            yield from (check.ended[item] for item in sorted(check.ended))
