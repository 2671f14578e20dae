"""Papers and claims with their last known verdicts."""

from __future__ import annotations

import argparse
from collections import Counter

from attnproof.theory.core import Verdict

from .lookup import NotFound, add_ledger_argument, advice, open_lab, verdict_named
from .terminal import WIDTH, coloured, fit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``[PAPER] [--verdict V] [--ledger FOLDER]``."""
    parser.add_argument("paper", nargs="?", help="only this paper")
    parser.add_argument(
        "--verdict", help="only claims with this verdict: BROKEN, REFUTED, 'VERIFIED ≤ N', …"
    )
    add_ledger_argument(parser)


def act(options: argparse.Namespace) -> int:
    """Print them."""
    lab = open_lab(options.ledger)
    if options.paper and options.paper not in lab.papers:
        raise NotFound(advice("paper", options.paper, lab.papers))
    wanted = verdict_named(options.verdict) if options.verdict else None
    counts: Counter[Verdict] = Counter()
    silent = 0
    for key, paper in lab.papers.items():
        if options.paper not in (None, key):
            continue
        claims = [one for one in lab.of_paper(key) if wanted in (None, one.verdict)]
        if not claims:
            silent += 1
            if options.paper is None:
                continue
        print(fit(f"{key}: {paper.title}"))
        for judgement in claims:
            counts[judgement.verdict] += 1
            named = fit(f"{judgement.claim.id:<40}  {judgement.claim.title}", WIDTH - 16)
            print(f"  {coloured(judgement.verdict, 13)} {named}")
    if silent and options.paper is None and wanted is None:
        print(f"{silent} more papers have no claims yet.")
    print(f"{sum(counts.values())} claims" + (":" if counts else "."))
    for verdict in sorted(counts, reverse=True):
        print(f"  {counts[verdict]:4d}  {coloured(verdict)}")
    return 0
