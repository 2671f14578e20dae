"""The site: complete, escaped, offline, reproducible, light."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from attnproof.reports.render.site import build
from attnproof.theory.core import Verdict

VOID = {"meta", "link", "br", "input", "hr", "img"}


class Tree(HTMLParser):
    """Collects links, scripts and whether every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.scripts = 0

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.stack.append(tag)
        self.scripts += tag == "script"
        for name, value in attrs:
            self.attributes.append((name, value or ""))
            if name in ("href", "src"):
                self.links.append(value)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.stack and self.stack[-1] == tag, f"</{tag}> closes {self.stack[-3:]}"
        self.stack.pop()


@pytest.fixture
def site(sample_ledger: Path, tmp_path: Path) -> Path:
    return build([sample_ledger], tmp_path / "site").parent


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_claim_and_paper_has_a_page(site):
    names = {page.relative_to(site).as_posix() for page in pages(site)}
    assert {"index.html", "errata.html", "paper/demo.html", "paper/empty.html"} <= names
    assert {f"claim/demo/{key}.html" for key in ("verified", "refuted", "waiting")} <= names


def test_every_verdict_is_counted_on_the_index(site):
    text = (site / "index.html").read_text()
    for verdict in Verdict:
        assert verdict.label in text
    counts = text[text.index('class="counts"') : text.index('id="papers"')]
    assert "NOT RUN" in counts and "BROKEN" in counts


def test_tags_are_balanced_and_links_lead_somewhere(site):
    for page in pages(site):
        tree = Tree()
        tree.feed(page.read_text())
        assert not tree.stack, page
        for link in tree.links:
            target, _, _ = link.partition("#")
            if target and not target.startswith("https://arxiv.org/"):
                assert (page.parent / target).resolve().is_file(), f"{page}: {link}"


def test_hostile_text_stays_text(site):
    for page in pages(site):
        text = page.read_text()
        assert "<script>alert" not in text
        tree = Tree()
        tree.feed(text)
        assert tree.scripts == (page.name == "index.html")
        assert not any(name.startswith("on") for name, _ in tree.attributes)


def test_nothing_is_loaded_from_anywhere(site):
    for page in pages(site):
        text = html.unescape(page.read_text())
        assert "default-src 'none'" in text
        assert not re.search(r"<(link|img|iframe|object|embed)\b", text)
        assert "@import" not in text and "url(" not in text


def test_the_same_ledger_gives_the_same_bytes(sample_ledger, tmp_path):
    first = build([sample_ledger], tmp_path / "one").parent
    second = build([sample_ledger], tmp_path / "two").parent
    assert [p.read_bytes() for p in pages(first)] == [p.read_bytes() for p in pages(second)]


def test_errata_show_the_witness_and_the_repair(site):
    text = (site / "errata.html").read_text()
    assert "−1/2" in text
    assert "claim/demo/repair.html" in text
    assert "The verified claim" not in text


def test_necessity_is_shown_with_its_control(site):
    text = (site / "claim" / "demo" / "verified.html").read_text()
    assert "necessary: the witness of" in text


def test_a_damaged_line_is_named_on_the_index(sample_ledger, tmp_path):
    with sample_ledger.open("ab") as file:
        file.write(b'{"kind":"ended", trunca\n')
    text = build([sample_ledger], tmp_path / "site").read_text()
    lines = len(sample_ledger.read_text().splitlines())
    assert f"line {lines}" in text


def test_an_old_site_survives_a_failed_build(sample_ledger, tmp_path, monkeypatch):
    index = build([sample_ledger], tmp_path / "site")
    before = index.read_bytes()
    text = sample_ledger.read_text().replace(r"a^2 \\ge 0", r"\\nonsense{a}")
    sample_ledger.write_text(text)
    with pytest.raises(ValueError, match="demo/"):
        build([sample_ledger], tmp_path / "site")
    assert index.read_bytes() == before


def test_no_ledger_is_said_plainly(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `pytest checks/`"):
        build([], tmp_path / "site")


def test_it_needs_no_numerical_library(sample_ledger, tmp_path):
    code = (
        "import sys\n"
        "from attnproof.reports.render.site import build\n"
        f"build([{str(sample_ledger)!r}], {str(tmp_path / 'site')!r})\n"
        "heavy = {'numpy', 'flint', 'sympy', 'torch', 'triton', 'z3', 'cvxpy', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
