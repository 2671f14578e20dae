"""Triples of tokens: what one layer of tensor attention decides, and what a layer of attention
has to remember."""

from __future__ import annotations

from ._paper import PAPER

MATCH3_SOLVES = PAPER.claim(
    "match3-solves",
    title="One layer of tensor attention of width 5 decides Match3, with large entries",
    parts={
        "score": r"\cos(\theta_i+\theta_j+\theta_k)=c_ic_jc_k-c_is_js_k-s_ic_js_k-s_is_jc_k",
        "margins": r"\text{match: }y_i\ge\Bigl(1+\tfrac1{4N^2}+2Ne^{-c}\Bigr)^{-1},\quad"
        r"\text{none: }y_i\le\tfrac15,\qquad c=\tfrac2\delta(2\ln N+\ln4),\ "
        r"\delta=1-\cos\tfrac{2\pi}M",
        "constant": r"\Bigl(1+\tfrac1{4N^2}+2Ne^{-c}\Bigr)^{-1}\ge0.86\quad(N\ge2,\ M\ge3)",
        "every input": r"x\in\mathbb Z_M^N:\ y_i\ge0.86\iff\exists j,k:x_i+x_j+x_k\equiv0"
        r"\pmod M,\quad y_i\le\tfrac15\text{ otherwise}",
        "entries": r"B=(5c)^{1/3}:\quad\begin{array}{lrrrr}(M,N)&(5,4)&(10,10)&(10^3,10^3)&"
        r"(10^6,10^6)\\B&3.9&6.8&197&24\,000\\(\ln N)^{1/3}&1.1&1.3&1.9&2.4\end{array}",
    },
    locus="abstract (triple-wise connections); construction reconstructed",
    scope="every N ≥ 2 and M ≥ 3 (scores and margins); all inputs of the listed sizes",
    not_covered="other constructions with smaller entries",
    deviation="Repeated indices j = k are allowed. The construction needs entries above the "
    "threshold of the same paper.",
    reconstructed=True,
)

MATCH3_MATRIX = PAPER.claim(
    "match3-matrix-lower-bound",
    title="For one token's answer a layer of ordinary attention must carry a bit per two tokens",
    parts={
        "embedding": r"x_1=1,\ \{i+2\text{ or }1\}_{i<m},\ \{M-i-3\text{ or }1\}_{i<m},\ M\ge2m+4:"
        r"\quad\operatorname{Match3}_1=[\exists i:a_i=b_i=1]",
        "truth table": r"\operatorname{rank}\bigl([\exists i:a_i=b_i=1]\bigr)_{a,b}=2^m-1,"
        r"\quad 2^m\text{ distinct rows}",
        "summary": r"\text{the output of token }1=\frac{o_A+o_B}{l_A+l_B},\quad "
        r"l_A=\sum_{j\in A}e^{s_j},\ o_A=\sum_{j\in A}e^{s_j}v_j",
        "bits": r"2^{H(w+2)p}\ge2^m\ \Longrightarrow\ H(w+2)p\ge m=\tfrac{N-1}2",
    },
    locus="cited result of Sanford, Hsu and Telgarsky; fragment reconstructed",
    scope="every m for the summary and the count; m ≤ 7 for the table, m ≤ 4 for the embedding",
    not_covered="exact real numbers: a number of p bits has to hold each part of the summary, H "
    "heads with w + 2 numbers each",
    reconstructed=True,
)

HARDNESS_GAP = PAPER.claim(
    "hardness-gap",
    title="The reduction separates its cases by a constant at entries of size (log n)^{1/3}",
    parts={
        "margins": r"\tau=e^{\beta^3\gamma t/(2d)}\ge4n^2,\ 0<\gamma\le1:\quad"
        r"\text{yes: }y\ge\Bigl(1+\tfrac1{4n^2}+\tfrac1{8n^3}\Bigr)^{-1},\quad"
        r"\text{no: }y\le\tfrac15",
        "instances": r"n=6,\ d=48,\ t=8,\ \gamma=\tfrac12,\ \beta^3=119.3:"
        r"\quad y\ge0.9931\text{ (one triple at }t),\quad y\le\tfrac15\text{ (all triples at }"
        r"(1-\gamma)t)",
    },
    locus="the lower bound; reduction reconstructed",
    scope="every n, d, t and γ for the margins",
    not_covered="the strong exponential time hypothesis and the hardness of the gap problem, "
    "which are assumed; for d = O(1) there are faster algorithms for pairs at any size of the "
    "entries",
    reconstructed=True,
)
