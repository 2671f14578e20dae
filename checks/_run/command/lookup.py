"""Finding what a command asks about: ledgers, papers, claims, and what was meant instead."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from attnproof.checks._run.code_hash import LAB
from attnproof.theory.core import Judgement, LedgerDamage, Verdict, judge, read_ledgers
from attnproof.theory.core.records import AnyRecord, Ended, PaperLine


class NotFound(LookupError):
    """Nothing of that name; the message says what there is."""

    def __str__(self) -> str:
        return str(self.args[0])


def add_ledger_argument(parser: argparse.ArgumentParser) -> None:
    """``--ledger FOLDER``."""
    parser.add_argument(
        "--ledger",
        type=Path,
        metavar="FOLDER",
        help="folder of ledger files (default: reports/ledger of this checkout)",
    )


def ledger_folder(given: Path | None) -> Path:
    """``given``, or ``reports/ledger`` below here if this is a checkout, or below the lab's own."""
    if given is not None:
        return given
    here = Path.cwd()
    root = here if (here / "pyproject.toml").is_file() and (here / "checks").is_dir() else LAB
    return root / "reports" / "ledger"


def checks_folder() -> Path:
    """Where the lab's checks are."""
    import attnproof.checks

    return Path(next(iter(attnproof.checks.__path__)))


def paper_folder(root: Path, key: str) -> Path:
    """The folder of a paper's checks below ``root``, whether or not it exists.

    Hyphens of the key are underscores in folder names.
    """
    folder = root / key
    return folder if folder.is_dir() else root / key.replace("-", "_")


@dataclass
class Lab:
    """Everything known: the register of papers and claims, and what the ledgers say of them."""

    records: list[AnyRecord]
    damage: list[LedgerDamage]
    folder: Path

    @cached_property
    def papers(self) -> dict[str, PaperLine]:
        """Paper key → paper."""
        return {one.key: one for one in self.records if isinstance(one, PaperLine)}

    @cached_property
    def judgements(self) -> dict[str, Judgement]:
        """Claim id → judgement."""
        return judge(self.records)

    def of_paper(self, key: str) -> list[Judgement]:
        """Judgements of the paper's claims."""
        return [one for one in self.judgements.values() if one.claim.paper == key]

    def claim(self, identifier: str) -> Judgement:
        """The judgement of one claim.

        Raises:
            NotFound: with the claims of similar name.
        """
        if identifier not in self.judgements:
            raise NotFound(advice("claim", identifier, self.judgements))
        return self.judgements[identifier]

    def newest(self, check: str, variant: str, parameter: str) -> Ended | None:
        """The newest record of one item."""
        wanted = (check, variant, parameter)
        for record in reversed(self.records):
            if isinstance(record, Ended) and wanted == (
                record.check,
                record.variant,
                record.parameter,
            ):
                return record
        return None


def open_lab(given: Path | None, *, warn: bool = True) -> Lab:
    """The register and the ledgers; damaged lines are reported on standard error and skipped."""
    from attnproof.checks._run.declaration import register_lines
    from attnproof.theory.paper import load

    folder = ledger_folder(given)
    if given is not None and not folder.is_dir():
        raise NotFound(f"there is no folder {folder}: --ledger names the folder of *.jsonl files")
    records, damage = read_ledgers(folder.glob("*.jsonl"))
    # The register comes last: a claim is shown as it is declared now.
    lab = Lab([*records, *register_lines(load())], damage, folder)
    if warn:
        for damaged in damage:
            print(f"damaged ledger: {damaged}", file=sys.stderr)
    return lab


def advice(kind: str, name: str, known: Iterable[str]) -> str:
    """``no claim 'x'; did you mean …?``"""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if not close:
        tail = name.rpartition("/")[2]
        close = [one for one in names if tail and tail in one][:3]
    if close:
        return f"no {kind} {name!r}; did you mean {' or '.join(close)}?"
    if kind == "claim":
        return f"no claim {name!r}; `attnproof list` shows what there is"
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"no {kind} {name!r}; there is {shown or 'none'}"


def verdict_named(text: str) -> Verdict:
    """The verdict that ``text`` names, in any case, with or without ``≤ N``.

    Raises:
        NotFound: there is no such verdict.
    """
    plain = text.strip().upper().replace("-", " ").replace("_", " ")
    plain = {"VERIFIED UP TO": "VERIFIED ≤ N", "VERIFIED <= N": "VERIFIED ≤ N"}.get(plain, plain)
    for verdict in Verdict:
        if verdict.label == plain:
            return verdict
    raise NotFound(advice("verdict", text, [verdict.label for verdict in Verdict]))
