"""Memorisation as weighted least squares: the exact layer, and linear attention against it."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _positive_definite(A) -> bool:
    from attnproof.theory.algebra.positive_definite import positive_definite

    return positive_definite(A)


def _independent(K) -> bool:
    from attnproof.theory.algebra.matrix import rank

    return rank(K) == len(K)


WLS_CERTIFICATE = PAPER.claim(
    "wls-certificate",
    title="Memorisation has the normal equations as its unique solution",
    statement=r"f(M)=\tfrac12\sum_i\gamma_i\|v_i-Mk_i\|^2+\tfrac\lambda2\|M\|_F^2,\quad "
    r"M^{\star}=BA^{-1},\ B=\sum_i\gamma_iv_ik_i^{\top},\ A=\sum_i\gamma_ik_ik_i^{\top}+\lambda I:"
    r"\quad f(M^{\star}+D)-f(M^{\star})=\tfrac12\operatorname{tr}(DAD^{\top})\ "
    r"\text{for every }D",
    hypotheses={"regular": Hypothesis(r"A\succ0", _positive_definite)},
    instance=lambda: {"A": exact_array([[2, 1], [1, 3]])},
    locus="memorisation as weighted least squares; reconstructed",
    scope="every number of pairs and width, all weights γ ≥ 0 and ridge λ ≥ 0 with A ≻ 0",
    not_covered="approximate solvers",
    reconstructed=True,
)

EXACT_RECALL = PAPER.claim(
    "exact-recall",
    title="The exact layer recalls everything exactly if the keys are independent",
    parts={
        "recalled": r"k_1,\dots,k_n\text{ linearly independent}\ \Longrightarrow\ "
        r"V^{\top}(KK^{\top})^{-1}K\,k_j=v_j\text{ for all }j\text{ and all }V",
        "not otherwise": r"z^{\top}K=0,\ z\neq0\ \Longrightarrow\ \text{no }M\text{ recalls the "
        r"values }V=z:\ Mk_j=z_j\text{ for all }j\text{ is impossible}",
        "mean error": r"\text{distinct one-hot values, }\Pi\text{ the projection on the columns }"
        r"\text{of }K:\quad\tfrac1n\|V-\Pi V\|_F^2=\frac{n-\operatorname{rank}K}{n}",
    },
    hypotheses={
        "independent keys": Hypothesis(r"\operatorname{rank}K=n", _independent),
    },
    instance=lambda: {"K": exact_array([[1, 2, 0], [0, 1, 1]])},
    locus="memorisation without ridge; reconstructed",
    scope="every n, d and d_v; no ridge, positive weights",
    not_covered="recall up to a decoder, which can succeed with an error",
    deviation="The hypothesis belongs to the first part; the others say what happens without it.",
    reconstructed=True,
)

LINEAR_IS_IDENTITY_COVARIANCE = PAPER.claim(
    "linear-is-identity-covariance",
    title="Linear attention is the exact layer with the key covariance left out",
    parts={
        "one gradient step": r"\sum_iv_ik_i^{\top}"
        r"=-\nabla_M\,\tfrac12\sum_i\|v_i-Mk_i\|^2\Big|_{M=0}",
        "same outputs": r"\sum_i\bigl(k_i^{\top}q\bigr)v_i=\sum_i\bigl(k_i^{\top}A^{-1}q\bigr)v_i"
        r"\text{ for all }v\ \Longleftrightarrow\ K(I-A^{-1})q=0",
        "large ridge": r"\lambda B(A_0+\lambda I)^{-1}-B=-BA_0(A_0+\lambda I)^{-1},\quad "
        r"\bigl\|A_0(A_0+\lambda I)^{-1}\bigr\|_2=\frac{\|A_0\|_2}{\|A_0\|_2+\lambda}",
    },
    locus="linear attention as a special case; reconstructed",
    scope="every number of pairs and width, unit weights",
    not_covered="normalised linear attention",
    reconstructed=True,
)

PRIMAL_DUAL = PAPER.claim(
    "primal-dual",
    title="The exact layer on features is kernel ridge regression",
    statement=r"V^{\top}\Gamma\Phi\,(\Phi^{\top}\Gamma\Phi+\lambda I)^{-1}\phi(q)"
    r"=V^{\top}(\Phi\Phi^{\top}+\lambda\Gamma^{-1})^{-1}\Phi\,\phi(q)",
    locus="regression in feature space; reconstructed",
    scope="every number of pairs and features, all positive weights, every ridge for which both "
    "inverses exist (λ > 0 is enough)",
    not_covered="infinitely many features, where only the right-hand side can be computed",
    reconstructed=True,
)
