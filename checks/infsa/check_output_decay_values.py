"""Which outputs Frobenius normalisation damps: those of values that average out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from attnproof.theory.algebra.elementwise import square_root
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.infinite_self_attention import (
    affinity,
    infinite_self_attention,
)
from attnproof.theory.paper.infsa.attention_map import OUTPUT_DECAY_VALUES
from attnproof.theory.paper.infsa.rational_frobenius import (
    queries_for_logits,
    queries_with_rational_frobenius_norm,
)

# A are the affinities, r their norm and u the inverse of r + ε; W is the mean of VVᵀ.
A, AT, W, ONES, ONES_T, V = letters("A At W o ot v")
GAMMA, WIDTH, R, U, C, N, INVERSE = scalars("gamma d r u c n i")
ZERO = rational(0)

AFFINITIES = rational_array([[2, 1], [0, 2]])


def _white_model(mean, epsilon: str) -> dict[str, object]:
    """Affinities of norm 3, and the mean of VVᵀ for three columns of values."""
    return {
        **{"A": AFFINITIES, "At": AFFINITIES.T, "W": rational_array(mean), "d": rational(3)},
        **{"gamma": rational("19/20"), "r": rational(3), "u": 1 / (3 + rational(epsilon))},
        "epsilon": rational(epsilon),
    }


@check(
    OUTPUT_DECAY_VALUES,
    part="white values",
    establishes=proof(over="every N, d_v, every map independent of V", by="free algebra, traces"),
    claimed=dict(
        mean=[[3, 0], [0, 3]], epsilon="0", factor=GAMMA * GAMMA, squares=GAMMA * GAMMA * WIDTH
    ),
    controls={
        "values shared by the tokens": dict(mean=[[3, 3], [3, 3]]),
        "values of unequal size": dict(mean=[[3, 0], [0, 1]]),
        "epsilon a hundredth": dict(epsilon="1/100", drops="no epsilon"),
        "discount not squared": dict(squares=GAMMA * WIDTH),
        "per token instead of in all": dict(squares=GAMMA * GAMMA * WIDTH / 2),
    },
)
def expected_square_of_the_output(mean, epsilon, factor, squares) -> None:
    """‖Y‖_F² = γ²u² tr(A VVᵀ Aᵀ), and the mean is linear, so that VVᵀ becomes W = d_v I:
    A W Aᵀ = d_v A Aᵀ, of trace d_v tr(AᵀA) = d_v r²; with ur = 1 this is γ² d_v.
    """
    model = _white_model(mean, epsilon)
    follows(
        factor * U * U * (A * W * AT - WIDTH * A * AT),
        using=held_premises([(factor * U * U * A, W - WIDTH, AT)], model),
        models=[model],
        message="the mean of the squares is not that of white values",
    )
    equal_traces(
        A * AT,
        AT * A,
        transposes={"A": "At"},
        models=[model],
        message="the trace is not the squared norm",
    )
    follows(
        factor * U * U * WIDTH * R * R - squares,
        using=held_premises([(factor * WIDTH * (U * R + 1), U * R - 1, 1)], model),
        models=[model],
        message="the mean square of the output is another",
    )


def _uniform_model(rows, epsilon: str) -> dict[str, object]:
    matrix = rational_array(rows)
    norm = square_root((matrix * matrix).sum())
    ones = rational_array([[1], [1]])
    return {
        **{"A": matrix, "c": matrix[0, 0], "r": norm, "u": 1 / (norm + rational(epsilon))},
        **{"o": ones, "ot": ones.T, "v": rational_array([[5, 7]]), "n": rational(2)},
        **{"gamma": rational("19/20"), "epsilon": rational(epsilon)},
        "i": 1 / (norm + 2 * matrix[0, 0]),
    }


@check(
    OUTPUT_DECAY_VALUES,
    part="equal values",
    establishes=proof(over="every N, d_v, every c > 0"),
    claimed=dict(rows=[[3, 3], [3, 3]], epsilon="0", result=GAMMA * ONES * V),
    controls={
        "tokens that see themselves": dict(rows=[[3, 0], [0, 4]]),
        "two affinities unlike the others": dict(rows=[[1, 5], [5, 7]]),
        "epsilon a hundredth": dict(epsilon="1/100", drops="no epsilon"),
        "divided by the number of tokens": dict(result=GAMMA * ONES * V / 2),
    },
)
def equal_tokens_are_not_damped(rows, epsilon, result) -> None:
    """A = c 1 1ᵀ has the squared norm c² tr(1 1ᵀ1 1ᵀ) = c²N², hence the norm r = cN. With ur = 1:
    γ u A 1vᵀ = γ u c N 1vᵀ = γ 1vᵀ.
    """
    model = _uniform_model(rows, epsilon)
    uniform, count = A - C * ONES * ONES_T, ONES_T * ONES - N
    norm, inverse = R - C * N, U * R - 1
    follows(
        GAMMA * U * A * ONES * V - result,
        using=held_premises(
            [
                (GAMMA * U, uniform, ONES * V),
                (GAMMA * U * C * ONES, count, V),
                (-1 * GAMMA * U * ONES, norm, V),
                (GAMMA * ONES, inverse, V),
            ],
            model,
        ),
        models=[model],
        message="the output of equal values is another",
    )
    follows(
        C * C * ONES_T * ONES * ONES_T * ONES - C * C * N * N,
        using=[(C * C, count, ONES_T * ONES), (C * C * N, count, 1)],
        models=[model],
        message="the squared norm is another",
    )
    # (r − cN)(r + cN) = 0, and the second factor is positive, with inverse i.
    follows(
        norm,
        using=[(INVERSE, R * R - C * C * N * N, 1), (-1 * norm, INVERSE * (R + C * N) - 1, 1)],
        models=[model],
        message="the norm is another",
    )


def _row_stochastic(query, key, value, gamma, epsilon=ZERO):
    """Affinities plus one, divided by their row sums: rows that add up to one."""
    rows = affinity(query, key) + 1
    return gamma * (rows / rows.sum(axis=1)[:, None]) @ value


def _signs(tokens: int) -> Iterator[np.ndarray]:
    """All columns of signs: uncorrelated tokens of mean square one."""
    for signs in product((-1, 1), repeat=tokens):
        yield rational_array([[sign] for sign in signs])


def _one_sign(tokens: int) -> Iterator[np.ndarray]:
    for sign in (-1, 1):
        yield rational_array([[sign]] * tokens)


def _instances(count: int) -> Iterator[tuple]:
    for draw in independent_draws(count, seed=97):
        tokens = int(draw.random.integers(2, 5))
        yield queries_with_rational_frobenius_norm(draw.random, tokens)


@check(
    OUTPUT_DECAY_VALUES,
    part="white values",
    establishes=sampled(over="rational maps of 2 to 4 tokens, all signs", by="exact rationals"),
    claimed=dict(operator=infinite_self_attention, values=_signs, epsilon=ZERO),
    controls={
        "rows that add up to one": dict(operator=_row_stochastic),
        "one sign for all tokens": dict(values=_one_sign),
        "epsilon a hundredth": dict(epsilon=rational("1/100"), drops="no epsilon"),
    },
)
def mean_over_all_signs(operator: Callable, values: Callable, epsilon) -> None:
    """The definition run on every column of signs; the mean of ‖Y‖_F² is γ², whatever the map."""
    gamma = rational("19/20")
    for query, key in _instances(20):
        squares = [
            (output * output).sum()
            for output in (operator(query, key, v, gamma, epsilon) for v in values(len(query)))
        ]
        mean = sum(squares, ZERO) / len(squares)
        refute_unless(
            mean == gamma * gamma,
            "the mean square of the output depends on the map",
            query=query,
            key=key,
            gamma=gamma,
            epsilon=epsilon,
            mean_square=mean,
        )


def _uniform(tokens: int, c) -> list[list]:
    return [[c] * tokens] * tokens


def _successor(tokens: int, c) -> list[list]:
    return [[c if j == (i + 1) % tokens else 0 for j in range(tokens)] for i in range(tokens)]


def _last_token_alone(tokens: int, c) -> list[list]:
    return [[-c] * tokens] * (tokens - 1) + [[c] * tokens]


@check(
    OUTPUT_DECAY_VALUES,
    part="equal values",
    establishes=sampled(over="1 to 6 tokens, rational c and v", by="exact rationals"),
    claimed=dict(logits=_uniform, epsilon=ZERO),
    controls={
        "every token attends to its successor": dict(logits=_successor),
        "last token alone attends": dict(logits=_last_token_alone),
        "epsilon a hundredth": dict(epsilon=rational("1/100"), drops="no epsilon"),
    },
)
def equal_tokens_on_instances(logits, epsilon) -> None:
    """The definition run on N tokens that agree. Four come first: the norms of the altered maps
    are then rational."""
    gamma = rational("19/20")
    sizes = (4, 4, 1, 2, 3, 5, 6, 6)
    for tokens, draw in zip(sizes * 3, independent_draws(24, seed=101), strict=True):
        c = rational(int(draw.random.integers(1, 9))) / 4
        value = rational_array([draw.random.integers(1, 5, 2).tolist()] * tokens)
        affinities = rational_array(logits(tokens, c))
        key = identity_like(affinities)
        query = queries_for_logits(affinities, key)
        output = infinite_self_attention(query, key, value, gamma, epsilon)
        refute_unless(
            bool((output == gamma * value).all()),
            "the output is not γ times the common value",
            query=query,
            key=key,
            value=value,
            gamma=gamma,
            epsilon=epsilon,
            output=output,
        )
