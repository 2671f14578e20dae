"""A claim that rests on others is worth no more than the weakest of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .verdict import Verdict

if TYPE_CHECKING:
    from .judgement import Judgement


def inherit(judgements: dict[str, Judgement]) -> None:
    """Lower each verdict to what the claims it uses allow; the order of claims plays no part.

    A false or undecided premise does not make the conclusion false: it leaves it UNDECIDED. A
    premise without evidence leaves it NOT RUN. A claim that rests on itself is BROKEN.
    """
    settled: dict[str, Verdict] = {}

    def settle(identifier: str) -> Verdict:
        if identifier in settled:
            return settled[identifier]
        judgement = judgements[identifier]
        circle = _circle(identifier, judgements)
        if circle:
            judgement.verdict = settled[identifier] = Verdict.BROKEN
            judgement.reasons.insert(0, "rests on itself: " + " → ".join(circle))
            return Verdict.BROKEN
        for used in judgement.claim.uses:
            if used in judgements:
                verdict = settle(used)
                words = f"which is {verdict.label}"
            else:
                verdict, words = Verdict.NOT_RUN, "which is not declared"
            allowed = Verdict.UNDECIDED if verdict < Verdict.NOT_RUN else verdict
            if allowed < judgement.verdict:
                judgement.verdict = allowed
                judgement.weakest = used
                judgement.reasons.append(f"rests on {used}, {words}")
        settled[identifier] = judgement.verdict
        return judgement.verdict

    for identifier in sorted(judgements):
        settle(identifier)


def _circle(start: str, judgements: dict[str, Judgement]) -> list[str]:
    """The shortest way from ``start`` back to itself through ``uses``, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for used in judgements[way[-1]].claim.uses:
            if used == start:
                return [*way, start]
            if used in judgements and used not in seen:
                seen.add(used)
                ways.append([*way, used])
    return []
