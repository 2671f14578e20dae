"""The Taylor series of softmax attention as linear recurrences, their state and capacity."""

from __future__ import annotations

from ._paper import PAPER

KRONECKER_RECURRENCE = PAPER.claim(
    "kronecker-recurrence",
    title="Each order of the series is a linear recurrence on tensor powers",
    parts={
        "powers": r"\langle q^{\otimes m},k^{\otimes m}\rangle=(q^{\top}k)^m",
        "recurrence": r"H^{(m)}_t=H^{(m)}_{t-1}+k_t^{\otimes m}v_t^{\top}:\quad "
        r"\sum_{m=0}^{N}\tfrac1{m!}\bigl(H^{(m)}_t\bigr)^{\top}q_t^{\otimes m}"
        r"=\sum_{j\le t}T_N(q_t^{\top}k_j)\,v_j,\quad T_N(x)=\sum_{m=0}^{N}\tfrac{x^m}{m!}",
    },
    locus="softmax attention as a sum of recurrent networks; reconstructed",
    scope="every length, width and order; the denominator is the same sum with ones for values",
    not_covered="the limit N → ∞, for which see the bound on the truncation",
    reconstructed=True,
)

STATE_SIZE = PAPER.claim(
    "state-size",
    title="An order needs a monomial per multiset, not a coordinate per tuple",
    parts={
        "features": r"(q^{\top}k)^m=\sum_{|a|=m}\frac{m!}{a!}\,q^ak^a",
        "number": r"\#\{a\in\mathbb N^d:|a|=m\}=\binom{d+m-1}{m},\quad "
        r"\#\{a:|a|\le N\}=\binom{d+N}{N}",
    },
    locus="the discussion of the state; reconstructed",
    scope="every width and order",
    not_covered="approximate features",
    reconstructed=True,
)

CAPACITY_RANK = PAPER.claim(
    "capacity-rank",
    title="How many values the read-outs can separate",
    parts={
        "at most": r"\operatorname{rank}\bigl[T_N(q_i^{\top}k_j)\bigr]_{ij}\le\binom{d+N}{N},\quad "
        r"\operatorname{rank}\bigl[(q_i^{\top}k_j)^N\bigr]_{ij}\le\binom{d+N-1}{N}",
        "reached": r"\text{for generic keys, }n\text{ of them: }\operatorname{rank}"
        r"\bigl[T_N(k_i^{\top}k_j)\bigr]=\min\Bigl(n,\tbinom{d+N}{N}\Bigr),\ "
        r"\operatorname{rank}\bigl[(k_i^{\top}k_j)^N\bigr]=\min\Bigl(n,\tbinom{d+N-1}{N}\Bigr)",
        "exponential": r"k_i\text{ distinct}\ \Longrightarrow\ "
        r"\operatorname{rank}\bigl[e^{k_i^{\top}k_j}\bigr]=n",
    },
    locus="abstract: expressiveness of softmax attention; reconstructed",
    scope="every number of keys, width and order; 'reached' for d ≤ 4 and N ≤ 3",
    not_covered="conditioning, which decides what is separable in floating point",
    deviation="Linear attention on raw keys is pure order one: rank at most d.",
    reconstructed=True,
)
