"""Every claim of the lab can be rendered: found here rather than when the report is built."""

from __future__ import annotations

import pytest

from attnproof.reports.render.mathml import mathml
from attnproof.theory.paper import load

CLAIMS = [claim for paper in load().values() for claim in paper.claims.values()]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_statement_and_hypotheses(claim):
    for formula in claim.parts.values():
        mathml(formula, where=claim.id)
    for hypothesis in claim.hypotheses.values():
        mathml(hypothesis.formula, display=False, where=claim.id)
