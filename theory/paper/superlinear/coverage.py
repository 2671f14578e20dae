"""Which keys the pattern of anchors and spans can reach."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.core import Hypothesis

from ._paper import PAPER

NON_EXCLUSION = PAPER.claim(
    "structural-non-exclusion",
    title="No eligible key is excluded by the pattern, whatever the number of steps",
    statement=r"N\ge2,\ a_i=t-(i^N-1),\ \text{span }[a_i-\lceil2\sqrt{t+1}\rceil,a_i]:\quad "
    r"\bigcup_i\text{span}_i=\{0,\dots,t\}\text{ for every }t",
    locus="abstract: structural non-exclusion; the span exponent is the released package's default",
    scope="search exponents 1/N with the span exponent 1/2, which the package accepts for every N",
    not_covered="other combinations",
    deviation="The paper evaluates N = 2 only, for which the claim is true.",
    reconstructed=True,
)

COVERAGE = PAPER.claim(
    "coverage-theorem",
    title="For square-root anchors every key is covered if spans reach back twice the root",
    parts={
        "between anchors": r"u=t+1,\ m=\lfloor\sqrt u\rfloor,\ a_i=u-i^2\ (1\le i\le m):\quad "
        r"a_i-a_{i+1}-1=2i\le\lceil b\sqrt u\rceil\ (i<m),\ b\ge2",
        "oldest keys": r"a_m=u-m^2\le2m\le\lceil b\sqrt u\rceil,\ b\ge2",
        "sharp": r"b<2:\quad\text{key }0\text{ is excluded for }u=m^2+2m\text{ as soon as }"
        r"b\sqrt{u}\le2m-1",
    },
    hypotheses={"reach": Hypothesis(r"b\ge2", lambda b: b >= 2)},
    instance=lambda: {"b": Fraction(2)},
    locus="abstract: structural non-exclusion; condition reconstructed",
    amends=NON_EXCLUSION,
    scope="N = 2, span exponent 1/2, every window and every forward reach; a window only removes "
    "anchors whose keys it covers itself",
    not_covered="whether a search with given parameters finds a key",
    reconstructed=True,
)

NOT_A_RESTRICTION = PAPER.claim(
    "softmax-over-spans",
    title="The layer is softmax attention restricted to the chosen spans",
    statement=r"\sum_ig_i\,\frac{\sum_{j\in S_i}e^{s_j}v_j}{\sum_{j\in S_i}e^{s_j}}"
    r"=\frac{\sum_{j\in\bigcup S_i}e^{s_j}v_j}{\sum_{j\in\bigcup S_i}e^{s_j}}",
    locus="the reading of a sparse attention pattern; reconstructed",
    scope="gates from the anchors' own scores",
    not_covered="how far the two are apart in trained models",
    reconstructed=True,
)

MIXTURE = PAPER.claim(
    "not-a-restriction-of-softmax",
    title="A mixture over spans is softmax over their union exactly for mass-weighted gates",
    statement=r"S_i\text{ disjoint},\ Z_i=\sum_{j\in S_i}e^{s_j},\ g_i=\frac{Z_i}{\sum_lZ_l}:"
    r"\quad \sum_ig_i\,\frac{\sum_{j\in S_i}e^{s_j}v_j}{Z_i}"
    r"=\frac{\sum_i\sum_{j\in S_i}e^{s_j}v_j}{\sum_iZ_i}",
    locus="reconstructed",
    amends=NOT_A_RESTRICTION,
    scope="every number of spans and keys",
    not_covered="overlapping spans, whose common keys the mixture counts twice",
    reconstructed=True,
)
