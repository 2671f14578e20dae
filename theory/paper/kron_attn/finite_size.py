"""What the asymptotic statements say at finite size."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER
from .minimax_degree import MINIMAX_DEGREE
from .mixed_product import MIXED_PRODUCT, RANK

ASYMPTOTIC_HONESTY = PAPER.claim(
    "asymptotic-honesty",
    title="Where n^{1+o(1)} starts: with bounded entries and accuracy 1/n the exponent falls to 1 "
    "very slowly",
    parts={
        "features": r"d=\log_2n,\ B=1,\ \varepsilon=\tfrac1n:\quad r=\tbinom{g+d}{g}\ "
        r"\begin{array}{lrrrrrrrr}\log_2n&6&10&12&14&20&28&40&48\\g&3&4&5&5&7&9&12&13\\"
        r"r/n&1.31&0.98&1.51&0.71&0.85&0.46&0.19&0.023\end{array}",
        "slow": r"d=\lceil\ln n\rceil,\ n=2^k,\ 5\le k\le1000:\quad\log_nr\ge0.555",
        "falls": r"\log_nr\to0:\quad\begin{array}{lrrrrrrrr}"
        r"\log_2n&10&20&10^2&10^3&10^4&10^6&10^9&10^{12}\\"
        r"\log_nr\ge&0.837&0.762&0.717&0.557&0.445&0.318&0.225&0.176\end{array}",
    },
    locus="abstract (n^{1+o(1)} time), at finite n; reconstructed",
    scope="the stated n",
    not_covered="constants of the running time; other polynomials than those of least degree need "
    "more features",
    uses=(MINIMAX_DEGREE, RANK),
    reconstructed=True,
)

THRESHOLD = PAPER.claim(
    "threshold-algorithm-side",
    title="At entries of size (c log n)^{1/3} the exponent of the algorithm stays above 1",
    parts={
        "constant": r"B^3=c\ln n,\ d=\lceil\ln n\rceil,\ \varepsilon=\tfrac1n:\quad "
        r"|\log_nr-h(c)|\le10^{-3}\ \text{for the lower bound of }\log_nr,\ "
        r"h(c)=(1+\kappa)\ln(1+\kappa)-\kappa\ln\kappa,\ \kappa\ln\tfrac{2\kappa}{ec}=1-c,"
        r"\quad n=2^{10^6},2^{10^9},2^{10^{12}}",
        "table": r"\log_nr\ge\begin{array}{lrrrrrr}\log_2n&20&10^2&10^3&10^4&10^6&10^9\\"
        r"c=0.01&0.579&0.676&0.717&0.723&0.724&0.724\\"
        r"c=0.1&0.841&1.004&1.055&1.061&1.062&1.062\\"
        r"c=0.5&1.213&1.390&1.432&1.439&1.440&1.440\\c=1&1.356&1.550&1.600&1.607&1.608&1.608\end{array}",
        "below": r"B^3\in\{1,\sqrt{\ln n}\}:\quad\text{upper bounds of }\log_nr"
        r"\text{ fall, at }n=2^{10^4},\ 2^{10^6},\ 2^{10^9},\ 2^{10^{12}}",
    },
    locus="both theorems, for this algorithm; reconstructed",
    scope="the least degree for accuracy 1/n; the stated c and n",
    not_covered="algorithms that are not built on a polynomial of the scores: those are the "
    "subject of the conditional lower bound",
    uses=(MINIMAX_DEGREE, RANK),
    reconstructed=True,
)

HIGHER_ORDER = PAPER.claim(
    "higher-order",
    title="At order k the scores range over [−B^k, B^k], and the features are as many as for pairs",
    parts={
        "range": r"\max_{|x^{(m)}_l|\le B}\ \frac1d\sum_{l=1}^d\prod_{m=1}^kx^{(m)}_l=B^k",
        "pipeline": r"\|T-\operatorname{Att}_k\|_\infty\le\max|V_1|\cdots\max|V_{k-1}|\cdot"
        r"\frac{2\bigl(1-\sqrt{1-\varepsilon^2}\bigr)}{\varepsilon},\quad"
        r"\varepsilon=E_g(B^k),\ r=\tbinom{g+d}{g}",
    },
    hypotheses={
        "bounded entries": Hypothesis(
            r"|x^{(m)}_l|\le B",
            lambda entries, B: all(-B <= x <= B for x in entries.flat),
        ),
    },
    instance=lambda: dict(entries=exact_array([[1, -1]]), B=1),
    locus="abstract (the higher the order, the lower the bound); reconstructed",
    scope="every order k ≥ 1 and width d",
    not_covered="that the threshold is then B = o((log n)^{1/k}) is the threshold in R = B^k",
    deviation="The scores are divided by d. Without this the range is [−dB^k, dB^k].",
    uses=(MIXED_PRODUCT,),
    reconstructed=True,
)

NEAR_UNIFORM = PAPER.claim(
    "fast-regime-is-near-uniform",
    title="Scores in [−R, R] give no candidate more than e^{2R}/(e^{2R} + m − 1) of the weight",
    parts={
        "bound": r"|s_j|\le R\ \Longrightarrow\ \frac{e^{s_1}}{\sum_{j=1}^me^{s_j}}"
        r"\le\frac{e^{2R}}{e^{2R}+m-1}",
        "attained": r"s_1=R,\ s_j=-R\ (j>1)\text{ gives equality}",
        "influence": r"|V-V'|\le2M\text{ on }s\text{ of the }m\text{ candidates, equal elsewhere }"
        r"\Longrightarrow\ |y-y'|\le2M\,s\,\frac{e^{2R}}{m-1}",
    },
    hypotheses={
        "bounded scores": Hypothesis(
            r"e^{-R}\le e^{s_j}\le e^R\quad(u=e^R,\ x_j=e^{s_j})",
            lambda weights, u: all(u * x >= 1 and x <= u for x in weights.flat),
        ),
    },
    instance=lambda: dict(weights=exact_array([["1/2", 2]]), u=2),
    locus="not in the paper: a consequence of its definition",
    scope="every m, every R; m = n² for pairs of keys",
    not_covered="with R = o(log n) and m = n² the bound is n^{−2+o(1)}: the entries that admit the "
    "fast algorithm do not let attention pick out single pairs",
    reconstructed=True,
)
