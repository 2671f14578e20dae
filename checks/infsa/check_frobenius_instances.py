"""Frobenius normalisation on exact matrices."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import isqrt

import numpy as np

from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one
from attnproof.theory.core import check, exact, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.infinite_self_attention import (
    frobenius_norm,
    frobenius_normalised,
)
from attnproof.theory.paper.infsa.neumann import FROBENIUS_CONTRACTION


def _with_rational_norm(generator: np.random.Generator) -> np.ndarray:
    """A random matrix with a rational Frobenius norm: a rational point of the sphere, scaled.

    Inverse stereographic projection: (2t_1, …, 2t_m, |t|² − 1)/(|t|² + 1) has length 1.
    """
    size = int(generator.integers(1, 6))
    flat = rational_array(generator.integers(-6, 7, size * size - 1).tolist()) / 4
    square = (flat * flat).sum() if size > 1 else rational(int(generator.integers(2, 5)))
    point = [*(2 * entry for entry in flat), square - 1]
    scale = rational(int(generator.integers(1, 9))) / (square + 1)
    return rational_array(point).reshape(size, size) * scale


def _instances(extra: tuple) -> Iterator[tuple[np.ndarray, object, object]]:
    for rows, epsilon, gamma in extra:
        yield rational_array(rows), rational(epsilon), rational(gamma)
    for draw in independent_draws(60, seed=3):
        matrix = _with_rational_norm(draw.random)
        epsilon = rational(int(draw.random.integers(0, 3))) / 1000
        gamma = rational(int(draw.random.integers(0, 100))) / 100
        if not any(entry != 0 for entry in matrix.flat) and epsilon == 0:
            draw.discard()
            continue
        yield matrix, epsilon, gamma


ONES = [[1, 1, 1]] * 3
RANK_ONE = [["9/25", "12/25"], ["12/25", "16/25"]]


@check(
    FROBENIUS_CONTRACTION,
    part="convergence",
    establishes=sampled(over="n ≤ 5, signed rationals, ε ≤ 1/500", by="exact rationals"),
    claimed=dict(normalise=frobenius_normalised, extra=((RANK_ONE, "0", "99/100"),)),
    controls={
        "largest entry instead": dict(
            normalise=lambda matrix, epsilon: matrix / (max(abs(matrix).flat) + epsilon),
            extra=((ONES, "0", "19/20"),),
        ),
        "mean row sum instead": dict(
            normalise=lambda matrix, epsilon: matrix * len(matrix) / (abs(matrix).sum() + epsilon)
        ),
        "half the Frobenius norm": dict(
            normalise=lambda matrix, epsilon: 2 * frobenius_normalised(matrix, epsilon)
        ),
        "discount one": dict(extra=((RANK_ONE, "0", "1"),), drops="discount"),
        "negative epsilon": dict(extra=((RANK_ONE, "-1/2", "19/20"),), drops="epsilon"),
        "zero matrix without epsilon": dict(
            extra=(([[0, 0], [0, 0]], "0", "19/20"),), drops="normaliser"
        ),
    },
)
def radius_by_definition(normalise, extra):
    """ρ(γÂ) < 1, decided exactly (Schur–Cohn), for matrices whose norm is rational. The zero
    matrix is among those that occur with ε > 0."""
    zero = [[0, 0], [0, 0]]
    for matrix, epsilon, gamma in _instances((*extra, (zero, "1/1000", "19/20"))):
        refute_unless(
            any(entry != 0 for entry in matrix.flat) or epsilon != 0,
            "nothing to divide by",
            A0=matrix,
            epsilon=epsilon,
            gamma=gamma,
        )
        normalised = normalise(matrix, epsilon)
        refute_unless(
            spectral_radius_below_one(gamma * normalised),
            "the series diverges",
            A0=matrix,
            epsilon=epsilon,
            gamma=gamma,
            normalised=normalised,
        )


@check(
    FROBENIUS_CONTRACTION,
    part="norms",
    establishes=sampled(over="n ≤ 5, signed rationals, ε ≤ 1/500", by="exact rationals"),
    claimed=dict(strict=lambda epsilon: epsilon > 0),
    controls={
        "strict without epsilon": dict(strict=lambda epsilon: True),
        "never strict": dict(strict=lambda epsilon: False),
    },
)
def norm_by_definition(strict):
    """‖Â‖_F = ‖A₀‖_F/(‖A₀‖_F + ε), below one exactly if ε > 0."""
    for matrix, epsilon, _ in _instances(((RANK_ONE, "0", "0"), (RANK_ONE, "1/2", "0"))):
        norm = frobenius_norm(frobenius_normalised(matrix, epsilon))
        refute_unless(
            norm <= 1 and (norm < 1) == strict(epsilon),
            "the normalised norm is another",
            A0=matrix,
            epsilon=epsilon,
            norm=norm,
        )


def _symmetric_rank_one(matrix: np.ndarray) -> bool:
    return rank(matrix) == 1 and bool((matrix == matrix.T).all())


@check(
    FROBENIUS_CONTRACTION,
    part="equality",
    establishes=exact(
        bound="every 2 × 2 matrix with entries −4 … 4 and an integer norm",
        by="enumeration in exact rationals",
    ),
    claimed=dict(condition=_symmetric_rank_one),
    controls={
        "rank one": dict(condition=lambda matrix: rank(matrix) == 1),
        "symmetric": dict(condition=lambda matrix: bool((matrix == matrix.T).all())),
        "positive factor": dict(
            condition=lambda matrix: _symmetric_rank_one(matrix) and matrix.trace() > 0
        ),
        "diagonal of equal entries": dict(condition=lambda matrix: matrix[0, 0] == matrix[1, 1]),
    },
)
def equality_among_small_matrices(condition):
    """ρ(Â) = 1, that is, not below one, against the form of the matrix."""
    attained = examined = 0
    for entries in product(range(-4, 5), repeat=4):
        square = sum(entry * entry for entry in entries)
        if square == 0 or isqrt(square) ** 2 != square:
            continue
        matrix = rational_array(entries).reshape(2, 2)
        below = spectral_radius_below_one(frobenius_normalised(matrix))
        refute_unless(
            bool(condition(matrix)) != below,
            "radius one and the form of the matrix do not go together",
            A0=matrix,
            epsilon=0,
            radius_below_one=below,
        )
        examined += 1
        attained += not below
    note(matrices=examined, radius_one=attained)
