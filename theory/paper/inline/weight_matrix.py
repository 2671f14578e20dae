"""The weight matrices: row sums, rank, cost, and what a local residual adds."""

from __future__ import annotations

from ._paper import PAPER

INLINE = r"I_{ij}=s_{ij}-\tfrac1N\sum_ls_{il}+\tfrac1N,\quad s_{ij}=\varphi(q_i)^{\top}\varphi(k_j)"

INLINE_ROW_SUM = PAPER.claim(
    "inline-row-sum",
    title="InLine weights sum to one without a division, but they may be negative",
    parts={
        "sum": INLINE + r":\quad\sum_jI_{ij}=1",
        "negative": r"\varphi(q)=3,\ \varphi(K)=(1,0)^{\top}:\quad I=(2,-1)",
        "outside the hull": r"\varphi(q)=3,\ \varphi(K)=(1,0)^{\top},\ V=(1,0)^{\top}:\quad "
        r"IV=2>\max_jv_j",
    },
    locus="Eq. (5), as in the released code",
    scope="every N, D, φ, Q and K; no denominator can vanish",
    deviation="The sign is no statement of the paper; it is stated here because the weights are "
    "read as attention.",
)

COST = PAPER.claim(
    "cost",
    title="InLine attention is evaluated in linear time, without the matrix of weights",
    parts={
        "identity": r"IV=\varphi(Q)\bigl(\varphi(K)^{\top}V\bigr)"
        r"-\tfrac1N\varphi(Q)\bigl(\varphi(K)^{\top}\mathbf1\bigr)\bigl(\mathbf1^{\top}V\bigr)"
        r"+\tfrac1N\mathbf1\mathbf1^{\top}V",
        "multiplications": r"N(2Dd_v+D+d_v)\ \text{multiplications and}\ "
        r"d_v\ \text{divisions, features given}",
    },
    locus="abstract (linear complexity); order of evaluation of the released code",
    scope="every N, D and d_v for the identity; N queries and keys",
    not_covered="the cost of the feature map",
    reconstructed=True,
)

RANK = PAPER.claim(
    "rank",
    title="Linear weights have rank at most D and InLine weights at most D + 1; softmax weights of "
    "one coordinate can have full rank",
    parts={
        "linear": r"L=\operatorname{diag}(z)\,\varphi(Q)\,\varphi(K)^{\top}:\quad"
        r"\operatorname{rank}L\le D",
        "InLine": r"I=\begin{pmatrix}\varphi(Q)&\mathbf1\end{pmatrix}"
        r"\begin{pmatrix}\varphi(K)^{\top}(1-\tfrac1N\mathbf1\mathbf1^{\top})\\"
        r"\tfrac1N\mathbf1^{\top}\end{pmatrix}:\quad\operatorname{rank}I\le D+1",
        "softmax": r"d=1,\ q_i=i,\ k_j=j\ (1\le i,j\le N):\quad"
        r"\det\bigl(2^{ij}\bigr)=\prod_{i}2^i\prod_{i<j}(2^j-2^i)\ne0\quad(N\le10)",
    },
    locus="abstract (linear complexity); reconstructed",
    scope="every N, D, φ, Q and K for the bounds",
    not_covered="N > 10 for the last part: the same formula of Vandermonde, which is classical. "
    "Rows of softmax weights are positive multiples of the rows of this matrix",
    reconstructed=True,
)

LOCAL_RESIDUAL = PAPER.claim(
    "local-residual",
    title="A local residual lifts InLine attention beyond its rank, though not to every map",
    parts={
        "band": r"R_{ij}=0\text{ for }|i-j|>r,\ (RV)_i=\sum_{|i-j|\le r}R_{ij}v_j:\quad "
        r"\text{at most }(2r+1)Nd_v\text{ multiplications}",
        "values with mean zero": r"\varphi(q)=0,\ R=1,\ \mathbf1^{\top}V=0:\quad (I+R)V=V,\qquad "
        r"\operatorname{rank}V\ge D+1\ \Longrightarrow\ IV\ne V\text{ for every }I",
        "not the identity": r"I+R=1,\ R_{ij}=0\text{ for }|i-j|>r\ \Longrightarrow\ "
        r"N\le(2r+1)(D+1)",
    },
    locus="abstract (local modelling); reconstructed",
    scope="every N, D, r and d_v",
    deviation="The abstract says that the residual gives local bias. What it can do is bounded: "
    "with a short window no InLine attention plus residual is the identity for all values, since "
    "the uniform part 1/N spreads over all keys.",
    reconstructed=True,
)
