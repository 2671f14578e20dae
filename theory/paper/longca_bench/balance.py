"""How evenly a mask is shared out by a partition of the sequence."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis

from ._paper import PAPER

CAUSAL_BALANCE = PAPER.claim(
    "causal-balance",
    title="Under the causal mask zig-zag gives every rank the same work at every step; "
    "contiguous pieces give the last rank almost twice the mean",
    parts={
        "contiguous": r"n_r=\tfrac12c(c+1)+rc^2,\qquad "
        r"\frac{\max_rn_r}{\operatorname{mean}_rn_r}=\frac{(2P-1)c+1}{Pc+1}\le\frac{2P-1}P",
        "zig-zag": r"n_r=h(2Ph+1)\quad\text{for every }r,\qquad h=\tfrac T{2P}",
        "zig-zag by step": r"n_{r,0}=2h^2+h,\qquad n_{r,s}=2h^2\quad(0<s<P)",
        "striped": r"n_r=\tfrac12(r+1)c(c+1)+\tfrac12(P-1-r)c(c-1),\qquad n_{r+1}-n_r=c",
    },
    locus="load balance of context parallelism; reconstructed",
    scope="every P and every c = T/P (zig-zag: every h = T/2P); n_r are the allowed cells whose "
    "query is on rank r, n_{r,s} those whose key is on rank r − s mod P as well",
    not_covered="time: a cell counts as a cell, wherever it lies",
    reconstructed=True,
)

BALANCED_FOR_ALL = PAPER.claim(
    "zigzag-balances-every-mask",
    title="Zig-zag gives every rank the same work",
    statement=r"\#\{(i,j):i\in I_r,\ M_{ij}=1\}=\frac1P\#\{(i,j):M_{ij}=1\}\quad"
    r"\text{for every rank }r\text{ and every mask }M\text{ of the benchmark}",
    locus="a reading without the restriction to one mask; reconstructed",
    scope="causal, documents, prefix, causal window",
    deviation="The paper is not known to say this; zig-zag is often described without the mask "
    "it is meant for.",
    reconstructed=True,
)

BALANCED_WHERE = PAPER.claim(
    "zigzag-balances-where",
    title="Zig-zag balances what grows linearly with the position; documents need a zig-zag each, "
    "and a window is out of balance by its first rows only",
    parts={
        "linear rows": r"m_i=\alpha+\beta i\ \Longrightarrow\ \sum_{i\in I_r}m_i\text{ is the same "
        r"for every }r",
        "documents": r"2P\mid l_1,\dots,l_n:\quad n_r=\sum_eh_e(2Ph_e+1),\quad h_e=\tfrac{l_e}{2P},"
        r"\quad\text{for every }r",
        "window": r"w\le h+1:\quad n_0=2hw-\tfrac12w(w-1),\qquad n_r=2hw\quad(r>0)",
    },
    hypotheses={
        "lengths divide": Hypothesis(
            r"2P\mid l_e\text{ for every }e\quad(\text{documents})",
            lambda lengths, ranks: all(length % (2 * ranks) == 0 for length in lengths),
        ),
        "short window": Hypothesis(
            r"1\le w\le h+1\quad(\text{window})", lambda width, half: 1 <= width <= half + 1
        ),
    },
    instance=lambda: dict(lengths=[48, 8, 8], ranks=4, width=8, half=8),
    locus="per-document dispatch of the released code; reconstructed",
    scope="m_i allowed keys of query i; documents and windows are causal",
    amends=BALANCED_FOR_ALL,
    not_covered="documents whose lengths are not multiples of 2P are padded first, to "
    "2P times the ceiling of l/2P tokens",
    reconstructed=True,
)

WALL_CLOCK = PAPER.claim(
    "wall-clock-model",
    title="With a barrier after every step, zig-zag is faster than contiguous pieces by a factor "
    "below 2 − 1/P",
    parts={
        "contiguous": r"\sum_s\max_rn_{r,s}=\tfrac12c(c+1)+(P-1)c^2",
        "zig-zag": r"\sum_s\max_rn_{r,s}=2Ph^2+h=\frac{T^2}{2P}+\frac T{2P}",
        "ratio": r"\frac{(4P-2)h+1}{2Ph+1}\le2-\frac1P,\qquad "
        r"\Bigl(2-\frac1P\Bigr)-\frac{(4P-2)h+1}{2Ph+1}\le\frac1{2Ph}",
    },
    locus="reconstructed",
    scope="causal mask, every P and every h = c/2; a step takes as long as its busiest rank",
    not_covered="measured time, and sending",
    reconstructed=True,
)
