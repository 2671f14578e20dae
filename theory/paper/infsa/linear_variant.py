"""The linear variant: what it computes, at what cost, and how close to the Perron vector."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact, exact_array

from ._paper import PAPER


def _has_rank_one(matrix) -> bool:
    from attnproof.theory.algebra.matrix import rank

    return rank(matrix) == 1


def _logits(query, key) -> list:
    return list((query @ key.T).flat)


NOTHING_RECTIFIED = Hypothesis(
    r"QK^{\top}\ge0\text{ entrywise}",
    lambda query, key: all(entry >= 0 for entry in _logits(query, key)),
)
POSITIVE = Hypothesis(
    r"QK^{\top}>0\text{ entrywise}",
    lambda query, key: all(entry > 0 for entry in _logits(query, key)),
)

LINEAR_EXACT = PAPER.claim(
    "linear-exact",
    title="Where nothing is rectified, the linear variant is exactly one power step from the "
    "left, started at the norms of the queries",
    statement=r"w_i=\frac{\|q_i\|}{\sum_l\|q_l\|},\quad "
    r"a=\frac{[KQ^{\top}w]_+}{\mathbf 1^{\top}[KQ^{\top}w]_+}"
    r"=\frac{A_0^{\top}w}{\mathbf 1^{\top}A_0^{\top}w},\qquad "
    r"A_0=\bigl[QK^{\top}/d\bigr]_+",
    hypotheses={
        "nothing rectified": NOTHING_RECTIFIED,
        "some affinity": Hypothesis(
            r"QK^{\top}\ne0",
            lambda query, key: any(entry != 0 for entry in _logits(query, key)),
        ),
    },
    instance=lambda: dict(query=exact_array([[1], [2], [5]]), key=exact_array([[3], [1], [2]])),
    locus="released code (linear_infsa_scores); the module text speaks of power iteration",
    scope="every N, every head width, every ε ≥ 0 up to the positive factor it puts before a",
    not_covered="rounding",
    deviation="The code holds no loop: it is one step, not an iteration. The direction is that of "
    "columns: a key's score is how much it is attended to.",
)

LINEAR_RECTIFIED_LATE = PAPER.claim(
    "linear-rectified-late",
    title="Where logits change sign, the linear variant scores every key at most as high as a "
    "power step of the rectified affinities",
    parts={
        "underestimate": r"w\ge0\ \Longrightarrow\ "
        r"\tfrac1d\bigl[KQ^{\top}w\bigr]_+\le\bigl[QK^{\top}/d\bigr]_+^{\top}w"
        r"\text{ entrywise}",
        "gap": r"w\ge0\ \Longrightarrow\ "
        r"\bigl(d\,A_0^{\top}w\bigr)_j-\bigl[KQ^{\top}w\bigr]_{+,j}"
        r"=\min\Bigl(\sum_iw_i[q_i\cdot k_j]_+,\ \sum_iw_i[-q_i\cdot k_j]_+\Bigr)",
    },
    locus="released code; reconstructed",
    scope="every N, every head width, every Q, K and every weight vector as stated. "
    "For positive weights the gap is zero exactly if a key's logits have one sign",
    not_covered="what becomes of the gap when the scores are normalised",
    reconstructed=True,
)

LINEAR_EXACT_RANK_ONE = PAPER.claim(
    "linear-exact-rank-one",
    title="For positive affinities of rank one, the linear variant gives the left Perron vector "
    "exactly, whatever the weights",
    parts={
        "scores": r"QK^{\top}=xy^{\top},\ x,y>0,\ w>0\ \Longrightarrow\ "
        r"\frac{[KQ^{\top}w]_+}{\mathbf 1^{\top}[KQ^{\top}w]_+}=\frac{y}{\mathbf 1^{\top}y}",
        "Perron vector": r"A_0=\tfrac1d\,xy^{\top}\ \Longrightarrow\ "
        r"y^{\top}A_0=\frac{y^{\top}x}{d}\,y^{\top}",
    },
    hypotheses={
        "positive": POSITIVE,
        "rank one": Hypothesis(
            r"\operatorname{rank}QK^{\top}=1",
            lambda query, key: _has_rank_one(query @ key.T),
        ),
    },
    instance=lambda: dict(query=exact_array([[1], [2], [5]]), key=exact_array([[3], [1], [2]])),
    locus="released code; reconstructed",
    scope="every N, every head width",
    not_covered="that a positive left eigenvector belongs to the spectral radius "
    "(Perron–Frobenius), which is classical",
    reconstructed=True,
)

LINEAR_PERRON_QUALITY = PAPER.claim(
    "linear-perron-quality",
    title="The linear variant approximates the dominant eigenvector with cosine 0.985",
    statement=r"\cos\angle(a,u)\ge0.985,\qquad u\text{ the left Perron vector of }A_0",
    hypotheses={
        "dominant": Hypothesis(
            r"A_0\text{ has a simple dominant eigenvalue}\ \rho>0,\quad u^{\top}A_0=\rho u^{\top}",
            lambda affinities, u, rho: _is_left_perron_vector(affinities, u, rho),
        )
    },
    instance=lambda: dict(
        affinities=exact_array([[3, 1, 2], [6, 2, 4], [15, 5, 10]]),
        u=exact_array([3, 1, 2]),
        rho=15,
    ),
    locus="abstract (cosine 0.985)",
    scope="every Q and K whose rectified affinities have a simple dominant eigenvalue",
    not_covered="trained networks, on which the figure was measured",
    deviation="The abstract reports a measured cosine. It is read here as a bound for every "
    "input; no positive bound holds in its place.",
)


def _is_left_perron_vector(affinities, u, rho) -> bool:
    from .perron_vector import is_left_perron_vector

    return is_left_perron_vector(affinities, u, rho)


LINEAR_PERRON_CONTRACTION = PAPER.claim(
    "linear-perron-contraction",
    title="For positive affinities, the linear variant is closer to the left Perron vector than "
    "its weights, by a factor that the affinities determine",
    parts={
        "contraction": r"d_H(a,u)\le\tanh\bigl(\tfrac{\Delta}{4}\bigr)\,d_H(w,u),\qquad "
        r"\Delta=\max_{ijkl}\log\frac{a_{ij}a_{kl}}{a_{il}a_{kj}},\quad "
        r"d_H(x,y)=\max_{ij}\log\frac{x_iy_j}{x_jy_i}",
        "sharp": r"A_0=\begin{pmatrix}k&1\\1&k\end{pmatrix},\ w=(s,1):\quad "
        r"\lim_{s\to1}\frac{d_H(a,u)}{d_H(w,u)}=\frac{k-1}{k+1}=\tanh\frac{\Delta}{4}",
    },
    hypotheses={"positive affinities": POSITIVE},
    instance=lambda: dict(
        query=exact_array([[1, 0], [0, 2]]), key=exact_array([[4, "1/2"], [1, 2]])
    ),
    locus="abstract (approximates the dominant eigenvector); Birkhoff 1957, Hopf 1963",
    scope="every N, every head width, every Q and K with positive logits",
    not_covered="the mean value theorem, the existence of u (Perron) and the formula "
    "tanh((log κ)/4) = (√κ − 1)/(√κ + 1), which are classical; the cosine",
    deviation="The distance is Hilbert's projective metric, not the angle. No bound of this kind "
    "holds once logits change sign.",
    amends=LINEAR_PERRON_QUALITY,
    uses=(LINEAR_EXACT,),
)

LINEAR_PERRON_COSINE_TABLE = PAPER.claim(
    "linear-perron-cosine-table",
    title="The cosine depends on the data, and a constant vector reaches 0.985 too",
    parts={
        "without a common direction": r"\mu=0:\quad \cos\angle(a,u)<0.70,\quad "
        r"\cos\angle(\mathbf 1,u)>0.985,\quad \cos\angle(A_0^{\top}w,u)>0.999",
        "with a common direction": r"\mu\in\{1,2,4\}:\quad \cos\angle(a,u)>0.999,\quad "
        r"\cos\angle(\mathbf 1,u)>0.985",
        "right eigenvector": r"\mu=1:\quad \cos\angle(a,v)\in(0.975,0.990),\quad "
        r"\cos\angle(\mathbf 1,v)>0.985",
    },
    locus="abstract (cosine 0.985)",
    scope="N = 196 tokens, head width d = 64, ten seeds: rows of Q and K drawn from N(0, I/d) "
    "plus μ times a common unit vector",
    not_covered="trained networks; other lengths and widths",
    deviation="u and v are the left and the right Perron vector. The paper does not say which of "
    "them it compares with, nor what a constant vector scores.",
    reconstructed=True,
)

LINEAR_VANISHES = PAPER.claim(
    "linear-vanishes",
    title="For keys of random sign all scores vanish with probability two to the minus N",
    statement=r"P(a\equiv0\mid\bar q)=2^{-N}",
    hypotheses={
        "random signs": Hypothesis(
            r"k_j=\sigma_jm_j,\ \sigma_j\text{ independent},\ P(\sigma_j=-1)=\tfrac12",
            lambda probability: 2 * probability == 1,
        ),
        "no ties": Hypothesis(
            r"\bar q\cdot m_j\ne0\text{ for all }j",
            lambda projections: all(entry != 0 for entry in projections),
        ),
    },
    instance=lambda: dict(probability=exact("1/2"), projections=exact_array([1, -2])),
    locus="released code; reconstructed",
    scope="every pooled query and every key magnitudes; so also every law of the keys that is "
    "symmetric, independent and without atoms on a hyperplane",
    not_covered="keys that depend on the queries",
    reconstructed=True,
)

LINEAR_RANK_ONE = PAPER.claim(
    "linear-rank-one",
    title="The linear variant is an operator of rank one that gives every token the same output",
    parts={
        "equal rows": r"M=\gamma\mathbf 1a^{\top}:\quad "
        r"(e_i-e_k)^{\top}MV=0\text{ for all }i,k,\quad \operatorname{rank}M\le1",
        "eigenvectors": r"\sigma=a^{\top}\mathbf 1:\quad M\mathbf 1=\gamma\sigma\mathbf 1,\quad "
        r"a^{\top}M=\gamma\sigma\,a^{\top},\quad M^2=\gamma\sigma M",
        "resolvent": r"(I-M)^{-1}=I+\frac{1}{1-\gamma\sigma}\,M",
        "substochastic": r"M\ge0,\quad M\mathbf 1=\gamma\sigma\mathbf 1\le\gamma\mathbf 1,"
        r"\quad \sigma=1\text{ for }\varepsilon=0",
        "stationary law": r"\varepsilon=0:\quad a^{\top}(\mathbf 1a^{\top})=a^{\top},\quad "
        r"(1-\gamma)(I-M)^{-1}=(1-\gamma)I+\gamma\mathbf 1a^{\top}",
    },
    hypotheses={
        "discount": Hypothesis(r"0\le\gamma<1", lambda gamma: 0 <= gamma < 1),
        "some score": Hypothesis(
            r"\bar q\cdot k_j>0\text{ for some }j",
            lambda query, key: _some_score(query, key),
        ),
    },
    instance=lambda: dict(
        gamma=exact("19/20"),
        query=exact_array([[1], [2], [5]]),
        key=exact_array([[3], [1], [2]]),
    ),
    locus="released code",
    scope="every N, every head width, every ε ≥ 0 unless ε = 0 is stated",
    not_covered="the residual connection and the normalisation around the operator, which are "
    "the only path for what distinguishes tokens",
)


def _some_score(query, key) -> bool:
    from attnproof.theory.operator.linear_infinite_self_attention import pooled_query

    return any(score > 0 for score in key @ pooled_query(query))


LINEAR_COST = PAPER.claim(
    "linear-cost",
    title="Linear in N with a state of fixed size, in two passes; from head width two on, one pass "
    "does not suffice",
    parts={
        "operations": r"N(3d+d_v)+d_v\text{ multiplications},\quad "
        r"N(3d+d_v)-(d+d_v+2)\text{ additions},\quad d+1\text{ divisions},\quad "
        r"N\text{ roots},\quad N\text{ comparisons}",
        "state": r"\text{first pass: }d+1\text{ numbers},\quad "
        r"\text{second pass: }d+d_v+1\text{ numbers, the pooled query among them}",
        "two passes": r"m=\sum_i\|q_i\|,\ \bar q=\frac1m\sum_i\|q_i\|q_i,\ "
        r"r_j=[\bar q\cdot k_j]_+:\quad "
        r"\gamma\sum_ja_jv_j=\gamma\,\frac{\sum_jr_jv_j}{\sum_jr_j}",
        "one pass, head width one": r"q,k\in\mathbb R:\quad "
        r"[qk]_+=[q]_+[k]_++[-q]_+[-k]_+",
        "one pass, head width two": r"k_j=(1,j):\quad q\mapsto[q\cdot k_j]_+,\ j=1,\dots,N,"
        r"\text{ are linearly independent}",
    },
    locus="abstract (linear time, auxiliary state of the head's width)",
    scope="every N, d and d_v, ε = 0; the operations for the two-pass evaluation",
    not_covered="time and memory traffic on a machine. In one pass, only states are excluded from "
    "which the sum is read off linearly for every pooled query",
    deviation="The abstract speaks of auxiliary state. It is the state of two passes: the scores "
    "need the pooled query, which needs every query.",
)
