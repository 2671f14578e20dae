"""The documentation builds without a warning, and what it names exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from attnproof.checks._run.command_line import COMMANDS
from attnproof.theory import core

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]


def test_it_builds_without_a_warning(tmp_path):
    if not all(map(find_spec, ("sphinx", "myst_parser", "furo"))):
        pytest.skip("Sphinx, MyST or Furo is not installed ([docs])")
    source = tmp_path / "docs"
    shutil.copytree(ROOT / "docs", source, ignore=shutil.ignore_patterns("site"))
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning"]
    done = subprocess.run(
        [*command, str(source), str(tmp_path / "site")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "index.html").exists()


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_command_exists(path):
    said = re.findall(r"(?:^|`)attnproof ([a-z]+)", path.read_text(encoding="utf-8"), re.M)
    assert set(said) <= set(COMMANDS)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_path_exists(path):
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"`((?:theory|kernels|checks|reports|tests|docs)/[\w/.]+)`", text)
    missing = [
        one
        for one in named
        # Written by a run, or by the reader.
        if not one.startswith(("reports/ledger", "reports/site", "docs/site"))
        and "my_claim" not in one
        and not (ROOT / one).exists()
    ]
    assert missing == []
    pictures = re.findall(r"\]\(([\w/.-]+\.(?:png|md))\)", text)
    assert [one for one in pictures if not (path.parent / one).exists()] == []


def test_every_kind_of_evidence_is_explained():
    text = (ROOT / "docs" / "adding-a-claim.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)\((?:over|bound)=…", text))
    there = {name for name in dir(core) if _establishes(getattr(core, name))}
    assert told == there


def _establishes(thing: object) -> bool:
    return getattr(thing, "__annotations__", {}).get("return") == "Establishes"


def test_every_question_of_the_battery_is_explained():
    if find_spec("torch") is None:
        pytest.skip("needs torch ([kernels])")
    from attnproof.kernels.verification.questions import QUESTIONS

    text = (ROOT / "docs" / "verifying-your-kernel.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| ([a-z ]+) \|", text, re.M)[1:] == list(QUESTIONS)
