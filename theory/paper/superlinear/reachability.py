"""Which keys can be given weight at all."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.core import Hypothesis

from ._paper import PAPER
from .coverage import COVERAGE

REACHABILITY = PAPER.claim(
    "reachability",
    title="Under coverage every eligible key can be given nearly all the weight",
    parts={
        "weight": r"j\in\text{span}_a,\ k_a\mathrel{+}=(A,0),\ k_j\mathrel{+}=(0,A),"
        r"\ \text{all others }0,"
        r"\ q^s=(1,0),\ q=(0,1):\quad \text{weight of }j\ge\frac{2^A}{2^A+n_a}\cdot"
        r"\frac{2^A}{2^A+n_s}",
        "nearly all": r"\frac{2^A}{2^A+n_a}\cdot\frac{2^A}{2^A+n_s}\ge1-\frac{n_a+n_s}{2^A}",
    },
    hypotheses={"reach": Hypothesis(r"b\ge2", lambda b: b >= 2)},
    instance=lambda: {"b": Fraction(2)},
    uses=COVERAGE,
    locus="abstract: structural non-exclusion; what it says about content is reconstructed",
    scope="N = 2, d ≥ 2, any number of spans; n_a other anchors, n_s other keys that the branch "
    "sees; to the base 2",
    not_covered="a model with given parameters, of which this says nothing: it reads a vanishing "
    "share of the keys",
    reconstructed=True,
)
