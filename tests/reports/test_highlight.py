"""Highlighting marks tokens, and never changes, loses or obeys a character."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnproof.reports.render.highlight import highlight

pieces = st.sampled_from(
    [*list("'\"\\#@\n .09xfr_<&>"), "def ", "class ", '"""', "return", "é", "1e5"]
)


def plain(shown: str) -> str:
    return html.unescape(re.sub(r'<span class="[a-z]+">|</span>', "", shown))


@settings(max_examples=200)
@given(st.lists(pieces, max_size=30).map("".join) | st.text(max_size=30))
def test_the_text_is_the_source(source):
    assert plain(str(highlight(source))) == source


def test_the_sources_of_the_lab_are_kept():
    root = Path(__file__).parents[2]
    for path in sorted((root / "checks").rglob("*.py"))[:40]:
        source = path.read_text(encoding="utf-8")
        assert plain(str(highlight(source))) == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1  # if <b>", [("mi", "1"), ("c", "# if &lt;b&gt;")]),
        ("'a # b'", [("s", "&#39;a # b&#39;")]),
        ('"""a\n"b" c"""; x', [("s", "&#34;&#34;&#34;a\n&#34;b&#34; c&#34;&#34;&#34;")]),
        (
            "@lab.check(x)\ndef f1(): pass",
            [("nd", "lab"), ("nd", "check"), ("k", "def"), ("nf", "f1"), ("k", "pass")],
        ),
        ("a @ b_2.if_1 + 2.5e-3 + 0xFf", [("mi", "2.5e-3"), ("mi", "0xFf")]),
        (r"'it\'s' not in x", [("s", r"&#39;it\&#39;s&#39;"), ("k", "not"), ("k", "in")]),
        ("é = 1\x0c\ny = 'é' + '''open", [("mi", "1"), ("s", "&#39;é&#39;")]),
    ],
)
def test_tokens(source, expected):
    assert re.findall(r'<span class="(\w+)">(.*?)</span>', str(highlight(source)), re.S) == expected


def test_a_long_string_takes_linear_time():
    assert plain(str(highlight('"' + "\\" * 200_001 + "a" * 200_000))).endswith("a")
