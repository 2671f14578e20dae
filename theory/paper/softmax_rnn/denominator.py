"""The softmax denominator as a gate, and as a norm."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis

from ._paper import PAPER

NORM_CANCELS_GATE = PAPER.claim(
    "norm-cancels-gate",
    title="A positive factor per token in front of a norm has no effect",
    parts={
        "norm": r"g>0,\ \|gy\|=g\|y\|:\quad \frac{gy}{\|gy\|}=\frac{y}{\|y\|}",
        "layer norm": r"g>0:\quad \frac{gy-\overline{gy}}{\operatorname{std}(gy)}"
        r"=\frac{y-\bar y}{\operatorname{std}(y)}",
        "gradient": r"\frac{\partial}{\partial g}\,\frac{gy}{\|gy\|}=0",
    },
    hypotheses={"positive gate": Hypothesis(r"g>0", lambda g: g > 0)},
    instance=lambda: {"g": 2},
    locus="the ablation that replaces the denominator by an L2 norm; reconstructed",
    scope="every norm (L2, root mean square), every width, y different from zero (not constant for "
    "the layer norm); no ε inside the norm. So dividing by the softmax denominator, by the length, "
    "or by a clamped or detached sum before the norm all give the same layer",
    not_covered="a norm with ε > 0, a gate per channel, and a gate behind the norm",
    reconstructed=True,
)

DENOMINATOR_IS_A_GATE = PAPER.claim(
    "denominator-is-a-gate",
    title="The softmax denominator acts as a gate between zero and one",
    statement=r"G_t=\frac1{\sum_{j\le t}e^{q_t^{\top}k_j}}\in(0,1]",
    locus="the denominator, called 'gate'; reconstructed",
    scope="every score",
    not_covered="how often the bound fails in trained models",
    deviation="The reading of a gate as a number between zero and one.",
    reconstructed=True,
)

DENOMINATOR_RANGE = PAPER.claim(
    "denominator-not-a-gate",
    title="The denominator is a gate exactly if the exponentials add up to one or more",
    parts={
        "range": r"G_t>0,\quad G_t\le1\ \Longleftrightarrow\ \sum_{j\le t}e^{x_j}\ge1,"
        r"\quad\text{for instance if some }x_j\ge0",
        "maximum subtracted": r"x_j\mapsto x_j-\max_lx_l:\quad G_t\in(0,1]\text{ always}",
        "not monotone": r"G_t\text{ decreases in }t\text{ for a fixed query, but it can grow when "
        r"the query changes}",
    },
    locus="the denominator, called 'gate'; reconstructed",
    amends=DENOMINATOR_IS_A_GATE,
    scope="every length and score",
    not_covered="gates with values above one",
    reconstructed=True,
)
