"""The gradient path of attention on instances, from the definition; and how it compares."""

from __future__ import annotations

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import ball, ball_array, precision
from attnproof.theory.algebra.dual import Dual
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import (
    check,
    enclosure,
    exact,
    note,
    refute_unless,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.heads_ssm.gradient_highway import (
    GRADIENT_HIGHWAY_ATTENTION,
)
from attnproof.theory.paper.heads_ssm.softmax_jacobian import derivative_along

VALUE = rational_array([[1, 2], [-1, 1]])
ORTHOGONAL = (rational_array([1, 0]), rational_array([0, 1]), rational(1))
OBLIQUE = (rational_array(["3/5", "4/5"]), rational_array(["-3/5", "4/5"]), rational(2))
EQUAL = (rational_array([1, 0]), rational_array([1, 0]), rational(1))
ZERO = (rational_array([1, 0]), rational_array([0, 1]), rational(0))


def highway_input(length: int, j: int, t, left, right) -> np.ndarray:
    """``x_i = t v`` last, ``x_j = t u``, and zero tokens elsewhere."""
    tokens = rational_array([[0, 0]] * length)
    tokens[-1], tokens[j] = t * right, t * left
    return tokens


def _jacobian(tokens, j, left, right, sigma, power) -> np.ndarray:
    """∂y_i/∂x_j, shape (2, 2), with W_K = uᵀ and W_Q = σvᵀ, so that W_KᵀW_Q = σuvᵀ."""
    number = type(tokens[0, 0])
    zero = tokens[0, 0] * 0
    lift = lambda array: np.vectorize(lambda e: zero + e, otypes=[object])(array)
    parameters = (lift(sigma * right[None, :]), lift(left[None, :]), lift(VALUE), number(1))
    last = len(tokens) - 1
    columns = [derivative_along(tokens, last, j, k, *parameters, power=power) for k in range(2)]
    return np.stack(columns, axis=1)


def _penalised(slope: int):
    """``e^{s_l − m(i − l)}`` on dual numbers over balls."""

    def power(scores: np.ndarray) -> np.ndarray:
        result = np.empty(scores.shape, dtype=object)
        for index, score in np.ndenumerate(scores):
            weight = (score.value - slope * (scores.shape[1] - 1 - index[1])).exp()
            result[index] = Dual(weight, weight * score.derivative)
        return result

    return power


def _frobenius(matrix: np.ndarray) -> arb:
    return sum((entry * entry for entry in matrix.flat), arb(0)).sqrt()


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="limit",
    establishes=enclosure(bound="i = 2, 3, 9, 16 with every j, t = 4 and 5, two score matrices"),
    claimed=dict(pairs=(ORTHOGONAL, OBLIQUE), sizes=(4, 5), slope=0, spread=2, doubled=2),
    controls={
        "no score": dict(pairs=(ZERO,), drops="non-zero score"),
        "equal singular vectors": dict(pairs=(EQUAL,), drops="no competing self-score"),
        "tokens of norm one": dict(sizes=(1,)),
        "earlier token not doubled against its equal": dict(doubled=1),
        "score penalised by twice the distance": dict(slope=2),
        "negative score": dict(
            pairs=((*ORTHOGONAL[1::-1], -ORTHOGONAL[2]),), drops="non-zero score"
        ),
    },
)
def path_from_the_definition(pairs, sizes, slope, spread, doubled) -> None:
    """The Jacobian of the definition in ball arithmetic: ‖J − V‖ within the stated bound, and
    below one hundredth of ‖V‖ at every distance. Where u = v, the latter with 2tu for tu."""
    with precision(128):
        value_norm = _frobenius(ball_array(VALUE))
        for left, right, sigma in pairs:
            matrix = sigma * np.outer(left, right)
            rate = min(sigma, sigma - right @ matrix @ right)
            for t in sizes:
                for length in (2, 3, 9, 16):
                    for j in range(length - 1):
                        tokens = ball_array(highway_input(length, j, t, left, right))
                        found = _jacobian(tokens, j, left, right, sigma, _penalised(slope))
                        rest = _frobenius(found - VALUE)
                        size = ball((length - 1) * (1 + spread * sigma * t**2))
                        shown = dict(M=matrix, u=left, v=right, sigma=sigma)
                        at_most(
                            rest,
                            size * ball(-rate * t**2).exp() * value_norm,
                            "further from V than the bound",
                            **shown,
                            t=t,
                            i=length,
                            j=j + 1,
                        )
                        at_most(
                            rest,
                            value_norm / 100,
                            "the path does not pass the gradient on",
                            **shown,
                            t=t,
                            i=length,
                            j=j + 1,
                        )
        left, right, sigma = EQUAL
        tokens = ball_array(highway_input(16, 0, 4, doubled * left, right))
        rest = _frobenius(_jacobian(tokens, 0, left, right, sigma, _penalised(slope)) - VALUE)
        at_most(rest, value_norm / 100, "no path beside a competing self-score", doubled=doubled)
        for t in (1, 2, 4):
            for length in (16, 64, 256):
                denominator = 1 + (length - 1) * ball(-t * t).exp()
                note(**{f"weight at t={t}, i={length}": float(1 / denominator)})


def _twos(penalty: int):
    """``2^s`` with derivative ``λ 2^s s'``; λ = ln 2 stays a symbol, all else is rational."""
    (slope,) = variables("ln2")

    def power(scores: np.ndarray) -> np.ndarray:
        result = np.empty(scores.shape, dtype=object)
        for index, score in np.ndenumerate(scores):
            shifted = score.value - penalty * (scores.shape[1] - 1 - index[1])
            weight = power_of_two(np.array([shifted], dtype=object))[0]
            result[index] = Dual(weight, weight * score.derivative * slope)
        return result

    return power


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="same at every distance",
    establishes=exact(bound="i ≤ 9, every j < i, t = 1 … 3, base two", by="exact dual numbers"),
    claimed=dict(penalty=0, tokens=highway_input),
    controls={
        "score penalised by the distance": dict(penalty=1),
        "token at the first place not zero": dict(
            tokens=lambda n, j, t, left, right: (
                highway_input(n, j, t, left, right)
                + (0 if j == 0 else 1) * highway_input(n, 0, t, left, 0 * right)
            )
        ),
    },
)
def same_jacobian_wherever_the_token_stands(penalty, tokens) -> None:
    """The Jacobian of the definition, for every place of x_j, entry by entry in ℚ(ln 2)."""
    left, right, sigma = ORTHOGONAL
    power = _twos(penalty)
    for length in range(2, 10):
        for t in (1, 2, 3):
            first = None
            for j in range(length - 1):
                found = _jacobian(
                    tokens(length, j, rational(t), left, right), j, left, right, sigma, power
                )
                first = found if first is None else first
                refute_unless(
                    bool((found == first).all()),
                    "the Jacobian depends on the distance",
                    i=length,
                    j=j + 1,
                    t=t,
                    entry=str(found[0, 1]),
                    entry_at_one=str(first[0, 1]),
                )


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="weight",
    establishes=exact(bound="i ≤ 9, every j, t ≤ 3, and t = 5 for the oblique pair; base two"),
    claimed=dict(others=lambda i: i - 2, own=1, earlier=1),
    controls={
        "one zero token more": dict(others=lambda i: i - 1),
        "token itself not counted": dict(own=0),
        "earlier token doubled": dict(earlier=2),
    },
)
def weight_from_the_definition(others, own, earlier) -> None:
    """softmax_weights of the scores x_lᵀMx_i, with 2 for e, against the closed form."""
    two = rational(2)
    for (left, right, sigma), sizes in ((ORTHOGONAL, (1, 2, 3)), (OBLIQUE, (5,))):
        matrix = sigma * np.outer(left, right)
        for length in range(2, 10):
            for j, t in ((j, t) for j in range(length - 1) for t in sizes):
                tokens = highway_input(length, j, t, earlier * left, right)
                weights = softmax_weights(tokens[-1:] @ matrix.T @ tokens.T, power_of_two)
                lead = sigma * t**2
                gap = lead - right @ matrix @ right * t**2
                stated = 1 / (1 + others(length) / two ** int(lead) + own / two ** int(gap))
                refute_unless(
                    weights[0, j] == stated,
                    "the weight is another",
                    tokens=tokens,
                    M=matrix,
                    weight=weights[0, j],
                    stated=stated,
                )


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="bounded scores",
    establishes=exact(
        bound="i ≤ 12; scores in {−1, 0, 1}, exhaustive up to i = 5, extremal beyond; base two"
    ),
    claimed=dict(limit=lambda i, r: 1 / (1 + (i - 1) * r), bias=0),
    controls={
        "token itself counted twice": dict(limit=lambda i, r: 1 / (1 + i * r)),
        "bound of the scores once": dict(limit=lambda i, r: 1 / (1 + (i - 1) * 2 * r)),
        "score above the bound": dict(bias=1),
    },
)
def weights_of_bounded_scores(limit, bias) -> None:
    """softmax_weights in base two with |s| ≤ G = 1: every weight is at most 1/(1 + (i − 1)/4);
    and it is 1/i for equal scores."""
    for length in range(2, 13):
        if length <= 5:
            rows = np.array(list(np.ndindex(*[3] * length))) - 1
        else:
            rows = np.array([[0] * length, [1] + [-1] * (length - 1)])
        rows[:, 0] += bias * (rows[:, 0] == 1)
        weights = softmax_weights(rational_array(rows.tolist()), power_of_two)
        bound = limit(length, rational("1/4"))
        for scores, row in zip(rows, weights, strict=True):
            refute_unless(
                max(row) <= bound,
                "the weight exceeds the bound",
                scores=scores,
                weight=max(row),
                bound=bound,
            )
            if not scores.any():
                refute_unless(row[0] == rational(1) / length, "not 1/i", weight=row[0])


@check(
    GRADIENT_HIGHWAY_ATTENTION,
    part="no score",
    establishes=exact(bound="i ≤ 8, every j, one input of each length", by="exact dual numbers"),
    claimed=dict(pair=ZERO, share=lambda i: rational(1) / i),
    controls={
        "score not zero": dict(pair=ORTHOGONAL),
        "length less one": dict(share=lambda i: rational(1) / (i - 1)),
        "value matrix undivided": dict(share=lambda i: rational(1)),
    },
)
def uniform_attention(pair, share) -> None:
    """With W_KᵀW_Q = 0 the definition gives J = V/i on tokens (l, −l)."""
    left, right, sigma = pair
    for length in range(2, 9):
        tokens = rational_array([[k + 1, -k - 1] for k in range(length)])
        for j in range(length - 1):
            found = _jacobian(tokens, j, left, right, sigma, _twos(0))
            refute_unless(
                bool((found == VALUE * share(length)).all()),
                "the Jacobian is not the value matrix divided by the length",
                tokens=tokens,
                j=j + 1,
                entry=str(found[0, 0]),
                stated=VALUE[0, 0] * share(length),
            )
