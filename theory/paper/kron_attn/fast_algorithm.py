"""The fast algorithm: its error, its operations, its memory."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact, exact_array

from ._paper import PAPER
from .minimax_degree import MINIMAX_DEGREE
from .mixed_product import MIXED_PRODUCT

ERROR_PROPAGATION = PAPER.claim(
    "error-propagation",
    title="Weights with relative error ε give outputs with error at most 2(1 − √(1 − ε²))/ε, and "
    "no less",
    parts={
        "bound": r"\|D^{-1}AV-\tilde D^{-1}\tilde AV\|_\infty\le"
        r"\max|V|\cdot\frac{2\bigl(1-\sqrt{1-\varepsilon^2}\bigr)}{\varepsilon}",
        "attained": r"\text{two weights }p=(a,1-a),\ a=\tfrac{1-t}2,\ "
        r"\tilde A=((1+\varepsilon)A_1,(1-\varepsilon)A_2),\ V=(1,-1)\text{ give equality},\quad "
        r"\varepsilon=\tfrac{2t}{1+t^2}",
    },
    hypotheses={
        "relative error": Hypothesis(
            r"|\delta_j|\le\varepsilon,\quad \tilde A_{ij}=(1+\delta_j)A_{ij}",
            lambda delta, epsilon: all(-epsilon <= x <= epsilon for x in delta.flat),
        ),
        "less than one": Hypothesis(r"0<\varepsilon<1", lambda epsilon: bool(0 < epsilon < 1)),
    },
    instance=lambda: dict(delta=exact_array([["1/2", "-1/2"]]), epsilon=exact("1/2")),
    locus="the lemma on errors of A, D and the output; reconstructed with the sharp constant",
    scope="every number of tokens, every order; M = max |V₁| · max |V₂| for pairs",
    deviation="The chain of triangle inequalities gives 2ε/(1 − ε); the constant here is smaller, "
    "ε + ε³/4 + …, and cannot be improved.",
    reconstructed=True,
)

PIPELINE = PAPER.claim(
    "upper-bound-pipeline",
    title="Tensor attention with the certified polynomial: error and operations",
    parts={
        "error": r"\|T-\operatorname{TAtt}\|_\infty\le M\cdot"
        r"\frac{2\bigl(1-\sqrt{1-\varepsilon^2}\bigr)}{\varepsilon},\qquad "
        r"\varepsilon=E_g(B^3),\quad M=\max|V_1|\cdot\max|V_2|",
        "operations": r"\text{multiplications}=3n(r-1-d)+3nre+2re+(n+2)(r-1),\quad "
        r"r=\tbinom{g+d}{g};\qquad\text{by definition }n^3(d+e+1)+n^2(d+e)",
    },
    hypotheses={
        "bounded entries": Hypothesis(
            r"|Q|,|K_1|,|K_2|\le B",
            lambda entries, B: all(-B <= x <= B for x in entries.flat),
        ),
    },
    instance=lambda: dict(entries=exact_array([[1, -1]]), B=1),
    locus="the main algorithmic theorem; abstract",
    scope="every Q, K₁, K₂ with entries in [−B, B]; every polynomial with relative error ε < 1",
    not_covered="rounding in the error bound (its checks are exact or enclosed)",
    uses=(MIXED_PRODUCT, MINIMAX_DEGREE, ERROR_PROPAGATION),
    reconstructed=True,
)

SCALING = PAPER.claim(
    "measured-scaling",
    title="The fast algorithm at 65 536 tokens: memory and measured exponents",
    parts={
        "memory": r"\text{at most two arrays of }n\times r\text{ numbers at a time, besides input "
        r"and output}",
        "exponents": r"\text{time}\sim n^s:\quad s\text{ about }1\text{ up to }n=65\,536,"
        r"\quad s\text{ above }2\text{ by definition up to }n=320",
    },
    locus="not in the paper, which reports no measurements",
    scope="d = e = 4, g = 6, float64",
    not_covered="other machines; the times are those of NumPy",
    uses=PIPELINE,
    reconstructed=True,
)
