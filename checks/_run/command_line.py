"""The command ``attnproof``: questions to the lab, answered from the ledger or by running checks.

Each command lives in a module of its own, imported when it is asked for, so that listing claims
loads no numerical library.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "list": ("list_claims", "papers and claims with their last known verdicts"),
    "show": ("show_claim", "one claim: statement, hypotheses, scope, evidence"),
    "why": ("explain_verdict", "what determines the verdict of a claim"),
    "wanted": ("list_wanted", "where better evidence would help most"),
    "diff": ("compare_runs", "what changed between two ledgers"),
    "run": ("run_checks", "run the checks of claims, papers or files"),
    "replay": ("replay_variant", "re-run one variant of a claim's checks, show its witness"),
    "report": ("build_report", "write the report from the ledger"),
    "verify": ("verify_kernel", "put a kernel of yours through the battery of an operator"),
    "new": ("new_claim", "write a check to fill in and print a claim to paste"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    end = given.index("--") if "--" in given else len(given)
    given, passed_on = given[:end], given[end + 1 :]
    parser = argparse.ArgumentParser(
        prog="attnproof",
        description="A proof lab for attention: claims of papers, checked, with their evidence.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    asked = next((word for word in given if not word.startswith("-")), "")
    for name, (module, words) in COMMANDS.items():
        # Only the command that was asked for is imported; the others need just their line of help.
        described = _module(module) if name == asked else None
        sub = commands.add_parser(
            name, help=words, description=described.__doc__ if described else words
        )
        if described is not None:
            described.add_arguments(sub)
            sub.set_defaults(act=described.act)
    options = parser.parse_args(given)
    options.passed_on = passed_on
    from .command.lookup import NotFound

    try:
        return options.act(options)
    except NotFound as problem:
        print(f"attnproof: {problem}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        sys.stderr.close()
        return 0


def _module(name: str) -> object:
    return importlib.import_module(f"{__package__}.command.{name}")


if __name__ == "__main__":
    sys.exit(main())
