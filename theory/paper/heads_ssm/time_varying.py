"""Interaction rank where the coefficients of the recurrence vary in time."""

from __future__ import annotations

from ._paper import PAPER

LTV_AND_SELECTIVE = PAPER.claim(
    "ltv-and-selective",
    title="Interaction rank of time-varying, selective and convolutional sequence maps",
    parts={
        "time-varying": r"\mathcal W_{ij}=C_iA_i\cdots A_{j+1}B_j\ (j\le i\le n),\ "
        r"N\ge\max(p,d):\quad \dim\operatorname{span}\{\mathcal W_{ij}\}"
        r"=\min\bigl(\tfrac{n(n+1)}2,pd\bigr)\text{ for generic coefficients}",
        "one decay per token": r"A_t=a_tI_N:\quad \mathcal W_{ij}=F_{ij}I_P,\ "
        r"F_{ij}=C_i^{\top}B_j\prod_{t=j+1}^{i}a_t,\text{ so the interaction rank is at most }1",
        "mixing of the tokens": r"\operatorname{rank}(F_{kj})_{k\ge i\ge j}\le N"
        r"\text{ for every }i",
        "mixing is reached": r"\max_i\operatorname{rank}(F_{kj})_{k\ge i\ge j}=N"
        r"\text{ for generic coefficients and }n\ge2N-1",
        "one decay and step per channel": r"\text{decays }a_t^{(c)}\text{ and steps }"
        r"\Delta_t^{(c)}:\quad \mathcal W_{ij}\text{ is diagonal, and }"
        r"\dim\operatorname{span}\{\mathcal W_{ij}\}=\min\bigl(\tfrac{n(n+1)}2,D\bigr)"
        r"\text{ for generic coefficients}",
        "convolution": r"\mathcal W_{ij}=K_{i-j}\ (0\le i-j<w),\ 0\text{ otherwise},\ n\ge w:\quad "
        r"\dim\operatorname{span}\{\mathcal W_{ij}\}=\min(w,pd)\text{ for generic taps}",
    },
    locus="the unified framework and its interaction rank; reconstructed",
    scope="linear maps with the coefficients held fixed. A rank found at one choice of the "
    "coefficients is a lower bound for generic ones, because minors are polynomials",
    not_covered="the rank of the map as a function of its input, where coefficients depend on it",
    deviation="As many states as the smaller width do not suffice: with p = N = 1 the blocks of "
    "one column are parallel. Nor do decays per channel without steps per channel: then all "
    "diagonal blocks are parallel. The interaction rank counts operators, the semiseparable rank "
    "how much of the past is kept: a scalar-identity head has the pair (1, N). The exponentials "
    "of the step sizes are replaced by positive rationals below one, each of which is e^{-Δ} for "
    "some Δ > 0.",
    reconstructed=True,
)
