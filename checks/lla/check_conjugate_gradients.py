"""Conjugate gradients on the moments: where they end, and how fast they approach."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import ball
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, enclosure, exact, note, proof, refute_unless, sampled
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.paper.lla.conjugate_gradients import conjugate_gradients
from attnproof.theory.paper.lla.matrix_free import CG_EXACTNESS


def _reflection(size: int):
    """A rational orthogonal matrix without a zero: ``1 − 2uuᵀ/uᵀu`` with u = (1, 2, …, d)."""
    direction = rational_array([[k] for k in range(1, size + 1)])
    square = (direction.T @ direction)[0, 0]
    return rational_array(np.eye(size, dtype=int)) - direction @ direction.T * 2 / square


def _multiplicities(size: int):
    """All ways to write d as an ordered sum of positive numbers."""
    for count in range(size):
        for cuts in combinations(range(1, size), count):
            ends = (0, *cuts, size)
            yield [b - a for a, b in pairwise(ends)]


@check(
    CG_EXACTNESS,
    part="termination",
    establishes=exact(
        bound="d ≤ 6, every pattern of multiplicities, the eigenvalues 1, 2, …; one basis and one "
        "right-hand side for each d"
    ),
    claimed=dict(conjugate=True, fewer=0),
    controls={
        "directions not made conjugate": dict(conjugate=False),
        "a step fewer": dict(fewer=1),
    },
)
def ends_after_the_distinct_eigenvalues(conjugate, fewer) -> None:
    """``Σ = HΛH`` with a reflection H, and the right-hand side H1, which has the share one in each
    eigenvector."""
    cases = 0
    for size in range(1, 7):
        basis = _reflection(size)
        for pattern in _multiplicities(size):
            values = [k + 1 for k, count in enumerate(pattern) for _ in range(count)]
            matrix = basis @ rational_array(np.diag(values)) @ basis
            right = basis @ rational_array([1] * size)
            steps = conjugate_gradients(lambda x, m=matrix: m @ x, right, conjugate=conjugate)
            residuals = [residual for (_, residual), _ in zip(steps, range(len(pattern) + 1))]
            last = len(pattern) - fewer
            refute_unless(
                len(residuals) > last
                and not residuals[last].any()
                and all(residual.any() for residual in residuals[:last]),
                "the residual does not vanish after as many steps as distinct eigenvalues",
                eigenvalues=values,
                residuals=[residual @ residual for residual in residuals],
            )
            cases += 1
    note(cases=cases)


Z, ZT, X, XT = letters("z zt x xt")
length, inner = scalars("n m")


@check(
    CG_EXACTNESS,
    part="condition",
    establishes=proof(over="every n and d, all weights p of sum one, every λ > 0"),
    claimed=dict(factor=1),
    controls={"half the length of the key": dict(factor=2)},
)
def eigenvalues_are_enclosed(factor) -> None:
    """``xᵀΣx − λ‖x‖² = Σ p_j (z_jᵀx)²``, at least 0. For each key, with ``n = ‖x‖²`` and
    ``m = zᵀx``: ``‖nz − mx‖² = n(n‖z‖² − m²)``, so ``(zᵀx)² ≤ ‖z‖²‖x‖²``; summed with the weights
    this is the upper bound. Refuted, with the right-hand side short of that: a key along x."""
    key, vector = rational_array([[1], [2]]), rational_array([[3], [1]])
    model = {"z": key, "zt": key.T, "x": vector, "xt": vector.T}
    model |= {"n": rational(10), "m": rational(5)}
    follows(
        (length * ZT - inner * XT) @ (length * Z - inner * X)
        - length * (length * ZT @ Z - factor * inner * inner),
        using=[
            (-1 * length * inner, ZT @ X - inner, 1),
            (-1 * length * inner, XT @ Z - inner, 1),
            (inner * inner, XT @ X - length, 1),
        ],
        models=[model],
        message="the square of the product is not bounded by the squares",
    )


def _at_most_the_bound(matrix, right, condition, *, twice: int) -> None:
    """``‖ρ_T − ρ‖²_Σ ≤ (2 q^T)² ‖ρ‖²_Σ`` for every T, q from the condition number given."""
    solution = inverse(matrix) @ right
    square = solution @ matrix @ solution
    root = ball(condition).sqrt()
    rate = (root - 1) / (root + 1)
    for count, (estimate, _) in enumerate(conjugate_gradients(lambda x: matrix @ x, right)):
        off = (estimate - solution) @ matrix @ (estimate - solution)
        at_most(
            arb(off),
            twice * twice * rate ** (2 * count) * arb(square),
            "the error is larger than its bound",
            second_moments=matrix,
            right_hand_side=right,
            steps=count,
        )


@check(
    CG_EXACTNESS,
    part="truncation",
    establishes=enclosure(bound="Σ = diag(1, κ), κ = 2, …, 100, the right-hand side (1, 1)"),
    claimed=dict(twice=2, of=lambda condition: condition),
    controls={
        "without the factor two": dict(twice=1),
        "the condition number halved": dict(of=lambda condition: rational(condition) / 2),
    },
)
def worst_right_hand_side_of_two_eigenvalues(twice, of) -> None:
    """For this right-hand side the first step reduces the error by (κ − 1)/(κ + 1) only, the most
    that is possible with two eigenvalues."""
    for condition in range(2, 101):
        matrix = rational_array([[1, 0], [0, condition]])
        _at_most_the_bound(matrix, rational_array([1, 1]), of(condition), twice=twice)


@check(
    CG_EXACTNESS,
    part="truncation",
    establishes=sampled(over="30 rational instances, n = 8, d = 4", by="exact rationals and balls"),
    claimed=dict(of=lambda second, shift: 1 + second.trace() / shift),
    controls={
        "the ridge forgotten": dict(of=lambda second, shift: rational("1001/1000")),
    },
)
def moments_of_random_keys(of) -> None:
    """Equal shares, κ from the keys and the ridge; the right-hand side is that of the operator."""
    for draw in independent_draws(30, seed=41):
        centred = rational_array(draw.random.integers(-4, 5, (8, 4)).tolist())
        shift = rational(int(draw.random.integers(1, 20))) / 4
        second = centred.T @ centred / 8
        right = centred.sum(axis=0) / 8
        if not right.any():
            draw.discard()
            continue
        matrix = second + shift * rational_array(np.eye(4, dtype=int))
        _at_most_the_bound(matrix, right, of(second, shift), twice=2)
