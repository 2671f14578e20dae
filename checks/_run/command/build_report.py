"""Write the report from the ledger; nothing is run."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

from attnproof.theory.core import read_ledgers

from .lookup import NotFound, add_ledger_argument, ledger_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``[--ledger FOLDER] [--output FOLDER]``."""
    add_ledger_argument(parser)
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where the pages go (default: site beside the ledger folder)",
    )


def act(options: argparse.Namespace) -> int:
    """Build it and print where it is; 1 if a formula is shown as source."""
    from attnproof.reports.render.mathml import FormulaWarning
    from attnproof.reports.render.site import build

    folder = ledger_folder(options.ledger)
    ledgers = sorted(folder.glob("*.jsonl"))
    if not ledgers:
        raise NotFound(f"no ledger in {folder}: run `attnproof run` or `pytest checks/` first")
    _, damage = read_ledgers(ledgers)
    for damaged in damage:
        print(f"damaged ledger: {damaged}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FormulaWarning)
        index = build(ledgers, options.output or folder.parent / "site")
    unreadable = dict.fromkeys(
        str(one.message) for one in caught if issubclass(one.category, FormulaWarning)
    )
    for words in unreadable:
        print(words)
    print(index)
    return 1 if unreadable else 0
