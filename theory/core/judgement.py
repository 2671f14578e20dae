"""From ledger records to verdicts: a pure function, so that every verdict can be recomputed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from .records import AnyRecord, Began, CheckLine, ClaimLine, Ended, Interrupted
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
    """

    line: CheckLine
    verdict: Verdict
    reasons: list[str]
    ended: dict[tuple[str, str], Ended]


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
        holding = [
            (check.verdict, check.line.establishes.over)
            for check in self.checks
            if check.verdict >= Verdict.SUPPORTED
            and self.parts.get(check.line.part) == self.own
            and check.verdict == self.own
        ]
        return holding[0][1] if holding else ""


def judge(records: Iterable[AnyRecord]) -> dict[str, Judgement]:
    """Claim id → `Judgement`, from the records of one or several runs.

    The newest record of an item counts, and only if it was made by the code that the newest
    declaration of its check names: evidence of older code is no evidence.
    """
    claims: dict[str, ClaimLine] = {}
    checks: dict[str, CheckLine] = {}
    ended: dict[str, dict[tuple[str, str], Ended]] = defaultdict(dict)
    open_items: dict[str, str] = {}
    for record in records:
        if isinstance(record, ClaimLine):
            claims[record.id] = record
        elif isinstance(record, CheckLine):
            checks[record.check] = record
        elif isinstance(record, Began):
            open_items[record.node] = "began and never ended"
        elif isinstance(record, Interrupted):
            open_items[record.node] = record.reason
        elif isinstance(record, Ended):
            open_items.pop(record.node, None)
            ended[record.check][(record.variant, record.parameter)] = record

    judgements = {identifier: Judgement(claim=claim) for identifier, claim in claims.items()}
    for line in checks.values():
        if line.claim not in judgements:
            continue
        fresh = {
            key: record
            for key, record in ended[line.check].items()
            if record.code_hash == line.code_hash
        }
        interrupted = [
            f"{node}: {reason}"
            for node, reason in sorted(open_items.items())
            if node.partition("[")[0] == line.check
        ]
        judgements[line.claim].checks.append(_judge_check(line, fresh, interrupted))
    for judgement in judgements.values():
        _judge_own(judgement)
    for judgement in judgements.values():
        _inherit(judgement, judgements, set())
    return judgements


def _judge_check(
    line: CheckLine, ended: dict[tuple[str, str], Ended], interrupted: list[str]
) -> CheckJudgement:
    broken: list[str] = []
    undecided: list[str] = list(interrupted)
    missing: list[str] = []
    refuted: list[str] = []
    weakest = _attainable(line)
    for parameter in line.parameters:
        suffix = f" [{parameter}]" if parameter else ""
        claimed = ended.get(("claimed", parameter))
        if claimed is None:
            missing.append("the claimed variant has not run" + suffix)
        else:
            if claimed.instance:
                broken.append(claimed.instance)
            if claimed.outcome in ("undecided", "error"):
                undecided.append(claimed.reason + suffix)
            elif claimed.outcome == "refuted":
                refuted.append(claimed.reason + suffix)
            elif claimed.assertions == 0:
                broken.append("the check asserts nothing" + suffix)
            weakest = min(weakest, _shown(line, claimed))
        for control in line.controls:
            record = ended.get((f"{control.kind}:{control.name}", parameter))
            label = f"{control.kind} '{control.name}'{suffix}"
            if record is None:
                missing.append(f"{label} has not run")
            elif record.outcome == "undecided":
                undecided.append(f"{label}: {record.reason}")
            elif record.outcome == "error":
                broken.append(f"{label} raised an error instead of a refutation: {record.reason}")
            elif control.kind == "control" and record.outcome == "holds":
                broken.append(f"{label} survived: the check does not notice the alteration")
            elif control.kind == "repair" and record.outcome == "refuted":
                broken.append(f"{label} was refuted too: {record.reason}")
            elif control.drops and record.necessity.get(control.drops) is True:
                broken.append(f"{label}: its witness still satisfies '{control.drops}'")
    if broken:
        verdict = Verdict.BROKEN
    elif refuted and not missing:
        verdict = Verdict.REFUTED
    elif undecided:
        verdict = Verdict.UNDECIDED
    elif missing:
        verdict = Verdict.NOT_RUN
    else:
        verdict = weakest
    return CheckJudgement(line, verdict, broken + refuted + undecided + missing, ended)


def _attainable(line: CheckLine) -> Verdict:
    aim = line.establishes
    if aim.certainty == "none" or aim.coverage == "sampled" or aim.certainty == "confidence":
        return Verdict.SUPPORTED
    return Verdict.VERIFIED if aim.coverage == "all" else Verdict.VERIFIED_UP_TO


def _shown(line: CheckLine, record: Ended) -> Verdict:
    """What the record itself supports: a randomised test must have said how it may err."""
    aim = line.establishes
    if aim.certainty == "error":
        known = record.error_probability is not None
        if not known or record.error_probability > NEGLIGIBLE_ERROR:
            return Verdict.SUPPORTED
    elif record.error_probability:
        return (
            Verdict.VERIFIED_UP_TO
            if record.error_probability <= NEGLIGIBLE_ERROR
            else Verdict.SUPPORTED
        )
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
            if not control.drops or control.kind != "control":
                continue
            for parameter in check.line.parameters:
                record = check.ended.get((f"control:{control.name}", parameter))
                if record is None or record.outcome != "refuted":
                    continue
                violated = record.necessity.get(control.drops) is False
                others = [
                    truth for name, truth in record.necessity.items() if name != control.drops
                ]
                shown = violated and all(others)
                status = "necessary" if shown else "claimed necessary"
                if judgement.necessity[control.drops][0] != "necessary":
                    judgement.necessity[control.drops] = (status, control.name)


def _inherit(judgement: Judgement, all_of_them: dict[str, Judgement], path: set[str]) -> Verdict:
    identifier = judgement.claim.id
    if identifier in path:
        judgement.verdict = Verdict.BROKEN
        judgement.reasons.insert(0, f"{identifier} rests on itself through {sorted(path)}")
        return judgement.verdict
    for used in judgement.claim.uses:
        if used not in all_of_them:
            inherited, words = Verdict.NOT_RUN, "which is not declared"
        else:
            inherited = _inherit(all_of_them[used], all_of_them, path | {identifier})
            words = f"which is {inherited.label}"
        # A false or unfinished premise does not make the conclusion false; it leaves it open.
        inherited = Verdict.UNDECIDED if inherited < Verdict.SUPPORTED else inherited
        if inherited < judgement.verdict:
            judgement.verdict = inherited
            judgement.weakest = used
            judgement.reasons.append(f"rests on {used}, {words}")
    return judgement.verdict
