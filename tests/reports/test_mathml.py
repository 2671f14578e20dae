"""Formulas are rendered strictly, or not at all."""

from __future__ import annotations

import pytest

from attnproof.reports.render.mathml import FormulaError, FormulaWarning, mathml
from attnproof.reports.render.site import build
from attnproof.theory.core import Ledger
from attnproof.theory.core.records import ClaimLine


def test_a_formula_becomes_mathml():
    assert "<mfrac>" in mathml(r"\frac{\gamma}{1-\gamma}")


@pytest.mark.parametrize("formula", [r"\nonsense", r"\frac{1}{", "a_b_c", r"\qquadc"])
def test_what_cannot_be_rendered_is_an_error_that_names_the_claim(formula):
    with pytest.raises(FormulaError, match=r"demo/one: cannot render .* Use standard LaTeX"):
        mathml(formula, where="demo/one")


def test_html_in_a_formula_is_not_html():
    assert "<script" not in mathml(r"a < b \text{<script>}")


@pytest.fixture
def unreadable(tmp_path):
    """A ledger with one claim whose formula nobody can render."""
    ledger = Ledger(tmp_path / "ledger" / "one.jsonl")
    formula = r"a \lem <b>"
    ledger.append(
        ClaimLine(
            id="demo/one", paper="demo", title="One", statement=formula,
            parts={"statement": formula}, hypotheses={},
        )
    )  # fmt: skip
    ledger.close()
    return ledger.path


def test_a_report_is_not_lost_for_a_formula(unreadable, tmp_path):
    with pytest.warns(FormulaWarning, match="demo/one: cannot render"):
        index = build([unreadable], tmp_path / "site")
    page = (index.parent / "claim" / "demo" / "one.html").read_text()
    assert r"a \lem &lt;b&gt;</code>" in page


def test_the_command_says_which_formula_and_fails(unreadable, lab):
    done = lab.attnproof("report", "--ledger", str(unreadable.parent))
    assert done.returncode == 1
    assert done.stdout.count("demo/one: cannot render") == 1
    assert done.stdout.rstrip().endswith("index.html")
