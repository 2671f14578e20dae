"""What the terminal says at the end of a run, at most 80 columns wide."""

from __future__ import annotations

from collections import Counter

from attnproof.theory.core import Judgement, Verdict

WIDTH = 80


def summary_lines(
    judgements: dict[str, Judgement],
) -> list[tuple[str, Verdict | None]]:
    """Lines with the verdict that colours each (``None``: no colour).

    Every verdict is counted, NOT RUN included; what needs attention is named with its reason.
    """
    counts = Counter(judgement.verdict for judgement in judgements.values())
    lines: list[tuple[str, Verdict | None]] = [("", None), (f"{len(judgements)} claims", None)]
    for verdict in sorted(Verdict, reverse=True):
        if counts[verdict]:
            lines.append((f"  {counts[verdict]:4d}  {verdict.label}", verdict))
    for verdict in (Verdict.BROKEN, Verdict.UNDECIDED, Verdict.REFUTED):
        named = [one for one in judgements.values() if one.verdict is verdict]
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
