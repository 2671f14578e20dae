"""The merge of partial softmax states."""

from __future__ import annotations

from ._paper import PAPER

MONOID = PAPER.claim(
    "monoid",
    title="Merging partial softmax states is associative and commutative, with an identity",
    parts={
        "homomorphism": r"\varphi(m,l,o)=(e^ml,e^mo):\quad "
        r"\varphi(x\oplus y)=\varphi(x)+\varphi(y)",
        "associativity": r"(x\oplus y)\oplus z=x\oplus(y\oplus z)",
        "maximum": r"\max(\max(a,b),c)=\max(a,\max(b,c)),\quad\max(a,b)=\max(b,a)",
        "concatenation": r"f(X\uplus Y)=f(X)\oplus f(Y)",
        "laws of the definition": r"x\oplus y=y\oplus x,\quad x\oplus(-\infty,0,0)=x,\quad"
        r"(x\oplus y)\oplus z=x\oplus(y\oplus z)",
    },
    locus="the associativity of softmax re-scaling; the other laws are reconstructed",
    scope="real arithmetic, every width and number of keys",
    not_covered="floating point, which has a claim of its own",
    reconstructed=True,
)

ANY_SPLIT = PAPER.claim(
    "any-split-exact",
    title="Every split of the keys and every order of merging gives attention",
    statement=r"X=X_1\uplus\dots\uplus X_r:\quad f(X_1)\oplus\dots\oplus f(X_r)=f(X),\qquad "
    r"\frac ol=\frac{\sum_je^{s_j}v_j}{\sum_je^{s_j}}",
    locus="unequal pieces of the context; reconstructed",
    scope="exact arithmetic, partitions into parts of any sizes and every binary tree of merges",
    not_covered="rounding",
    uses=MONOID,
    reconstructed=True,
)

SAME_BITS = PAPER.claim(
    "same-bits",
    title="In floating point the order of merging does not matter either",
    statement=r"\mathrm{fl}\big((x\oplus y)\oplus z\big)=\mathrm{fl}\big(x\oplus(y\oplus z)\big)",
    locus="a reading of the associativity; reconstructed",
    scope="IEEE arithmetic to nearest, doubles and single precision",
    not_covered="the size of the difference",
    reconstructed=True,
)

SAME_BITS_EXACT = PAPER.claim(
    "same-bits-without-rounding",
    title="Merging in floating point is associative where nothing is rounded",
    statement=r"m\in\{0,1,2,3\},\ l,o\in\{1,2,3\},\ \text{base }2:\quad"
    r"\mathrm{fl}\big((x\oplus y)\oplus z\big)=\mathrm{fl}\big(x\oplus(y\oplus z)\big)",
    locus="reconstructed",
    amends=SAME_BITS,
    scope="these states, in doubles and in single precision",
    not_covered="states whose merge is rounded",
    reconstructed=True,
)

COMMUTATIVE_BITS = PAPER.claim(
    "bitwise-commutative",
    title="In floating point, exchanging the two states of a merge changes no bit",
    statement=r"\mathrm{fl}(x\oplus y)=\mathrm{fl}(y\oplus x)",
    locus="reconstructed",
    scope="two rounded products and a rounded sum, single precision",
    not_covered="a fused multiply-add, which rounds one of the two products only",
    reconstructed=True,
)
