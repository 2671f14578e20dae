"""Docstrings and scopes, which people write as plain text, come out as they are meant."""

from __future__ import annotations

import pytest

from attnproof.reports.render.prose import inline, prose, sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("P = G^{L+1}N", "P = G<sup>L+1</sup>N"),
        ("2^-40 and x^2", "2<sup>-40</sup> and x<sup>2</sup>"),
        ("q·k_j.", "q·k<sub>j</sub>."),
        ("Σ_{t=1}^L x_ij", "Σ<sub>t=1</sub><sup>L</sup> x<sub>ij</sub>"),
        ("‖A‖_F", "‖A‖<sub>F</sub>"),
        ("check_causality and linear_infsa_scores", "check_causality and linear_infsa_scores"),
        ("`x_i` and ``y^2``", "<code>x_i</code> and <code>y^2</code>"),
        ("331 776 tokens", "331\u202f776 tokens"),
        ("a < b & c", "a &lt; b &amp; c"),
    ],
)
def test_inline(text, shown):
    assert inline(text) == shown


def test_paragraphs_lists_and_formulas():
    text = "One\nparagraph.\n\n    x = 1\n      + 2\n\n1. first\n   goes on\n2. second"
    assert prose(text) == (
        '<p>One paragraph.</p>\n<p class="display">x = 1\n  + 2</p>\n'
        '<ol start="1"><li>first goes on</li><li>second</li></ol>'
    )


def test_a_sentence_starts_with_a_capital_unless_it_starts_with_a_variable():
    assert sentence("a row sums to two") == "A row sums to two."
    assert sentence("a ≥ 0 fails") == "a ≥ 0 fails."
    assert sentence("why?") == "Why?"
    assert sentence("") == ""
