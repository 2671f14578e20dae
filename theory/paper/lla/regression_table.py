"""The paper's comparison on a target that is linear in pieces, in small."""

from __future__ import annotations

from ._paper import PAPER

REGRESSION_TABLE = PAPER.claim(
    "test-time-regression-table",
    title="On a target in two linear pieces local linear fits beat softmax, and it a global fit",
    statement=r"\operatorname{mse}(\text{local linear})<\operatorname{mse}(\text{softmax})"
    r"<\operatorname{mse}(\text{least squares})\quad\text{for }d=2,4,8",
    locus="the experiment on test-time regression; reconstructed in small",
    scope="1024 unit keys, value A k where k₁ > 0 and B k elsewhere, noise 0.1, 200 fresh queries; "
    "the best of eight bandwidths and three ridges each; three seeds",
    not_covered="learnt bandwidths; other targets",
    reconstructed=True,
)
