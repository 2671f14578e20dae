"""Which queries get the same weights."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _full_column_rank(matrix) -> bool:
    from attnproof.theory.algebra.matrix import rank

    return rank(matrix) == matrix.shape[1]


def _centred(matrix):
    return matrix - matrix.sum(axis=0) / matrix.shape[0]


SOFTMAX_INJECTIVE = PAPER.claim(
    "softmax-injective",
    title="Softmax attention is injective in the query exactly if the keys are affinely full",
    parts={
        "collisions": r"S_K(p)=S_K(q)\iff K(p-q)\in\mathbb R\mathbf 1,\qquad "
        r"S_K(q)_j=\frac{e^{k_j^{\top}q}}{\sum_se^{k_s^{\top}q}}",
        "rank": r"S_K\text{ is injective on }\mathbb R^d\iff "
        r"\operatorname{rank}\,[K,\mathbf 1]=d+1",
        "logarithms": r"\bigl(I-\tfrac1N\mathbf1\mathbf1^{\top}\bigr)"
        r"\bigl(\log S_K(p)-\log S_K(q)\bigr)"
        r"=\bigl(I-\tfrac1N\mathbf1\mathbf1^{\top}\bigr)K(p-q)",
    },
    locus="abstract (injectivity); reconstructed",
    scope="every N and d, every K",
    not_covered="that an exponential is injective with b^{x+y} = b^x b^y, which is classical. By "
    "the definition of the smallest singular value σ of the centred keys, the last part gives "
    "‖p − q‖ ≤ ‖centred difference of log S‖/σ",
    deviation="The paper's condition is stated here as full rank of [K, 1]: full rank of K is not "
    "enough, and N ≥ d + 1 keys are needed.",
    reconstructed=True,
)

LINEAR_NOT_INJECTIVE = PAPER.claim(
    "linear-not-injective",
    title="Normalised linear attention with at most as many features as coordinates is never "
    "injective in the query",
    parts={
        "rays": r"\varphi(q)=t\,\varphi(p),\ t\ne0\ \Longrightarrow\ L_K(q)=L_K(p),\qquad "
        r"L_K(q)_j=\frac{\varphi(q)^{\top}\varphi(k_j)}{\sum_s\varphi(q)^{\top}\varphi(k_s)}",
        "collision": r"\varphi:U\to\mathbb R^D\text{ continuous},\ U\subset\mathbb R^d"
        r"\text{ open},\ D\le d,\ \sum_s\varphi(q)^{\top}\varphi(k_s)\ne0\ \text{on }U"
        r"\ \Longrightarrow\ L_K(p)=L_K(q)\text{ for some }p\ne q",
        "maps in use": r"\varphi\in\{x,\ [x]_+,\ [x]_+^2,\ b^x,\ \operatorname{ELU}(x)+1,\ "
        r"x/\|x\|\}:\quad L_K(p)=L_K(q)\text{ for some }p\ne q\text{ and every }K",
        "one feature more": r"\varphi(x)=(b^{x_1},\dots,b^{x_d},1),\ "
        r"\operatorname{rank}\varphi(K)=d+1\ \Longrightarrow\ L_K\text{ is injective}",
    },
    hypotheses={
        "no more features than coordinates": Hypothesis(
            r"D\le d\quad(\text{part on collisions})",
            lambda features, coordinates: features <= coordinates,
        )
    },
    instance=lambda: dict(features=2, coordinates=2),
    locus="abstract (linear attention is not injective); reconstructed",
    scope="every N, d and D ≤ d, every continuous feature map, every K and query for which the "
    "denominator is not zero",
    not_covered="the invariance of domain (Brouwer), or the theorem of Borsuk and Ulam, which "
    "turns the reduction to D − 1 coordinates into a collision: both are classical and not "
    "machine-checked here, except for d = 2, where the intermediate value theorem does it",
    deviation="D ≤ d has to be assumed: with one feature more the map can be injective. Where the "
    "denominator is zero, as for the rectifier on the negative orthant, there are no weights.",
    reconstructed=True,
)

MAGNITUDE_NEGLECT = PAPER.claim(
    "magnitude-neglect",
    title="With positively homogeneous features, linear attention does not see how long the query "
    "is, while softmax attention raises its ratios to that power",
    parts={
        "linear": r"\varphi(tq)=t^a\varphi(q)\ \Longrightarrow\ L_K(tq)=L_K(q)\quad(t>0)",
        "softmax": r"\frac{S_K(tq)_i}{S_K(tq)_j}"
        r"=\Bigl(\frac{S_K(q)_i}{S_K(q)_j}\Bigr)^t",
    },
    hypotheses={
        "homogeneous": Hypothesis(
            r"\varphi(tq)=t^a\varphi(q)\quad(\text{first part})",
            lambda features, features_of_multiple, t, a: bool(
                (features_of_multiple == t**a * features).all()
            ),
        )
    },
    instance=lambda: dict(
        features=exact_array([[1, 2]]), features_of_multiple=exact_array([[3, 6]]), t=3, a=1
    ),
    locus="abstract (semantic confusion); reconstructed",
    scope="every N, d, D, K and V, every degree a",
    reconstructed=True,
)

CONFUSION = PAPER.claim(
    "confusion",
    title="Queries whose features are collinear get the same output, whatever the values",
    statement=r"\varphi(q)=t\,\varphi(p),\ t>0\ \Longrightarrow\ "
    r"L_K(q)V=L_K(p)V\quad\text{for every }V",
    hypotheses={
        "collinear": Hypothesis(
            r"\varphi(q)=t\,\varphi(p)",
            lambda features_p, features_q, t: bool((features_q == t * features_p).all()),
        )
    },
    instance=lambda: dict(features_p=exact_array([[1, 2]]), features_q=exact_array([[3, 6]]), t=3),
    locus="abstract (semantic confusion); reconstructed",
    scope="every N, D, K and V",
    reconstructed=True,
)

INLINE_INJECTIVE = PAPER.claim(
    "inline-injective",
    title="InLine attention with centred key features of full column rank is injective exactly if "
    "its feature map is",
    parts={
        "centred": r"I_K(q)-\tfrac1N\mathbf1=\Phi_c\,\varphi(q),\qquad "
        r"\Phi_c=\bigl(I-\tfrac1N\mathbf1\mathbf1^{\top}\bigr)\varphi(K)",
        "full rank": r"\operatorname{rank}\Phi_c=D,\ I_K(p)=I_K(q)\ \Longrightarrow\ "
        r"\varphi(p)=\varphi(q)",
        "rectifier": r"\varphi(x)=[x]_+:\quad I_K(p)=I_K(q)=\tfrac1N\mathbf1"
        r"\quad\text{for all }p,q\le0\text{ and every }K",
        "injective maps": r"\varphi\in\{x,\ 2^x,\ \operatorname{ELU}_2(x)+1\}:\ "
        r"I_K\text{ has no collision on }\{-2,\dots,2\}^2\text{ for the stated }K",
    },
    hypotheses={
        "full rank": Hypothesis(
            r"\operatorname{rank}\Phi_c=D",
            lambda key_features: _full_column_rank(_centred(key_features)),
        ),
        "injective features": Hypothesis(
            r"\varphi(p)=\varphi(q)\Rightarrow p=q",
            lambda p, q, features_p, features_q: bool(
                (p == q).all() or (features_p != features_q).any()
            ),
        ),
    },
    instance=lambda: dict(
        key_features=exact_array([[1, 0], [0, 1], [0, 0]]),
        p=exact_array([[1, 2]]),
        q=exact_array([[2, 2]]),
        features_p=exact_array([[1, 2]]),
        features_q=exact_array([[2, 2]]),
    ),
    locus="abstract (InLine attention is injective); Eq. (5)",
    scope="every N and D, every feature map",
    not_covered="other feature maps",
    deviation="Injectivity of InLine attention needs an injective feature map and centred key "
    "features of full column rank, hence N ≥ D + 1. With the rectifier it fails. The released "
    "DeiT model has φ = x, which is injective.",
    reconstructed=True,
)
