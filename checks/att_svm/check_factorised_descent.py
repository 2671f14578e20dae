"""Gradient descent on (K, Q): an axis that it follows for ever."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, counterexample, note, proof, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.nuclear_norm_certificate import zero_gap_violations
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.att_svm.attention_loss import exact_arrays, gradient_by_dual_numbers
from attnproof.theory.paper.att_svm.factor_saddle import factor_saddle
from attnproof.theory.paper.att_svm.nuclear_norm import FACTORISED_DIRECTION, FACTORISED_STALL


def _saddle_constraints(alpha, beta) -> list[np.ndarray]:
    return [np.array([[1, sign * beta], [sign * alpha, alpha * beta]]) for sign in (1, -1)]


def _unit(row: int, column: int) -> np.ndarray:
    return rational_array([[int((i, j) == (row, column)) for j in range(2)] for i in range(2)])


@check(
    FACTORISED_STALL,
    part="invariant direction",
    establishes=proof(
        over="every α, β, κ, μ and step size; every k", by="rational-function identity"
    ),
    claimed=dict(constraints=_saddle_constraints, start=_unit(0, 0), ratio=lambda p: 1 / p),
    controls={
        "start on both axes": dict(start=_unit(0, 0) + _unit(1, 1)),
        "start off the axes": dict(start=_unit(0, 0) + _unit(1, 0)),
        "one key without its sign": dict(
            constraints=lambda alpha, beta: [
                _saddle_constraints(alpha, beta)[0],
                np.array([[1, -beta], [alpha, -alpha * beta]]),
            ]
        ),
        "ratio one": dict(ratio=lambda p: p / p),
        "inverse square": dict(ratio=lambda p: 1 / (p * p)),
    },
)
def first_axis_is_never_left(constraints, start, ratio) -> None:
    """On W = κμ e_1e_1ᵀ both samples have the margin κμ; with one distractor each, and equal
    scores, they get one and the same weight c > 0, so −G = c (A_1 + A_2) = 2c diag(1, αβ), and
    K, Q stay multiples of e_1e_1ᵀ that grow. The margin is W_11 = ‖W‖_*, and ν* = 1/(αβ):
    V = e_2e_2ᵀ/(αβ) with λ = 1/(2αβ) (1, 1), A = diag(1/(αβ), 1), 1 − 1/(αβ)² ≥ 0.
    """
    alpha, beta, kappa, mu, step, other, c = variables("alpha beta kappa mu step other c")
    keys, queries = kappa * start, mu * start
    first, second = constraints(alpha, beta)
    weight = keys @ queries.T
    identical((first * weight).sum(), (second * weight).sum(), "the margins differ")
    descent = c * (first + second)
    new_keys, new_queries = keys + step * descent @ queries, queries + other * descent.T @ keys
    identical(new_keys, new_keys[0, 0] * _unit(0, 0), "K leaves the axis")
    identical(new_queries, new_queries[0, 0] * _unit(0, 0), "Q leaves the axis")
    identical(new_keys[0, 0], kappa + 2 * step * c * mu, "K does not grow")
    identical(new_queries[0, 0], mu + 2 * other * c * kappa, "Q does not grow")
    product = alpha * beta
    better, combined = _unit(1, 1) / product, (first + second) / (2 * product)
    for entries in (first, second):
        identical((entries * better).sum(), 1, "a margin of the solution is not one")
    identical(combined, _unit(0, 0) / product + _unit(1, 1), "A is not that diagonal")
    identical(
        _unit(0, 0) + _unit(1, 1) - combined.T @ combined,
        (1 - 1 / (product * product)) * _unit(0, 0),
        "A is not shorter than one",
    )
    aligned = combined.T @ better
    identical(combined @ aligned, better, "W is not among the largest singular directions")
    optimum = aligned.trace()
    identical(optimum * weight[0, 0] / weight[0, 0], ratio(product), "the margin ratio is another")


def _slopes():
    for draw in independent_draws(10, seed=29):
        alpha, beta = (
            Fraction(int(draw.random.integers(1, 12)), int(draw.random.integers(1, 5)))
            for _ in range(2)
        )
        if alpha * beta < 1:
            draw.discard()
            continue
        yield alpha, beta


@check(
    FACTORISED_STALL,
    part="invariant direction",
    establishes=sampled(over="rational α and β", by="zero-gap certificate re-checked"),
    claimed=dict(slopes=_slopes, ratio=lambda p: 1 / p),
    controls={
        "flat": dict(slopes=lambda: [(Fraction(1, 2), Fraction(1))], drops="steep"),
        "ratio one": dict(ratio=lambda p: rational(1)),
        "inverse of the first slope squared": dict(
            slopes=lambda: [(Fraction(3), Fraction(2))], ratio=lambda p: rational("1/9")
        ),
    },
)
def ratio_at_rational_slopes(slopes, ratio) -> None:
    """ν* of the data set is certified, and the margin ratio of e_1e_1ᵀ is computed from it."""
    for alpha, beta in slopes():
        data, product = factor_saddle(alpha, beta), rational(alpha * beta)
        constraints = data.constraints(data.optimal)
        best = _unit(1, 1) / product
        broken = zero_gap_violations(
            constraints, best, dict.fromkeys(constraints, 1 / (2 * product)), 1
        )
        witness = dict(alpha=alpha, beta=beta)
        refute_unless(not broken, "the optimum is not certified", broken=broken, **witness)
        margin = min(rational_array(entries)[0, 0] for entries in constraints.values())
        reached = best.trace() * margin
        refute_unless(reached == ratio(product), "another ratio", reached=reached, **witness)


def _is_followed(data, keys, queries) -> bool:
    """Whether −GQ and −GᵀK are positive multiples of K and Q, at t KQᵀ for t = 0, …, 4; exactly,
    from the definition of the loss ℓ(x) = −x, with weights of base two."""
    tokens, asked, scores = exact_arrays(data)
    for t in range(5):
        slopes = rational_array([-1] * data.samples)
        descent = -gradient_by_dual_numbers(
            tokens, asked, scores, rational(t) * keys @ queries.T, slopes
        )
        for moved, factor in ((descent @ queries, keys), (descent.T @ keys, queries)):
            parallel = np.outer(moved, factor)
            inner = (moved * factor).sum()
            if not (inner > 0 and (parallel == parallel.T).all()):
                return False
    return True


@check(
    FACTORISED_DIRECTION,
    establishes=counterexample(over="two samples in the plane", by="exact gradients, certificate"),
    claimed=dict(alpha=2, beta=2, axis=0, least=1),
    controls={
        "at least half": dict(least=rational("1/2")),
        "at least a tenth, steeper data": dict(alpha=4, beta=3, least=rational("1/10")),
        "slightly above one": dict(beta=Fraction(11, 20)),
    },
    repairs={
        "the other axis": dict(axis=1),
        "flat data, the same axis": dict(beta=Fraction(1, 2)),
    },
)
def a_followed_direction_is_optimal(alpha, beta, axis, least) -> None:
    """K = Q = e e^T is followed for ever, so its margin ratio is the limit. The optimum is
    certified without gap: V = ee^T, divided by αβ on the second axis, with equal multipliers.
    """
    data, steepness = factor_saddle(alpha, beta), rational(alpha) * rational(beta)
    constraints = data.constraints(data.optimal)
    best = _unit(1, 1) / steepness if steepness > 1 else _unit(0, 0)
    half = 1 / (2 * max(steepness, rational(1)))
    broken = zero_gap_violations(constraints, best, dict.fromkeys(constraints, half), 1)
    refute_unless(not broken, "the solution is not certified", broken=broken, W=best)
    keys = queries = _unit(axis, axis)
    refute_unless(
        _is_followed(data, keys, queries), "training leaves this direction", K=keys, Q=queries
    )
    margin = min(
        (rational_array(entries) * (keys @ queries.T)).sum() for entries in constraints.values()
    )
    ratio = best.trace() * margin / (keys @ queries.T).trace()
    note(margin_ratio=ratio)
    refute_unless(
        ratio >= least,
        "training follows a direction that is not optimal",
        tokens=np.array([[rational_array(x) for x in sample] for sample in data.tokens]),
        queries=rational_array(data.queries),
        K=keys,
        Q=queries,
        alpha=alpha,
        beta=beta,
        margin_ratio=ratio,
    )
