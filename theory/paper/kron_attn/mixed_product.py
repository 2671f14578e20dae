"""The identity behind the fast algorithm, and the rank it gives."""

from __future__ import annotations

from ._paper import PAPER

MIXED_PRODUCT = PAPER.claim(
    "mixed-product",
    title="Products of row-wise Khatri–Rao products are entrywise products of small matrices",
    parts={
        "identity": r"(A_1\oslash\dots\oslash A_q)^{\top}(C_1\oslash\dots\oslash C_q)"
        r"=(A_1^{\top}C_1)\circ\dots\circ(A_q^{\top}C_q)",
        "factorisation": r"P\bigl(\tfrac1dQ(K_1\oslash K_2)^{\top}\bigr)"
        r"=U_1(U_2\oslash U_3)^{\top},\quad U_1[i,e]=c_{|e|}\tbinom{|e|}{e}d^{-|e|}Q_i^e,\ "
        r"U_2[j,e]=K_{1,j}^e,\ U_3[k,e]=K_{2,k}^e,\quad |e|\le g",
        "fast evaluation": r"P\bigl(\tfrac1dQ(K_1\oslash K_2)^{\top}\bigr)(V_1\oslash V_2)"
        r"=U_1\bigl((U_2^{\top}V_1)\circ(U_3^{\top}V_2)\bigr)",
    },
    locus="the lemmas of the algorithm; reconstructed",
    scope="every number of rows, every width, every order q; every polynomial P of degree g",
    not_covered="nothing is divided; the denominators are the case V = 1",
    reconstructed=True,
)

RANK = PAPER.claim(
    "rank-exact",
    title="A polynomial of degree g of the scores has rank at most C(g + d, g), and this is "
    "attained",
    parts={
        "upper bound": r"\operatorname{rank}P\bigl(Q(K_1\oslash\dots\oslash K_q)^{\top}\bigr)"
        r"\le\tbinom{g+d}{g}\quad\text{for every order}",
        "attained": r"\max_{Q,K}\operatorname{rank}"
        r"P\bigl(Q(K_1\oslash\dots\oslash K_q)^{\top}\bigr)="
        r"\tbinom{g+d}{g}\quad\text{if }c_0,\dots,c_g\ne0\text{ and }n\ge\tbinom{g+d}{g}",
        "vanishing coefficients": r"\max_{Q,K}\operatorname{rank}P(QK^{\top})"
        r"=\sum_{k:\,c_k\ne0}\tbinom{k+d-1}{d-1}",
    },
    locus="the lemma on low rank; reconstructed",
    scope="every d, g and order for the upper bound; the listed (d, g) and orders for equality",
    not_covered="floating-point ranks, which undercount: 51 instead of 66 at d = 2, g = 10",
    deviation="The base paper (arXiv:2302.13214) uses C(2(g + d), 2g) features, which is also an "
    "upper bound, but not attained.",
    uses=(MIXED_PRODUCT,),
    reconstructed=True,
)
