"""The support vector machine of attention: its solution, when there is one, and its rank."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _feasible(constraints) -> bool:
    from .max_margin_matrix import Infeasible, max_margin_matrix

    try:
        max_margin_matrix(dict(enumerate(constraints)))
    except Infeasible:
        return False
    return True


def _independent(constraints) -> bool:
    from attnproof.theory.algebra.matrix import rank

    return rank(constraints.reshape(len(constraints), -1)) == len(constraints)


FROBENIUS_KKT = PAPER.claim(
    "frobenius-kkt-exact",
    title="The max-margin matrix is the unique one that meets the conditions of Karush, Kuhn and "
    "Tucker, and it is rational for rational data",
    parts={
        "sufficient": r"W=\sum_k\lambda_kA_k,\ \lambda\ge0,\ "
        r"\lambda_k(\langle A_k,W\rangle-1)=0\ \Longrightarrow\ W\text{ is the only solution, as }"
        r"\|V\|_F^2=\|W\|_F^2+\|V-W\|_F^2+2\sum_k\lambda_k(\langle A_k,V\rangle-1)",
        "necessary": r"p=\operatorname{argmin}\{\|p\|:p\in\operatorname{conv}\{A_k\}\}\ne0"
        r"\ \Longrightarrow\ W=\tfrac{p}{\|p\|^2}\text{ meets the conditions, and }"
        r"\|W\|_F^2=\sum_k\lambda_k",
        "rational": r"\mathcal S=\{k:\lambda_k\ne0\}\text{ minimal}"
        r"\ \Longrightarrow\ \lambda_{\mathcal S}=G_{\mathcal S}^{-1}\mathbf1,\qquad "
        r"G_{kl}=\langle A_k,A_l\rangle",
        "data sets": r"W^{mm}=\tfrac1{25}\begin{pmatrix}9&-2\\7&4\end{pmatrix},\ "
        r"\tfrac1{14}\begin{pmatrix}-11&11\\10&6\end{pmatrix},\ "
        r"\tfrac1{17}\begin{pmatrix}-4&0\\1&0\end{pmatrix},\ "
        r"\tfrac1{422}\begin{pmatrix}15&161\\-174&45\end{pmatrix}",
    },
    hypotheses={
        "feasible": Hypothesis(
            r"\exists V:\ \langle A_k,V\rangle\ge1\text{ for all }k",
            lambda constraints: _feasible(constraints),
        )
    },
    instance=lambda: dict(constraints=exact_array([[[1, 0], [0, 0]], [[0, 1], [0, 2]]])),
    locus="(Att-SVM); the conditions reconstructed",
    scope=r"every n, T, d, every data and every choice α of tokens; A_it = (x_iα − x_it) z_iᵀ",
    not_covered="that a compact convex set has a point of least norm, which is classical",
    reconstructed=True,
)

FEASIBILITY = PAPER.claim(
    "feasibility",
    title="With enough dimensions every choice of tokens can be separated, for almost all data",
    parts={
        "alternative": r"\text{either }\exists W\ \forall k:\ \langle A_k,W\rangle\ge1,"
        r"\quad\text{or}\quad\exists y\ge0:\ \sum_ky_k=1,\ \sum_ky_kA_k=0",
        "independent": r"A_k\text{ linearly independent}\ \Longrightarrow\ "
        r"W=\sum_k\lambda_kA_k,\ \lambda=G^{-1}\mathbf1,\ \text{ has }\langle A_k,W\rangle=1",
        "enough dimensions": r"d\ge\max(T-1,n)\ \Longrightarrow\ "
        r"\text{for almost all }(X,Z)\text{ every }\alpha\text{ is feasible}",
        "fewer dimensions": r"T-1\le d,\ n(T-1)\le d^2\iff "
        r"\text{for almost all }(X,Z)\text{, and for almost all }X\text{ with }z_i=x_{i1},\ "
        r"\{A_{it}\}\text{ is linearly independent for every }\alpha",
        "one sample": r"n=1:\ \alpha\text{ is feasible}\iff z\ne0,\ "
        r"x_\alpha\notin\operatorname{conv}\{x_t:t\ne\alpha\}",
    },
    hypotheses={
        "independent": Hypothesis(
            r"\{A_k\}\text{ linearly independent}\quad(\text{almost all data})",
            lambda constraints: _independent(constraints),
        )
    },
    instance=lambda: dict(constraints=exact_array([[[1, 0], [0, 0]], [[0, 1], [0, 2]]])),
    uses=FROBENIUS_KKT,
    locus="existence of solutions; reconstructed",
    scope="every n, T and d; A_it = (x_iα − x_it) z_iᵀ for the n (T − 1) pairs with t ≠ α_i",
    not_covered="how likely random data are feasible where the conditions fail",
    deviation="The condition d ≥ max(T − 1, n) is a special case of T − 1 ≤ d and n (T − 1) ≤ d², "
    "which is also necessary for independence, but not for feasibility. 'Almost all' is needed.",
    reconstructed=True,
)

RANK_BOUND = PAPER.claim(
    "rank-bound",
    title="A max-margin matrix has rank at most min(n, d), in the Frobenius and in the nuclear "
    "norm, so a bound on the rank from there on changes nothing",
    parts={
        "margins": r"Pz_i=z_i,\ Q(x_{i\alpha_i}-x_{it})=x_{i\alpha_i}-x_{it}\ \Longrightarrow\ "
        r"\langle A_{it},QWP\rangle=\langle A_{it},W\rangle",
        "Frobenius norm": r"\|W\|_F^2=\|WP\|_F^2+\|W(I-P)\|_F^2",
        "nuclear norm": r"\|WP\|_\star\le\|W\|_\star,\ \text{with equality only for }W=WP",
        "rank": r"W=\sum_{i,t}\lambda_{it}(x_{i\alpha_i}-x_{it})z_i^{\top}=BZ^{\top}"
        r"\ \Longrightarrow\ \operatorname{rank}W\le\min(n,d)",
        "reached": r"z_i=x_{i1}-x_{i2}=e_i,\ T=2\ \Longrightarrow\ \operatorname{rank}W^{mm}"
        r"=n\quad(n\le d)",
    },
    uses=FROBENIUS_KKT,
    locus="rank of the solutions; reconstructed",
    scope="every n, T, d and α; P projects on the span of the queries, Q on that of the "
    "differences of tokens, both orthogonally",
    not_covered="how far below the bound the rank of a nuclear-norm solution lies",
    reconstructed=True,
)

MAX_MARGIN_TOKEN_SELECTION = PAPER.claim(
    "max-margin-token-selection",
    title="With one query for all samples, the matrix is the max-margin prompt times the query",
    parts={
        "matrix": r"z_i=z\ \text{for all }i\ \Longrightarrow\ "
        r"W^{mm}=\frac{p^{mm}z^{\top}}{\|z\|^2},\qquad "
        r"p^{mm}=\operatorname{argmin}\{\|p\|:(x_{i\alpha_i}-x_{it})^{\top}p\ge1\}",
        "norm": r"\|W^{mm}\|_F=\|p^{mm}\|/\|z\|",
        "every norm": r"\|W\|_{op}\ge\|p^{mm}\|/\|z\|\ \text{for every feasible }W",
    },
    hypotheses={
        "one query": Hypothesis(
            r"z_1=\dots=z_n\ne0",
            lambda queries: bool((queries == queries[:1]).all() and (queries != 0).any()),
        )
    },
    instance=lambda: dict(queries=exact_array([[1, 2], [1, 2]])),
    uses=FROBENIUS_KKT,
    source="arXiv:2306.13596",
    locus="(ATT-SVM) for a tunable prompt, as a special case; reconstructed",
    scope="every n, T, d, α and every z ≠ 0. By the last part W^{mm} is optimal in the nuclear and "
    "the operator norm as well, as it has rank one",
    reconstructed=True,
)
