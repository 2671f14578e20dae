"""Where better evidence would help most: the weakest claims that the most others rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from .judgement import Judgement
from .verdict import Verdict


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that deserves better evidence.

    Attributes:
        verdict: label of its own verdict, before inheritance.
        dependants: how many claims rest on it, directly or through others.
        lowered: how many of them would rank higher if only its own verdict did.
        reason: in words, what stands in the way.
    """

    claim: str
    title: str
    verdict: str
    dependants: int
    lowered: int
    reason: str


def most_wanted(judgements: Mapping[str, Judgement]) -> list[Wanted]:
    """Claims whose own verdict is not VERIFIED or REFUTED: broken ones first, then by what rests on
    them, then by weakness."""
    direct: dict[str, list[str]] = defaultdict(list)
    for name, judgement in judgements.items():
        for used in judgement.claim.uses:
            direct[used].append(name)
    found = []
    for name, judgement in judgements.items():
        if judgement.own in (Verdict.VERIFIED, Verdict.REFUTED):
            continue
        resting = _above(name, direct)
        lowered = [one for one in resting if judgements[one].weakest == name]
        entry = Wanted(
            claim=name,
            title=judgement.claim.title,
            verdict=judgement.own.label,
            dependants=len(resting),
            lowered=len(lowered),
            reason=_reason(judgement),
        )
        found.append((judgement.own is not Verdict.BROKEN, -len(resting), judgement.own, entry))
    found.sort(key=lambda item: (*item[:3], item[3].claim))
    return [entry for *_, entry in found]


def _above(name: str, direct: Mapping[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(direct.get(name, ()))
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += direct.get(one, ())
    return seen - {name}


def _reason(judgement: Judgement) -> str:
    if judgement.own >= Verdict.SUPPORTED:
        weakest = [part for part, verdict in judgement.parts.items() if verdict is judgement.own]
        named = f"part '{weakest[0]}': " if len(judgement.parts) > 1 and weakest else ""
        return f"{named}{judgement.bound}"
    return judgement.reasons[0] if judgement.reasons else "no check has run"
