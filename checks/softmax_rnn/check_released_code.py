"""Two branches of the released layer, written again in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, counterexample, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.softmax_rnn.released_code import (
    COSINE_BRANCH,
    COSINE_BRANCH_AS_WRITTEN,
    TAYLOR_BRANCH,
    TAYLOR_BRANCH_AS_WRITTEN,
)

CAUSAL = np.tri(3, dtype=int)


def _taylor_weights(scores):
    """Powers over running factorials, from 1 + x on, then the mask."""
    series, product = 1 + scores, 1
    for order in range(2, 80):
        product = product * order
        series = series + scores**order * rational(Fraction(1, product))
    return series * CAUSAL


def _as_written(scores, values):
    weights = _taylor_weights(scores)
    normalised = weights / weights.sum(axis=1)[:, None]
    del normalised  # the branch computes it and multiplies by the other matrix
    return weights @ values


def _with_the_denominator(scores, values):
    weights = _taylor_weights(scores)
    return weights / weights.sum(axis=1)[:, None] @ values


def _series(x):
    return sum((x**m / factorial(m) for m in range(80)), start=rational(0))


def _normalised_attention(scores, values):
    """By the formula, token by token."""
    rows = []
    for t in range(len(scores)):
        weights = [_series(scores[t, j]) for j in range(t + 1)]
        total = sum(weights, start=rational(0))
        rows.append(sum(w * v for w, v in zip(weights, values[: t + 1])) / total)
    return np.stack(rows)


def _numerators(scores, values):
    rows = []
    for t in range(len(scores)):
        rows.append(sum(_series(scores[t, j]) * values[j] for j in range(t + 1)))
    return np.stack(rows)


SCORES = [[1, 0, 2], [0, "1/2", 1], [1, 1, "-1/2"]]


def _same(branch, formula, scores) -> None:
    scores, values = rational_array(scores), rational_array([[1, 0], [2, -1], [0, 3]])
    left, right = branch(scores, values), formula(scores, values)
    refute_unless(
        bool((left == right).all()),
        "the branch computes something else",
        scores=scores,
        branch_first_row=left[0],
        formula_first_row=right[0],
    )


@check(
    TAYLOR_BRANCH,
    establishes=counterexample(over="three tokens"),
    claimed=dict(branch=_as_written, scores=SCORES),
    controls={"all scores zero": dict(scores=[[0] * 3] * 3)},
    repairs={"the normalised weights used": dict(branch=_with_the_denominator)},
)
def branch_against_normalised_attention(branch, scores) -> None:
    """The first output is T_79(1)·v_1 instead of v_1."""
    _same(branch, _normalised_attention, scores)


(x,) = scalars("x")


@check(
    TAYLOR_BRANCH_AS_WRITTEN,
    establishes=proof(over="every number of tokens: the same series, by its recursion"),
    claimed=dict(branch=_as_written, order=79),
    controls={
        "the normalised weights used": dict(branch=_with_the_denominator),
        "eighty-one terms": dict(order=80),
    },
)
def branch_returns_the_numerator(branch, order) -> None:
    """The powers over running factorials are the series term by term, for every score: on an
    indeterminate; then the branch on three tokens, which only masks and adds."""
    written, product = 1 + x, 1
    for power in range(2, 80):
        product *= power
        written = written + x**power * Fraction(1, product)
    stated = sum((x**m * Fraction(1, factorial(m)) for m in range(order + 1)), start=0 * x)
    follows(written - stated, message="the series has other terms")
    _same(branch, _numerators, SCORES)


def _over(axis: int):
    """Squares of the entries normalised along an axis: rational, and enough to compare."""
    return lambda keys: keys**2 / (keys**2).sum(axis=axis, keepdims=True)


def _keys(heads: int) -> np.ndarray:
    return rational_array(np.arange(1, 1 + heads * 6).reshape(1, heads, 3, 2).tolist())


@check(
    COSINE_BRANCH,
    establishes=counterexample(over="one batch, two heads, three tokens, two features"),
    claimed=dict(axis=1, heads=2),
    controls={"three heads": dict(heads=3), "axis of the tokens": dict(axis=2)},
    repairs={"the axis of the features": dict(axis=-1)},
)
def norms_of_the_keys(axis, heads) -> None:
    """Every key should have norm one; its squares are added up."""
    squares = _over(axis)(_keys(heads)).sum(axis=-1)
    refute_unless(
        all(norm == 1 for norm in squares.flat), "a key has another norm", squared_norms=squares
    )


a, b, top, other = scalars("a b top other")


@check(
    COSINE_BRANCH_AS_WRITTEN,
    establishes=proof(over="two heads, all entries; the library's axis 1 is that of the heads"),
    claimed=dict(axis=1, summed=a**2 + b**2),
    controls={
        "the axis of the features": dict(axis=-1),
        "one head only": dict(summed=1 * a**2),
    },
)
def features_over_the_heads(axis, summed) -> None:
    """With ``top·(a² + b²) = a²`` and ``other·(a² + b²) = b²`` the squares of a feature add up to
    one over the heads; and the program on two heads."""
    numbers = {"a": rational(3), "b": rational(4)}
    numbers |= {"top": rational("9/25"), "other": rational("16/25")}
    follows(
        (top + other) * (a**2 + b**2) - summed,
        using=[
            (1, top * (a**2 + b**2) - a**2, 1),
            (1, other * (a**2 + b**2) - b**2, 1),
        ],
        models=[numbers],
        message="the squares do not add up to one over the heads",
    )
    squares = _over(axis)(_keys(2)).sum(axis=1)
    refute_unless(
        all(norm == 1 for norm in squares.flat),
        "a feature has another norm over the heads",
        squared_norms=squares,
    )
