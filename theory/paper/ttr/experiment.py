"""The paper's regression experiment, in small."""

from __future__ import annotations

from ._paper import PAPER

FIG_REGRESSION = PAPER.claim(
    "fig-regression",
    title="Which layer adapts to correlated keys and to a change of the map",
    parts={
        "correlated keys": r"\text{unit keys with covariance }0.9^{|i-j|}:\quad "
        r"\text{err(mesa)}<\text{err(delta)}<\text{err(linear attention)}"
        r"\text{ in every window of }t",
        "change of the map": r"W\text{ replaced half-way},\ t\ge224:\quad "
        r"\text{err(decayed mesa)}<\text{err(delta)}<\text{err(mesa)}",
    },
    locus="the section of experiments on regression; reconstructed",
    scope="d = 16, T = 256, eight seeds, one-step-ahead relative error",
    not_covered="trained layers; other sizes. The paper's own setting was not at hand",
    reconstructed=True,
)
