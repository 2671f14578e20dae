"""The search for types, and what the layer costs."""

from __future__ import annotations

from ._paper import PAPER
from .chunk_types import PREFIX

STRAIGHT_THROUGH = PAPER.claim(
    "straight-through-exact",
    title="The straight-through choice is exactly zero or one in floating point",
    parts={
        "half precision": r"\operatorname{fl}(\operatorname{fl}(1-p)+p)=1,\ "
        r"\operatorname{fl}(\operatorname{fl}(0-p)+p)=0\text{ for every float16 and bfloat16 }"
        r"p\in[0,1]",
        "every precision": r"\text{the same in every binary format, rounding to nearest, ties to "
        r"even}",
    },
    locus="the straight-through estimator as released: y_hard − p + p",
    scope="probabilities in [0, 1]; no flush to zero is needed or feared",
    not_covered="other rounding modes, in which it fails",
    reconstructed=True,
)

SEARCH_GRADIENT = PAPER.claim(
    "search-gradient",
    title="The straight-through gradient is that of the expected loss",
    statement=r"y\sim\operatorname{Bernoulli}(p),\ p=\sigma(s):\quad "
    r"\mathbb E_y\bigl[\ell'(y)\bigr]\,p(1-p)=\frac{d}{ds}\mathbb E_y\,\ell(y)",
    locus="the search by straight-through gradients; reconstructed",
    scope="every smooth loss and every p",
    not_covered="how large the bias is in training",
    reconstructed=True,
)

SEARCH_GRADIENT_AFFINE = PAPER.claim(
    "ste-gradient-bias",
    title="The straight-through gradient is unbiased for affine losses, and off by a known term",
    parts={
        "difference": r"\mathbb E_y[\ell'(y)]-(\ell(1)-\ell(0))=(1-p)\ell'(0)+p\,\ell'(1)"
        r"-(\ell(1)-\ell(0))",
        "affine": r"\ell\text{ affine}\ \Longrightarrow\ \text{the difference is }0",
        "quadratic": r"\ell(y)=y^2:\quad\text{the difference is }2p-1,\text{ zero only at }"
        r"p=\tfrac12",
    },
    locus="the search by straight-through gradients; reconstructed",
    amends=SEARCH_GRADIENT,
    scope="one choice between two types",
    not_covered="several choices at once",
    reconstructed=True,
)

COST = PAPER.claim(
    "cost",
    title="Memory grows with the share of softmax chunks, and time with its square at least",
    parts={
        "pairs": r"n=L/C\text{ chunks }c=0,\dots,n-1:\quad \#\{(t,j)\}=n\frac{C(C+1)}2"
        r"+C^2\!\!\sum_{c\text{ of type softmax}}\!\!(n-1-c)",
        "at least": r"m\text{ chunks of type softmax}:\quad \#\{(t,j)\}\ge n\frac{C(C+1)}2"
        r"+C^2\frac{m(m-1)}2,\quad\text{reached when they come last}",
        "at most": r"\#\{(t,j)\}\le\frac{L(L+1)}2,\quad\text{reached when all are}",
        "memory": r"m\text{ earlier chunks of type softmax}:\quad "
        r"mC(d_k+d_v)+C(d_k+d_v)+2d_kd_v\ \text{numbers at the end of a chunk}",
    },
    locus="the complexity of the layer; reconstructed",
    scope="every L a multiple of C; at a fixed share r = mC/L the time stays quadratic, at least "
    "rL(rL − C)/2 pairs",
    not_covered="constants of the programs",
    uses=PREFIX,
    deviation="Two states are counted: the type of a chunk is known at its end, so that a decoder "
    "keeps the state with and without it. One is enough if the chunk is read again.",
    reconstructed=True,
)
