"""When the max-margin solution is a direction of descent, from everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.att_svm.attention_loss import (
    exact_arrays,
    gradient_by_dual_numbers,
    logits,
)
from attnproof.theory.paper.att_svm.data_sets import STATIONARY_AT_ZERO
from attnproof.theory.paper.att_svm.landscape import DESCENT_ALONG_MAX_MARGIN
from attnproof.theory.paper.att_svm.max_margin_matrix import (
    Infeasible,
    MaxMargin,
    max_margin_matrix,
)

# p, h, b: probability, score and value of the best token; n = Σ s, S = Σ s a, G = Σ s γ over the
# others; g their common score; s, a: one further token.
p, n, G, h, b, S, g, s, a, D = scalars("p n G h b S g s a D")


@check(
    DESCENT_ALONG_MAX_MARGIN,
    part="equal other scores",
    establishes=proof(over="every n, T and d, every W, every loss with ℓ' < 0"),
    claimed=dict(factor=(h - g) * p, margin=b - a - 1, gap=h - g),
    controls={
        "without the probability": dict(factor=h - g),
        "score of the best token alone": dict(factor=h * p),
        "margin zero": dict(margin=b - a),
        "best score not the highest": dict(gap=g - h),
    },
)
def covariance_with_equal_other_scores(factor, margin, gap) -> None:
    """Let b and a_t be the values of the tokens along W^mm, so that b − a_t ≥ 1.

    1. With p + n = 1 the covariance is (h − g) p (n b − S).
    2. n b − S − n = Σ s_t (b − a_t − 1) ≥ 0, by induction over the other tokens.
    3. Hence it is at least (h − g) p n > 0.
    4. The mean over the samples with weights |ℓ_i'| > 0 keeps the sign.
    """
    model = {"p": "1/3", "h": 2, "b": 5, "n": "2/3", "S": 1, "g": 1}
    moments = p * h * b + g * S
    follows(
        moments - (p * h + g * n) * (p * b + S) - factor * (n * b - S),
        using=[(-moments, p + n - 1, 1)],
        models=[{name: rational(value) for name, value in model.items()}],
        message="the covariance does not factor so",
    )
    entails(
        (D + s * (b - a)) - s,
        given={"so far": D, "probability": s, "margin": margin},
        certificate=[(1, ["so far"], []), (1, ["probability", "margin"], [])],
        message="a further token takes more than its probability",
    )
    entails(
        (h - g) * p * (D + n) - (h - g) * p * n,
        given={"gap": gap, "probability": p, "sum": D},
        certificate=[(1, ["gap", "probability", "sum"], [])],
        message="the covariance is smaller",
    )


@check(
    DESCENT_ALONG_MAX_MARGIN,
    part="all constraints active",
    establishes=proof(over="every n, T and d, every W, every loss with ℓ' < 0"),
    claimed=dict(stated=p * (n * h - G), value=b - 1),
    controls={
        "without the probability": dict(stated=n * h - G),
        "squared": dict(stated=p * p * (n * h - G)),
        "margin two": dict(value=b - 2),
        "other tokens ahead": dict(value=b + 1),
    },
)
def covariance_with_equal_margins(stated, value) -> None:
    """If b − a_t = 1 for all other tokens, the covariance is p Σ_t s_t (h − γ_t), where
    Σ_t s_t (h − γ_t) = n h − G; every term is positive."""
    model = {"p": "1/3", "h": 2, "b": 5, "n": "2/3", "G": "1/5"}
    follows(
        p * h * b + value * G - (p * h + G) * (p * b + value * n) - stated,
        using=[(G - (p * h + G) * b, p + n - 1, 1)],
        models=[{name: rational(entry) for name, entry in model.items()}],
        message="the covariance is another one",
    )


def _stationary_at_zero() -> Iterator[tuple]:
    yield *exact_arrays(STATIONARY_AT_ZERO), rational_array([[0]])


def _feasible_instances(equal: str) -> Iterator[tuple]:
    """Token 0 is the best one. Either its lead is 2 over all others, or all margins are 1."""
    for draw in independent_draws(30, seed=63):
        length, samples = int(draw.random.integers(2, 5)), int(draw.random.integers(1, 4))
        tokens, queries, scores, weight = (
            rational_array(draw.random.integers(-2, 3, shape).tolist())
            for shape in ((samples, length, 2), (samples, 2), (samples, length), (2, 2))
        )
        scores[:, 0] = rational(3)
        if equal == "scores":
            scores[:, 1:] = rational(1)
        try:
            solution = _max_margin(tokens, queries)
        except Infeasible:
            draw.discard()
            continue
        if equal == "margins" and any(margin != 1 for margin in solution.margins.values()):
            draw.discard()
            continue
        yield tokens, queries, scores, weight


def _max_margin(tokens: np.ndarray, queries: np.ndarray) -> MaxMargin:
    return max_margin_matrix(
        {
            (i, t): np.outer(tokens[i, 0] - tokens[i, t], query)
            for i, query in enumerate(queries)
            for t in range(1, tokens.shape[1])
        }
    )


def _equal_score_bound(s, scores):
    return (scores[0] - scores[1]) * s[0] * (1 - s[0])


def _equal_margin_value(s, scores):
    return s[0] * (s * (scores[0] - scores)).sum()


def _examine(instances, bound, exactly: bool) -> None:
    for tokens, queries, scores, weight in instances():
        slopes = rational_array([f"-{2 + i}/3" for i in range(len(queries))])
        solution = _max_margin(tokens, queries)
        gradient = gradient_by_dual_numbers(tokens, queries, scores, weight, slopes)
        descent = -(gradient * solution.matrix).sum()
        probabilities = softmax_weights(logits(tokens, queries, weight), power_of_two)
        stated = rational(0)
        for slope, s, row in zip(slopes, probabilities, scores, strict=True):
            stated = stated - slope * bound(s, row) / len(slopes)
        refute_unless(
            bool(descent == stated if exactly else descent >= stated) and bool(stated > 0),
            "the loss does not decrease as stated",
            X=tokens,
            Z=queries,
            scores=scores,
            W=weight,
            W_mm=solution.matrix,
            descent=descent,
            stated=stated,
            other_scores=scores[:, 1:],
            margins=np.array([[m] for m in solution.margins.values()], dtype=object),
        )


@check(
    DESCENT_ALONG_MAX_MARGIN,
    part="equal other scores",
    establishes=sampled(
        over="n ≤ 3, T ≤ 4, d = 2, small integers", by="dual numbers, softmax in base two"
    ),
    claimed=dict(instances=lambda: _feasible_instances("scores"), bound=_equal_score_bound),
    controls={
        "three tokens on a line": dict(instances=_stationary_at_zero, drops="one value"),
        "twice the bound": dict(bound=lambda s, scores: 2 * _equal_score_bound(s, scores)),
        "without the second probability": dict(
            bound=lambda s, scores: (scores[0] - scores[1]) * s[0]
        ),
    },
)
def descent_with_equal_other_scores(instances, bound) -> None:
    """−⟨∇L(W), W^mm⟩ from the definition and the exact solution, against the lower bound."""
    _examine(instances, bound, exactly=False)


@check(
    DESCENT_ALONG_MAX_MARGIN,
    part="all constraints active",
    establishes=sampled(
        over="n ≤ 3, T ≤ 4, d = 2, small integers", by="dual numbers, softmax in base two"
    ),
    claimed=dict(instances=lambda: _feasible_instances("margins"), value=_equal_margin_value),
    controls={
        "three tokens on a line": dict(instances=_stationary_at_zero, drops="one value"),
        "without the probability": dict(value=lambda s, scores: (s * (scores[0] - scores)).sum()),
        "half the value": dict(value=lambda s, scores: _equal_margin_value(s, scores) / 2),
    },
)
def descent_with_equal_margins(instances, value) -> None:
    """−⟨∇L(W), W^mm⟩ from the definition and the exact solution, against the stated value."""
    _examine(instances, value, exactly=True)
