"""Text from claims, witnesses and ledgers is shown, never obeyed."""

from __future__ import annotations

import html
from html.parser import HTMLParser

from attnproof.reports.render.addresses import anchor, claim_page, paper_page, replay_command
from attnproof.reports.render.prose import inline, prose
from attnproof.reports.render.site import build
from attnproof.reports.render.witness_view import witness_view


class Tags(HTMLParser):
    """What a browser would take for markup."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


def test_no_page_obeys_hostile_text(site):
    for page in site.rglob("*.html"):
        found = Tags(page.read_text())
        # The graph's page has a script of its own; no page has any other.
        assert found.tags.count("script") == 1 + (page.name == "graph.html"), page
        assert "img" not in found.tags, page
        assert not any(name.startswith("on") for name, _ in found.attributes), page
        assert not any((value or "").startswith("javascript:") for _, value in found.attributes)


def test_hostile_text_is_still_readable(page, hostile):
    for name in ("index.html", "paper/demo.html", "claim/demo/verified.html"):
        assert hostile in html.unescape(page(name)), name


def test_a_witness_is_escaped(hostile):
    shown = witness_view({hostile: {"text": hostile}, "b": [[hostile]], "c": hostile * 9})
    assert set(Tags(shown).tags) <= {
        "div", "var", "span", "code", "table", "tbody", "tr", "td", "details", "summary"
    }  # fmt: skip


def test_prose_makes_no_tags_of_its_own_text(hostile):
    for text in (hostile, f"``{hostile}``", f"x_{{{hostile}}}", f"    {hostile}", f"1. {hostile}"):
        assert not {"script", "img", "style"} & set(Tags(prose(text)).tags)
        assert not {"script", "img", "style"} & set(Tags(inline(text)).tags)


def test_an_identifier_cannot_leave_the_site(sample_ledger, tmp_path):
    for name in ("../../x", "..", "/etc/x", "a/../../b", "a/b/../c", ""):
        assert ".." not in claim_page(name).replace(".html", "").split("/")
        assert claim_page(name).count("/") == 2
        assert paper_page(name).count("/") == 1
    text = sample_ledger.read_text().replace("demo/waiting", "demo/../../../../evil")
    sample_ledger.write_text(text)
    build([sample_ledger], tmp_path / "site")
    assert not list(tmp_path.rglob("evil.html"))


def test_different_names_never_share_a_page_or_an_anchor():
    names = ["a b", "a-b", "a.b", "A b", "a/b", "α", "β", ""]
    assert len({anchor("x", name) for name in names}) == len(names)
    assert len({paper_page(name) for name in names}) == len(names)


def test_a_command_can_be_pasted_into_a_shell(page):
    assert replay_command("a/b") == "attnproof replay a/b"
    assert replay_command("a/b", "γ = 1") == "attnproof replay 'a/b:γ = 1'"
    shown = html.unescape(page("claim/demo/refuted.html"))
    assert "attnproof replay 'demo/refuted:other sign; $(touch x)'" in shown
