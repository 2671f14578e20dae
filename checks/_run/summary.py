"""What the terminal says at the end of a run, at most 80 columns wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

from attnproof.theory.core import Judgement, Verdict

WIDTH = 80


def summary_lines(
    judgements: dict[str, Judgement], selected: Set[str], of: str
) -> list[tuple[str, Verdict | None]]:
    """Lines with the verdict that colours each (``None``: no colour).

    Args:
        judgements: claim id → judgement, of every claim there is.
        selected: the claims of which this run was to run something.
        of: what the verdicts are drawn from: ``this run``, ``every run in reports/ledger``.

    Every claim is counted, those that were not selected as NOT RUN unless earlier evidence was
    taken in; what needs attention is named with its reason, if it was selected.
    """
    counts = Counter(judgement.verdict for judgement in judgements.values())
    headline = f"verdicts of {of}: {len(judgements)} claims"
    if len(selected) < len(judgements):
        headline += f", {len(selected)} selected"
    lines: list[tuple[str, Verdict | None]] = [("", None), (headline, None)]
    for verdict in sorted(Verdict, reverse=True):
        if counts[verdict]:
            lines.append((f"  {counts[verdict]:4d}  {verdict.label}", verdict))
    for verdict in (Verdict.BROKEN, Verdict.UNDECIDED, Verdict.REFUTED, Verdict.NOT_RUN):
        named = [judgements[key] for key in judgements if key in selected]
        named = [one for one in named if one.verdict is verdict]
        if named:
            lines.append((f"{verdict.label}:", verdict))
        for judgement in named:
            reason = judgement.reasons[0] if judgement.reasons else ""
            lines.append((_fit(f"  {judgement.claim.id}: {reason}"), None))
    return lines


def _fit(text: str) -> str:
    text = " ".join(text.split())
    text = f"  {text}"
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
