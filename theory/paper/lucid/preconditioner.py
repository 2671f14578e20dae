"""The triangular preconditioner: what it writes, how it is conditioned, and its gradient."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array
from attnproof.theory.paper.ttr.delta_rule import DELTANET_SGD, DELTANET_WY

from ._paper import PAPER


def _unit_diagonal(G) -> bool:
    return all(G[i, i] == 1 for i in range(len(G)))


def _semidefinite(G) -> bool:
    from attnproof.theory.algebra.positive_semidefinite import positive_semidefinite

    return positive_semidefinite(G)


RKHS_DELTA = PAPER.claim(
    "rkhs-delta",
    title="The preconditioned values are the writes of a delta rule in feature space",
    parts={
        "unit diagonal": r"G_{tt}=1:\quad S_t=S_{t-1}+(v_t-S_{t-1}\phi_t)\phi_t^{*}"
        r"\ \Longrightarrow\ S_n=\sum_iu_i\phi_i^{*},\ U=L^{-1}V",
        "general diagonal": r"\operatorname{tril}(G)^{-1}V\text{ are the writes with steps }"
        r"\beta_t=1/G_{tt}",
        "general step": r"U=(I+\eta\operatorname{tril}_-G)^{-1}\eta V",
    },
    locus="the derivation of the preconditioner; reconstructed",
    scope="every kernel, length and width",
    not_covered="features of infinite dimension as programs",
    uses=DELTANET_WY,
    reconstructed=True,
)

CONDITIONING = PAPER.claim(
    "sigma-min-half",
    title="The preconditioner is well conditioned, at every length",
    parts={
        "smallest": r"x^{\top}Lx=\tfrac12\bigl(x^{\top}Gx+\|x\|^2\bigr)\ge\tfrac12\|x\|^2,\quad "
        r"\text{so }\sigma_{\min}(L)\ge\tfrac12,\ \|L^{-1}\|_2\le2",
        "largest": r"0\le L_{ij}\le1:\quad \|L\|_2\le\|T\|_2,\ T_{ij}=[j\le i],\quad "
        r"\|T\|_2=\frac1{2\sin\frac{\pi}{4n+2}}",
        "condition": r"\kappa_2(L)\le\frac1{\sin\frac{\pi}{4n+2}}",
    },
    hypotheses={
        "unit diagonal": Hypothesis(r"G_{tt}=1", _unit_diagonal),
        "positive semidefinite": Hypothesis(r"G\succeq0", _semidefinite),
    },
    instance=lambda: {"G": exact_array([[1, "1/2"], ["1/2", 1]])},
    locus="the discussion of conditioning; the bound is ours",
    scope="every positive semidefinite kernel with unit diagonal, every length; entries in [0, 1] "
    "in the second and third part",
    not_covered="the matrix without normalised keys, whose diagonal is not one: a condition number "
    "of ten million at 65 536 tokens cannot be that of L, for which the bound is below 83 444",
    reconstructed=True,
)

STATE_BOUND = PAPER.claim(
    "state-bound",
    title="Preconditioned values cannot blow up",
    parts={
        "state": r"\|S_t\|^2\le\sum_{i\le t}\|v_i\|^2",
        "values": r"\|U\|_F\le2\|V\|_F",
        "outputs": r"O=AU:\quad \|O\|_F\le2\|A\|_2\|V\|_F",
    },
    locus="stability; reconstructed",
    scope="unit diagonal, positive semidefinite kernel, every length",
    not_covered="kernels without unit diagonal, whose writes can grow without bound",
    uses=(DELTANET_SGD, CONDITIONING),
    reconstructed=True,
)

BACKWARD = PAPER.claim(
    "backward",
    title="The gradient through the triangular solve",
    statement=r"LU=V:\quad \bar V=L^{-\top}\bar U,\quad \bar L=-\operatorname{tril}_-"
    r"(\bar VU^{\top})",
    locus="training; reconstructed",
    scope="every length and width; the diagonal is constant and gets no gradient",
    not_covered="the gradient of the kernel by the keys",
    reconstructed=True,
)
