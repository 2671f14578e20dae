"""The graph's page: every use and amendment is drawn and stands below in words."""

from __future__ import annotations

import html
import re

from attnproof.reports.render.dependencies import Edge, connected, dependencies
from attnproof.reports.render.dependency_graph import dependency_graph
from attnproof.reports.render.site import build
from attnproof.reports.render.view import MARKS
from attnproof.theory.core import Ledger, judge
from attnproof.theory.core.records import ClaimLine


def claim(name: str, **more: object) -> ClaimLine:
    paper = name.partition("/")[0]
    given = {"title": name, "statement": "a", "parts": {"statement": "a"}, "hypotheses": {}}
    return ClaimLine(id=name, paper=paper, **{**given, **more})


def test_every_edge_once_with_its_kind():
    found = judge([claim("p/a"), claim("p/b", uses=["p/a", "p/a"], amends="p/a")])
    assert dependencies(found) == [Edge("p/b", "p/a", "uses"), Edge("p/b", "p/a", "amends")]


def test_groups_share_no_claim():
    edges = [Edge("d", "c", "uses"), Edge("b", "a", "uses"), Edge("e", "b", "amends")]
    assert connected(edges) == [[edges[1], edges[2]], [edges[0]]]


def test_nodes_are_links_with_a_mark_and_a_name(page):
    text = page("graph.html")
    broken = re.search(r'<a id="focus=demo/broken".*?</a>', text, re.S)[0]
    assert 'class="node BROKEN"' in broken and 'href="claim/demo/broken.html"' in broken
    assert 'aria-label="broken, of demo, BROKEN: The broken claim"' in broken
    assert '<text class="sign"' in broken and ">!</text>" in broken


def test_a_premise_that_is_not_in_the_ledger_is_no_link(page):
    gone = re.search(r'<g id="focus=demo/gone".*?</g>', page("graph.html"), re.S)[0]
    assert "not in the ledger" in gone and 'class="node NOT_RUN"' in gone
    assert "href" not in gone


def test_the_words_say_what_the_drawing_says(page):
    text = page("graph.html")
    pattern = r'data-claim="([^"]+)" data-premise="([^"]+)"'
    drawing, _, words = text.partition('id="listed"')
    assert sorted(re.findall(pattern, drawing)) == sorted(re.findall(pattern, words))
    assert ("demo/repair", "demo/refuted") in re.findall(pattern, words)
    assert 'class="edge amends" data-claim="demo/repair"' in drawing


def test_claims_that_stand_alone_are_left_out_and_not_linked(page):
    assert "focus=demo/supported" not in page("graph.html")
    assert "graph.html#" not in page("claim/demo/supported.html")
    assert 'href="../../graph.html#focus=demo/broken"' in page("claim/demo/broken.html")


def test_hostile_names_are_escaped(hostile):
    found = judge([claim(f"p/{hostile}", title=hostile), claim("p/b", uses=[f"p/{hostile}"])])
    text = str(dependency_graph(dependencies(found), found, MARKS))
    assert "<script" not in text and "<img" not in text
    assert html.escape(hostile, quote=False)[:20] in text


def test_claims_that_rest_on_each_other_are_drawn_as_broken(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append(
        claim("p/a", uses=["p/b"]), claim("p/b", uses=["p/a"]), claim("p/c", uses=["p/c"])
    )
    ledger.close()
    text = (build([path], tmp_path / "site").parent / "graph.html").read_text()
    assert text.count('class="node BROKEN"') == 3


def test_without_edges_it_says_so(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_text("")
    text = (build([path], tmp_path / "site").parent / "graph.html").read_text()
    assert "No claim uses or amends another" in text
