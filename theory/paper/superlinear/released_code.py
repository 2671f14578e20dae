"""Two places in which the released package and its formulas part."""

from __future__ import annotations

from ._paper import PAPER

RELEASED_WINDOW = PAPER.claim(
    "released-window",
    title="The released masks and the released search have windows of the same length",
    statement=r"(w+1)^2-1=\lfloor(w+1)^{1/p}\rfloor-1\quad\text{for every search exponent }p",
    locus="package superlinear 0.1.0: span/masks.py has the left-hand side, "
    "kernels/common/power.py the right",
    scope="every w ≥ 0 and every exponent that the package accepts",
    not_covered="kernels that do not use these masks",
    deviation="Read from the code; the package says nowhere that they agree.",
    reconstructed=True,
)

POWERS_BY_LOGARITHM = PAPER.claim(
    "powers-by-logarithm",
    title="Powers by exponential and logarithm in single precision give the anchors",
    statement=r"\bigl\lfloor\operatorname{fl}\exp(\operatorname{fl}(c\operatorname{fl}\log i))"
    r"\bigr\rfloor=\lfloor i^{c}\rfloor,\quad c=1/p",
    locus="package superlinear 0.1.0, the search kernel for exponents that are no integer",
    scope="every i up to 8000; float32, each function and product rounded to nearest",
    not_covered="what a wrong anchor costs: the sequence stays monotone, gaps change",
    deviation="Exponential and logarithm are taken as correctly rounded, more than a GPU promises.",
    reconstructed=True,
)

POWERS_BY_ROOTS = PAPER.claim(
    "powers-by-roots",
    title="Integer roots give the anchors for every rational exponent",
    statement=r"c=r/s:\quad \lfloor i^{c}\rfloor=\max\{n:\ n^s\le i^r\}",
    locus="reconstructed",
    amends=POWERS_BY_LOGARITHM,
    scope="every positive integer i, r and s",
    not_covered="speed",
    reconstructed=True,
)
