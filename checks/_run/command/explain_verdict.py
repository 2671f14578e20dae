"""What determines the verdict of a claim, down to the check or the claim it rests on."""

from __future__ import annotations

import argparse

from .lookup import Lab, add_ledger_argument, open_lab
from .terminal import coloured, fit, paragraph


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``CLAIM [--ledger FOLDER]``."""
    parser.add_argument("claim", help="paper/claim, as `attnproof list` shows it")
    add_ledger_argument(parser)


def act(options: argparse.Namespace) -> int:
    """Print the chain."""
    lab = open_lab(options.ledger)
    lab.claim(options.claim)
    _explain(options.claim, lab, 0, ())
    return 0


def _explain(identifier: str, lab: Lab, depth: int, above: tuple[str, ...]) -> None:
    pad = "  " * depth
    judgement = lab.judgements.get(identifier)
    if judgement is None:
        print(f"{pad}{identifier}: not declared")
        return
    print(f"{pad}{identifier}: {coloured(judgement.verdict)}")
    if identifier in above:
        print(f"{pad}  rests on itself, see above")
        return
    if judgement.own != judgement.verdict:
        print(f"{pad}  its own evidence: {coloured(judgement.own)}")
    weakest = [name for name, verdict in judgement.parts.items() if verdict == judgement.own]
    for part in weakest:
        if len(judgement.parts) > 1:
            print(f"{pad}  weakest part: {part}")
        # A part is as good as its best check, unless one of them says no.
        for check in judgement.checks:
            if check.line.part == part and check.verdict == judgement.own:
                name = check.line.check.rpartition("::")[2]
                print(fit(f"{pad}  decided by {name}: {check.verdict.label}"))
                aim = check.line.establishes
                print(paragraph(f"by {aim.method}; {aim.over}", indent=pad + "    "))
                for reason in check.reasons:
                    print(paragraph(reason, indent=pad + "      ", first=pad + "    - "))
    if not judgement.checks:
        print(paragraph(f"no check has run; try: attnproof run {identifier}", pad + "  "))
    for reason in judgement.reasons:
        if reason.startswith("rests on"):
            print(paragraph(reason, indent=pad + "    ", first=pad + "  - "))
    for used in judgement.claim.uses:
        _explain(used, lab, depth + 1, (*above, identifier))
