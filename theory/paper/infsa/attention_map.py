"""Symmetries, scale, masks and parameters of the attention map."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact, exact_array

from ._paper import PAPER

ODDS = Hypothesis(
    r"e^{\theta}>0\ \text{ (so that }0<\rho<1\text{)}",
    lambda odds: odds > 0,
)

LEARNABLE_RHO = PAPER.claim(
    "learnable-rho",
    title="The discount is learned: its gradient reaches the parameter",
    statement=r"\rho=\frac{1}{1+e^{-\theta}},\quad Y=\rho\,\hat AV,\quad "
    r"G=\frac{\partial L}{\partial Y}:\qquad "
    r"\frac{dL}{d\theta}\Big|_{\text{as computed}}=\frac{dL}{d\theta}=(1-\rho)\langle G,Y\rangle",
    hypotheses={"odds": ODDS},
    instance=lambda: dict(odds=exact(19)),
    locus="released code (learnable rho of the attention modules)",
    scope="both variants",
    not_covered="modules whose discount is a fixed number",
    deviation="The module holds the parameter, but its forward pass turns the sigmoid into a plain "
    "number before it multiplies. That is modelled by dual numbers: reading out the value drops "
    "the derivative. Confirmed on the released code (commit c937ce8): after a backward pass the "
    "parameter has no gradient in either variant, and every other parameter has one.",
)

LEARNABLE_RHO_ATTACHED = PAPER.claim(
    "learnable-rho-attached",
    title="Where the discount stays attached, its gradient is the inner product of the output with "
    "the gradient there",
    parts={
        "in the discount": r"\frac{dL}{d\rho}=\frac{\langle G,Y\rangle}{\rho}",
        "in the parameter": r"\rho=\frac{1}{1+e^{-\theta}}:\quad "
        r"\frac{dL}{d\theta}=(1-\rho)\,\langle G,Y\rangle",
    },
    hypotheses={"odds": ODDS},
    instance=lambda: dict(odds=exact(19)),
    locus="repairs the released forward pass; reconstructed",
    scope="both variants, every N, d, every ε ≥ 0, every differentiable loss",
    not_covered="how well a discount is learned that way: for ρ near one the gradient is small",
    deviation="Multiplication by ρ as a number of the graph instead of a plain number; no other "
    "change.",
    reconstructed=True,
    amends=LEARNABLE_RHO,
)

CAUSALITY = PAPER.claim(
    "causality",
    title="With a causal mask, a token's output depends on no later token",
    parts={
        "released modules": r"\text{mask requested:}\quad "
        r"\frac{\partial y_i}{\partial(q_j,k_j,v_j)}=0\quad(j>i)",
        "mask before the norm": r"A_{ij}=[q_i\cdot k_j/d]_+\,\mathbf 1_{j\le i},\quad "
        r"Y=\gamma\frac{A}{\|A\|_F}V:\quad \frac{\partial y_i}{\partial(q_j,k_j,v_j)}=0\quad(j>i)",
        "pooled query": r"s_{ij}=[\bar q\cdot k_j/d]_+\,\mathbf 1_{j\le i},\quad "
        r"y_i=\gamma\frac{\sum_js_{ij}v_j}{\sum_js_{ij}}:\quad "
        r"\frac{\partial y_i}{\partial(q_j,k_j,v_j)}=0\quad(j>i)",
    },
    locus="released code and its documentation (drop-in use; masks are accepted)",
    scope="every N, every Q, K, V with non-zero normalisers, ε = 0",
    not_covered="bidirectional use, for which no mask is needed",
    deviation="The released modules accept attn_mask, key_padding_mask and is_causal and do not "
    "use them, as their docstring says; the documentation names drop-in use in causal language "
    "models. That is the first part, modelled here and confirmed on the released code (commit "
    "c937ce8), whose output with a mask equals the one without. The other two ask whether using "
    "it would be enough. Stated for finite changes as well: the outputs of a prefix must not "
    "change when the tokens after it do.",
    reconstructed=True,
)

CAUSALITY_ROW = PAPER.claim(
    "causality-row-normalised",
    title="Masked affinities normalised row by row are causal",
    parts={
        "any function of the row": r"A_{ij}=0\ (j>i),\ D=\operatorname{diag}(\nu),\ "
        r"\nu_i\text{ a function of }A_{i1},\dots,A_{ii}:\quad "
        r"E^{\top}DAV=D_1A_{11}V_1\ \text{ for every prefix}",
        "row sums and row norms": r"A_{ij}=0\ (j>i):\quad E^{\top}A\mathbf 1=A_{11}\mathbf 1,"
        r"\quad E^{\top}AA^{\top}E=A_{11}A_{11}^{\top}",
    },
    locus="repairs the mask before the norm; reconstructed",
    scope="every N, every prefix; E embeds the prefix, A₁₁, D₁ and V₁ are its blocks",
    not_covered="rows without a positive affinity; whether training fares as well",
    reconstructed=True,
    amends=CAUSALITY,
)

CAUSALITY_RUNNING = PAPER.claim(
    "causality-running-norm",
    title="Masked affinities divided, row by row, by the Frobenius norm of the leading block are "
    "causal",
    parts={
        "prefix": r"A_{ij}=0\ (j>i),\quad \nu_i=\|A_{1..i,1..i}\|_F:\quad "
        r"\nu_i(A)=\nu_i(A_{11})\ (i\le m),\quad E^{\top}DAV=D_1A_{11}V_1",
        "recurrence": r"\nu_i^2=\nu_{i-1}^2+\sum_{j\le i}A_{ij}^2",
        "rows": r"\sum_{j\le i}A_{ij}^2\le\nu_i^2\le\|A\|_F^2",
    },
    locus="repairs the mask before the norm; reconstructed",
    scope="every N, every prefix of m tokens",
    not_covered="leading blocks that vanish; whether training fares as well",
    deviation="The Frobenius norm of the whole map can still exceed one: its rows alone are "
    "bounded by one.",
    reconstructed=True,
    amends=CAUSALITY,
)

CAUSALITY_PREFIX_POOLED = PAPER.claim(
    "causality-prefix-pooled",
    title="A pooled query over the prefix makes the linear variant causal",
    statement=r"\bar q_i=\frac{\sum_{l\le i}\|q_l\|q_l}{\sum_{l\le i}\|q_l\|},\quad "
    r"s_{ij}=[\bar q_i\cdot k_j/d]_+\,\mathbf 1_{j\le i}:\quad "
    r"\text{the outputs of a prefix are those of the prefix alone}",
    locus="repairs the pooled query; reconstructed",
    scope="every N, every prefix of m tokens, rows with a positive score",
    not_covered="cost: the scores of a row no longer follow from those of the row before",
    reconstructed=True,
    amends=CAUSALITY,
)


def _is_permutation(matrix) -> bool:
    """Zeros and ones, a single one in every row and every column."""
    lines = [list(row) for row in matrix]
    lines += [list(column) for column in zip(*lines, strict=True)]
    return all(
        sum(entry == 1 for entry in line) == 1
        and sum(entry == 0 for entry in line) == len(line) - 1
        for line in lines
    )


EQUIVARIANCE = PAPER.claim(
    "equivariance",
    title="Permuted tokens give permuted outputs; the linear variant does not even see the order "
    "of the queries, nor that of key-value pairs",
    parts={
        "pure, jointly": r"Y(PQ,PK,PV)=P\,Y(Q,K,V)",
        "linear, queries": r"Y(PQ,K,V)=Y(Q,K,V)",
        "linear, keys with values": r"Y(Q,PK,PV)=Y(Q,K,V)",
    },
    hypotheses={
        "permutation": Hypothesis(r"P\text{ a permutation matrix}", lambda P: _is_permutation(P))
    },
    instance=lambda: dict(P=exact_array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])),
    locus="released code; reconstructed",
    scope="every N, d, d_v, every ε ≥ 0, every discount",
    not_covered="positional encodings, which are there to break the symmetry; masks (a control "
    "shows that a causal mask breaks it); the order of floating-point sums",
    reconstructed=True,
)


def _pooled_scores(query, key):
    from attnproof.theory.operator.linear_infinite_self_attention import pooled_query

    return key @ pooled_query(query)


SCALE_INVARIANCE = PAPER.claim(
    "scale-invariance",
    title="Scaling all queries or all keys changes nothing, so that norms cannot sharpen the "
    "attention, and gradients are orthogonal to what they belong to",
    parts={
        "pure": r"\hat A(cQ,c'K)=\hat A(Q,K)",
        "linear": r"a(cQ,c'K)=a(Q,K)",
        "gradients": r"\Bigl\langle\frac{\partial L}{\partial Q},Q\Bigr\rangle"
        r"=\Bigl\langle\frac{\partial L}{\partial K},K\Bigr\rangle=0\quad\text{for every loss }L",
    },
    hypotheses={
        "positive factors": Hypothesis(r"c,c'>0", lambda factors: all(c > 0 for c in factors)),
        "no epsilon": Hypothesis(r"\varepsilon=0", lambda epsilon: epsilon == 0),
    },
    instance=lambda: dict(factors=exact_array([2, "1/3"]), epsilon=exact(0)),
    locus="released code; reconstructed",
    scope="every N, d, d_v, every Q and K with non-zero normalisers; the gradients where the map "
    "is differentiable",
    not_covered="the released ε = 1e-6, which ends the invariance where affinities are as small; "
    "factors that differ from token to token",
    deviation="Added values are no factors: a constant added to all logits changes the map, unlike "
    "in softmax, which in turn is not invariant under factors.",
    reconstructed=True,
)

OUTPUT_DECAY = PAPER.claim(
    "output-decay",
    title="Under Frobenius normalisation outputs are bounded by the spectral norm of the values "
    "over the root of N, and tokens that attend to one token each lose that root exactly",
    parts={
        "bound": r"\|\gamma\hat AV\|_F\le\gamma\|V\|_2,\quad\text{that is}\quad "
        r"\Bigl(\frac1N\sum_i\|y_i\|^2\Bigr)^{1/2}\le\frac{\gamma\|V\|_2}{\sqrt N}",
        "permutation": r"A_0=cP,\ c>0:\quad Y=\frac{\gamma}{\sqrt N}PV,\quad "
        r"\|Y\|_F=\frac{\gamma}{\sqrt N}\|V\|_F",
        "spectral radius": r"A_0=cP:\quad \hat Ax=\lambda x,\ x\ne0\ \Longrightarrow\ "
        r"|\lambda|=\frac1{\sqrt N},\qquad\hat A\mathbf 1=\frac1{\sqrt N}\mathbf 1",
    },
    hypotheses={
        "normalised": Hypothesis(
            r"\|\hat A\|_F\le1", lambda A: sum(entry * entry for row in A for entry in row) <= 1
        ),
        "discount": Hypothesis(r"\gamma\ge0", lambda gamma: gamma >= 0),
    },
    instance=lambda: dict(A=exact_array([["3/5", 0], [0, "4/5"]]), gamma=exact("19/20")),
    locus="reconstructed from the normalisation of the pure variant",
    scope="every N, every V; P a permutation matrix and ε = 0 where it is named, in particular "
    "tokens that attend to themselves alone",
    not_covered="what the layers around make of it: normalisation layers undo a common factor",
    deviation="The bound is a decay where the spectral norm of the values grows more slowly than "
    "the root of N. Where all values share a direction it grows as fast, and averages over them "
    "do not decay; attention to single tokens always does.",
    reconstructed=True,
)

OUTPUT_DECAY_VALUES = PAPER.claim(
    "output-decay-values",
    title="What averages out over tokens is damped by 1/√N under every map; what tokens have in "
    "common need not be",
    parts={
        "white values": r"\mathbb E\,VV^{\top}=d_v\,I:\qquad\mathbb E\,\|Y\|_F^2=\gamma^2d_v",
        "equal values": r"V=\mathbf 1v^{\top}:\qquad Y=\gamma\,(\hat A\mathbf 1)\,v^{\top},"
        r"\quad\text{and }Y=\gamma V\text{ if }A_0=c\,\mathbf 1\mathbf 1^{\top},\ c>0",
    },
    hypotheses={
        "no epsilon": Hypothesis(r"\varepsilon=0", lambda epsilon: epsilon == 0),
    },
    instance=lambda: dict(epsilon=exact(0)),
    locus="reconstructed from the normalisation in the released code",
    scope="every N, d_v, every affinities that are not all zero and do not depend on V, every "
    "discount",
    not_covered="how much of the values of a trained model is common to the tokens",
    deviation="A token then has the root mean square γ√(d_v/N) where values are white, and γ|v| "
    "where all tokens agree: the bound γ‖V‖₂/√N covers both, as ‖V‖₂ itself may grow like √N.",
    reconstructed=True,
)
