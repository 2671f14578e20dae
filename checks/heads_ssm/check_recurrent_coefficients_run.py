"""The coefficients of given models: their Hankel matrices, and heads run with a state."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.matrix import from_flint, rank, to_flint
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.linear_state_space_model import (
    lag_operators,
    linear_state_space_model,
)
from attnproof.theory.operator.multi_head_factorized_map import multi_head_factorized_map
from attnproof.theory.paper.heads_ssm.recurrent_coefficients import COEFFICIENTS_ARE_RECURRENT


def _models() -> Iterator[tuple[tuple[np.ndarray, ...], list, np.random.Generator]]:
    """Random integer models, every other one with a repeated block in A, and the coefficients of
    the minimal polynomial, by FLINT, made monic."""
    for k, draw in enumerate(independent_draws(8, seed=29)):
        integers = lambda *shape, random=draw.random: rational_array(random.integers(-2, 3, shape))
        transition = integers(3, 3)
        if k % 2:
            block = integers(2, 2)
            transition = np.block([[block, 0 * block], [0 * block, block]])
        size = len(transition)
        model = transition, integers(size, 2), integers(2, size)
        if not (model[2] @ model[1]).any():
            draw.discard()
            continue
        polynomial = to_flint(transition).minpoly()
        coefficients = [rational(entry) for entry in polynomial.coeffs()]
        yield model, [entry / coefficients[-1] for entry in coefficients], draw.random


def _by_elimination(operators: np.ndarray, random) -> tuple[np.ndarray, np.ndarray]:
    """The pivot lags as value maps and the entries of the reduced row echelon form of U."""
    reduced, size = to_flint(operators.reshape(len(operators), -1).T).rref()
    rows = from_flint(reduced)[:size]
    pivots = [next(t for t, entry in enumerate(row) if entry != 0) for row in rows]
    return operators[pivots], rows


def _random(operators: np.ndarray, random) -> tuple[np.ndarray, np.ndarray]:
    value_maps, rows = _by_elimination(operators, random)
    return value_maps, rational_array(random.integers(-9, 10, rows.shape))


@check(
    COEFFICIENTS_ARE_RECURRENT,
    part="Hankel rank",
    establishes=sampled(over="N ≤ 4, p = d = 2, 2m + 2 lags", by="exact rank"),
    claimed=dict(coefficients=_by_elimination, bound=lambda order: order),
    controls={
        "random coefficients": dict(coefficients=_random),
        "one less": dict(bound=lambda order: order - 1),
    },
)
def rank_of_the_hankel_matrices(coefficients, bound) -> None:
    """The Hankel matrix of each coefficient sequence, of size m + 1, with the coefficients read off
    the lag operators by elimination and m the degree of the minimal polynomial."""
    reached = []
    for model, polynomial, random in _models():
        order = len(polynomial) - 1
        _, rows = coefficients(lag_operators(*model, 2 * order + 2), random)
        for row in rows:
            hankel = np.stack([row[i : i + order + 1] for i in range(order + 1)])
            found = rank(hankel)
            reached.append((len(model[0]), order, found))
            refute_unless(
                found <= bound(order),
                "the Hankel rank is larger than the order",
                A=model[0],
                coefficients=row,
                rank=found,
                bound=bound(order),
            )
    note(states_order_and_rank=str(sorted(set(reached))))


def _companion(polynomial: list) -> np.ndarray:
    """F with F (s_0, …, s_{m−1}) = (s_1, …, s_{m−1}, −Σ c_l s_l)."""
    order = len(polynomial) - 1
    matrix = rational_array(np.eye(order, k=1, dtype=int))
    matrix[-1] = [-entry for entry in polynomial[:-1]]
    return matrix


def _run_heads(polynomial, value_maps, rows, tokens) -> np.ndarray:
    """All heads in one pass, each with its own state; only m coefficients of each are used."""
    matrix, order = _companion(polynomial), len(polynomial) - 1
    states = [rational_array(np.zeros((order, len(V)), dtype=int)) for V in value_maps]
    outputs = []
    for token in tokens:
        states = [
            matrix @ state + np.outer(row[:order], V @ token)
            for state, row, V in zip(states, rows, value_maps, strict=True)
        ]
        outputs.append(sum(state[0] for state in states))
    return np.stack(outputs)


def _one_step_late(polynomial, value_maps, rows, tokens) -> np.ndarray:
    return _run_heads(polynomial, value_maps, rows[:, 1:], tokens)


@check(
    COEFFICIENTS_ARE_RECURRENT,
    part="constant state",
    establishes=sampled(over="N ≤ 4, p = d = 2, n = 2m + 2", by="exact rationals"),
    claimed=dict(run=_run_heads, coefficients=_by_elimination, signs=1),
    controls={
        "coefficients one lag late": dict(run=_one_step_late),
        "random coefficients": dict(coefficients=_random),
        "opposite sign in the recurrence": dict(signs=-1),
    },
)
def heads_run_with_a_state(run, coefficients, signs) -> None:
    """The heads run one token at a time against the recurrence of the model, and against the heads
    as a sum over all pairs of positions."""
    for model, polynomial, random in _models():
        length = 2 * len(polynomial)
        value_maps, rows = coefficients(lag_operators(*model, length), random)
        tokens = rational_array(random.integers(-3, 4, (length, 2)))
        altered = [signs * entry for entry in polynomial[:-1]] + polynomial[-1:]
        found = run(altered, value_maps, rows, tokens)
        table = np.empty((len(rows), length, length), dtype=object)
        for i, j in np.ndindex(length, length):
            table[:, i, j] = rows[:, max(i - j, 0)]
        for stated in (
            linear_state_space_model(*model, tokens),
            multi_head_factorized_map(table, value_maps, tokens),
        ):
            refute_unless(
                bool((found == stated).all()),
                "the heads have other outputs",
                A=model[0],
                B=model[1],
                C=model[2],
                heads=found,
                stated=stated,
            )
