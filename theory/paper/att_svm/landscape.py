"""Where the loss has no stationary point."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis
from attnproof.theory.paper.exact_values import exact_array

from ._paper import PAPER


def _independent_rows(constraints) -> bool:
    from attnproof.theory.algebra.matrix import rank

    return rank(constraints) == constraints.shape[0]


def _some_row_varies(scores) -> bool:
    return any(score != row[0] for row in scores for score in row)


def _one_value(values) -> bool:
    return all(value == row[0] for row in values for value in row)


GRADIENT = PAPER.claim(
    "gradient-in-pairs",
    title="The gradient of the loss is a sum over pairs of tokens, without cancellation",
    parts={
        "pairs": r"\nabla L(W)=\frac1n\sum_i\ell_i'\sum_{t<u}s_{it}s_{iu}"
        r"(\gamma_{it}-\gamma_{iu})(x_{it}-x_{iu})z_i^{\top},\qquad \ell_i'=\ell'(f_i)",
        "constraints": r"\nabla L(W)=-\frac1n\sum_i\ell_i'\sum_{t\ne\alpha_i}"
        r"s_{it}(\gamma_{it}-f_i)\,A_{it},\qquad A_{it}=(x_{i\alpha_i}-x_{it})z_i^{\top},"
        r"\quad f_i=\sum_ts_{it}\gamma_{it}",
    },
    locus="gradient of the training loss; reconstructed",
    scope="every n, T and d, every choice α of a token per sample, every differentiable ℓ",
    not_covered="the rule (e^x)′ = e^x, which is classical",
    reconstructed=True,
)

NO_STATIONARY_POINTS = PAPER.claim(
    "no-stationary-points",
    title="With linearly independent constraint matrices the loss has no finite stationary point",
    statement=r"\{A_{it}:t\ne\alpha_i\}\text{ linearly independent},\ \ell'<0,\ "
    r"\gamma_{it}\ne\gamma_{iu}\text{ for some }i,t,u\ \Longrightarrow\ "
    r"\nabla L(W)\ne0\quad\text{for every }W",
    hypotheses={
        "independent": Hypothesis(
            r"\{A_{it}\}\text{ linearly independent}",
            lambda constraints: _independent_rows(constraints),
        ),
        "scores differ": Hypothesis(
            r"\gamma_{it}\ne\gamma_{iu}\text{ for some }i,t,u",
            lambda scores: _some_row_varies(scores),
        ),
    },
    instance=lambda: dict(
        constraints=exact_array([[1, 0, 0, 0], [0, 1, 0, 0]]), scores=exact_array([[2, 1, 0]])
    ),
    locus="abstract, (2): a benign landscape devoid of stationary points; reconstructed",
    scope="every n, T and d, every choice α of a token per sample, every ℓ with ℓ′ < 0",
    not_covered="how often the matrices are independent: for T − 1 ≤ d and n(T − 1) ≤ d² this is "
    "a question of its own",
    deviation="That the max-margin problem is feasible is not enough: with one token more than "
    "coordinates plus one, W = 0 can be stationary. Independence is the condition used here.",
    uses=GRADIENT,
    reconstructed=True,
)

DESCENT_ALONG_MAX_MARGIN = PAPER.claim(
    "descent-along-max-margin",
    title="If all other tokens of a sample share one score, or all constraints are active, the "
    "loss decreases along the max-margin solution, from everywhere",
    parts={
        "equal other scores": r"\gamma_{it}=\bar\gamma_i\ (t\ne\mathrm{opt}_i)\ \Longrightarrow\ "
        r"-\langle\nabla L(W),W^{mm}\rangle\ge\frac1n\sum_i|\ell_i'|\,"
        r"(\gamma_{i,\mathrm{opt}}-\bar\gamma_i)\,s_{i,\mathrm{opt}}(1-s_{i,\mathrm{opt}})>0",
        "all constraints active": r"\langle A_{it},W^{mm}\rangle=1\ (t\ne\mathrm{opt}_i)\ "
        r"\Longrightarrow\ -\langle\nabla L(W),W^{mm}\rangle=\frac1n\sum_i|\ell_i'|\,"
        r"s_{i,\mathrm{opt}}\sum_{t}s_{it}(\gamma_{i,\mathrm{opt}}-\gamma_{it})>0",
    },
    hypotheses={
        "one value": Hypothesis(
            r"\gamma_{it}=\bar\gamma_i\ \text{or}\ \langle A_{it},W^{mm}\rangle=1\quad"
            r"(t\ne\mathrm{opt}_i)",
            lambda other_scores, margins: (
                _one_value(other_scores) or all(margin == 1 for row in margins for margin in row)
            ),
        ),
    },
    instance=lambda: dict(other_scores=exact_array([[0, 0]]), margins=exact_array([[1, 2]])),
    locus="the lemma on descent towards the max-margin solution; reconstructed",
    scope="every n, T and d, every W, every ℓ with ℓ′ < 0, every feasible data set",
    deviation="Without one of the two assumptions the statement is false, and W = 0 can be "
    "stationary.",
    uses=GRADIENT,
    reconstructed=True,
)
