"""The gradient as a sum over pairs of tokens, and over the constraint matrices."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.att_svm.attention_loss import (
    attention_outputs,
    gradient_by_dual_numbers,
    gradient_by_pairs,
    logits,
)
from attnproof.theory.paper.att_svm.landscape import GRADIENT

# Sums over the tokens seen so far: S = Σ s, G = Σ sγ, A = Σ sa, P = Σ sγa; s, g, a: the next one.
S, G, A, P, s, g, a = scalars("S G A P s g a")


@check(
    GRADIENT,
    part="pairs",
    establishes=proof(over="every number of tokens, every matrix, every direction"),
    claimed=dict(moment=S * P - G * A, pair=lambda t, u: (t[1] - u[1]) * (t[2] - u[2])),
    controls={
        "probabilities not normalised": dict(moment=P - G * A),
        "second moment only": dict(moment=S * P),
        "scores added": dict(pair=lambda t, u: (t[1] + u[1]) * (t[2] - u[2])),
        "every pair twice": dict(pair=lambda t, u: 2 * (t[1] - u[1]) * (t[2] - u[2])),
        "squares of the scores": dict(pair=lambda t, u: (t[1] - u[1]) ** 2),
    },
)
def covariance_is_a_sum_over_pairs(moment, pair) -> None:
    """Along a direction V let a_t = x_tᵀVz. From ds_t = s_t (a_t − Σ s a) (classical calculus),
    the output moves by Σ s γ a − (Σ s γ)(Σ s a), a covariance. Claimed, for any numbers s:

        Σ_{t<u} s_t s_u (γ_t − γ_u)(a_t − a_u) = S P − G A,

    which is that covariance when S = 1. By induction over the tokens: a further token adds the
    pairs that contain it, Σ_t s_t s (γ_t − γ)(a_t − a). That sum over t is itself found by
    induction: it is s (P − γ A − a G + γ a S), as it is 0 for no token and a token (r, h, b) adds
    r s (h − γ)(b − a).
    """
    r, h, b = scalars("r h b")
    further = lambda S, G, A, P: s * (P - g * A - a * G + g * a * S)
    names = ["S", "G", "A", "P", "s", "g", "a", "r", "h", "b"]
    values = (2, 3, 5, 7, 11, 1, 4, 9, 6, 8)
    model = [dict(zip(names, map(rational, values), strict=True))]
    follows(
        further(S + r, G + r * h, A + r * b, P + r * h * b)
        - further(S, G, A, P)
        - r * s * pair((r, h, b), (s, g, a)),
        models=model,
        message="the pairs of one token with the earlier ones have another sum",
    )
    grown = _substituted(moment, S + s, G + s * g, A + s * a, P + s * g * a)
    follows(
        grown - moment - further(S, G, A, P),
        models=model,
        message="the sum over pairs is another one",
    )


def _substituted(polynomial, *sums):
    """The polynomial in S, G, A, P at other values of these four."""
    total = 0 * s
    for (central, _), coefficient in polynomial.terms.items():
        term = coefficient + 0 * s
        for name, exponent in central:
            term = term * sums["SGAP".index(name)] ** exponent
        total = total + term
    return total


f, c = scalars("f c")


@check(
    GRADIENT,
    part="constraints",
    establishes=proof(over="every number of tokens, every matrix, every direction"),
    claimed=dict(centre=lambda g, f: g - f, against=lambda a, chosen: chosen - a),
    controls={
        "scores not centred": dict(centre=lambda g, f: g),
        "differences reversed": dict(against=lambda a, chosen: a - chosen),
        "tokens instead of differences": dict(against=lambda a, chosen: -a),
        "centred twice": dict(centre=lambda g, f: g - 2 * f),
    },
)
def covariance_in_the_constraints(centre, against) -> None:
    """With c_t = s_t (γ_t − f), f = Σ s γ and S = 1: Σ c_t = 0, and the covariance is Σ c_t a_t.
    Hence it is Σ c_t (a_t − b) for the value b of the chosen token, whose own term vanishes:

        Cov = − Σ_{t≠α} c_t (b − a_t).

    The sum over t is taken by induction: for the tokens seen so far, claimed is
    −Σ c_t (b − a_t) = P − f A − b (G − f S), and a further token adds its own term. Then S = 1
    and G = f turn the right side into P − G A, the covariance.
    """
    partial = lambda S, G, A, P: P - f * A - c * (G - f * S)
    names = {"S": 1, "G": 5, "A": 2, "P": 7, "s": 3, "g": 4, "a": 6, "f": 5, "c": 11}
    model = {name: rational(value) for name, value in names.items()}
    follows(
        partial(S + s, G + s * g, A + s * a, P + s * g * a)
        - partial(S, G, A, P)
        + s * centre(g, f) * against(a, c),
        models=[model],
        message="a further token adds something else",
    )
    follows(
        partial(S, G, A, P) - (P - G * A),
        using=[(c * f, S - 1, 1), (A - c, G - f, 1)],
        models=[model],
        message="the sum over the constraints is not the covariance",
    )


def integers(random: np.random.Generator, *shape: int) -> np.ndarray:
    """Small random integers as rationals."""
    return rational_array(random.integers(-2, 3, shape).tolist())


def _by_pairs(tokens, queries, scores, weight, slopes):
    probabilities = softmax_weights(logits(tokens, queries, weight), power_of_two)
    return gradient_by_pairs(tokens, queries, scores, probabilities, slopes)


def _by_constraints(chosen: int, centred: bool = True):
    def gradient(tokens, queries, scores, weight, slopes):
        probabilities = softmax_weights(logits(tokens, queries, weight), power_of_two)
        outputs = attention_outputs(tokens, queries, scores, weight, power_of_two)
        total = 0 * weight
        for i, t in product(range(len(scores)), range(scores.shape[1])):
            if t != chosen:
                ahead = np.outer(tokens[i, chosen] - tokens[i, t], queries[i])
                centre = scores[i, t] - outputs[i] if centred else scores[i, t]
                total = total - slopes[i] * probabilities[i, t] * centre * ahead
        return total / len(slopes)

    return gradient


def _examine(gradient) -> None:
    for draw in independent_draws(12, seed=61):
        random = draw.random
        samples, length, size = (int(random.integers(1, high)) for high in (4, 5, 4))
        tokens, queries = integers(random, samples, length, size), integers(random, samples, size)
        scores, weight = integers(random, samples, length), integers(random, size, size)
        slopes = rational_array([f"-{1 + i}/3" for i in range(samples)])
        stated = gradient(tokens, queries, scores, weight, slopes)
        found = gradient_by_dual_numbers(tokens, queries, scores, weight, slopes)
        refute_unless(
            bool((stated == found).all()),
            "the gradient is another one",
            X=tokens,
            Z=queries,
            scores=scores,
            W=weight,
            slopes=slopes,
            stated=stated,
            gradient=found,
        )


@check(
    GRADIENT,
    part="pairs",
    establishes=sampled(
        over="n ≤ 3, T ≤ 4, d ≤ 3, small integers", by="dual numbers, softmax in base two"
    ),
    claimed=dict(gradient=_by_pairs),
    controls={
        "descent instead of ascent": dict(gradient=lambda *given: -_by_pairs(*given)),
        "sum instead of mean": dict(gradient=lambda *given: len(given[0]) * _by_pairs(*given)),
        "transposed": dict(gradient=lambda *given: _by_pairs(*given).T),
    },
)
def pairs_against_dual_numbers(gradient) -> None:
    """The definition is run on dual numbers, entry by entry of W; the pairs are summed as given."""
    _examine(gradient)


@check(
    GRADIENT,
    part="constraints",
    establishes=sampled(
        over="n ≤ 3, T ≤ 4, d ≤ 3, small integers", by="dual numbers, softmax in base two"
    ),
    claimed=dict(gradient=_by_constraints(0)),
    controls={
        "scores not centred": dict(gradient=_by_constraints(0, centred=False)),
        "descent instead of ascent": dict(gradient=lambda *given: -_by_constraints(0)(*given)),
    },
)
def constraints_against_dual_numbers(gradient) -> None:
    """As above, for the sum over the constraint matrices; token 0 is the chosen one."""
    _examine(gradient)
