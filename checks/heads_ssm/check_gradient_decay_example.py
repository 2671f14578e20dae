"""The decay certificate on a defective matrix; what the spectral radius alone does not give."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, scalars
from attnproof.theory.algebra.matrix import determinant, identity_like
from attnproof.theory.algebra.positive_definite import pivots, positive_definite
from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.core import certificate, check, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.heads_ssm.gradient_highway import GRADIENT_DECAY_SSM
from attnproof.theory.paper.heads_ssm.lyapunov_certificate import lyapunov_solution, near_jordan


@check(
    GRADIENT_DECAY_SSM,
    part="example",
    establishes=certificate(over="this A, every τ", by="Lyapunov form, exact LDLᵀ"),
    claimed=dict(matrix=near_jordan(), rate=rational("19/20"), form=lyapunov_solution),
    controls={
        "at the spectral radius": dict(rate=rational("9/10"), drops="rate above the radius"),
        "below the spectral radius": dict(rate=rational("17/20"), drops="rate above the radius"),
        "rotation at rate one": dict(
            matrix=rational_array([["3/5", "-4/5"], ["4/5", "3/5"]]),
            rate=rational(1),
            drops="rate above the radius",
        ),
        "norm of the vector as form": dict(form=lambda A, rho: identity_like(A)),
        "opposite sign of the form": dict(form=lambda A, rho: -lyapunov_solution(A, rho)),
        "transposed transition": dict(form=lambda A, rho: lyapunov_solution(A.T, rho)),
    },
)
def certificate_of_the_example(matrix, rate, form) -> None:
    """P ≻ 0 and ρ²P − AᵀPA ≻ 0 by exact pivots; with `energy_shrinks_at_every_step` that bounds
    every power. Beside it the powers themselves: wᵀPw ≤ ρ^{2τ}w_0ᵀPw_0 on both unit vectors."""
    found = form(matrix, rate)
    refute_unless(found is not None, "ρ²P − AᵀPA = I has no solution", A=matrix, rho=rate)
    for name, tested in (("P", found), ("loss", rate**2 * found - matrix.T @ found @ matrix)):
        refute_unless(
            positive_definite(tested),
            f"{name} is not positive definite",
            A=matrix,
            rho=rate,
            P=found,
            pivots=pivots(tested),
        )
    vectors = identity_like(matrix)
    start = (vectors * (found @ vectors)).sum(axis=0)
    largest = 0.0
    for distance in range(1, 61):
        vectors = matrix @ vectors
        energy = (vectors * (found @ vectors)).sum(axis=0)
        refute_unless(
            bool((energy <= rate ** (2 * distance) * start).all()),
            "the energy exceeds its limit",
            A=matrix,
            rho=rate,
            P=found,
            distance=distance,
        )
    powers = np.eye(2)
    for distance in range(400):
        powers = powers @ to_float(matrix) if distance else powers
        largest = max(largest, np.linalg.norm(powers, 2) / float(to_float(rate)) ** distance)
    condition = np.linalg.cond(to_float(found))
    note(
        P11=float(to_float(found[0, 0])),
        determinant=float(to_float(determinant(found))),
        constant=float(np.sqrt(condition)),
        largest_ratio_up_to_400=largest,
    )


GROWTH = rational("100/9")


@check(
    GRADIENT_DECAY_SSM,
    part="not at the radius",
    establishes=proof(over="this A, every τ (induction)", by="polynomial identity in τ"),
    claimed=dict(growth=lambda t: GROWTH * t, corner=rational(10)),
    controls={
        "constant": dict(growth=lambda t: GROWTH),
        "quadratic": dict(growth=lambda t: GROWTH * t * t),
        "a tenth of it": dict(growth=lambda t: rational("10/9") * t),
        "diagonal transition": dict(corner=rational(0)),
    },
)
def grows_linearly_at_the_radius(growth, corner) -> None:
    """With g(τ) = (A^τ)_12/(9/10)^τ, multiplying by A gives (9/10) g(τ + 1) = 10 + (9/10) g(τ),
    and g(0) = 0. The claimed polynomial satisfies both, for the symbol τ; so it is g. Then
    ‖A^τ‖ ≥ (A^τ)_12 exceeds every multiple of (9/10)^τ. Beside it, exact powers to τ = 40."""
    (t,) = scalars("tau")
    radius = rational("9/10")
    matrix = rational_array([[radius, corner], [0, radius]])
    fraction = lambda number: Fraction(int(number.p), int(number.q))
    symbol = lambda x: _as_polynomial(growth, x)
    follows(
        fraction(radius) * (symbol(t + 1) - symbol(t)) - fraction(corner),
        models=[{"tau": rational(0)}, {"tau": rational(1)}],
        message="the stated growth does not satisfy the recurrence",
    )
    power = identity_like(matrix)
    for distance in range(41):
        refute_unless(
            power[0, 1] == growth(rational(distance)) * radius**distance,
            "the corner of the power is another",
            A=matrix,
            distance=distance,
            corner=power[0, 1],
        )
        power = power @ matrix


def _as_polynomial(growth, point: FreeElement) -> FreeElement:
    """A polynomial of degree at most two, from its values at 0, 1 and 2."""
    values = [growth(rational(k)) for k in range(3)]
    zero, one, two = (Fraction(int(value.p), int(value.q)) for value in values)
    first, second = one - zero, (two - 2 * one + zero) / 2
    return zero + first * point + second * point * (point - 1)
