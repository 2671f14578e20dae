"""How many cells a rectangle of a mask has."""

from __future__ import annotations

from ._paper import PAPER

SLICE_AREA = PAPER.claim(
    "slice-area",
    title="The four kinds of mask rectangles have areas in closed form",
    parts={
        "full": r"\#=ab",
        "causal": r"\#\{(i,j):j\le i+b-a\}=\tfrac12h(2b-h+1),\qquad h=\min(a,b)",
        "inverse causal": r"\#\{(i,j):j\ge i\}=\tfrac12h(2b-h+1)",
        "bi-causal": r"\#\{(i,j):i\le j\le i+b-a\}=a\,\max(0,b-a+1)",
    },
    locus="mask patterns of the benchmark; reconstructed",
    scope="every a × b rectangle, 0 ≤ i < a, 0 ≤ j < b",
    not_covered="rectangles that overlap: areas add up only where they do not",
    reconstructed=True,
)

GLOBAL_STRIPES = PAPER.claim(
    "global-window-stripes",
    title="The two stripes of the global window mask, given as causal rectangles, let every query "
    "see every global token",
    statement=r"M=[0,T)\times[0,w)_{\mathrm{causal}}\cup[0,w)\times[w,T)_{\mathrm{causal}}"
    r"\cup\text{window}:\quad M_{ij}=1\ \text{for all }i<w\text{ or }j<w",
    locus="generator of the released code, github.com/NJUDeepEngine/LongCA-bench at 22683e3, "
    "longca_bench/dist_attn/benchmark/mask.py; a remark on the code, not on the paper",
    scope="T = 24, w = 3; causal rectangles are aligned at their bottom right corner",
    not_covered="whether published timings used this generator",
    deviation="The code states no such property; it is what global tokens are meant for.",
    reconstructed=True,
)

GLOBAL_STRIPES_FULL = PAPER.claim(
    "global-window-stripes-full",
    title="Given as full rectangles, the two stripes let every query see every global token",
    statement=r"M=[0,T)\times[0,w)_{\mathrm{full}}\cup[0,w)\times[w,T)_{\mathrm{full}}"
    r"\cup\text{window}:\quad M_{ij}=1\iff i<w\ \text{or}\ j<w\ \text{or}\ |i-j|\le w",
    locus="reconstructed",
    scope="1 ≤ w, 2w ≤ T ≤ 24",
    amends=GLOBAL_STRIPES,
    not_covered="larger T",
    reconstructed=True,
)
