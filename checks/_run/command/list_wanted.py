"""Where better evidence would help most: weak claims that others rest on."""

from __future__ import annotations

import argparse

from attnproof.theory.core import most_wanted

from .lookup import add_ledger_argument, open_lab, verdict_named
from .terminal import coloured, fit, paragraph


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``[--limit N] [--ledger FOLDER]``."""
    parser.add_argument("--limit", type=int, default=20, help="how many to show (default: 20)")
    add_ledger_argument(parser)


def act(options: argparse.Namespace) -> int:
    """Print them, the most wanted first."""
    found = most_wanted(open_lab(options.ledger).judgements)
    for entry in found[: options.limit]:
        resting = f", {entry.dependants} rest on it" if entry.dependants else ""
        print(fit(f"{coloured(verdict_named(entry.verdict), 13)} {entry.claim}{resting}"))
        print(paragraph(entry.reason, indent="              "))
    rest = len(found) - options.limit
    print(f"… and {rest} more; --limit shows them" if rest > 0 else f"{len(found)} claims")
    return 0
