"""What training ends at."""

from __future__ import annotations

from ._paper import PAPER

TRAINED_HEADS = PAPER.claim(
    "pattern-from-training",
    title="Trained heads show the pattern: multiples of the identity, two signs, weights of sum 0",
    parts={
        "key-query matrix": r"\text{first }d\text{ columns of }K^{h\top}Q^h\approx"
        r"\begin{pmatrix}\omega_hI\\0\end{pmatrix}:\quad \text{at least }0.95"
        r"\text{ of the squared norm, weighted by }|\omega_h\mu_h|",
        "output": r"O^hV^h\approx(0,\dots,0,\mu_h):\quad \text{at least }0.95"
        r"\text{ of the squared norm, weighted likewise}",
        "opposite signs": r"H=2:\quad \omega_1\omega_2<0,\ \omega_h\mu_h>0,\ "
        r"|\mu_1+\mu_2|\le\tfrac1{20}(|\mu_1|+|\mu_2|),\ "
        r"\bigl||\omega_1|-|\omega_2|\bigr|\le\tfrac15\max_h|\omega_h|",
        "risk": r"H=2:\quad |R-R^{*}_{\mathrm{DGD}}|\le\tfrac1{20}R^{*}_{\mathrm{DGD}}\text{ at }"
        r"L=24;\qquad H=1:\quad R>\tfrac32R^{*}_{\mathrm{DGD}}",
    },
    locus="trained multi-head attention; reconstructed",
    scope="d = 3, L = 24, σ² = 0.1, one and two heads, separate key, query, value and output "
    "matrices, Adam with fresh samples",
    not_covered="the larger runs of the source; heads that training leaves idle, whose weight "
    "|ω_hμ_h| is small and which follow no pattern",
    deviation="The source shows the patterns; the thresholds are ours.",
    reconstructed=True,
)
