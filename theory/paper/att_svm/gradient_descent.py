"""Where gradient descent on the attention weights is heading."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact

from ._paper import PAPER
from .landscape import GRADIENT
from .regularisation_path import CORRELATION_BOUND

NORMALISED_DIRECTION = PAPER.claim(
    "normalised-gd-direction",
    title="Normalised gradient descent grows without bound and turns to the max-margin solution on "
    "five small data sets",
    parts={
        "norm": r"\gamma_{it}=\bar\gamma_i\ (t\ne\mathrm{opt}_i)\ \Longrightarrow\ "
        r"\|W_k\|_F\ge\frac{\eta\,k}{\nu\,\varrho}-\|W_0\|_F,\qquad \nu=\|W^{mm}\|_F,\quad "
        r"\varrho=\max_{i,t}\|A_{it}\|_F",
        "direction": r"\operatorname{corr}(W_{1000},W^{mm})\ge0.9998,\qquad "
        r"\frac{m(W_{1000})\,\nu}{\|W_{1000}\|_F}\ge0.98,\qquad W_0=0,\ \eta=\tfrac1{10},\ "
        r"\ell(x)=\log(1+e^{-x})",
    },
    locus="theorems on gradient descent, experiments; reconstructed",
    scope="first part: every n, T and d, every ℓ with ℓ′ < 0, every start, every step size η. "
    "Second part: five data sets, the iterate as computed in binary64",
    not_covered="the limit of the direction as k → ∞",
    deviation="The paper's limit is replaced by an exact evaluation of a computed iterate: its "
    "entries are binary fractions, so that its margin and correlation are known exactly.",
    uses=(GRADIENT, CORRELATION_BOUND),
    reconstructed=True,
)

NORMALISED_RATE = PAPER.claim(
    "normalised-gd-rate",
    title="Under normalised steps the correlation deficit falls like k⁻², the margin deficit like "
    "k⁻¹, on a strictly complementary data set",
    statement=r"1-\operatorname{corr}(W_k,W^{mm})\approx C\,k^{-2},\qquad "
    r"1-\frac{m(W_k)\,\nu}{\|W_k\|_F}\approx C'\,k^{-1},\qquad 300\le k\le10^4",
    locus="figures on convergence; the powers are not stated there",
    scope="the strictly complementary data set, W₀ = 0, η = 1/10, logistic loss",
    not_covered="data where a constraint is active with multiplier zero: there the distance to the "
    "ray of the solution still grows",
    reconstructed=True,
)

NORMALISED_LIMIT = PAPER.claim(
    "normalised-gd-limit",
    title="If all other tokens of a sample share one score, normalised gradient descent with "
    "decreasing steps converges to the max-margin direction",
    parts={
        "curvature": r"F=\log(L-L_\star):\quad D^2F(W)[V,V]\le\varrho^2\|V\|_F^2,\qquad "
        r"\varrho=\max_{i,t}\|A_{it}\|_F",
        "slope": r"\|\nabla F(W)\|_F\ge\frac{1-\theta(W)}\nu,\qquad "
        r"\theta(W)=\frac{n\,(L(W)-L_\star)}{\Delta_{\min}},\quad\nu=\|W^{mm}\|_F",
        "limit": r"W_{k+1}=W_k-\eta_k\frac{\nabla L(W_k)}{\|\nabla L(W_k)\|_F},\ "
        r"\theta(W_0)\le\tfrac12,\ \eta_k\le\frac1{2\nu\varrho^2},\ \sum_k\eta_k=\infty\ "
        r"\Longrightarrow\ \liminf_k\operatorname{corr}(W_k,W^{mm})\ge"
        r"1-\frac{\nu\varrho^2}2\limsup_k\frac{\sum_{j<k}\eta_j^2}{\sum_{j<k}\eta_j}",
    },
    hypotheses={
        "equal other scores": Hypothesis(
            r"\gamma_{it}=\bar\gamma_i\quad(t\ne\mathrm{opt}_i)",
            lambda other_scores: all(value == row[0] for row in other_scores for value in row),
        )
    },
    instance=lambda: dict(other_scores=[[exact(0), exact(0)], [exact(1), exact(1)]]),
    locus="theorem on global convergence of gradient descent; reconstructed",
    scope="every n, T and d, every feasible data set, ℓ(x) = −x; with η_k → 0 the limit is 1, with "
    "a constant step η the deficit is at most η ν ϱ²/2",
    not_covered="that a start with θ ≤ ½ is reached from elsewhere. Classical and not "
    "machine-checked: the expansion of Taylor, derivatives of log Σ exp, and limits of means",
    uses=CORRELATION_BOUND,
    reconstructed=True,
)

LOCAL_DIRECTIONS = PAPER.claim(
    "local-directions",
    title="From a cone around it, normalised gradient descent converges to a token that is "
    "optimal locally, but not globally",
    parts={
        "supports": r"x=\bigl((-4,1),(1,0),(0,0)\bigr),\ z=(1,0),\ \gamma=(1,\tfrac9{10},0):\ "
        r"\text{tokens }0,1\text{ are locally optimal},\ 2\text{ is not};\quad "
        r"W^{mm}_1=\begin{pmatrix}1&0\\0&0\end{pmatrix}",
        "cone": r"W_{0,11}\ge1,\ 0\le W_{0,21}\le W_{0,11}\ \Longrightarrow\ "
        r"\frac{W_k}{\|W_k\|_F}\to W^{mm}_1\qquad(\gamma_1>\gamma_2)",
    },
    hypotheses={
        "locally optimal": Hypothesis(
            r"\gamma_1>\gamma_2\quad(\text{token 2 is the support of token 1})",
            lambda chosen_score, support_score: chosen_score > support_score,
        )
    },
    instance=lambda: dict(chosen_score=exact("9/10"), support_score=exact(0)),
    locus="theorem on local convergence of gradient descent; reconstructed",
    scope="the stated sample; every start in the cone, every step size, every ℓ with ℓ′ < 0",
    not_covered="other data: the paper's theorem is for every data set. That u₁ grows without "
    "bound and u₂ stays bounded is concluded from the machine-checked drift by summation",
    deviation="The cone is made explicit for one data set.",
    uses=GRADIENT,
    reconstructed=True,
)

ENDS_LOCALLY_OPTIMAL = PAPER.claim(
    "descent-ends-locally-optimal",
    title="On random data normalised gradient descent reaches tokens that are locally optimal, "
    "often not globally, and sometimes only after thousands of steps",
    statement=r"\alpha_i=\arg\max_t\,x_{it}^{\top}W_k\,z_i\ \Longrightarrow\ "
    r"\gamma_{i\alpha_i}>\gamma_{it}\quad\text{for all }t\ne\alpha_i\text{ with }"
    r"\langle A_{it},W^{mm}_\alpha\rangle=1,\qquad\text{for some }k\le10^4",
    locus="experiment on local convergence (released notebooks); reconstructed",
    scope="n = 6, T = 8, d = 10, tokens and queries of unit norm with a random direction, a random "
    "start of norm one, η = 1/10",
    not_covered="other sizes",
    deviation="The released experiment stops after 1000 steps. That need not be enough: at tokens "
    "that are not locally optimal the run may stay far longer, its direction close to their "
    "max-margin solution and every softmax weight close to one.",
    reconstructed=True,
)
