"""Rectifying Magnitude Neglect in Linear Attention: claims."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.catalogue import CATALOGUE
from attnproof.theory.paper.exact_values import exact_array

PAPER = CATALOGUE["mala"]
PAPER.contribution = (
    "Normalised linear attention does not see the length of the query. Magnitude-aware linear "
    "attention scales the scores and shifts them, so that the weights sum to one and the length "
    "counts again."
)

SOURCE = "arXiv:2507.00698, β and γ as in the released code (github.com/qhfan/MALA, 1b62d46)"
WEIGHTS = (
    r"M_{ij}=\beta_is_{ij}-\gamma_i,\quad s_{ij}=\varphi(q_i)^{\top}\varphi(k_j),\quad "
    r"S_i=\sum_js_{ij},\quad \beta_i=1+\tfrac1{S_i},\quad\gamma_i=\tfrac{S_i}N"
)
CODE = (
    "β and γ are read off the released code, not off the text of the paper. The code multiplies "
    "the scores by 1/(N√d), a factor of φ(Q) here, and puts 10⁻⁶ into the denominator of β; it "
    "also rotates the features by position after S is taken, which is left out."
)


def _centred_full_column_rank(matrix) -> bool:
    from attnproof.theory.algebra.matrix import rank

    return rank(matrix - matrix.sum(axis=0) / matrix.shape[0]) == matrix.shape[1]


ROW_SUM = PAPER.claim(
    "row-sum",
    title="Magnitude-aware weights sum to one where the scores do not sum to zero",
    parts={
        "sum": WEIGHTS + r":\quad\sum_jM_{ij}=1\quad(S_i\ne0)",
        "regularised": r"\beta_i=1+\frac1{S_i+\varepsilon}:\quad"
        r"\sum_jM_{ij}=\frac{S_i}{S_i+\varepsilon}",
        "zero scores": r"S_i=0,\ s_{ij}\ge0,\ \varepsilon>0:\quad M_{ij}=0\ \text{for every }j",
    },
    hypotheses={
        "scores": Hypothesis(
            r"S_i\ne0\quad(\text{first part})",
            lambda query_features, key_features: all(
                entry != 0 for entry in (query_features @ key_features.T).sum(axis=1)
            ),
        )
    },
    instance=lambda: dict(
        query_features=exact_array([[1, 2]]), key_features=exact_array([[1, 0], [0, 1]])
    ),
    locus="released code; reconstructed",
    source=SOURCE,
    scope="every N, D, φ, Q and K",
    not_covered="the rotation by position, after which the rows of the released code need not sum "
    "to one",
    deviation=CODE + " Where S = 0, β is not defined; with ε the weights are all zero there.",
    reconstructed=True,
)

MAGNITUDE = PAPER.claim(
    "magnitude",
    title="Magnitude-aware weights are affine in the length of the query's features, with the "
    "centred scores as slope",
    statement=r"\varphi(q)\to t\,\varphi(q),\ t>0:\quad "
    r"M_{ij}(t)=t\Bigl(s_{ij}-\frac{S_i}N\Bigr)+\frac{s_{ij}}{S_i}",
    locus="abstract (the query's magnitude); reconstructed",
    source=SOURCE,
    scope="every N, D, φ, Q and K with S ≠ 0. The length is that of φ(q); for homogeneous φ it is "
    "a power of the query's own. The released code has ELU + 1, which is not homogeneous",
    deviation=CODE + " Logarithms of softmax ratios grow linearly in the length of q; here the "
    "differences of the weights do.",
    reconstructed=True,
)

NEGATIVE_WEIGHTS = PAPER.claim(
    "negative-weights",
    title="A key that scores below the mean gets a negative weight once the query is long",
    parts={
        "threshold": r"s_{ij}<\frac{S_i}N,\ S_i>0,\ "
        r"t>\frac{s_{ij}/S_i}{S_i/N-s_{ij}}\ \Longrightarrow\ M_{ij}(t)<0",
        "not below the mean": r"s_{ij}\ge\frac{S_i}N>0,\ t>0\ \Longrightarrow\ M_{ij}(t)>0",
        "outside the hull": r"\varphi(q)=2,\ \varphi(K)=(3,1)^{\top},\ V=(1,0)^{\top}:\quad "
        r"M=\bigl(\tfrac{11}4,-\tfrac74\bigr),\ MV>\max_jv_j",
    },
    locus="abstract (distribution close to softmax); reconstructed",
    source=SOURCE,
    scope="every N, D, φ, Q and K with S > 0",
    deviation=CODE + " Softmax weights are positive; these are not, for every long query whose "
    "scores are not all equal.",
    reconstructed=True,
)

AS_INLINE = PAPER.claim(
    "as-inline",
    title="Magnitude-aware linear attention is InLine attention plus normalised linear attention "
    "minus uniform attention, of rank at most D + 1 and linear cost",
    parts={
        "identity": r"M_{ij}=I_{ij}+L_{ij}-\tfrac1N,\qquad "
        r"I_{ij}=s_{ij}-\tfrac{S_i}N+\tfrac1N,\quad L_{ij}=\frac{s_{ij}}{S_i}",
        "rank": r"M=\begin{pmatrix}(1+Z)\varphi(Q)&S\end{pmatrix}"
        r"\begin{pmatrix}\varphi(K)^{\top}\\-\tfrac1N\mathbf1^{\top}\end{pmatrix},\quad "
        r"Z=\operatorname{diag}(1/S_i):\quad\operatorname{rank}M\le D+1",
        "linear evaluation": r"MV=(1+Z)\varphi(Q)\bigl(\varphi(K)^{\top}V\bigr)"
        r"-\tfrac1N\varphi(Q)\bigl(\varphi(K)^{\top}\mathbf1\bigr)"
        r"\bigl(\mathbf1^{\top}V\bigr)",
        "multiplications": r"MV\text{ takes }N(2Dd_v+D+2d_v)\text{ multiplications that way}",
    },
    locus="Eq. (5) of arXiv:2412.06590 and the released codes; reconstructed",
    source=SOURCE,
    scope="every N, D, φ, Q and K with S ≠ 0",
    deviation=CODE,
    reconstructed=True,
)

INJECTIVE = PAPER.claim(
    "injective",
    title="Magnitude-aware weights determine the features of the query, if the centred key "
    "features have full column rank",
    parts={
        "centred": r"M(q)-\tfrac1N\mathbf1=\Bigl(1+\frac1S\Bigr)\Phi_c\,\varphi(q),\qquad "
        r"\Phi_c=\bigl(I-\tfrac1N\mathbf1\mathbf1^{\top}\bigr)\varphi(K)",
        "features": r"\operatorname{rank}\Phi_c=D,\ S(p),S(q)>0,\ M(p)=M(q)\ \Longrightarrow\ "
        r"\varphi(p)=\varphi(q)",
    },
    hypotheses={
        "full rank": Hypothesis(
            r"\operatorname{rank}\Phi_c=D\quad(\text{second part})",
            lambda key_features: _centred_full_column_rank(key_features),
        ),
        "positive scores": Hypothesis(
            r"S(p),S(q)>0\quad(\text{second part})",
            lambda key_features, features_p, features_q: all(
                (features @ key_features.T).sum() > 0 for features in (features_p, features_q)
            ),
        ),
    },
    instance=lambda: dict(
        key_features=exact_array([[1, 1], [2, 1], [1, 2]]),
        features_p=exact_array([[1, 2]]),
        features_q=exact_array([[2, 4]]),
    ),
    locus="abstract (the query's magnitude); reconstructed",
    source=SOURCE,
    scope="every N, D and φ; φ need not be homogeneous. M is injective in the query exactly if φ "
    "is, and there is no exceptional set besides S = 0",
    deviation=CODE,
    reconstructed=True,
)
