"""Formulas are rendered strictly, or not at all."""

from __future__ import annotations

import pytest

from attnproof.reports.render.mathml import FormulaError, mathml


def test_a_formula_becomes_mathml():
    assert "<mfrac>" in mathml(r"\frac{\gamma}{1-\gamma}")


@pytest.mark.parametrize("formula", [r"\nonsense", r"\frac{1}{", "a_b_c", r"\qquadc"])
def test_what_cannot_be_rendered_is_an_error_that_names_the_claim(formula):
    with pytest.raises(FormulaError, match=r"demo/one: cannot render .* Use standard LaTeX"):
        mathml(formula, where="demo/one")


def test_html_in_a_formula_is_not_html():
    assert "<script" not in mathml(r"a < b \text{<script>}")
