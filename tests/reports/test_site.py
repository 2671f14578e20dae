"""The site: complete, offline, reproducible, light, and built without numerical libraries."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from attnproof.reports.render.site import build
from attnproof.theory.core import Ledger, Verdict
from attnproof.theory.core.records import ClaimLine, PaperLine

VOID = {"meta", "link", "br", "input", "hr", "img"}


class Tree(HTMLParser):
    """Collects links and ids, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        assert not self.stack

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in VOID:
            self.stack.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_startendtag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.stack and self.stack[-1] == tag, f"</{tag}> closes {self.stack[-3:]}"
        self.stack.pop()


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_claim_and_paper_has_a_page(site):
    names = {page.relative_to(site).as_posix() for page in pages(site)}
    assert {"index.html", "errata.html", "paper/demo.html", "paper/empty.html"} <= names
    assert {f"claim/demo/{key}.html" for key in ("verified", "refuted", "waiting")} <= names


def test_every_verdict_is_counted_in_the_headline(page):
    text = page("index.html")
    headline = text[text.index('class="headline"') : text.index('id="papers"')]
    for verdict in Verdict:
        assert verdict.label in headline
        assert verdict.meaning in html.unescape(text)
    assert "NOT RUN" in page("paper/demo.html").partition("<h2")[0]


def test_a_paper_without_claims_is_shown_as_not_run(page):
    text = page("index.html")
    assert re.search(r"NOT RUN</span> 1 paper without claims yet", text)
    assert "A paper without claims" in text
    assert "NOT RUN" in page("paper/empty.html")


def test_tags_are_balanced_ids_are_unique_and_links_lead_somewhere(site):
    trees = {page: Tree(page.read_text()) for page in pages(site)}
    for page, tree in trees.items():
        assert len(tree.ids) == len(set(tree.ids)), page
        for link in tree.links:
            target, _, fragment = link.partition("#")
            if target.startswith("https://arxiv.org/abs/"):
                continue
            aimed = (page.parent / target).resolve() if target else page
            assert aimed in trees, f"{page}: {link}"
            if fragment and not fragment.startswith("verdict="):
                assert fragment in trees[aimed].ids, f"{page}: {link}"


def test_headings_come_in_order(site):
    for page in pages(site):
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page.read_text())]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(b <= a + 1 for a, b in pairwise(levels)), (page, levels)


def test_nothing_is_loaded_from_anywhere(site):
    for page in pages(site):
        text = page.read_text()
        assert "default-src 'none'" in html.unescape(text)
        assert not {"link", "img", "iframe", "object", "embed"} & Tree(text).tags
        style = text[text.index("<style>") : text.index("</style>")]
        assert "@import" not in style and "url(" not in style


def test_the_same_ledger_gives_the_same_bytes(sample_ledger, tmp_path):
    first = build([sample_ledger], tmp_path / "one").parent
    second = build([sample_ledger], tmp_path / "two").parent
    assert [p.read_bytes() for p in pages(first)] == [p.read_bytes() for p in pages(second)]


def test_a_damaged_line_is_named_on_the_index(sample_ledger, tmp_path):
    with sample_ledger.open("ab") as file:
        file.write(b'{"kind":"ended", trunca\n')
    text = build([sample_ledger], tmp_path / "site").read_text()
    lines = len(sample_ledger.read_text().splitlines())
    assert f"line {lines}:" in text
    assert sample_ledger.name in text
    assert "1 ledger line could not be read" in text


def test_an_interrupted_run_is_named(sample_ledger, tmp_path):
    text = sample_ledger.read_text().splitlines(keepends=True)
    sample_ledger.write_text("".join(text[:-1]))
    index = build([sample_ledger], tmp_path / "site").read_text()
    assert "did not finish" in index


def test_claims_whose_paper_line_is_lost_are_still_shown(sample_ledger, tmp_path):
    lines = sample_ledger.read_text().splitlines(keepends=True)
    sample_ledger.write_text("".join(line for line in lines if '"kind":"paper"' not in line))
    index = build([sample_ledger], tmp_path / "site")
    assert "The verified claim" in index.read_text()
    assert (index.parent / "paper" / "demo.html").is_file()


def test_an_old_site_survives_a_failed_build(sample_ledger, tmp_path, monkeypatch):
    index = build([sample_ledger], tmp_path / "site")
    before = index.read_bytes()

    def full_disk(view):
        yield "index.html", "half"
        raise OSError("no space left on device")

    monkeypatch.setattr("attnproof.reports.render.site._pages", full_disk)
    with pytest.raises(OSError, match="no space left"):
        build([sample_ledger], tmp_path / "site")
    assert index.read_bytes() == before


def test_no_ledger_is_said_plainly(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `pytest checks/`"):
        build([], tmp_path / "site")


def test_an_empty_ledger_makes_a_site(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_text("")
    assert "0 claims of 0 papers" in build([path], tmp_path / "site").read_text()


def test_the_index_stays_light(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    for number in range(34):
        key = f"paper-{number}"
        ledger.append(
            PaperLine(
                key=key, title="A title of usual length " * 3, authors="Some, Body", year=2026,
                arxiv="2603.00175", family="Spectral", contribution="",
            )
        )  # fmt: skip
        for k in range(6):
            ledger.append(
                ClaimLine(
                    id=f"{key}/claim-{k}", paper=key, title="What is claimed, in a line " * 3,
                    statement="a", parts={"statement": "a"}, hypotheses={},
                )
            )  # fmt: skip
    ledger.close()
    assert build([path], tmp_path / "site").stat().st_size < 200_000


def test_it_needs_no_numerical_library(sample_ledger, tmp_path):
    code = (
        "import sys\n"
        "from attnproof.reports.render.site import build\n"
        f"build([{str(sample_ledger)!r}], {str(tmp_path / 'site')!r})\n"
        "heavy = {'numpy', 'flint', 'sympy', 'torch', 'triton', 'z3', 'cvxpy', 'scipy',\n"
        "         'hypothesis', 'pytest'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
