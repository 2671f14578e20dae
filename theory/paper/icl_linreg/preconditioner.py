"""Inputs with a covariance: which key-query matrix is best, and several tasks at once."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis

from ._paper import PAPER


def _positive(scales) -> bool:
    return all(scale > 0 for scale in scales)


PRECONDITIONER = PAPER.claim(
    "noniso-preconditioner",
    title="For inputs with covariance Σ the best key-query matrix is a ridged inverse of Σ",
    parts={
        "risk": r"\hat y=x_q^{\top}\Gamma^{\top}v:\quad R(\Gamma)=R(0)"
        r"+\operatorname{tr}(\Gamma\Sigma\Gamma^{\top}M)-2\operatorname{tr}(\Gamma^{\top}N\Sigma)"
        r",\quad M=\mathbb E\,vv^{\top},\ N=\mathbb E\,v\beta^{\top}",
        "gradient descent": r"v=\tfrac1L\sum_ly_lx_l:\quad \arg\min R="
        r"\Bigl(\bigl(1+\tfrac1L\bigr)\Sigma+\frac{\operatorname{tr}\Sigma+d\sigma^2}{L}I"
        r"\Bigr)^{-1}",
        "debiased": r"v=\tfrac1L\sum_ly_l(x_l-\bar x):\quad \arg\min R="
        r"\Bigl(\Sigma+\frac{\operatorname{tr}\Sigma+d\sigma^2}{L}I\Bigr)^{-1}\quad(L\ge2)",
        "unique": r"\text{every other }\Gamma,\text{ also one that does not commute with }\Sigma,"
        r"\text{ has a larger risk}",
    },
    hypotheses={
        "positive definite covariance": Hypothesis(r"\Sigma\succ0", _positive),
    },
    instance=lambda: {"scales": [2, 1]},
    locus="non-isotropic covariates; reconstructed",
    scope="x_l, x_q normal with covariance Σ, β normal with covariance I/d, noise σ², every L and "
    "d; in the eigenbasis of Σ, which neither β nor the formulas distinguish. Two heads with "
    "key-query matrices ±ωΓ are the debiased step with the query Γx_q (debiased-limit)",
    not_covered="a task vector with another covariance",
    reconstructed=True,
)

MULTITASK = PAPER.claim(
    "multitask-one-head-more",
    title="N tasks with independent preconditioners need N + 1 heads, and N + 1 suffice",
    parts={
        "enough heads": r"H=N+1:\quad \Omega_h=\Gamma_h\ (h\le N),\ \Omega_{N+1}=0,\ "
        r"\mu_{hn}\omega=\delta_{hn}-\delta_{h,N+1}:\quad \sum_h\mu_{hn}\omega\,\Omega_h=\Gamma_n,"
        r"\ \sum_h\mu_{hn}=0",
        "not fewer": r"\Gamma_n=\sum_h\mu_{hn}\omega\,\Omega_h,\ \sum_h\mu_{hn}=0"
        r"\ \Longrightarrow\ \Gamma_n=\sum_{h<H}\mu_{hn}\omega\,(\Omega_h-\Omega_H),\quad "
        r"\dim\langle\Gamma_1,\dots,\Gamma_N\rangle\le H-1",
        "moments": r"\operatorname{Cov}\beta=\operatorname{diag}(t):\quad \mathbb E\,v_i^2"
        r"=\frac{L-1}{L^2}\Bigl(Lt_i+\sum_jt_j+\sigma^2\Bigr),\quad "
        r"\mathbb E\,v_i\beta_i=\frac{L-1}{L}t_i",
        "two tasks": r"d=4,\ L=32,\ \sigma^2=\tfrac1{10},\ \beta\text{ of covariance }I/3"
        r"\text{ on }\{1,2,3\},\text{ then on }\{2,3,4\}:\quad "
        r"\min_{H=2}R=\tfrac{20008}{68129},\quad \min_{H=3}R=\tfrac{86}{353}",
    },
    locus="multi-task regression; reconstructed",
    scope="the linear regime ω → 0 of the heads, with output weights of sum zero per task; R adds "
    "the risks of the tasks, without the noise of the query",
    not_covered="heads at finite scale",
    reconstructed=True,
)
