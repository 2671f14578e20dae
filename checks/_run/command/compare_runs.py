"""What changed between two ledgers: verdicts, statements, evidence; 1 if anything got worse."""

from __future__ import annotations

import argparse
from itertools import groupby
from pathlib import Path

from attnproof.theory.core import Change, Judgement, changes, judge, read_ledgers

from .lookup import NotFound
from .terminal import fit, paragraph

HEADINGS = {
    "worse": "worse",
    "gone": "no longer stated",
    "better": "better",
    "new": "new",
    "reworded": "reworded, with the same verdict",
    "evidence": "other evidence, with the same verdict",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``OLD NEW [--page FILE]``."""
    parser.add_argument("old", type=Path, help="a ledger file, or a folder of them")
    parser.add_argument("new", type=Path, help="a ledger file, or a folder of them")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write it as a page, too")


def act(options: argparse.Namespace) -> int:
    """Print the changes, worst news first."""
    found = changes(_judgements(options.old), _judgements(options.new))
    if not found:
        print("no claim differs")
    for kind, group in groupby(found, key=lambda change: change.kind):
        listed = list(group)
        print(f"{HEADINGS[kind]} ({len(listed)})")
        for change in listed:
            _show(change)
    if options.page:
        from attnproof.reports.render.difference import write_difference

        print(write_difference(found, str(options.old), str(options.new), options.page))
    return 1 if any(change.kind == "worse" for change in found) else 0


def _show(change: Change) -> None:
    if change.before and change.after and change.before != change.after:
        words = f"{change.before} → {change.after}"
    else:
        words = change.after or change.before
    print(fit(f"  {change.claim}: {words}"))
    for detail in change.details:
        print(paragraph(detail, indent="      ", first="    - "))


def _judgements(path: Path) -> dict[str, Judgement]:
    ledgers = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not ledgers or not all(ledger.is_file() for ledger in ledgers):
        raise NotFound(f"{path}: give a ledger file (*.jsonl) or a folder that holds some")
    records, damage = read_ledgers(ledgers)
    for damaged in damage:
        print(f"damaged ledger: {damaged}")
    return judge(records)
