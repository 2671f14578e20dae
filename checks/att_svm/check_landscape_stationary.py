"""When the loss has no stationary point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, plot, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.paper.att_svm.attention_loss import (
    exact_arrays,
    gradient_by_dual_numbers,
)
from attnproof.theory.paper.att_svm.data_sets import STATIONARY_AT_ZERO
from attnproof.theory.paper.att_svm.landscape import NO_STATIONARY_POINTS

# The columns of A are the constraint matrices as vectors, B A = 1, c holds ℓ' s (γ − f).
A, B, c = letters("A B c")
v, k, e, p, n, G, f, h = scalars("v k e p n G f h")


def _letters(columns, inverse, coefficients):
    return dict(zip("ABc", map(rational_array, (columns, inverse, coefficients)), strict=True))


INDEPENDENT = _letters([[1, 0], [1, 1], [0, 2]], [[1, 0, 0], [-1, 1, 0]], [[0], [0]])
DEPENDENT = _letters([[1, 2], [1, 2], [0, 0]], [[1, 0, 0], [0, 1, 0]], [[2], [-1]])


@check(
    NO_STATIONARY_POINTS,
    establishes=proof(over="every n, T and d, every W, every loss with ℓ' < 0"),
    claimed=dict(model=INDEPENDENT, centre=e, total=1),
    controls={
        "dependent matrices": dict(model=DEPENDENT),
        "scores instead of their distance to the output": dict(centre=e + f),
        "probabilities that sum to a half": dict(total=rational("1/2")),
    },
)
def all_scores_equal_at_a_stationary_point(model, centre, total) -> None:
    """Let ∇L(W) = 0, that is A c = 0 by the form of the gradient in the constraints, with
    c_it = ℓ_i' s_it (γ_it − f_i). Then

    1. c = B A c = 0 for a left inverse B of A;
    2. e = γ_it − f_i = 0, as k = ℓ_i' s_it is not zero: v k = 1;
    3. with p the probability of α, n that of all others and G = Σ_{t≠α} s γ = n f by step 2,
       f = p γ_α + G and p + n = 1 give p (γ_α − f) = 0, hence γ_α = f.

    All scores of every sample are then equal, against the assumption.
    """
    steps = [(B, A * c, 1), (-1, B * A - 1, c)]
    follows(
        c,
        using=held_premises(steps, model),
        models=[model],
        message="the coefficients of a stationary point are not zero",
    )
    numbers = {"v": rational("-1/2"), "k": rational(-2), "e": rational(0), "f": rational(3)}
    follows(
        centre,
        using=[(v, k * e, 1), (-e, v * k - 1, 1)],
        models=[numbers],
        message="a score differs from the output",
    )
    half = {"p": total / rational(2), "n": total / rational(2), "f": rational(3)}
    half |= {"G": half["n"] * 3, "h": (half["f"] - half["n"] * 3) / half["p"]}
    steps = [(1, p * h + G - f, 1), (-1, G - n * f, 1), (-f, p + n - 1, 1)]
    follows(
        p * (h - f),
        using=held_premises(steps, half),
        models=[half],
        message="the score of the chosen token differs from the output",
    )


def _arrays(random: np.random.Generator, length: int, samples: int, size: int):
    shapes = ((samples, length, size), (samples, size), (samples, length), (size, size))
    return [rational_array(random.integers(-2, 3, shape).tolist()) for shape in shapes]


def _constraint_rows(tokens, queries, chosen: int) -> np.ndarray:
    rows = [
        np.outer(x[chosen] - other, z).ravel()
        for x, z in zip(tokens, queries, strict=True)
        for t, other in enumerate(x)
        if t != chosen
    ]
    return np.array(rows, dtype=object)


def _independent_instances() -> Iterator[tuple]:
    for draw in independent_draws(40, seed=62):
        size = int(draw.random.integers(1, 4))
        length = int(draw.random.integers(2, size + 2))
        samples = int(draw.random.integers(1, 1 + min(4, size * size // (length - 1))))
        instance = _arrays(draw.random, length, samples, size)
        rows = _constraint_rows(instance[0], instance[1], 0)
        varies = any((row != row[0]).any() for row in instance[2])
        if rank(rows) < len(rows) or not varies:
            draw.discard()
        else:
            yield instance


def _stationary_at_zero() -> Iterator[tuple]:
    tokens, queries, scores = exact_arrays(STATIONARY_AT_ZERO)
    yield tokens, queries, scores, rational_array([[0]])


def _equal_scores() -> Iterator[tuple]:
    for tokens, queries, scores, weight in _independent_instances():
        yield tokens, queries, 0 * scores + rational(3), weight


@check(
    NO_STATIONARY_POINTS,
    establishes=sampled(
        over="n ≤ 4, T ≤ 4, d ≤ 3, small integers", by="dual numbers, softmax in base two"
    ),
    claimed=dict(instances=_independent_instances),
    controls={
        "three tokens on a line": dict(instances=_stationary_at_zero, drops="independent"),
        "equal scores": dict(instances=_equal_scores, drops="scores differ"),
    },
)
def gradients_do_not_vanish(instances) -> None:
    """The gradient from the definition, at integer W and for negative slopes ℓ_i'.

    With tokens 1, −2, 0 on a line and scores 1, 4/5, 0, W = 0 is stationary: E a = −1/3,
    E γ = 3/5 and E aγ = −1/5, so that the covariance is 0, although w = 1 has margin one.
    """
    for tokens, queries, scores, weight in instances():
        slopes = rational_array([f"-{2 + i}/3" for i in range(len(queries))])
        gradient = gradient_by_dual_numbers(tokens, queries, scores, weight, slopes)
        refute_unless(
            bool((gradient != 0).any()),
            "W is a stationary point",
            X=tokens,
            Z=queries,
            scores=scores,
            W=weight,
            slopes=slopes,
            gradient=gradient,
            constraints=_constraint_rows(tokens, queries, 0),
        )


@plot(NO_STATIONARY_POINTS)
def slope_on_the_line() -> Plot:
    """d f/dw for one sample on a line with scores 1, 4/5, 0, for two places of the second token."""
    grid = np.linspace(-0.6, 0.6, 121)
    series = []
    for place in (-2, -100):
        tokens, scores = (
            np.array([1.0, place, 0.0]),
            np.array([1.0, 0.8 if place == -2 else 0.9, 0]),
        )
        weights = np.exp(np.outer(grid, tokens) - np.outer(grid, tokens).max(axis=1)[:, None])
        s = weights / weights.sum(axis=1)[:, None]
        slope = s @ (tokens * scores) - (s @ tokens) * (s @ scores)
        label = f"tokens 1, {place}, 0; scores 1, {scores[1]:g}, 0"
        series.append(Series(label=label, x=grid.tolist(), y=slope.tolist()))
    series.append(Series(label="zero", x=[-0.6, 0.6], y=[0.0, 0.0], style="guide"))
    return Plot(
        title="The slope of the output on the line, where w = 1 has margin one",
        x_label="w",
        y_label="d f / d w",
        series=series,
        caption="Where the slope is zero the loss is stationary although the max-margin problem is "
        "feasible: at w = 0 for the tokens 1, −2, 0. With −100 instead the slope at 0 is −8.77, so "
        "that descent from 0 leads to the second token.",
    )
