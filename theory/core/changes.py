"""What changed between two states of the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from .judgement import Judgement
from .verdict import Verdict


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A claim whose verdict, statement or evidence differs.

    Attributes:
        kind: ``worse``, ``better``, ``new``, ``gone``, ``reworded`` (the statement changed and the
            verdict did not) or ``evidence`` (same verdict, another part or bound).
        before, after: labels of the verdicts; empty where the claim did not exist.
        details: in words, one line each.
    """

    claim: str
    title: str
    kind: str
    before: str = ""
    after: str = ""
    details: list[str] = []


ORDER = ("worse", "gone", "better", "new", "reworded", "evidence")

# REFUTED is a result: from it to NOT RUN is a loss, and from it to VERIFIED a change of mind.
_STANDING = {
    Verdict.BROKEN: 0,
    Verdict.NOT_RUN: 1,
    Verdict.UNDECIDED: 2,
    Verdict.SUPPORTED: 3,
    Verdict.VERIFIED_UP_TO: 4,
    Verdict.REFUTED: 5,
    Verdict.VERIFIED: 5,
}


def changes(old: Mapping[str, Judgement], new: Mapping[str, Judgement]) -> list[Change]:
    """Every claim that differs, worst news first."""
    found = list(_changes(old, new))
    return sorted(found, key=lambda change: (ORDER.index(change.kind), change.claim))


def _changes(old: Mapping[str, Judgement], new: Mapping[str, Judgement]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if after is None:
            assert before is not None
            title = before.claim.title
            yield Change(claim=name, title=title, kind="gone", before=before.verdict.label)
            continue
        title = after.claim.title
        if before is None:
            yield Change(claim=name, title=title, kind="new", after=after.verdict.label)
            continue
        details = list(_details(before, after))
        labels = {"before": before.verdict.label, "after": after.verdict.label}
        if before.verdict is not after.verdict:
            lost = _STANDING[after.verdict] < _STANDING[before.verdict]
            changed_mind = Verdict.REFUTED in (before.verdict, after.verdict)
            kind = (
                "worse" if lost or (changed_mind and after.verdict is Verdict.REFUTED) else "better"
            )
            reasons = after.reasons[:2] if kind == "worse" else []
            yield Change(claim=name, title=title, kind=kind, details=[*reasons, *details], **labels)
        elif before.claim.parts != after.claim.parts:
            yield Change(claim=name, title=title, kind="reworded", details=details, **labels)
        elif details:
            yield Change(claim=name, title=title, kind="evidence", details=details, **labels)


def _details(before: Judgement, after: Judgement) -> Iterator[str]:
    for part in {**before.parts, **after.parts}:
        was, now = before.parts.get(part), after.parts.get(part)
        if was is now:
            continue
        shown = [verdict.label if verdict is not None else "absent" for verdict in (was, now)]
        yield f"part '{part}': {shown[0]} → {shown[1]}"
    if before.bound != after.bound and before.verdict is after.verdict:
        yield f"established over: {before.bound or '–'} → {after.bound or '–'}"
