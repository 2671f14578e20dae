"""The number of independent lag operators, counted on systems and held against the formulas."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.matrix import inverse, rank, to_flint
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import (
    check,
    exact,
    note,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.linear_state_space_model import lag_operators
from attnproof.theory.paper.heads_ssm.delay_line import delay_line
from attnproof.theory.paper.heads_ssm.head_count import K_FORMULAS


def _count(system: tuple, length: int) -> int:
    """k_n: the rank of the lag operators as rows."""
    return rank(lag_operators(*system[:3], length, *system[3:]).reshape(length, -1))


def _minimal_degree(system: tuple) -> int:
    return to_flint(system[0]).minpoly().degree()


def _states(system: tuple) -> int:
    return len(system[0])


def _drawn(draw, states: int, outputs: int, inputs: int) -> tuple[np.ndarray, ...]:
    """Small integers; A in two equal diagonal blocks every third time."""
    shapes = (states, states), (states, inputs), (outputs, states)
    system = [rational_array(draw.random.integers(-2, 3, shape)) for shape in shapes]
    if states % 2 == 0 and draw.random.integers(0, 3) == 0:
        half = system[0][: states // 2, : states // 2]
        system[0] = np.kron(np.eye(2, dtype=int), half)
    return tuple(system)


def _first_pause(system: tuple) -> int:
    """The first length after which the count does not grow."""
    return next(n for n in range(1, 20) if _count(system, n) == _count(system, n + 1))


@check(
    K_FORMULAS,
    part="minimal polynomial",
    establishes=sampled(over="N ≤ 6, p, d ≤ 3, integers up to 2, some A derogatory"),
    claimed=dict(enough=_minimal_degree, bound=_minimal_degree),
    controls={
        "one lag fewer": dict(enough=lambda system: _minimal_degree(system) - 1),
        "the first pause": dict(enough=_first_pause),
        "the degree less one": dict(bound=lambda system: _minimal_degree(system) - 1),
    },
)
def counts_of_random_systems(enough, bound) -> None:
    """k_n at the stated length, and at longer ones; the minimal polynomial is FLINT's."""
    _hold_against(delay_line(2), enough, bound)
    derogatory = 0
    for draw in independent_draws(60, seed=20260304):
        system = _drawn(draw, *(int(draw.random.integers(1, top)) for top in (7, 4, 4)))
        _hold_against(system, enough, bound)
        derogatory += _minimal_degree(system) < _states(system)
    note(derogatory_systems=derogatory)


def _hold_against(system: tuple, enough, bound) -> None:
    outputs, inputs = system[2].shape[0], system[1].shape[1]
    lags = enough(system)
    settled = _count(system, lags) if lags else 0
    for length in range(1, _states(system) + 4):
        found = _count(system, length)
        refute_unless(
            found <= min(length, outputs * inputs, bound(system))
            and (length < lags or found == settled),
            "the count is another",
            transition=system[0],
            input_matrix=system[1],
            output_matrix=system[2],
            n=length,
            count=found,
            stated_to_settle_at=lags,
            settled=settled,
        )


def _hankel_rank(system: tuple) -> int:
    """The rank of N block rows and columns, which has that of the whole (Cayley and Hamilton)."""
    size = _states(system)
    lags = lag_operators(*system, 2 * size - 1)
    return rank(np.block([[lags[i + j] for j in range(size)] for i in range(size)]))


@check(
    K_FORMULAS,
    part="state dimension",
    establishes=sampled(over="N ≤ 5, p, d ≤ 3, integers up to 2"),
    claimed=dict(bound=_hankel_rank),
    controls={
        "the rank less one": dict(bound=lambda system: _hankel_rank(system) - 1),
        "the rank of the first block": dict(bound=lambda system: rank(system[2] @ system[1])),
    },
)
def count_and_hankel_rank(bound) -> None:
    """k_N, which is the largest, against the rank of the block Hankel matrix."""
    smaller = 0
    for draw in independent_draws(60, seed=20260305):
        system = _drawn(draw, *(int(draw.random.integers(1, top)) for top in (6, 4, 4)))
        found, stated = _count(system, _states(system)), bound(system)
        smaller += found < stated
        refute_unless(
            found <= stated,
            "the count exceeds the bound",
            transition=system[0],
            input_matrix=system[1],
            output_matrix=system[2],
            count=found,
            bound=stated,
        )
    note(systems_with_fewer_operators_than_states=smaller)


def _modes(draw) -> tuple[np.ndarray, ...]:
    """Eigenvalues, right and left vectors."""
    size = int(draw.random.integers(1, 5))
    eigenvalues = np.diag(draw.random.choice(np.arange(-6, 7), size, replace=False))
    while True:
        vectors = rational_array(draw.random.integers(-2, 3, (size, size)))
        if rank(vectors) == size:
            return rational_array(eigenvalues), vectors, inverse(vectors)


def _equal_modes(draw) -> tuple[np.ndarray, ...]:
    eigenvalues, right, left = _modes(draw)
    return eigenvalues * 0 + rational_array(np.eye(len(right), dtype=int)), right, left


def _rank_one_matrices(output_matrix, right, left, input_matrix) -> int:
    return rank(
        np.stack(
            [
                np.outer(output_matrix @ right[:, mode], left[mode] @ input_matrix).reshape(-1)
                for mode in range(len(right))
            ]
        )
    )


@check(
    K_FORMULAS,
    part="distinct eigenvalues",
    establishes=sampled(over="N ≤ 4, p, d ≤ 3, integer eigenvalues"),
    claimed=dict(modes=_modes, stated=_rank_one_matrices, extra=0),
    controls={
        "equal eigenvalues": dict(modes=_equal_modes),
        "the number of modes": dict(stated=lambda C, right, left, B: len(right)),
        "the left vectors transposed": dict(
            stated=lambda C, right, left, B: _rank_one_matrices(C, right, left.T, B)
        ),
        "one lag fewer than modes": dict(extra=-1),
    },
)
def count_of_modes(modes, stated, extra) -> None:
    """k_n for n = N and N + 2 against the rank of the matrices c_l b_lᵀ; small integers make
    products of output and input vectors of several modes dependent now and then."""
    fewer = 0
    for draw in independent_draws(60, seed=20260306):
        eigenvalues, right, left = modes(draw)
        size = len(right)
        outputs, inputs = (int(draw.random.integers(1, 4)) for _ in range(2))
        system = (
            right @ eigenvalues @ left,
            rational_array(draw.random.integers(-1, 2, (size, inputs))),
            rational_array(draw.random.integers(-1, 2, (outputs, size))),
        )
        spanned = stated(system[2], right, left, system[1])
        fewer += spanned < min(size, outputs * inputs)
        for length in (size + extra, size + 2 + extra):
            found = _count(system, length) if length else 0
            refute_unless(
                found == spanned,
                "the modes span another number of operators",
                transition=system[0],
                input_matrix=system[1],
                output_matrix=system[2],
                n=length,
                count=found,
                modes_span=spanned,
            )
    note(systems_below_the_generic_count=fewer)


@check(
    K_FORMULAS,
    part="full access",
    establishes=exact(bound="all 512 matrices of size 3 with entries 0 and 1, n ≤ 4"),
    claimed=dict(stated=lambda n, A: min(n, to_flint(A).minpoly().degree())),
    controls={
        "the number of states": dict(stated=lambda n, A: min(n, len(A))),
        "the rank of A": dict(stated=lambda n, A: min(n, rank(A))),
        "the length": dict(stated=lambda n, A: n),
    },
)
def powers_of_all_small_matrices(stated) -> None:
    """B = C = I, so that the lag operators are the powers of A."""
    unit = rational_array(np.eye(3, dtype=int))
    by_count: dict[int, int] = {}
    for entries in product((0, 1), repeat=9):
        transition = rational_array(np.array(entries).reshape(3, 3))
        for length in range(1, 5):
            found = _count((transition, unit, unit), length)
            refute_unless(
                found == stated(length, transition),
                "the powers span another number",
                transition=transition,
                n=length,
                count=found,
                stated=stated(length, transition),
            )
        by_count[found] = by_count.get(found, 0) + 1
    note(matrices_by_count=str(dict(sorted(by_count.items()))))


@check(
    K_FORMULAS,
    part="feed-through",
    establishes=sampled(over="N ≤ 4, p, d ≤ 3, integers up to 2, D = −CB in every third"),
    claimed=dict(up=1, down=1),
    controls={"no growth": dict(up=0), "no loss": dict(down=0)},
)
def count_with_feed_through(up, down) -> None:
    """The count with D and without, at n = N + 2."""
    changes: dict[int, int] = {}
    for draw in independent_draws(60, seed=20260307):
        sizes = [int(draw.random.integers(1, top)) for top in (5, 4, 4)]
        system = _drawn(draw, *sizes)
        through = rational_array(draw.random.integers(-2, 3, sizes[1:]))
        if draw.random.integers(0, 3) == 0:
            through = -system[2] @ system[1]
        change = _count((*system, through), sizes[0] + 2) - _count(system, sizes[0] + 2)
        changes[change] = changes.get(change, 0) + 1
        refute_unless(
            -down <= change <= up,
            "the count changes by more",
            transition=system[0],
            input_matrix=system[1],
            output_matrix=system[2],
            feed_through=through,
            change=change,
        )
    note(systems_by_change=str(dict(sorted(changes.items()))))
