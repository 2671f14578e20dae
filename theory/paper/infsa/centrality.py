"""Degree, Katz, eigenvector and PageRank centrality as cases of one resolvent."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact, exact_array

from ._paper import PAPER


def _largest_row_sum(matrix):
    """``‖A‖_∞``, without loading anything."""
    return max(sum(abs(entry) for entry in row) for row in matrix)


def _multiplicity(matrix, root) -> int:
    from .spectral_projection import multiplicity

    return multiplicity(matrix, root)


def _irreducible(matrix) -> bool:
    """Every token reaches every token along positive entries."""
    edges = [[j for j, entry in enumerate(row) if entry > 0] for row in matrix]
    for start in range(len(edges)):
        seen, waiting = {start}, [start]
        while waiting:
            new = set(edges[waiting.pop()]) - seen
            seen |= new
            waiting += new
        if len(seen) < len(edges):
            return False
    return all(entry >= 0 for row in matrix for entry in row)


KATZ_DEGREE_LIMIT = PAPER.claim(
    "katz-degree-limit",
    title="For small discounts Katz centrality is degree centrality",
    parts={
        "row": r"\left\|\tfrac1\gamma\bigl((I-\gamma A)^{-1}-I\bigr)\mathbf 1-A\mathbf 1\right\|"
        r"\le\frac{\gamma\|A\|^2\,\|\mathbf 1\|}{1-\gamma\|A\|}",
        "column": r"\left\|\tfrac1\gamma\bigl((I-\gamma A)^{-1}-I\bigr)^{\top}\mathbf 1"
        r"-A^{\top}\mathbf 1\right\|"
        r"\le\frac{\gamma\|A^{\top}\|^2\,\|\mathbf 1\|}{1-\gamma\|A^{\top}\|}",
        "next order": r"\left\|\tfrac1\gamma\bigl((I-\gamma A)^{-1}-I\bigr)\mathbf 1-A\mathbf 1"
        r"-\gamma A^2\mathbf 1\right\|\le\frac{\gamma^2\|A\|^3\,\|\mathbf 1\|}{1-\gamma\|A\|}",
        "ranking": r"2\,\frac{\gamma\|A\|_\infty^2}{1-\gamma\|A\|_\infty}<\delta\le"
        r"\min_{i\ne j}\bigl|(A\mathbf 1)_i-(A\mathbf 1)_j\bigr|\ \Longrightarrow\ "
        r"\text{Katz centrality and degree centrality rank the tokens alike}",
        "ranking of a non-negative matrix": r"A\ge0,\quad "
        r"\frac{\gamma\|A\|_\infty^2}{1-\gamma\|A\|_\infty}<\delta\le"
        r"\min_{i\ne j}\bigl|(A\mathbf 1)_i-(A\mathbf 1)_j\bigr|\ \Longrightarrow\ "
        r"\text{Katz centrality and degree centrality rank the tokens alike}",
    },
    hypotheses={
        "discount": Hypothesis(
            r"\gamma>0,\quad \gamma\|A\|<1",
            lambda A, gamma: gamma > 0 and gamma * _largest_row_sum(A) < 1,
        )
    },
    instance=lambda: dict(A=exact_array([[1, 2], [3, 0]]), gamma=exact("1/10")),
    locus="abstract (Katz centrality as a case of the Neumann kernel); reconstructed",
    scope="every real square matrix; every matrix norm compatible with the vector norm",
    not_covered="tokens of equal degree: their order is decided by the next order in γ",
    deviation="For non-negative matrices the ranking needs half of the margin that the two-sided "
    "error bound gives, because longer walks only ever add.",
    reconstructed=True,
)

KATZ_EIGENVECTOR_LIMIT = PAPER.claim(
    "katz-eigenvector-limit",
    title="Near the reciprocal of a simple eigenvalue the resolvent becomes rank one, and Katz "
    "centrality becomes eigenvector centrality",
    parts={
        "decomposition": r"Av=\rho v,\ u^{\top}A=\rho u^{\top},\ u^{\top}v=1,\ "
        r"C=A-\rho vu^{\top}\ \Longrightarrow\ (1-\gamma\rho)(I-\gamma A)^{-1}"
        r"=vu^{\top}+(1-\gamma\rho)(I-\gamma C)^{-1}(I-vu^{\top})",
        "rate": r"t=1-\gamma\rho,\ K=(I-C/\rho)^{-1},\ t\|K-I\|<1\ \Longrightarrow\ "
        r"\left\|t(I-\gamma A)^{-1}-vu^{\top}\right\|\le"
        r"\frac{t\,\|K(I-vu^{\top})\|}{1-t\|K-I\|}",
        "scores": r"\left\|t\bigl((I-\gamma A)^{-1}-I\bigr)\mathbf 1-(u^{\top}\mathbf 1)v\right\|"
        r"\le t\left(1+\frac{\|K(I-vu^{\top})\|}{1-t\|K-I\|}\right)\|\mathbf 1\|,"
        r"\text{ and likewise for columns, with limit }(\mathbf 1^{\top}v)\,u",
        "simplicity": r"\ker(\rho I-C)=\{w: Aw=\rho w,\ u^{\top}w=0\},\text{ so }K"
        r"\text{ exists exactly if the eigenvalue is simple}",
    },
    hypotheses={
        "eigenvalue": Hypothesis(
            r"\rho>0,\quad \det(\rho I-A)=0",
            lambda A, rho: rho > 0 and _multiplicity(A, rho) >= 1,
        ),
        "simple": Hypothesis(
            r"\rho\text{ is not a multiple root of }\det(xI-A)",
            lambda A, rho: _multiplicity(A, rho) <= 1,
        ),
    },
    instance=lambda: dict(A=exact_array([[1, 2], [3, 0]]), rho=3),
    locus="abstract (eigenvector centrality as a case of the Neumann kernel); reconstructed",
    scope="every real square matrix with a simple positive eigenvalue; every submultiplicative "
    "norm. An irreducible non-negative matrix has one, its Perron root (Perron–Frobenius)",
    not_covered="the Perron–Frobenius theorem itself, which is classical. Away from the Perron "
    "root the resolvent is no longer the sum of the Neumann series",
    deviation="Neither non-negativity nor primitivity is used: a periodic matrix, on which power "
    "iteration oscillates, has the limit too. Simplicity is needed and is not stated.",
    reconstructed=True,
)

CENTRALITY_FAMILY_REACHABLE = PAPER.claim(
    "centrality-family-reachable",
    title="With Frobenius normalisation, discounts in (0, 1) lead up to eigenvector centrality",
    statement=r"\hat A=A_0/\|A_0\|_F,\ \hat Av=\rho(\hat A)v,\ v>0:\quad "
    r"c_\gamma=\bigl((I-\gamma\hat A)^{-1}-I\bigr)\mathbf 1,\qquad "
    r"\lim_{\gamma\uparrow1}\frac{c_\gamma}{\mathbf 1^{\top}c_\gamma}"
    r"=\frac{v}{\mathbf 1^{\top}v}",
    hypotheses={
        "irreducible": Hypothesis(
            r"A_0\ge0\text{ irreducible}", lambda affinities: _irreducible(affinities)
        )
    },
    instance=lambda: dict(affinities=exact_array([[1, 2], [2, 4]])),
    locus="abstract: the family of centralities, with the decay restricted to (0, 1); "
    "reconstructed",
    scope="every irreducible non-negative affinity matrix",
    deviation="The abstract names the centralities without a limit; this is the reading under "
    "which the model, whose decay is a sigmoid, contains eigenvector centrality.",
    reconstructed=True,
)

CENTRALITY_FAMILY_BELOW_THE_ROOT = PAPER.claim(
    "centrality-family-reachable-below-the-root",
    title="With Frobenius normalisation eigenvector centrality is out of reach unless it already "
    "equals degree centrality",
    parts={
        "radius": r"\hat Ax=\rho x,\ \|x\|_2=1\ \Longrightarrow\ "
        r"\rho^2=\|\hat A\|_F^2-\|\hat A-\rho xx^{\top}\|_F^2\le1,\text{ so }1/\rho\ge1,"
        r"\text{ with equality exactly if }\hat A=xx^{\top}",
        "all or nothing": r"\gamma\ne0,\ \gamma\rho\ne1:\quad "
        r"\bigl((I-\gamma\hat A)^{-1}-I\bigr)\mathbf 1\parallel v\iff\hat A\mathbf 1\parallel v",
        "equality case": r"\hat A=xx^{\top},\ x^{\top}x=1:\quad "
        r"\bigl((I-\gamma\hat A)^{-1}-I\bigr)\mathbf 1=\frac{\gamma}{1-\gamma}(x^{\top}\mathbf 1)x"
        r"\quad(0<\gamma<1)",
    },
    locus="repairs the reading above",
    scope="every real matrix of Frobenius norm at most 1, every real eigenpair; hence the Perron "
    "pair of every non-negative one",
    not_covered="how far from the Perron vector a given discount stays; normalisation by the "
    "spectral radius, which does reach it",
    deviation="The only matrices whose root is reached are symmetric of rank one, and on these "
    "degree, Katz and eigenvector centrality are one vector for every discount.",
    reconstructed=True,
    amends=CENTRALITY_FAMILY_REACHABLE,
)

PAGERANK = PAPER.claim(
    "pagerank",
    title="PageRank is the discounted resolvent of a row-stochastic matrix",
    parts={
        "fixed point": r"\pi=(1-\gamma)\,\tau(I-\gamma P)^{-1}\ \Longrightarrow\ "
        r"\pi G=\pi,\ \pi\mathbf 1=1,\qquad G=\gamma P+(1-\gamma)\mathbf 1\tau",
        "uniqueness": r"\pi'G=\pi',\ \pi'\mathbf 1=1\ \Longrightarrow\ "
        r"\pi'=(1-\gamma)\,\tau(I-\gamma P)^{-1}",
        "non-negativity": r"\pi=(1-\gamma)\,\tau(I-\gamma P)^{-1}\ge0",
    },
    hypotheses={
        "row-stochastic": Hypothesis(
            r"P\ge0,\quad P\mathbf 1=\mathbf 1",
            lambda P: (
                all(sum(row) == 1 for row in P) and all(entry >= 0 for row in P for entry in row)
            ),
        ),
        "teleport": Hypothesis(
            r"\tau\ge0,\quad \tau\mathbf 1=1",
            lambda tau: sum(tau.flat) == 1 and all(entry >= 0 for entry in tau.flat),
        ),
        "discount": Hypothesis(r"0\le\gamma<1", lambda gamma: 0 <= gamma < 1),
    },
    instance=lambda: dict(
        P=exact_array([["0", "1/2", "1/2"], ["1", "0", "0"], ["1/3", "2/3", "0"]]),
        tau=exact_array(["1/3", "1/3", "1/3"]),
        gamma=exact("17/20"),
    ),
    locus="abstract (PageRank as a case of the Neumann kernel); reconstructed",
    scope="every row-stochastic matrix, every teleport law",
    not_covered="the attention map of the paper: its rows do not sum to 1, and a rectified row "
    "can vanish altogether",
    deviation="That every row must sum to 1 is not stated.",
    reconstructed=True,
)

VANISHING_ROWS = PAPER.claim(
    "pagerank-vanishing-rows",
    title="How often rectified affinities have a row of zeros, a dangling token",
    parts={
        "one row": r"\Pr\bigl([q_i\cdot k_1]_+=\dots=[q_i\cdot k_N]_+=0\bigr)=2^{-N}",
        "d = 1": r"\Pr(\text{some row vanishes})=2^{1-N}\bigl(1-2^{-N}\bigr)",
        "d = 2": r"\Pr(\text{some row vanishes})="
        r"N(N-1)\int_0^{1/2}x^{N-2}\Bigl(1-\bigl(\tfrac12+x\bigr)^{N}\Bigr)\,dx",
    },
    locus="implied by the rectifier in the definition; reconstructed",
    scope="independent queries and keys with rotation-invariant laws without an atom at 0, such as "
    "Gaussian ones; for one row only the symmetry of the keys under a change of sign is used",
    not_covered="trained queries and keys; a closed form for the probability of some vanishing "
    "row when d ≥ 3, which is at most N 2^{-N}",
    reconstructed=True,
)

EIGENVECTOR_VS_STATIONARY = PAPER.claim(
    "eigenvector-vs-stationary",
    title="The ends of the Katz and of the PageRank family are different centralities",
    parts={
        "stationary law": r"A=A^{\top},\ d=A\mathbf 1>0,\ P=\operatorname{diag}(d)^{-1}A"
        r"\ \Longrightarrow\ d^{\top}P=d^{\top}",
        "limit of PageRank": r"\left\|(1-\gamma)\,\tau(I-\gamma P)^{-1}"
        r"-\frac{d^{\top}}{d^{\top}\mathbf 1}\right\|\le\frac{(1-\gamma)\,\|\tau\|\,"
        r"\|(I-\Pi)K\|}{1-(1-\gamma)\|K-I\|},\qquad "
        r"\Pi=\frac{\mathbf 1d^{\top}}{d^{\top}\mathbf 1},\ K=(I-P+\Pi)^{-1}",
        "criterion": r"d\text{ is an eigenvector of }A\text{ for }\rho"
        r"\iff A(A\mathbf 1-\rho\mathbf 1)=0,\text{ which for invertible }A"
        r"\text{ means }A\mathbf 1=\rho\mathbf 1",
        "path of three tokens": r"A=\begin{pmatrix}0&1&0\\1&0&1\\0&1&0\end{pmatrix}:\quad "
        r"v\propto(1,\sqrt2,1),\qquad \frac{d}{d^{\top}\mathbf 1}"
        r"=\bigl(\tfrac14,\tfrac12,\tfrac14\bigr)",
    },
    hypotheses={
        "symmetric": Hypothesis(
            r"A=A^{\top}",
            lambda A: all(A[i][j] == A[j][i] for i in range(len(A)) for j in range(i)),
        ),
        "no empty row": Hypothesis(r"A\mathbf 1>0", lambda A: all(sum(row) > 0 for row in A)),
    },
    instance=lambda: dict(A=exact_array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])),
    locus="abstract (both named as cases of one kernel); reconstructed",
    scope="every symmetric matrix with positive row sums; the stationary law is unique if the "
    "matrix is irreducible",
    not_covered="matrices that are not symmetric; for which graphs K exists (those whose chain has "
    "the simple eigenvalue 1)",
    deviation="Constant row sums are sufficient for the two to coincide but not necessary: a "
    "symmetric matrix of rank one has its degrees as Perron vector, and so has a harmonic tree.",
    reconstructed=True,
)
