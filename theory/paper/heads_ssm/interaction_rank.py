"""Interaction rank: of what it is a property, and what it says about one head."""

from __future__ import annotations

from ._paper import PAPER

EFFECTIVE_OPERATOR = PAPER.claim(
    "effective-operator-nonunique",
    title="The interaction rank is a property of the sequence map",
    statement=r"\sum_{j\le i}\mathcal W_{ij}(X)\,x_j=\sum_{j\le i}\mathcal W'_{ij}(X)\,x_j"
    r"\ \text{ for all }i,X\ \Longrightarrow\ "
    r"\dim\operatorname{span}\{\mathcal W_{ij}(X)\}_{i,j,X}"
    r"=\dim\operatorname{span}\{\mathcal W'_{ij}(X)\}_{i,j,X}",
    locus="a reading of the definition; reconstructed",
    scope="causal sequence maps with blocks that may depend on the input",
    deviation="The abstract speaks of the interaction rank of a layer. The reading tested here "
    "takes it for a property of the map from inputs to outputs.",
    reconstructed=True,
)

EFFECTIVE_OPERATOR_CONSTANT = PAPER.claim(
    "effective-operator-constant",
    title="Blocks that depend on the input are not determined by the outputs; constant blocks are",
    parts={
        "many decompositions": r"K^{\top}=-K:\quad "
        r"\bigl(\mathcal W_{ij}(X)+u\,(Kx_j)^{\top}\bigr)x_j=\mathcal W_{ij}(X)\,x_j",
        "every matrix is reached": r"d\ge2,\ n\ge p+d-1,\ "
        r"\mathcal W'_{ij}(X)=V+u_i\,(K_jx_j)^{\top}:\quad \mathcal W'_{ij}(X)\,x_j=Vx_j"
        r"\text{ and }\dim\operatorname{span}\{\mathcal W'_{ij}(X)\}_{i,j,X}=pd"
        r"\ \text{ for some }u_i\text{ and skew }K_j",
        "constant blocks": r"y_i=\sum_{j\le i}\mathcal W_{ij}x_j\text{ for all }X,\ "
        r"\mathcal W_{ij}\text{ constant}\ \Longrightarrow\ "
        r"\mathcal W_{ij}e_c=y_i\big|_{x_j=e_c,\ x_l=0\ (l\ne j)}",
    },
    locus="the definition of the interaction rank; reconstructed",
    scope="every n, p, d; real blocks",
    not_covered="a choice among the decompositions of a map that is not linear",
    deviation="The interaction rank is that of a representation. For linear maps with constant "
    "blocks it is that of the map.",
    amends=EFFECTIVE_OPERATOR,
    reconstructed=True,
)

FACTORIZED_SPAN = PAPER.claim(
    "factorized-span",
    title="The blocks of H heads span at most H dimensions, over all inputs together",
    statement=r"\mathcal W_{ij}(X)=\sum_{h=1}^{H}f^h_{ij}(X)\,V_h\ \Longrightarrow\ "
    r"\dim\operatorname{span}\{\mathcal W_{ij}(X)\}_{i,j,X}\le H",
    locus="the unified framework; reconstructed",
    scope="every n, p, d, H; coefficients that are any functions of the whole input",
    not_covered="value maps that depend on the token, such as gated values",
    reconstructed=True,
)

RANK_GAP = PAPER.claim(
    "rank-gap-single-head",
    title="One head, whatever its coefficients, realises only blocks that are multiples of its "
    "value map",
    parts={
        "one token": r"y_i=\sum_{j\le i}W_{ij}x_j=\sum_{j\le i}f_{ij}(X)\,Vx_j\text{ for every }X"
        r"\ \Longrightarrow\ W_{ij}x\in\mathbb R\,Vx\text{ for every }x\in\mathbb R^d",
        "rank two or more": r"\operatorname{rank}V\ge2,\ Wx\in\mathbb R\,Vx\text{ for every }x"
        r"\ \Longrightarrow\ W=cV",
        "rank one": r"V=u\,v^{\top}\ne0,\ Wx\in\mathbb R\,Vx\text{ for every }x"
        r"\ \Longrightarrow\ W=cV",
    },
    locus="abstract (interaction rank gap); reconstructed",
    scope="every n, p, d and every linear causal map with real blocks; the coefficients may be any "
    "functions of the whole input",
    not_covered="value maps that depend on the token; two heads or more, for which the input can "
    "make up for missing heads",
    deviation="The span alone gives this for coefficients that depend on the positions. Here they "
    "may depend on the input.",
    reconstructed=True,
)

RANK_GAP_INSTANCES = PAPER.claim(
    "rank-gap-instances",
    title="The gap on a rotation, and on all small value maps with entries 0 and 1",
    parts={
        "small value maps": r"V\in\{0,1\}^{p\times d},\ V\ne0,\ p,d\in\{2,3\}:\quad "
        r"\dim\{W:Wx\wedge Vx=0\text{ for every }x,\ W\ker V=0\}=1",
        "rotation": r"A=\begin{pmatrix}3/5&-4/5\\4/5&3/5\end{pmatrix},\ B=C=I:\quad "
        r"k_n=\operatorname{rank}[\operatorname{vec}M_0,\dots,\operatorname{vec}M_{n-1}]"
        r"=1,2,2,2,2\ (n=1,\dots,5),\quad\text{so no single head realises it for }n\ge2",
    },
    locus="abstract (interaction rank gap); the instances are ours",
    scope="the rotation on up to five tokens; the value maps listed",
    uses=(RANK_GAP,),
    reconstructed=True,
)
