"""A table of special cases: one verdict for every case, from the part that settles it."""

from __future__ import annotations

import re


def _cells(text: str) -> list[str]:
    return [re.sub(r"<[^>]+>|\s+", " ", cell) for cell in re.findall(r"<td>(.*?)</td>", text, re.S)]


def test_every_case_shows_its_verdict(page):
    both, part, nothing, gone = _cells(page("table/demo/cases.html"))
    assert re.search(r"VERIFIED ≤ N\s+proved", both)
    assert "REFUTED" in both
    # The part itself is proved, but the claim rests on one that is broken.
    assert "UNDECIDED" in part and "VERIFIED" not in part
    assert "–" in nothing
    assert "NOT RUN" in gone and "gone" in gone


def test_the_paper_links_its_table(page):
    assert "../table/demo/cases.html" in page("paper/demo.html")
