"""Runs of the lab on check files written for a test, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from attnproof.kernels.interpreted_without_gpu import interpreted_without_gpu
from attnproof.theory.core import Judgement, LedgerDamage, judge, read_ledgers
from attnproof.theory.core.records import AnyRecord, Ended

# As in checks/conftest.py: one thread per worker, and a test that makes torch import triton may
# come before one that interprets a kernel.
os.environ.setdefault("OMP_NUM_THREADS", "1")
interpreted_without_gpu()

ROOT = Path(__file__).resolve().parent.parent

PRELUDE = """\
from __future__ import annotations

from fractions import Fraction

import pytest
{drawing}
from attnproof.theory.core import *

PAPER = Paper(key="{paper}", title="A test", authors="Nobody", year=2020, arxiv="")


def claim(key, **given):
    given.setdefault("statement", "x")
    return PAPER.claim(key, title=key, **given)


"""

# Importing Hypothesis takes as long as the rest of such a run; most files do without.
DRAWING = "from hypothesis import given, settings, strategies as st\n"

SETTINGS = """\
[pytest]
python_files = check_*.py test_*.py
addopts = --import-mode=importlib
"""


@dataclass
class Run:
    """One finished pytest run over check files."""

    status: int
    output: str
    records: list[AnyRecord]
    damage: list[LedgerDamage]
    judgements: dict[str, Judgement] = field(default_factory=dict)

    def verdict(self, claim: str) -> str:
        """The label of a claim's verdict."""
        return self.judgements[claim].verdict.label

    def reasons(self, claim: str) -> str:
        """All reasons of a claim's verdict, one a line."""
        return "\n".join(self.judgements[claim].reasons)

    def ended(self, variant: str = "") -> list[Ended]:
        """The items that ended, of one variant or of all."""
        found = [one for one in self.records if isinstance(one, Ended)]
        return [one for one in found if not variant or one.variant == variant]


@dataclass
class Laboratory:
    """A folder with check files, where the lab can be run."""

    folder: Path

    @property
    def ledger(self) -> Path:
        """Where its runs put their ledgers."""
        return self.folder / "ledger"

    def write(self, text: str, name: str = "check_it.py", paper: str = "test") -> Path:
        """A check file with the usual imports, and ``claim(key, …)`` of a private paper."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        body = textwrap.dedent(text).strip("\n") + "\n"
        drawing = DRAWING if "@given" in body else ""
        path.write_text(PRELUDE.format(paper=paper, drawing=drawing) + body, encoding="utf-8")
        return path

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs pytest here."""
        (self.folder / "pytest.ini").write_text(SETTINGS)
        fixed = ["--ledger", str(self.ledger), "--rootdir", str(self.folder), "--assert=plain"]
        return [sys.executable, "-m", "pytest", *fixed, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """Ours, without what an outer pytest left in it."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
        return kept | {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> Run:
        """Run pytest here and judge all ledgers of the folder."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment | (environment or {}),
            capture_output=True,
            text=True,
            timeout=90,
        )
        return self.read(done.returncode, done.stdout + done.stderr)

    def read(self, status: int = 0, output: str = "") -> Run:
        """What the ledgers say now."""
        records, damage = read_ledgers(self.ledger.glob("*.jsonl"))
        return Run(status, output, records, damage, judge(records))

    def attnproof(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line here."""
        return subprocess.run(
            [sys.executable, "-m", "attnproof.checks._run.command_line", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=90,
        )


@pytest.fixture
def lab(tmp_path: Path) -> Laboratory:
    """An empty laboratory for one test."""
    return Laboratory(tmp_path)


@pytest.fixture(scope="module")
def shared_lab(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Laboratory]:
    """An empty laboratory for the tests of one file."""
    return lambda: Laboratory(tmp_path_factory.mktemp("lab"))
