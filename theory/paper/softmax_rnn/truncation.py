"""How far the truncated series is from the exponential, and when it can normalise."""

from __future__ import annotations

from ._paper import PAPER

TRUNCATION_BOUND = PAPER.claim(
    "truncation-bound",
    title="Truncating the series after order N changes softmax attention by a known amount",
    parts={
        "relative error": r"|x|\le X:\quad \Bigl|\frac{T_N(x)}{e^x}-1\Bigr|\le\varepsilon:="
        r"e^X\frac{X^{N+1}}{(N+1)!}",
        "output": r"\varepsilon<1:\quad \Bigl\|\sum_j(\tilde p_j-p_j)v_j\Bigr\|"
        r"\le\frac{2\varepsilon}{1-\varepsilon}\max_j\|v_j\|",
        "sharper on the right": r"0\le x\le X:\quad 0\le1-\frac{T_N(x)}{e^x}"
        r"\le\frac{X^{N+1}}{(N+1)!}",
    },
    locus="the discussion of how many terms are needed; reconstructed",
    scope="every N, X, number of keys and width; p̃ are the normalised weights from T_N",
    not_covered="rounding, which decides for negative scores",
    deviation="Taylor's formula with Lagrange's remainder is cited: T_N(x) − e^x = −e^ξ x^{N+1}/"
    "(N+1)! with ξ between 0 and x.",
    reconstructed=True,
)

POSITIVITY = PAPER.claim(
    "positivity",
    title="Only truncations of even order are safe to normalise with",
    parts={
        "even": r"T_{2m}(x)>0\text{ for every real }x",
        "odd": r"T_{2m+1}\text{ has exactly one real root, and it is negative}",
        "division by zero": r"N=1,\ x=(-1,-1):\quad \sum_jT_1(x_j)=0",
    },
    locus="the denominator of the truncated series; reconstructed",
    scope="every order",
    not_covered="how close to zero the even truncations come",
    reconstructed=True,
)

TAYLOR_IN_FLOATS = PAPER.claim(
    "float-cancellation",
    title="Eighty terms of the series compute softmax attention in double precision",
    statement=r"\bigl|\operatorname{fl}(T_{79}(x))-e^x\bigr|\le10^{-6}\,e^x\quad"
    r"\text{for }|x|\le40",
    locus="the experiment with 80 terms in the released code; reconstructed",
    scope="float64, terms added in order of m",
    not_covered="other ways to add the terms",
    deviation="The tolerance is ours: it is what single precision would need.",
    reconstructed=True,
)

TAYLOR_IN_FLOATS_RECIPROCAL = PAPER.claim(
    "float-cancellation-repaired",
    title="For negative scores the reciprocal of the series keeps its digits",
    parts={
        "rounding": r"x\ge0:\quad \operatorname{fl}(T_N(x))=T_N(x)(1+\theta),\ "
        r"|\theta|\le\gamma_{3N},\quad\text{and }\operatorname{fl}(1/T_N)\text{ one factor more}",
        "double precision": r"|x|\le30:\quad \bigl|\operatorname{fl}(1/T_{79}(-x))-e^x\bigr|"
        r"\le10^{-6}e^x\ (x<0),\quad\bigl|\operatorname{fl}(T_{79}(x))-e^x\bigr|\le10^{-6}e^x\ "
        r"(x\ge0)",
    },
    locus="the experiment with 80 terms; reconstructed",
    amends=TAYLOR_IN_FLOATS,
    scope="float64, terms added in order of m, no overflow or underflow",
    not_covered="scores beyond 30, where eighty terms are too few",
    reconstructed=True,
)
