"""No fewer heads than the lag operators span, and the span with a certificate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.operator.linear_state_space_model import (
    lag_operators,
    linear_state_space_model,
)
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks, interaction_rank
from attnproof.theory.paper.heads_ssm.head_count import OPERATOR_LOWER_BOUND
from attnproof.theory.paper.heads_ssm.rank_certificate import confirms, propose
from attnproof.theory.paper.heads_ssm.value_frame import heads_output

U, R, Q, V, F, X, Y, e, G, E, P = letters("U R Q V F X Y e G E P")


def _factored(operators: list, value_maps: list, coefficients: list) -> dict[str, np.ndarray]:
    """Two independent columns, R = I and Q their inverse."""
    return {
        **{"U": rational_array(operators), "V": rational_array(value_maps)},
        **{"F": rational_array(coefficients), "R": rational_array([[1, 0], [0, 1]])},
        "Q": rational_array([[1, -2], [0, 1]]),
    }


FACTORED = _factored([[1, 2], [0, 1]], [[1, 2], [0, 1]], [[1, 0], [0, 1]])
SQUARE = {
    **{"X": rational_array([[1, 1], [0, 1]]), "Y": rational_array([[1, -1], [0, 1]])},
    "e": rational_array([[0], [0]]),
}


@check(
    OPERATOR_LOWER_BOUND,
    part="count",
    establishes=proof(over="every p, d, n, H, every family of operators over a field"),
    claimed=dict(inside=FACTORED, padded=SQUARE, undone=lambda X, Y: Y * X),
    controls={
        "operators that the heads miss": dict(
            inside=_factored([[1, 2], [0, 1]], [[1], [0]], [[1, 2]])
        ),
        "as many heads as operators": dict(padded={**SQUARE, "e": rational_array([[0], [1]])}),
        "more heads than operators": dict(
            padded={
                **{"X": rational_array([[1, 0]]), "Y": rational_array([[1], [0]])},
                "e": rational_array([[0], [1]]),
            },
            undone=lambda X, Y: X * Y,
        ),
    },
)
def heads_factor_the_operators(inside, padded, undone) -> None:
    """Let rank U = k: there are R and Q with R U Q = I_k (an invertible minor, and its inverse).
    If U = V F, where the columns of V are the value maps, then (R V)(F Q) = I_k. Were H < k, both
    factors could be padded with k − H columns and rows of zeros to square matrices X and Y with
    X Y = I; then Y X = I, and the last unit vector e would be e = Y X e = 0, since X e = 0.

    Machine-checked: both deductions. Classical: a minor as large as the rank is invertible, and a
    one-sided inverse of a square matrix is two-sided.
    """
    steps = [(1, R * U * Q - 1, 1), (-R, U - V * F, Q)]
    follows(
        R * V * F * Q - 1,
        using=held_premises(steps, inside),
        models=[inside],
        message="the heads do not give an identity as large as the rank",
    )
    follows(
        e,
        using=held_premises([(Y, X * e, 1), (-1, undone(X, Y) - 1, e)], padded),
        models=[padded],
        message="a unit vector is not zero",
    )


def _fixed_maps(draw, heads: int):
    maps = rational_array(draw.random.integers(-3, 4, (heads, 2, 2)))
    return lambda token: maps


def _gated_maps(draw, heads: int):
    """Value maps that differ from token to token."""
    maps = rational_array(draw.random.integers(-3, 4, (2, heads, 2, 2)))
    return lambda token: maps[token % 2]


@check(
    OPERATOR_LOWER_BOUND,
    part="count",
    establishes=sampled(over="p = d = 2, n = 4, H ≤ 3, small integers"),
    claimed=dict(maps=_fixed_maps, fewest=lambda heads: heads),
    controls={
        "value maps that differ between tokens": dict(maps=_gated_maps),
        "one head fewer": dict(fewest=lambda heads: heads - 1),
    },
)
def blocks_of_random_heads(maps, fewest) -> None:
    """The layer itself, fed with unit inputs: its blocks span no more than there are heads."""
    length = 4
    for draw in independent_draws(60, seed=20260301):
        heads = int(draw.random.integers(1, 4))
        value_maps = maps(draw, heads)
        weights = rational_array(draw.random.integers(-4, 5, (length, length, heads)))

        def layer(tokens, heads=heads, value_maps=value_maps, weights=weights):
            total = 0
            for j in range(length):
                alone = np.where(np.arange(length)[:, None] == j, tokens, 0 * tokens)
                rule = lambda i, at, X: weights[i, at]
                total = total + heads_output(value_maps(j), rule, alone)
            return total

        blocks = effective_blocks(layer, length, 2)
        found = interaction_rank(blocks)
        refute_unless(
            found <= fewest(heads),
            "the blocks span more than there are heads",
            heads=heads,
            span=found,
            blocks=blocks,
        )


def _inverted(**altered) -> dict[str, np.ndarray]:
    """U = (u, 2u, w), R = I, P picks the columns 0 and 2."""
    return {
        **{"U": rational_array([[1, 2, 1], [1, 2, 2]]), "R": rational_array([[1, 0], [0, 1]])},
        **{"P": rational_array([[1, 0], [0, 0], [0, 1]]), "G": rational_array([[2, -1], [-1, 1]])},
        **{"E": rational_array([[1, 2, 0], [0, 0, 1]])},
        **{"V": rational_array([[1, 1], [1, 2]]), "F": rational_array([[1, 2, 0], [0, 0, 1]])},
        **altered,
    }


@check(
    OPERATOR_LOWER_BOUND,
    part="certificate",
    establishes=proof(over="every p, d, n, k, every field"),
    claimed=dict(model=_inverted()),
    controls={
        "a minor that is not inverted": dict(model=_inverted(G=rational_array([[1, 0], [0, 1]]))),
        "a column that is no combination": dict(
            model={
                **{"U": rational_array([[1, 2], [1, 3]]), "R": rational_array([[1, 0]])},
                **{"P": rational_array([[1], [0]]), "G": rational_array([[1]])},
                **{"E": rational_array([[1, 2]]), "V": rational_array([[1, 2], [1, 3]])},
                "F": rational_array([[1, 0], [0, 1]]),
            }
        ),
    },
)
def minor_and_combinations(model) -> None:
    """Every factorisation U = V F gives (R V)(F P G) = I_k, so that it has k columns or more by
    the count; and U = (U P) E is one with k columns, in which E = G R U is the only choice."""
    inverted, combined = R * U * P * G - 1, U - U * P * E
    factored, other_side = U - V * F, G * R * U * P - 1
    follows(
        R * V * F * P * G - 1,
        using=held_premises([(1, inverted, 1), (-R, factored, P * G)], model),
        models=[model],
        message="the factors do not give an identity of the size of the minor",
    )
    follows(
        U - U * P * G * R * U,
        using=held_premises(
            [(1, combined, 1), (-U * P * G * R, combined, 1), (-U * P, other_side, E)], model
        ),
        models=[model],
        message="the columns of the minor do not give all columns",
    )


def _system(draw, states: int, outputs: int, inputs: int) -> tuple[np.ndarray, ...]:
    shapes = (states, states), (states, inputs), (outputs, states)
    return tuple(
        rational_array(draw.random.integers(-3, 4, shape)) / int(draw.random.integers(1, 4))
        for shape in shapes
    )


def _one_row_twice(certificate):
    return replace(certificate, rows=(*certificate.rows[:-1], certificate.rows[0]))


def _one_column_less(certificate):
    return replace(
        certificate,
        rows=certificate.rows[:-1],
        columns=certificate.columns[:-1],
        inverse=certificate.inverse[:-1, :-1],
        combinations=certificate.combinations[:-1],
    )


def _altered_combination(certificate):
    combinations = certificate.combinations.copy()
    combinations[0, -1] += 1
    return replace(certificate, combinations=combinations)


@check(
    OPERATOR_LOWER_BOUND,
    part="certificate",
    establishes=sampled(over="N ≤ 6, p, d ≤ 3, n ≤ 8, small rationals"),
    claimed=dict(given=lambda certificate: certificate),
    controls={
        "a row twice": dict(given=_one_row_twice),
        "a column left out": dict(given=_one_column_less),
        "a combination altered": dict(given=_altered_combination),
    },
)
def certificates_of_random_systems(given) -> None:
    """The certificate comes from elimination on C A^τ B, is confirmed by integer multiplication,
    and gives the rank of the blocks that the recurrence itself has on unit inputs."""
    found: dict[str, int] = {}
    for draw in independent_draws(60, seed=20260302):
        states, outputs, inputs, length = (
            int(draw.random.integers(1, top)) for top in (7, 4, 4, 9)
        )
        system = _system(draw, states, outputs, inputs)
        lags = lag_operators(*system, length)
        matrix = lags.reshape(length, -1).T
        if not matrix.any():
            draw.discard()
            continue
        certificate = given(propose(matrix))
        refute_unless(
            confirms(certificate, matrix),
            "the certificate does not multiply out",
            matrix=matrix,
            rows=list(certificate.rows),
            columns=list(certificate.columns),
            combinations=certificate.combinations,
        )
        run = lambda tokens, system=system: linear_state_space_model(*system, tokens)
        spanned = interaction_rank(effective_blocks(run, length, inputs))
        refute_unless(
            certificate.rank == spanned == rank(matrix),
            "the certificate has another rank",
            matrix=matrix,
            certified=certificate.rank,
            spanned=spanned,
        )
        found[str(spanned)] = found.get(str(spanned), 0) + 1
    note(systems_by_rank=str(dict(sorted(found.items()))))
