"""From ledger records to verdicts: a pure function, so that every verdict can be recomputed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from .gather import gather
from .inherit import inherit
from .records import AnyRecord, CheckLine, ClaimLine, Ended
from .verdict import Verdict

# A randomised identity test at most this likely to be wrong counts as a proof at its size.
# 2^-40 ≈ 9e-13 is far below the rate of undetected memory errors in a run of this length.
NEGLIGIBLE_ERROR = 2.0**-40


@dataclass
class CheckJudgement:
    """What one check amounts to, and why.

    Attributes:
        verdict: of this check alone.
        reasons: what lowered it, most important first.
        ended: variant label and parameter → its newest record.
        interrupted: items that began and never ended, each with the reason.
    """

    line: CheckLine
    verdict: Verdict
    reasons: list[str]
    ended: dict[tuple[str, str], Ended]
    interrupted: list[str] = field(default_factory=list)


@dataclass
class Judgement:
    """The verdict of one claim and how it came about.

    Attributes:
        own: verdict from the claim's own evidence.
        verdict: after inheritance from the claims it uses.
        parts: part → verdict.
        checks: the checks of the claim, strongest first.
        reasons: sentences that explain the verdict.
        necessity: hypothesis → ``necessary``, ``claimed necessary`` or ``not shown``, with the
            control that shows it.
        weakest: id of the used claim that lowered the verdict, or empty.
    """

    claim: ClaimLine
    own: Verdict = Verdict.NOT_RUN
    verdict: Verdict = Verdict.NOT_RUN
    parts: dict[str, Verdict] = field(default_factory=dict)
    checks: list[CheckJudgement] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    necessity: dict[str, tuple[str, str]] = field(default_factory=dict)
    weakest: str = ""

    @property
    def bound(self) -> str:
        """Over which instances the weakest part was established."""
        for check in self.checks:
            decides = self.parts.get(check.line.part) == check.verdict == self.own
            if decides and check.verdict >= Verdict.SUPPORTED:
                return check.line.establishes.over
        return ""


def judge(records: Iterable[AnyRecord]) -> dict[str, Judgement]:
    """Claim id → `Judgement`, from the records of one or several runs.

    The newest record of an item counts, and only if it was made by the code that the newest
    declaration of its check names: evidence of older code is no evidence.
    """
    found = gather(records)
    judgements = {identifier: Judgement(claim=claim) for identifier, claim in found.claims.items()}
    for name, line in found.checks.items():
        if line.claim in judgements:
            judged = _judge_check(
                line, found.ended[name], found.interrupted[name], found.unstable[name]
            )
            judgements[line.claim].checks.append(judged)
    for judgement in judgements.values():
        _judge_own(judgement)
    inherit(judgements)
    return judgements


def _judge_check(
    line: CheckLine,
    ended: dict[tuple[str, str], Ended],
    interrupted: list[str],
    unstable: list[str],
) -> CheckJudgement:
    broken: list[str] = list(unstable)
    undecided: list[str] = list(interrupted)
    missing: list[str] = []
    refuted: list[str] = []
    unrepaired: list[str] = []
    weakest = _attainable(line)
    if not line.parameters:
        missing.append("the check has no parameters to run with")
    if not any(control.kind == "control" for control in line.controls):
        broken.append("the check has no control")
    for parameter in line.parameters:
        suffix = f" [{parameter}]" if parameter else ""
        claimed = ended.get(("claimed", parameter))
        if claimed is None:
            missing.append("the claimed variant has not run" + suffix)
        else:
            if claimed.instance:
                broken.append(claimed.instance)
            violated = [name for name, truth in claimed.necessity.items() if not truth]
            if claimed.outcome in ("undecided", "error"):
                undecided.append(claimed.reason + suffix)
            elif claimed.outcome == "refuted" and violated:
                broken.append(
                    f"the refuting witness violates the hypothesis '{violated[0]}', so it says "
                    f"nothing about the claim{suffix}"
                )
            elif claimed.outcome == "refuted":
                refuted.append(claimed.reason + suffix)
            elif claimed.assertions == 0:
                broken.append("the check asserts nothing" + suffix)
            elif line.establishes.refutes:
                broken.append("the check was written to refute, but the statement held" + suffix)
            weakest = min(weakest, _shown(line, claimed))
        for control in line.controls:
            record = ended.get((f"{control.kind}:{control.name}", parameter))
            label = f"{control.kind} '{control.name}'{suffix}"
            wanted = "a refutation" if control.kind == "control" else "holding"
            if record is None:
                missing.append(f"{label} has not run")
            elif record.outcome == "undecided":
                (undecided if control.kind == "control" else unrepaired).append(
                    f"{label}: {record.reason}"
                )
            elif record.outcome == "error":
                broken.append(f"{label} raised an error instead of {wanted}: {record.reason}")
            elif control.kind == "control" and record.outcome == "holds":
                broken.append(f"{label} survived: the check does not notice the alteration")
            elif control.kind == "repair" and record.outcome == "refuted":
                broken.append(f"{label} was refuted too: {record.reason}")
            elif control.kind == "repair" and record.assertions == 0:
                broken.append(f"{label} asserts nothing")
            elif control.drops and record.necessity.get(control.drops) is True:
                broken.append(f"{label}: its witness still satisfies '{control.drops}'")
    if broken:
        verdict = Verdict.BROKEN
    elif refuted and not missing and not unrepaired:
        verdict = Verdict.REFUTED
    elif undecided or unrepaired:
        verdict = Verdict.UNDECIDED
    elif missing:
        verdict = Verdict.NOT_RUN
    else:
        verdict = weakest
    reasons = broken + refuted + unrepaired + undecided + missing
    return CheckJudgement(line, verdict, reasons, ended, interrupted)


def _attainable(line: CheckLine) -> Verdict:
    aim = line.establishes
    if aim.certainty == "none" or aim.coverage == "sampled" or aim.certainty == "confidence":
        return Verdict.SUPPORTED
    return Verdict.VERIFIED if aim.coverage == "all" else Verdict.VERIFIED_UP_TO


def _shown(line: CheckLine, record: Ended) -> Verdict:
    """What the record itself supports: a randomised test must have said how it may err."""
    aim = line.establishes
    if aim.certainty == "error":
        # Written so that no number at all, or none that is a probability, counts as large.
        error = record.error_probability
        if error is None or not 0 <= error <= NEGLIGIBLE_ERROR:
            return Verdict.SUPPORTED
    elif record.error_probability:
        negligible = 0 <= record.error_probability <= NEGLIGIBLE_ERROR
        return Verdict.VERIFIED_UP_TO if negligible else Verdict.SUPPORTED
    if record.samples:
        # Whatever drew its instances at random has not covered all of them.
        return Verdict.SUPPORTED
    return Verdict.VERIFIED


def _judge_own(judgement: Judgement) -> None:
    judgement.checks.sort(key=lambda check: -check.verdict)
    by_part: dict[str, list[CheckJudgement]] = defaultdict(list)
    for check in judgement.checks:
        by_part[check.line.part].append(check)
    for part in judgement.claim.parts:
        verdict, reasons = _judge_part(part, by_part.get(part, []))
        judgement.parts[part] = verdict
        judgement.reasons += reasons
    judgement.own = judgement.verdict = min(judgement.parts.values())
    _judge_necessity(judgement)


def _judge_part(part: str, checks: list[CheckJudgement]) -> tuple[Verdict, list[str]]:
    if not checks:
        return Verdict.NOT_RUN, [f"no check has been collected for '{part}'"]
    verdicts = [check.verdict for check in checks]
    worst_first = sorted(checks, key=lambda check: check.verdict)
    reasons = [reason for check in worst_first for reason in check.reasons]
    if Verdict.BROKEN in verdicts:
        return Verdict.BROKEN, reasons
    if Verdict.REFUTED in verdicts:
        if Verdict.VERIFIED in verdicts:
            return Verdict.BROKEN, [f"'{part}' is both proved and refuted", *reasons]
        return Verdict.REFUTED, reasons
    best = max(verdicts)
    return best, [] if best >= Verdict.SUPPORTED else reasons


def _judge_necessity(judgement: Judgement) -> None:
    for name in judgement.claim.hypotheses:
        judgement.necessity[name] = ("not shown", "")
    for check in judgement.checks:
        for control in check.line.controls:
            # A check recorded before its claim was reworded may drop what is no longer assumed.
            if control.drops not in judgement.necessity or control.kind != "control":
                continue
            for parameter in check.line.parameters:
                record = check.ended.get((f"control:{control.name}", parameter))
                if record is None or record.outcome != "refuted":
                    continue
                violated = record.necessity.get(control.drops) is False
                # An assumption that could not be evaluated on the witness may fail there too.
                others = set(judgement.claim.hypotheses) - {control.drops}
                shown = violated and all(record.necessity.get(name) for name in others)
                status = "necessary" if shown else "claimed necessary"
                if judgement.necessity[control.drops][0] != "necessary":
                    judgement.necessity[control.drops] = (status, control.name)
