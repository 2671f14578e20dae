"""Solutions of least nuclear norm: their certificates, and that they need not be unique."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact

from ._paper import PAPER

NUCLEAR_CERTIFICATE = PAPER.claim(
    "nuclear-certificate",
    title="The nuclear-norm max-margin problem has certificates without square roots, and a family "
    "of data has rational solutions",
    parts={
        "factors": r"W=USV^{\top},\ U^{\top}U=V^{\top}V=I,\ S\succeq0\text{ diagonal}"
        r"\ \Longrightarrow\ \|W\|_{\star}=\operatorname{tr}S="
        r"\min_{KQ^{\top}=W}\tfrac12\bigl(\|K\|_F^2+\|Q\|_F^2\bigr)",
        "blocks": r"\begin{pmatrix}P&W\\W^{\top}&Q\end{pmatrix}\succeq0\ \Longrightarrow\ "
        r"\|W\|_{\star}\le\tfrac12(\operatorname{tr}P+\operatorname{tr}Q)",
        "duality": r"\lambda\ge0,\ \langle A_k,W\rangle\ge1,\ "
        r"A=\sum_k\lambda_kA_k,\ \begin{pmatrix}tI&A\\A^{\top}&tI\end{pmatrix}\succeq0"
        r"\ \Longrightarrow\ \sum_k\lambda_k\le t\,\|W\|_{\star}",
        "no gap": r"A^{\top}A\preceq\tau I,\ A^{\top}W\succeq0,\ AA^{\top}W=\tau W,\ "
        r"\lambda_k(\langle A_k,W\rangle-1)=0\ \Longrightarrow\ "
        r"\|W\|_{\star}=\tfrac{1}{\sqrt\tau}\sum_k\lambda_k",
        "rational family": r"s^2+q^2=2,\ s\ge1,\ a_1=e_1,\ a_2=(s^2-1,sq),\ A_i=a_ie_i^{\top}"
        r"\ \Longrightarrow\ W^{mm}=[a_1,a_2],\ "
        r"W_{\star}=\tfrac1{s^2}(a_1+a_2)\mathbf1^{\top},\ \|W_{\star}\|_{\star}=\tfrac2s,\ "
        r"\cos\angle(W^{mm},W_{\star})=\tfrac{s}{\sqrt2}",
    },
    hypotheses={
        "acute": Hypothesis(r"s\ge1\quad(\text{rational family})", lambda s: bool(s >= 1)),
        "on the circle": Hypothesis(
            r"s^2+q^2=2\quad(\text{rational family})",
            lambda s, q: bool(s * s + q * q == 2),
        ),
    },
    instance=lambda: dict(s=exact("31/25"), q=exact("17/25")),
    locus="(Att-SVM⋆); certificates reconstructed",
    scope="every n, T, d and every choice α of tokens, where A_it = (x_iα − x_it) z_iᵀ; every "
    "width of K and Q that is at least the rank of W; the family has n = T = d = 2",
    not_covered="that a singular value decomposition exists and that strong duality holds, both "
    "classical; the certificates show optimality without the latter",
    deviation="The family needs s ≥ 1, an angle of at most 90° between its two differences. For a "
    "larger angle the sign of one of them turns and the optimum is 2/|q|.",
    reconstructed=True,
)

NUCLEAR_DATA = PAPER.claim(
    "nuclear-certificate-data-sets",
    title="Two small data sets: an exact solution of rank two, and an enclosed optimum well below "
    "the nuclear norm of the Frobenius solution",
    parts={
        "rank two": r"W_{\star}=\tfrac1{156}\begin{pmatrix}-33&33\\-82&56\end{pmatrix},\quad "
        r"\|W_{\star}\|_{\star}=\tfrac{23}{6\sqrt{26}},\quad "
        r"\lambda=\tfrac{23}{936}(0,12,2,9)",
        "strictly complementary": r"1.6838652\le\nu_{\star}\le1.6838653"
        r"<1.929<\|W^{mm}\|_{\star}=\sqrt{365/98}",
    },
    locus="(Att-SVM⋆); data of our own",
    scope="the data sets called rank two and strictly complementary",
    uses=NUCLEAR_CERTIFICATE,
    reconstructed=True,
)

NUCLEAR_NOT_UNIQUE = PAPER.claim(
    "nuclear-nonunique",
    title="The solutions of least nuclear norm can form a segment, with ranks one and two on it",
    parts={
        "segment": r"A_1=e_1e_1^{\top},\ A_2=e_2e_2^{\top}\ \Longrightarrow\ "
        r"\operatorname*{argmin}_{\langle A_k,W\rangle\ge1}\|W\|_{\star}="
        r"\left\{\begin{pmatrix}1&t\\t&1\end{pmatrix}:|t|\le1\right\},\quad \nu_{\star}=2",
        "ranks": r"\operatorname{rank}\begin{pmatrix}1&t\\t&1\end{pmatrix}=1\iff t=\pm1"
        r"\quad(|t|\le1)",
    },
    locus="(Att-SVM⋆); reconstructed",
    scope="the stated constraints, which those of two samples in the plane are",
    not_covered="how often a solution is not unique",
    uses=NUCLEAR_CERTIFICATE,
    reconstructed=True,
)

NUCLEAR_CORRELATION = PAPER.claim(
    "nuclear-correlation",
    title="Every two nuclear-norm solutions have the same direction, so that the correlation with "
    "the one that a solver returns measures success",
    statement=r"W,\hat W\in\operatorname*{argmin}_{\langle A_k,V\rangle\ge1}\|V\|_{\star}"
    r"\ \Longrightarrow\ \langle W,\hat W\rangle=\|W\|_F\,\|\hat W\|_F",
    locus="figures on training (K, Q): correlation with the solution of a solver; reconstructed",
    scope="every n, T, d, every data",
    deviation="The measure is that of the figures; that it is meaningful for all data is a usual "
    "reading of them, which is what is tested.",
    reconstructed=True,
)

MARGIN_RATIO = PAPER.claim(
    "nuclear-correlation-margin-ratio",
    title="The margin of a matrix of nuclear norm one, divided by the largest possible, measures "
    "success whether or not the solution is unique",
    parts={
        "bound": r"m(W)=\min_k\langle A_k,W\rangle>0\ \Longrightarrow\ "
        r"\varrho(W)=\frac{\nu_{\star}\,m(W)}{\|W\|_{\star}}\le1",
        "equality": r"\varrho(W)=1\iff\tfrac{W}{m(W)}\in"
        r"\operatorname*{argmin}_{\langle A_k,V\rangle\ge1}\|V\|_{\star},\qquad "
        r"\Bigl\|\tfrac{W}{m(W)}\Bigr\|_{\star}=\frac{\nu_{\star}}{\varrho(W)}",
    },
    hypotheses={"positive margin": Hypothesis(r"m(W)>0", lambda margin: bool(margin > 0))},
    instance=lambda: dict(margin=exact(1)),
    locus="measure of the figures on training (K, Q), repaired",
    scope="every n, T, d, every feasible data",
    not_covered="the minimum is attained, because the norm is coercive; this is classical",
    amends=NUCLEAR_CORRELATION,
    reconstructed=True,
)

FACTORISED_DIRECTION = PAPER.claim(
    "kq-gd-direction",
    title="Gradient descent on (K, Q) finds the direction of least nuclear norm, from every start "
    "that is not zero",
    statement=r"(K_{k+1},Q_{k+1})=(K_k,Q_k)-\eta_k\nabla_{K,Q}\,L(K_kQ_k^{\top}),\ "
    r"(K_0,Q_0)\ne0,\ m\ge d\ \Longrightarrow\ \varrho(K_kQ_k^{\top})\to1",
    locus="abstract: training (K, Q) is biased towards the nuclear norm; reconstructed",
    scope="every feasible data, every width m ≥ d",
    deviation="The theorem is about the regularisation path. That gradient descent inherits it is "
    "a usual reading, supported by figures, which is what is tested.",
    reconstructed=True,
)

FACTORISED_STALL = PAPER.claim(
    "kq-gd-can-stall",
    title="Gradient descent on (K, Q) never leaves the row space of its start, and can follow a "
    "direction with an arbitrarily small margin ratio for ever",
    parts={
        "row space": r"K_{k+1}=K_k-a_kG_kQ_k,\ Q_{k+1}=Q_k-b_kG_k^{\top}K_k\ \Longrightarrow\ "
        r"\operatorname{rank}K_kQ_k^{\top}\le"
        r"\operatorname{rank}\begin{pmatrix}K_0\\Q_0\end{pmatrix}\quad"
        r"\text{for every }k,\ a_k,\ b_k,\ G_k",
        "invariant direction": r"A_{1,2}=(1,\pm\alpha)(1,\pm\beta)^{\top},\ \alpha\beta\ge1,\ "
        r"K_0=\kappa e_1e_1^{\top},\ Q_0=\mu e_1e_1^{\top},\ \kappa,\mu>0\ \Longrightarrow\ "
        r"\varrho(K_kQ_k^{\top})=\tfrac{1}{\alpha\beta}\quad\text{for every }k,\ a_k,\ b_k>0",
        "rank one": r"\operatorname{rank}W=1\ \Longrightarrow\ \varrho(W)\le\tfrac{942}{1000}"
        r"<1=\varrho(W_{\star})\quad\text{on the data set of rank two}",
    },
    hypotheses={
        "steep": Hypothesis(
            r"\alpha\beta\ge1\quad(\text{invariant direction})",
            lambda alpha, beta: bool(alpha * beta >= 1),
        )
    },
    instance=lambda: dict(alpha=exact(2), beta=exact(2)),
    locus="abstract: training (K, Q) is biased towards the nuclear norm; repaired",
    scope="the first part: every data, every loss, every step size, also if the gradients of K and "
    "Q are normalised",
    not_covered="starts of full rank, from which the direction was seen to be left slowly. By "
    "continuity of each step, after any given number of steps the margin ratio is still nearly as "
    "small on a neighbourhood of these starts, which has positive measure",
    amends=FACTORISED_DIRECTION,
    reconstructed=True,
)

FACTORISED_BUDGET = PAPER.claim(
    "kq-gd-budget",
    title="From starts of full rank, twelve thousand normalised steps on (K, Q) leave the margin "
    "ratio of a small data set below 0.98, in one case below 0.84",
    statement=r"\eta=\tfrac1{10},\ Q_0=0,\ (K_0)_{ij}\sim\mathcal N(0,\tfrac1{100}):\quad "
    r"\varrho(K_kQ_k^{\top})\le0.98\text{ for seeds }0,\dots,3,\ \le0.84\text{ for seed }3,"
    r"\quad k=12\,000",
    locus="figures on training (K, Q); schedule of the released code",
    scope="the data set of rank two, four seeds, logistic loss",
    not_covered="the limit: the ratio still grows, roughly like a power of the number of steps",
    amends=FACTORISED_DIRECTION,
    uses=NUCLEAR_DATA,
    reconstructed=True,
)
