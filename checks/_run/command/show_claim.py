"""One claim: what it says, under which hypotheses, and the evidence for it."""

from __future__ import annotations

import argparse

from attnproof.theory.core import Judgement
from attnproof.theory.core.judgement import CheckJudgement
from attnproof.theory.core.records import Ended

from .lookup import Lab, add_ledger_argument, open_lab
from .terminal import coloured, fit, labelled, paragraph


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``CLAIM [--ledger FOLDER]``."""
    parser.add_argument("claim", help="paper/claim, as `attnproof list` shows it")
    add_ledger_argument(parser)


def act(options: argparse.Namespace) -> int:
    """Print it."""
    lab = open_lab(options.ledger)
    judgement = lab.claim(options.claim)
    _print_statement(judgement)
    print()
    print(coloured(judgement.verdict))
    print(paragraph(judgement.verdict.meaning, "  "))
    if judgement.bound:
        print(labelled("over", judgement.bound))
    for reason in judgement.reasons:
        print(paragraph(reason, indent="    ", first="  - "))
    for check in judgement.checks:
        print()
        _print_check(check, lab)
    if not judgement.checks:
        print(f"\nno check has run; try: attnproof run {options.claim}")
    return 0


def _print_statement(judgement: Judgement) -> None:
    claim = judgement.claim
    print(fit(f"{claim.id}: {claim.title}"))
    if list(claim.parts) == ["statement"]:
        print(labelled("statement", claim.statement))
    else:
        for name, formula in claim.parts.items():
            verdict = coloured(judgement.parts[name])
            print(labelled("part", f"{name} [{verdict}]: {formula}"))
    for name, formula in claim.hypotheses.items():
        status, control = judgement.necessity.get(name, ("not shown", ""))
        words = "necessity not shown" if status == "not shown" else f"{status}, by '{control}'"
        print(labelled("hypothesis", f"{name}: {formula} ({words})"))
    rows = {
        "where": ", ".join(part for part in (claim.locus, claim.source) if part),
        "scope": claim.scope,
        "not covered": claim.not_covered,
        "deviation": claim.deviation,
        "wording": "reconstructed" if claim.reconstructed else "",
        "amends": claim.amends,
        "uses": ", ".join(claim.uses),
    }
    for name, text in rows.items():
        if text:
            print(labelled(name, text))


def _print_check(check: CheckJudgement, lab: Lab) -> None:
    line = check.line
    print(fit(f"check {line.check.rpartition('::')[2]}  ({line.path}:{line.line})"))
    aim = line.establishes
    print(labelled("  by", f"{aim.method}; {aim.over}"))
    print(f"  {'verdict':<12}{coloured(check.verdict)}")
    if _is_stale(check):
        print(paragraph("the code has changed since: run it again", "  "))
    labels = ["claimed", *(f"{control.kind}:{control.name}" for control in line.controls)]
    for label in labels:
        for parameter in line.parameters:
            record = check.ended.get((label, parameter))
            name = label + (f" [{parameter}]" if parameter else "")
            print(paragraph(f"{name}: {_outcome(record)}", indent="      ", first="    "))


def _outcome(record: Ended | None) -> str:
    if record is None:
        return "not run"
    words = [record.outcome]
    if record.reason:
        words.append(fit(record.reason, 160))
    if record.samples:
        words.append(f"{record.samples} instances, {record.discarded} discarded")
    if record.failure_bound is not None:
        words.append(f"failing mass at most {record.failure_bound:.2g} at 95 %")
    if record.error_probability is not None:
        words.append(f"error probability at most {record.error_probability:.2g}")
    return "; ".join(words)


def _is_stale(check: CheckJudgement) -> bool:
    from attnproof.checks._run.code_hash import code_hash

    from .locate import file_of

    file = file_of(check.line.path)
    try:
        return file is not None and code_hash(file) != check.line.code_hash
    except (OSError, SyntaxError):
        return True
