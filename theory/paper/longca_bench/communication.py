"""How much every rank sends."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis

from ._paper import PAPER

VOLUME = PAPER.claim(
    "comm-volume",
    title="Elements that a rank sends in one forward pass",
    parts={
        "ring": r"E_{\mathrm{ring}}=2(P-1)\tfrac TPh_kd",
        "Ulysses": r"E_{\mathrm{Ulysses}}=(2h_q+2h_k)\tfrac TPd\cdot\tfrac{P-1}P",
        "ratio": r"\frac{E_{\mathrm{ring}}}{E_{\mathrm{Ulysses}}}=\frac{P\,h_k}{h_q+h_k}",
        "both": r"P=P_uP_r:\quad E=(2h_q+2h_k)\tfrac TPd\cdot\tfrac{P_u-1}{P_u}"
        r"+2(P_r-1)\tfrac T{P_r}\tfrac{h_k}{P_u}d",
        "double ring": r"P=Ww:\quad P-1\text{ blocks received},\quad W-1\text{ rounds between "
        r"nodes instead of }P-1",
    },
    hypotheses={
        "heads divide": Hypothesis(
            r"P_u\mid h_q,\ P_u\mid h_k\quad(\text{Ulysses})",
            lambda heads, key_heads, ulysses: heads % ulysses == key_heads % ulysses == 0,
        )
    },
    instance=lambda: dict(heads=8, key_heads=4, ulysses=4),
    locus="reconstructed",
    scope="every T, P | T, h_q, h_k and d; the causal mask saves nothing, as every block travels "
    "the whole ring",
    not_covered="latency, bandwidth, overlap and the backward pass; fewer key heads than ranks, "
    "where Ulysses copies keys",
    reconstructed=True,
)

ULYSSES_LESS = PAPER.claim(
    "ulysses-sends-less",
    title="Ulysses attention sends less than a ring of more than two ranks",
    statement=r"P>2\ \Longrightarrow\ E_{\mathrm{Ulysses}}<E_{\mathrm{ring}}",
    locus="a usual reading of E(ring) : E(Ulysses) = P/2 for equal heads; reconstructed",
    scope="every h_k dividing h_q and P dividing h_k",
    deviation="The paper is not known to say this for grouped heads.",
    reconstructed=True,
)

ULYSSES_LESS_IF = PAPER.claim(
    "ulysses-sends-less-iff",
    title="Ulysses attention sends less than a ring exactly if P exceeds (h_q + h_k)/h_k",
    statement=r"P>1:\quad E_{\mathrm{Ulysses}}<E_{\mathrm{ring}}\iff P\,h_k>h_q+h_k",
    locus="reconstructed",
    scope="every T, P ≥ 2, h_q, h_k, d ≥ 1",
    amends=ULYSSES_LESS,
    reconstructed=True,
)

COUNTED = PAPER.claim(
    "volume-on-processes",
    title="Counted on four processes, every rank sends what the formulas say",
    parts={
        "ring": r"T=64,\ P=4,\ h_k=4,\ d=8:\quad E_{\mathrm{ring}}=2(P-1)\tfrac TPh_kd=3072",
        "Ulysses": r"T=64,\ P=4,\ h_q=8,\ h_k=4,\ d=8:\quad "
        r"E_{\mathrm{Ulysses}}=(2h_q+2h_k)\tfrac TPd\cdot\tfrac{P-1}P=2304",
    },
    locus="reconstructed",
    scope="the lab's ring and Ulysses attention on gloo, tensors as handed to the backend; the "
    "share that a rank keeps of an exchange is not sent",
    not_covered="what gloo adds, and other sizes",
    reconstructed=True,
)
