"""A nonlinear head that keeps several tokens alive."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _on_the_simplex(weights) -> bool:
    return bool((weights >= 0).all()) and weights.sum() == 1


NONLINEAR_HEAD = PAPER.claim(
    "nonlinear-head",
    title="With a concave head on orthonormal tokens, the weights tend to a mixture of tokens, and "
    "the matrix to a finite part plus a growing max-margin part",
    parts={
        "limit weights": r"h(o)=g^{\top}o-\tfrac12\|o\|^2,\ s^*_t=(g_t-\tau)_+,\ \sum_ts^*_t=1:"
        r"\qquad h(s^*)-h(p)=\tfrac12\|p-s^*\|^2+\sum_t(\tau-g_t)_+\,p_t",
        "two solutions": r"g=(1,\tfrac45,0):\quad s^*=(\tfrac35,\tfrac25,0),\quad "
        r"u^{fin}=\tfrac12\log\tfrac32\,(1,-1,0),\quad u^{mm}=\tfrac13(1,1,-2)",
        "path": r"u_R\in\arg\max_{\|u\|\le R}h(\operatorname{softmax}(u))\ \Longrightarrow\ "
        r"\|\operatorname{softmax}(u_R)-s^*\|^2\le\tfrac{39}{50}\,e^{-b},\qquad "
        r"b=\sqrt{\tfrac32\bigl(R^2-\tfrac12\log^2\tfrac32\bigr)},\quad "
        r"R\ge\tfrac1{\sqrt2}\log\tfrac32",
    },
    hypotheses={
        "weights of a softmax": Hypothesis(
            r"p_t\ge0,\ \sum_tp_t=1", lambda weights: _on_the_simplex(weights)
        )
    },
    instance=lambda: dict(weights=exact_array([["1/2", "1/3", "1/6"]])),
    locus="section on nonlinear heads (generalised max-margin problem); reconstructed",
    scope="orthonormal tokens e_1, …, e_T with u = Wz; the first part for every T and g, the "
    "others for the stated g; every strictly decreasing loss",
    not_covered="other heads. From the last part, u₁ − u₂ = log(p₁/p₂) → log(3/2) and u₃ → −∞ by "
    "continuity, hence u_R − b_R u^mm → u^fin for the coordinate b_R of u_R along u^mm",
    reconstructed=True,
)

NONLINEAR_DESCENT = PAPER.claim(
    "nonlinear-head-descent",
    title="Plain gradient descent finds the finite part; normalised steps of constant length "
    "settle at another one",
    parts={
        "plain": r"\bigl|u_{1}-u_{2}-\log\tfrac32\bigr|\le2\cdot10^{-4}\qquad"
        r"(k=5000,\ \eta=5,\ \nabla L)",
        "normalised": r"\bigl|u_{1}-u_{2}-\log\tfrac32\bigr|\ge\tfrac1{20}\qquad"
        r"(k=5000,\ \eta=\tfrac1{10},\ \nabla L/\|\nabla L\|)",
    },
    locus="experiments on nonlinear heads (released code: normalised steps); reconstructed",
    scope="the stated head and tokens, logistic loss, u₀ = 0, binary64",
    not_covered="other heads, and step sizes that decrease",
    deviation="The released experiments use normalised steps of constant length, which jump to and "
    "fro across the finite part.",
    reconstructed=True,
)
