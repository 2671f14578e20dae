"""What local linear attention returns on values that are affine in the keys."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _without_ridge(ridge) -> bool:
    return ridge == 0


AFFINE_EXACTNESS = PAPER.claim(
    "affine-exactness",
    title="Local linear attention reproduces affine maps (as a headline, at every ridge)",
    statement=r"v_j=c+B^{\top}k_j\ \text{for all }j\ \Longrightarrow\ o=c+B^{\top}q",
    locus="motivation by local linear regression; a reading of the headline",
    scope="every n ≥ d + 1 keys in general position, every ridge λ ≥ 0",
    not_covered="nothing further",
    deviation="The paper's method has a ridge; that exactness needs its absence is not said where "
    "the reading comes from.",
    reconstructed=True,
)

AFFINE_BIAS = PAPER.claim(
    "affine-bias-identity",
    title="The error on affine values, exactly: none without a ridge, a shrunken one with it",
    parts={
        "first moment": r"\sum_js_jz_j^{\top}=\frac{\lambda}{\omega-\mu^{\top}\rho}\,\rho^{\top}",
        "bias": r"v_j=c+B^{\top}k_j:\quad o-(c+B^{\top}q)"
        r"=\frac{\lambda}{\omega-\mu^{\top}\rho}B^{\top}\rho\qquad(=0\text{ if }\lambda=0)",
        "relative ridge": r"p_j=w_j/\omega,\ \bar z=\sum_jp_jz_j,\ "
        r"C=\sum_jp_j(z_j-\bar z)(z_j-\bar z)^{\top}:\quad "
        r"o-(c+B^{\top}q)=\lambda B^{\top}(C+\lambda I)^{-1}\bar z"
        r"\quad\text{at the ridge }\lambda\omega",
        "softmax attention": r"\sum_jp_jv_j-(c+B^{\top}q)=B^{\top}\bar z",
        "contraction": r"\|\lambda(C+\lambda I)^{-1}\bar z\|\le\|\bar z\|",
    },
    hypotheses={
        "some ridge or none": Hypothesis(r"\lambda\ge0", lambda ridge: ridge >= 0),
    },
    instance=lambda: {"ridge": exact_array(["1/7"])[0]},
    amends=AFFINE_EXACTNESS,
    locus="reconstructed",
    scope="every n, d and d_v, all weights w > 0; Σ ≻ 0, and C + λI ≻ 0 in the last three parts",
    not_covered="values that are not affine",
    reconstructed=True,
)

FIRST_TOKENS = PAPER.claim(
    "affine-needs-d-plus-one-keys",
    title="Exactness on affine values needs d + 1 affinely independent keys",
    parts={
        "not with fewer": r"\exists\,x\ne0:\ z_j^{\top}x=a\text{ for all }j,\ a\ne0\ "
        r"\Longrightarrow\ \text{no weights }s_j\text{ of sum one have }o=c+B^{\top}q"
        r"\text{ for every affine map}",
        "first tokens": r"n\le d\text{ keys affinely independent, the query not in their "
        r"affine hull}:\ \text{such an }x\text{ exists}",
    },
    locus="causal attention sees few keys at its first tokens; reconstructed",
    scope="every n, d; every way to choose the weights from keys and query",
    not_covered="queries that lie in the affine hull of the keys",
    reconstructed=True,
)
