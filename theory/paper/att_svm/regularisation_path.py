"""Minimisers of the loss on growing balls, and the max-margin solution."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact

from ._paper import PAPER

CORRELATION_BOUND = PAPER.claim(
    "correlation-bound",
    title="The margin of a matrix bounds its correlation with the max-margin solution from below",
    statement=r"\frac{\langle W,W^{mm}\rangle}{\|W\|_F\|W^{mm}\|_F}\ \ge\ "
    r"\frac{m(W)\,\|W^{mm}\|_F}{\|W\|_F},\qquad m(W)=\min_{i,\,t\ne\alpha_i}"
    r"\langle A_{it},W\rangle,\quad A_{it}=(x_{i\alpha_i}-x_{it})z_i^{\top}",
    locus="first-order condition of the max-margin problem; reconstructed",
    scope="every n, T and d, every feasible choice α, every W ≠ 0",
    reconstructed=True,
)

REGULARISATION_PATH = PAPER.claim(
    "regularisation-path",
    title="The minimiser of the loss on the ball of radius R tends to the max-margin direction "
    "as R grows",
    parts={
        "loss and margin": r"\frac{\beta\,\Delta_{\min}}{nT}\,e^{-m}\le L(W)-L_\star\le "
        r"B\,(T-1)\,\Delta_{\max}\,e^{-m},\qquad m=m(W)\ge0,\quad "
        r"\Delta_{\min}\le\gamma_{i,\mathrm{opt}}-\gamma_{it}\le\Delta_{\max},\quad "
        r"\beta\le-\ell'\le B,\quad L_\star=\frac1n\sum_i\ell(\gamma_{i,\mathrm{opt}})",
        "margin of the minimiser": r"W_R\in\arg\min_{\|W\|_F\le R}L,\ R>c\,\nu\ \Longrightarrow\ "
        r"m(W_R)\ge\frac R\nu-c,\qquad \nu=\|W^{mm}\|_F,\quad "
        r"c=\log\frac{nT(T-1)\,B\,\Delta_{\max}}{\beta\,\Delta_{\min}}",
        "Frobenius": r"1-\operatorname{corr}(W_R,W^{mm})\le\frac{c\,\nu}R,\qquad R>c\,\nu",
        "nuclear": r"(K_R,Q_R)\in\arg\min_{\|K\|_F^2+\|Q\|_F^2\le2R}L(KQ^{\top})\ "
        r"\Longrightarrow\ \frac{m(K_RQ_R^{\top})\,\nu_\star}{\|K_RQ_R^{\top}\|_\star}\ge"
        r"1-\frac{c\,\nu_\star}R,\qquad R>c\,\nu_\star",
    },
    hypotheses={
        "margin not negative": Hypothesis(
            r"m(W)\ge0\quad(\text{first part})", lambda margin: margin >= 0
        ),
        "one best token": Hypothesis(r"\Delta_{\min}>0", lambda smallest_gap: smallest_gap > 0),
    },
    instance=lambda: dict(margin=exact(1), smallest_gap=exact("1/2")),
    locus="theorem on regularisation paths, both parameterisations; reconstructed",
    scope="every n, T and d, every feasible data set with one best token per sample, every "
    "differentiable ℓ with β ≤ −ℓ′ ≤ B > 0 on the range of the scores; K and Q of width at least "
    "min(n, d)",
    not_covered="gradient descent. The nuclear solution may be a set: then the margin ratio tends "
    "to 1, and by compactness K_R Q_Rᵀ/R approaches the set of solutions divided by its norm. That "
    "½(‖K‖² + ‖Q‖²) attains ‖KQᵀ‖_⋆ (singular value decomposition) is classical, as is the mean "
    "value theorem",
    deviation="The limit of the paper is stated here with a rate and all constants.",
    uses=CORRELATION_BOUND,
    reconstructed=True,
)

PATH_RATE = PAPER.claim(
    "regularisation-path-rate",
    title="If every active constraint has a positive multiplier, 1 − corr falls like R⁻² on the "
    "path, not only like R⁻¹",
    parts={
        "active margins": r"\lambda_s>0\ \Longrightarrow\ \frac R\nu-c\le\langle A_s,W_R\rangle\le"
        r"\frac R\nu-c+\frac{c\,\nu^2}{\lambda_s}",
        "orthogonal part": r"N=W_R-\operatorname{proj}W_R\text{ on span}\{A_s:\lambda_s>0\}:\quad "
        r"\|N\|_F^2\le2c\nu R,\qquad \|N\|_F\le2\varrho\,\nu\,R\,e^{c}\,e^{m_s-m_k},\quad "
        r"m_s=\langle A_s,W_R\rangle,\ m_k=\min_{\lambda_j=0}\langle A_j,W_R\rangle",
        "rate": r"\langle A_j,W^{mm}\rangle\ge1+\delta\ (\lambda_j=0),\ \delta>0\ \Longrightarrow\ "
        r"1-\operatorname{corr}(W_R,W^{mm})=\frac{\|W_R-\frac R\nu W^{mm}\|_F^2}{2R^2}=O(R^{-2})",
    },
    hypotheses={
        "strictly complementary": Hypothesis(
            r"\lambda_j=0\Rightarrow\langle A_j,W^{mm}\rangle>1\quad(\text{last part})",
            lambda multipliers, solution_margins: all(
                multiplier > 0 or margin > 1
                for multiplier, margin in zip(multipliers, solution_margins)
            ),
        )
    },
    instance=lambda: dict(multipliers=[exact(1), exact(0)], solution_margins=[exact(1), exact(2)]),
    locus="not in the paper: the rate behind its figures on convergence",
    scope="every n, T and d, every data set of `regularisation-path` for R large enough that every "
    "output f_i exceeds all scores but the best by Δ_min/2",
    not_covered="a lower bound for 1 − corr: its power is only measured. Classical and not "
    "machine-checked: Lagrange multipliers, the least singular value of the active constraints, "
    "which bounds the part of W_R in their span, and that R e^{−δR/ν + O(√R)} → 0",
    uses=REGULARISATION_PATH,
    reconstructed=True,
)
