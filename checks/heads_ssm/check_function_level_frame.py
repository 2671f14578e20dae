"""The Hankel frame: p + d − 1 value maps that serve every causal linear map."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import determinant
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, note, proof, refute_unless, sampled, smt, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.engine.smt import unsatisfiable
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks, interaction_rank
from attnproof.theory.paper.heads_ssm.function_level import FUNCTION_LEVEL_HEADS
from attnproof.theory.paper.heads_ssm.time_varying_recurrence import time_varying_recurrence
from attnproof.theory.paper.heads_ssm.value_frame import (
    fixed_coefficients,
    frame_at,
    hankel_frame,
    heads_output,
    least_norm_coefficients,
)

PLACES = "p d m r s c"


@check(
    FUNCTION_LEVEL_HEADS,
    part="Hankel frame",
    establishes=smt(over="every p and d, every lowest non-zero coordinate m", bounded=False),
    claimed=dict(
        heads=lambda p, d: p + d - 1,
        first_column=lambda m: m,
        coordinate=lambda row, column: column - row,
    ),
    controls={
        "one head fewer": dict(heads=lambda p, d: p + d - 2),
        "as many heads as the larger width": dict(heads=lambda p, d: _larger(p, d)),
        "one column to the right": dict(first_column=lambda m: m + 1),
        "one column to the left": dict(first_column=lambda m: m - 1),
        "r − c in place of r + c": dict(coordinate=lambda row, column: row - column),
    },
)
def triangular_minor(heads, first_column, coordinate) -> None:
    """(V_h)_rc = 1 exactly if r + c = h, so T(x)_{r,h} = x_{h−r} (0 outside 0, …, d − 1). Let
    x_m be the lowest coordinate that is not zero. In the columns m, …, m + p − 1 row r has in
    place s: the coordinate x_{m+s−r}; for s = r it is x_m, for s < r it has a lower index and is
    zero. The minor is triangular with diagonal x_m, hence x_m^p.

    Machine-checked, in integers without a bound: the columns exist, the diagonal, the zeros.
    """
    import z3

    names = PLACES.split()
    places = dict(zip(names, z3.Ints(PLACES), strict=True))

    def domain(p, d, m, r, s, c) -> list:
        return [p >= 1, d >= 1, m >= 0, m < d, r >= 0, r < p, s >= 0, s < p, c >= 0, c < d]

    def missing(p, d, m, r, s, c) -> list:
        column = first_column(m) + s
        return [_either(column < 0, column >= heads(p, d))]

    def another_diagonal(p, d, m, r, s, c) -> list:
        return [s == r, c == m, coordinate(r, first_column(m) + s) != c]

    def entry_below(p, d, m, r, s, c) -> list:
        return [s < r, coordinate(r, first_column(m) + s) == c, c >= m]

    for message, wrong in (
        ("a column of the minor is missing", missing),
        ("the diagonal is not the lowest coordinate", another_diagonal),
        ("an entry below the diagonal may differ from zero", entry_below),
    ):
        unsatisfiable(
            [*domain(**places), *wrong(**places)],
            places,
            recheck=lambda wrong=wrong, **values: all(domain(**values) + wrong(**values)),
            message=message,
        )


def _either(first, second):
    import z3

    return first or second if isinstance(first, bool) else z3.Or(first, second)


def _larger(p, d):
    import z3

    return z3.If(p >= d, p, d) if isinstance(p, z3.ArithRef) else max(p, d)


def _without_last(outputs: int, inputs: int) -> np.ndarray:
    return hankel_frame(outputs, inputs)[:-1]


def _last_entry_moved(outputs: int, inputs: int) -> np.ndarray:
    maps = hankel_frame(outputs, inputs)
    maps[-1, -1, -1], maps[0, -1, -1] = maps[0, -1, -1], maps[-1, -1, -1]
    return maps


@check(
    FUNCTION_LEVEL_HEADS,
    part="Hankel frame",
    establishes=symbolic(bound="p, d ≤ 4, every x"),
    claimed=dict(frame=hankel_frame, stated=lambda lowest, p: lowest**p),
    controls={
        "an entry moved to another head": dict(frame=_last_entry_moved),
        "one power more": dict(stated=lambda lowest, p: lowest ** (p + 1)),
        "a sign": dict(stated=lambda lowest, p: -(lowest**p)),
    },
)
def minors_of_the_frame(frame, stated) -> None:
    """The minors from the value maps themselves, with x_0 = … = x_{m−1} = 0 and symbols after."""
    for p, d in _sizes(4):
        symbols = variables([f"x{c}" for c in range(d)])
        for m in range(d):
            token = np.array([0 * symbols[0]] * m + symbols[m:], dtype=object)
            minor = frame_at(frame(p, d), token)[:, m : m + p]
            identical(
                determinant(minor), stated(symbols[m], p), "the minor is not the stated power"
            )


T, U, G, W, x = letters("T U G W x")


@check(
    FUNCTION_LEVEL_HEADS,
    part="Hankel frame",
    establishes=proof(over="every frame of full row rank, every block and token"),
    claimed=dict(coefficients=U * G * W * x, gram=T * U * G - 1),
    controls={
        "Gram matrix not inverted": dict(coefficients=U * W * x),
        "coefficients doubled": dict(coefficients=U * G * W * x + U * G * W * x),
        "inverse of the other Gram matrix": dict(coefficients=U * G * G * W * x),
    },
)
def the_coefficients_give_the_block(coefficients, gram) -> None:
    """With U = Tᵀ and G the inverse of T Tᵀ: T f = T U G W x = W x.

    Classical: T Tᵀ is invertible, its determinant being the sum of the squares of the minors of
    size p (Cauchy and Binet), of which one is x_m^p.
    """
    frame = frame_at(hankel_frame(2, 2), rational_array([1, 2]))
    # T Tᵀ has the rows (5, 2) and (2, 5), and determinant 21.
    model = {
        **{"T": frame, "U": frame.T, "x": rational_array([[1], [2]])},
        **{"G": rational_array([["5/21", "-2/21"], ["-2/21", "5/21"]])},
        "W": rational_array([[1, 2], [3, 5]]),
    }
    follows(
        T * coefficients - W * x,
        using=[(1, gram, W * x)],
        models=[model],
        message="the heads do not give the block",
    )


def _sizes(largest: int):
    return [(p + 1, d + 1) for p, d in np.ndindex(largest, largest)]


def _earlier_token(value_maps, block, token):
    return least_norm_coefficients(value_maps, block, token[::-1])


@check(
    FUNCTION_LEVEL_HEADS,
    part="Hankel frame",
    establishes=sampled(
        over="time-varying recurrences, n = 5, N = 3, p, d ≤ 4, integer coefficients and tokens",
        by="exact rationals",
    ),
    claimed=dict(frame=hankel_frame, coefficients=least_norm_coefficients),
    controls={
        "the last head dropped": dict(frame=_without_last),
        "coefficients that do not see the input": dict(coefficients=fixed_coefficients),
        "coefficients of the reversed token": dict(coefficients=_earlier_token),
        "an entry moved to another head": dict(frame=_last_entry_moved),
    },
)
def whole_maps_agree(frame, coefficients) -> None:
    """Outputs of the recurrence against those of p + d − 1 heads; some of the tokens are zero."""
    most = 0
    for draw in independent_draws(24, seed=17):
        p, d = (int(size) for size in draw.random.integers(1, 5, 2))
        entries = lambda *shape, draw=draw: rational_array(draw.random.integers(-2, 3, shape))
        system = (entries(5, 3, 3), entries(5, 3, d), entries(5, p, 3))
        blocks = effective_blocks(lambda X, given=system: time_varying_recurrence(*given, X), 5, d)
        maps = frame(p, d)
        tokens = entries(5, d)
        tokens[1] = 0 * tokens[1]
        weigh = lambda i, j, X, maps=maps, blocks=blocks: coefficients(maps, blocks[i, j], X[j])
        outputs, heads = time_varying_recurrence(*system, tokens), None
        with suppress(ZeroDivisionError):
            heads = heads_output(maps, weigh, tokens)
        refute_unless(
            heads is not None and bool((heads == outputs).all()),
            "the heads do not give the outputs",
            value_maps=maps,
            tokens=tokens,
            blocks=blocks,
            outputs=outputs,
            heads="the frame has not full row rank" if heads is None else heads,
        )
        most = max(most, interaction_rank(blocks) - len(maps))
    note(most_operators_above_heads=most)
