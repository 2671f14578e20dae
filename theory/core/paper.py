"""A paper and the register of all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .claim import Claim, ClaimRefused, declare
from .table import Table, table

_REGISTER: dict[str, Paper] = {}
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass
class Paper:
    """One paper: what it is, and the claims the lab has stated for it.

    Attributes:
        key: short name, lower case with hyphens, unique in the lab.
        title, authors, year, arxiv: bibliography; ``arxiv`` with its version where one was read.
        family: heading under which the report groups it.
        contribution: two or three sentences in our own words.
        claims: claim key → `Claim`, in order of declaration.
        tables: table key → `Table` of special cases.
    """

    key: str
    title: str
    authors: str
    year: int
    arxiv: str
    family: str = ""
    contribution: str = ""
    claims: dict[str, Claim] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ClaimRefused(f"paper key {self.key!r}: use lower-case words joined by hyphens")
        if self.key in _REGISTER:
            raise ClaimRefused(f"paper {self.key!r} is declared twice")
        _REGISTER[self.key] = self

    def claim(self, key: str, *, title: str, **parts: object) -> Claim:
        """Declare a claim of this paper; see `Claim` for what may be given.

        Raises:
            ClaimRefused: the key is malformed or taken, or the claim could not be judged.
        """
        if not _KEY.fullmatch(key):
            raise ClaimRefused(f"claim key {key!r}: use lower-case words joined by hyphens")
        if key in self.claims:
            raise ClaimRefused(f"claim {self.key}/{key} is declared twice")
        parts.setdefault("source", f"arXiv:{self.arxiv}" if self.arxiv else "")
        claim = declare(f"{self.key}/{key}", title=title, **parts)
        self.claims[key] = claim
        return claim

    def table(self, key: str, **parts: object) -> Table:
        """Declare a table of special cases; see `table.table` for what is given.

        Raises:
            ClaimRefused: the key is malformed or taken, or the table does not fit together.
        """
        if not _KEY.fullmatch(key) or key in self.tables:
            raise ClaimRefused(
                f"table key {key!r} of {self.key}: use lower-case words joined by hyphens, each "
                "key once"
            )
        self.tables[key] = table(key, **parts)  # type: ignore[arg-type]
        return self.tables[key]

    def __getitem__(self, key: str) -> Claim:
        """The claim of that key.

        Raises:
            ClaimRefused: it is not declared.
        """
        if key not in self.claims:
            raise ClaimRefused(
                f"{self.key} has no claim {key!r} yet: declare it in theory/paper with "
                f"PAPER.claim({key!r}, title=…, statement=…); `attnproof new` prints a pattern. "
                f"Declared are {sorted(self.claims)}"
            )
        return self.claims[key]


def papers() -> dict[str, Paper]:
    """All papers declared so far (import `attnproof.theory.paper` and call `load` for all)."""
    return dict(_REGISTER)
