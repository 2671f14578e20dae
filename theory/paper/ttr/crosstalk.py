"""What is recalled next to what was stored: crosstalk, labels, noise, counts."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _unit_rows(K) -> bool:
    return all(sum(entry * entry for entry in key) == 1 for key in K)


def _distinct_labels(labels) -> bool:
    return len(set(labels)) == len(labels)


LINEAR_CROSSTALK = PAPER.claim(
    "linear-crosstalk",
    title="Linear attention adds to each value the others, weighted by key overlaps",
    parts={
        "error": r"\|k_i\|=1,\ q=k_j:\quad \sum_i(k_i^{\top}k_j)v_i-v_j"
        r"=\sum_{i\neq j}(k_i^{\top}k_j)v_i,\quad\text{together }(G-I)V,\ G=KK^{\top}",
        "equicorrelated": r"k_i^{\top}k_j=\rho\ (i\neq j):\quad G-I\text{ has the eigenvalues }"
        r"(n-1)\rho\text{ (on }\mathbf 1\text{) and }-\rho\text{ (on }\mathbf 1^{\perp})",
        "one pass of the delta rule": r"\beta=1:\quad V-KS_n^{\top}"
        r"=-\operatorname{triu}_+(G)\operatorname{tril}(G)^{-1}V",
    },
    hypotheses={
        "unit keys": Hypothesis(r"\|k_i\|=1", _unit_rows),
    },
    instance=lambda: {"K": exact_array([["3/5", "4/5"], [1, 0]])},
    locus="abstract: linear attention does not capture correlations between tokens; reconstructed",
    scope="every number of keys and width",
    not_covered="random keys; the worst case over values of norm one, the norm of G − I",
    reconstructed=True,
)

LINEAR_MISRECALLS = PAPER.claim(
    "linear-argmax-surprise",
    title="With correlated keys linear attention recalls the wrong label",
    statement=r"\|k_i\|=1,\ k_i\neq k_j,\ k_i^{\top}k_j>0,\ v_i=e_{\ell(i)}\text{ with distinct "
    r"labels }\ell(i):\quad \operatorname*{arg\,max}_a\Bigl(\sum_i(k_i^{\top}k_j)v_i\Bigr)_a"
    r"\neq\ell(j)\text{ for some }j",
    locus="abstract: linear attention fails on correlated tokens; reconstructed",
    scope="the reading of failure as a wrong label under argmax decoding",
    not_covered="squared error, where it does fail (linear-crosstalk)",
    reconstructed=True,
)

LINEAR_RECALLS_LABELS = PAPER.claim(
    "linear-argmax-recall",
    title="With unit keys and distinct labels linear attention recalls every label",
    parts={
        "distinct labels": r"\|k_i\|=1,\ k_i\text{ distinct},\ \ell\text{ injective}:\quad "
        r"\operatorname*{arg\,max}_a\Bigl(\sum_i(k_i^{\top}k_j)e_{\ell(i)}\Bigr)_a=\ell(j)"
        r"\text{ for every }j,\ n,\ d",
        "repeated label": r"k_1=(1,0,0),\ k_2=(\tfrac45,\tfrac35,0),\ k_3=(\tfrac45,0,\tfrac35),\ "
        r"\ell=(A,B,B):\quad \text{scores }(1,\tfrac85)\text{ at }k_1",
    },
    hypotheses={
        "unit keys": Hypothesis(r"\|k_i\|=1", _unit_rows),
        "distinct labels": Hypothesis(r"\ell\text{ injective}", _distinct_labels),
    },
    instance=lambda: {"K": exact_array([["3/5", "4/5"], [1, 0]]), "labels": [0, 1]},
    locus="abstract; reconstructed",
    amends=LINEAR_MISRECALLS,
    scope="every number of keys, also more keys than channels, any correlation below one. The "
    "second part shows where labels must be distinct",
    not_covered="noise in the query",
    reconstructed=True,
)

BIGRAM_KEYS = PAPER.claim(
    "bigram-keys",
    title="A convolution of width two turns recall into bigram statistics",
    parts={
        "counts": r"k_t=e_{x_{t-1}},\ v_t=e_{x_t},\ q=e_{x_T}:\quad "
        r"\Bigl(\sum_tv_tk_t^{\top}\Bigr)q=\bigl(N(x_T,b)\bigr)_b",
        "frequencies": r"\text{least squares of least norm, and softmax attention for }\tau\to0"
        r":\quad \bigl(N(x_T,b)/N(x_T)\bigr)_b",
        "without the shift": r"k_t=v_t=e_{x_t}:\quad\text{the exact layer returns }e_{x_T}",
    },
    locus="short convolutions and associative recall; reconstructed",
    scope="every sequence over a finite alphabet with orthonormal embeddings; counts of linear "
    "attention add up to N(x_T), frequencies to one",
    not_covered="learned embeddings",
    reconstructed=True,
)

EXACT_ALWAYS_BETTER = PAPER.claim(
    "exact-not-always-better",
    title="The exact layer predicts better than linear attention",
    statement=r"v_i=Wk_i+\varepsilon_i:\quad \mathbb E\,\|q^{\top}(\widehat W_{\text{exact}}-W)\|^2"
    r"\le\mathbb E\,\|q^{\top}(\widehat W_{\text{linear}}-W)\|^2"
    r"\text{ for every }n,\ d\text{ and noise}",
    locus="abstract: accounting for the covariance of the keys; reconstructed",
    scope="fixed keys, independent noise of variance σ², fresh queries",
    not_covered="tuned ridges",
    deviation="The reading without ridge and without a condition on the noise.",
    reconstructed=True,
)

EXACT_RISK = PAPER.claim(
    "exact-risk",
    title="The risk of both layers under noise, and when the exact one is better",
    parts={
        "exact layer": r"\mathbb E\,(\hat w^{\top}q-w^{\top}q)^2=\sigma^2\,q^{\top}A^{-1}q,\quad "
        r"\hat w=A^{-1}K^{\top}v,\ A=K^{\top}K",
        "linear attention": r"\mathbb E\,(\tilde w^{\top}q-w^{\top}q)^2"
        r"=\bigl(w^{\top}(cA-I)q\bigr)^2+\sigma^2c^2\,q^{\top}Aq,\quad \tilde w=cK^{\top}v",
        "no noise": r"\sigma=0:\quad 0\le\bigl(w^{\top}(cA-I)q\bigr)^2",
    },
    locus="abstract; reconstructed",
    amends=EXACT_ALWAYS_BETTER,
    scope="one value channel, fixed independent keys, uncorrelated noise of variance σ², every "
    "scale c of linear attention; several channels add up",
    not_covered="the expectation over random keys",
    reconstructed=True,
)
