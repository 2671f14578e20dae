"""Linear attention as a term of the series, and the first-order approximation of softmax."""

from __future__ import annotations

from ._paper import PAPER

LINEAR_ATTENTION_APPROXIMATES = PAPER.claim(
    "first-order-term",
    title="Linear attention approximates softmax attention for small scores",
    statement=r"\lim_{\varepsilon\to0}\ \frac{\varepsilon x_j}{\sum_l\varepsilon x_l}"
    r"=\lim_{\varepsilon\to0}\ \frac{e^{\varepsilon x_j}}{\sum_le^{\varepsilon x_l}}",
    locus="abstract: 'linear attention is an approximation of softmax attention'; reconstructed",
    scope="scores with a sum different from zero",
    not_covered="linear attention with feature maps, the term of another exponential",
    deviation="The normalised term of order one, without the term of order zero.",
    reconstructed=True,
)

FIRST_ORDER_APPROXIMATION = PAPER.claim(
    "first-order-approximation",
    title="The first-order approximation is one plus the centred scores",
    parts={
        "truncation": r"\frac{1+\varepsilon x_j}{\sum_l(1+\varepsilon x_l)}"
        r"=\tfrac1n\bigl(1+\varepsilon(x_j-\bar x)\bigr)+O(\varepsilon^2)",
        "softmax": r"\frac{e^{\varepsilon x_j}}{\sum_le^{\varepsilon x_l}}"
        r"=\tfrac1n\bigl(1+\varepsilon(x_j-\bar x)\bigr)+O(\varepsilon^2)",
        "term alone": r"\frac{\varepsilon x_j}{\sum_l\varepsilon x_l}=\frac{x_j}{n\bar x}"
        r"\text{ for every }\varepsilon\neq0,\ \text{so it does not move towards }\tfrac1n",
    },
    locus="abstract; reconstructed",
    amends=LINEAR_ATTENTION_APPROXIMATES,
    scope="every number of keys, x̄ the mean of the scores (different from zero in the last part)",
    not_covered="how small the scores of trained models are",
    reconstructed=True,
)
