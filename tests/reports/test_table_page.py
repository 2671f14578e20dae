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


def test_most_wanted_has_a_page(page):
    text = page("wanted.html")
    rows = re.findall(r"<tr><td>.*?</tr>", text, re.S)
    assert rows and "BROKEN" in rows[0]
    assert "demo/bounded" in text and "demo/refuted" not in text


def test_a_difference_is_a_page(tmp_path, hostile):
    from attnproof.reports.render.difference import write_difference
    from attnproof.theory.core import Change

    change = Change(claim="p/one", title=hostile, kind="worse", before="VERIFIED", after="BROKEN")
    target = write_difference([change], hostile, "new", tmp_path / "page" / "difference.html")
    text = target.read_text()
    assert "VERIFIED" in text and hostile not in text and "<h2>Worse" in text
