"""The Neumann series and the resolvent: exact instances, a solver, balls."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from attnproof.theory.algebra.ball import ball, ball_array, precision
from attnproof.theory.algebra.matrix import determinant, identity_like, inverse, to_flint
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one
from attnproof.theory.core import check, exact, note, refute_unless, sampled, smt
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.smt import unsatisfiable
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix, neumann_partial_sum
from attnproof.theory.paper.infsa.neumann import NEUMANN_RESOLVENT

DISCOUNTS = ("1/2", "1", "3/2")


def _two_by_two(entries: tuple[str, ...]) -> Iterator[tuple[np.ndarray, object]]:
    for first in entries:
        for rest in product(entries, repeat=3):
            matrix = rational_array([[first, rest[0]], [rest[1], rest[2]]])
            for discount in DISCOUNTS:
                yield matrix, rational(discount)


def powers_vanish(matrix: np.ndarray) -> bool:
    """Whether ``B^t → 0``, for 2 × 2: some ``X ≻ 0`` solves ``X − BᵀXB = I`` (Stein 1952).

    Then xᵀXx falls by |x|² in every step; and if B^t → 0, the sum of (Bᵀ)^t B^t is such an X.
    """
    coefficients = np.kron(matrix.T, matrix.T)
    try:
        solved = inverse(identity_like(coefficients) - coefficients)
    except ZeroDivisionError:
        return False
    stein = (solved @ identity_like(matrix).reshape(-1)).reshape(matrix.shape)
    return bool(stein[0, 0] > 0 and determinant(stein) > 0)


def _has_inverse(matrix: np.ndarray) -> bool:
    return determinant(identity_like(matrix) - matrix) != 0


@check(
    NEUMANN_RESOLVENT,
    part="convergence",
    establishes=exact(
        bound="every 2 × 2 matrix with entries −1, −1/2, 0, 1/2, 1 and γ = 1/2, 1, 3/2",
        by="enumeration in exact rationals",
    ),
    claimed=dict(condition=spectral_radius_below_one),
    controls={
        "the inverse exists": dict(condition=_has_inverse),
        "largest row sum below one": dict(
            condition=lambda matrix: max(sum(abs(row)) for row in matrix) < 1
        ),
        "Frobenius norm below one": dict(condition=lambda matrix: (matrix * matrix).sum() < 1),
        "largest entry below one": dict(condition=lambda matrix: max(abs(matrix).flat) < 1),
        "determinant below one": dict(condition=lambda matrix: abs(determinant(matrix)) < 1),
        "radius at most one": dict(
            condition=lambda matrix: spectral_radius_below_one(matrix * rational("99/100"))
        ),
    },
)
def convergence_of_all_small_matrices(condition):
    """Left: whether the terms tend to zero, by Stein's equation. Right: the spectral radius, by
    Schur–Cohn. That a vanishing remainder is all that convergence needs is in the proof."""
    for matrix, gamma in _two_by_two(("-1", "-1/2", "0", "1/2", "1")):
        refute_unless(
            powers_vanish(gamma * matrix) == bool(condition(gamma * matrix)),
            "convergence of the series and the condition differ",
            A=matrix,
            gamma=gamma,
            converges=powers_vanish(gamma * matrix),
        )
    halves, beyond = rational_array([["1/2", "1/2"], ["1/2", "1/2"]]), rational("3/2")
    note(
        matrix=halves,
        discount=beyond,
        inverse=fundamental_matrix(halves, beyond),
        partial_sum_of_8_hops=neumann_partial_sum(halves, beyond, 8),
        converges=powers_vanish(beyond * halves),
    )


@check(
    NEUMANN_RESOLVENT,
    part="sign",
    establishes=exact(
        bound="every 2 × 2 matrix with entries 0, 1/2, 1, 2 and γ = 1/2, 1, 3/2",
        by="enumeration in exact rationals",
    ),
    claimed=dict(entries=("0", "1/2", "1", "2"), wanted=lambda resolvent: (resolvent >= 0).all()),
    controls={
        "entries of any sign": dict(entries=("-2", "0"), drops="non-negative"),
        "the inverse exists": dict(wanted=lambda resolvent: True),
        "non-negative determinant": dict(wanted=lambda resolvent: determinant(resolvent) >= 0),
        "non-negative trace": dict(wanted=lambda resolvent: resolvent.trace() >= 0),
        "positive inverse": dict(wanted=lambda resolvent: (resolvent > 0).all()),
    },
)
def sign_of_all_small_inverses(entries, wanted):
    """The resolvent from its definition, the radius by Schur–Cohn."""
    for matrix, gamma in _two_by_two(entries):
        below = spectral_radius_below_one(gamma * matrix)
        try:
            found = bool(wanted(fundamental_matrix(matrix, gamma)))
        except ZeroDivisionError:
            found = False
        refute_unless(
            found == below,
            "the sign of the inverse does not tell whether the series converges",
            A=matrix,
            gamma=gamma,
            radius_below_one=below,
        )


@check(
    NEUMANN_RESOLVENT,
    part="sign",
    establishes=smt(over="n = 2, all real entries of γA ≥ 0"),
    claimed=dict(lowest=0, inverse_entries=(0, 1, 2, 3)),
    controls={
        "entries of any sign": dict(lowest=-9),
        "only off-diagonal entries of the inverse": dict(inverse_entries=(1, 2)),
        "no entries of the inverse": dict(inverse_entries=()),
    },
)
def solver_looks_for_a_matrix_between(lowest, inverse_entries):
    """z3 is asked for B with a non-negative inverse of I − B and ρ(B) ≥ 1, or the reverse. The
    radius is that of Jury's conditions |det B| < 1, |tr B| < 1 + det B; a model is re-checked with
    the definitions in exact rationals."""
    import z3

    a, b, c, d = (z3.Real(name) for name in "abcd")
    inner = (1 - a) * (1 - d) - b * c
    adjugate = (1 - d, b, c, 1 - a)
    regular = z3.And(inner != 0, *[adjugate[k] * inner >= 0 for k in inverse_entries])
    det, trace = a * d - b * c, a + d
    below = z3.And(det < 1, det > -1, trace < 1 + det, -trace < 1 + det)

    def recheck(**values: object) -> bool:
        entries = [values[name] for name in "abcd"]
        block = rational_array([entries[:2], entries[2:]])
        try:
            resolvent = inverse(identity_like(block) - block).reshape(-1)
            found = all(resolvent[k] >= 0 for k in inverse_entries)
        except ZeroDivisionError:
            found = False
        return found != spectral_radius_below_one(block) and min(entries) >= lowest

    unsatisfiable(
        [*(entry >= lowest for entry in (a, b, c, d)), regular != below],
        {"a": a, "b": b, "c": c, "d": d},
        recheck=recheck,
        message="non-negative inverse and radius below one differ for B = [[a, b], [c, d]]",
    )


@check(
    NEUMANN_RESOLVENT,
    part="convergence",
    establishes=sampled(
        over="one matrix, n = 100, at 256 bits, up to 1023 hops", by="ball arithmetic (Arb)"
    ),
    claimed=dict(first=0, sign=1, share="9/10"),
    controls={
        "series from the first hop": dict(first=1),
        "inverse of I + γA": dict(sign=-1),
        "discount beyond the radius": dict(share="3/2"),
    },
)
def partial_sums_close_in_on_the_inverse(first, sign, share):
    """The inverse and T_L, L = 2^k − 1, enclosed; the ∞-norm of their difference is certainly at
    most q^{L+1}/(1 − q) with q = 9/10. T is doubled, T_{2L+1} = T_L + (γA)^{L+1}T_L, so that the
    definition of the partial sum is not used."""
    generator = np.random.default_rng(100)
    affinities = rational_array(generator.integers(0, 64, (100, 100)).tolist())
    largest = max(sum(row) for row in affinities)
    gamma = rational(share) / largest
    with precision(256):
        matrix = ball_array(affinities)
        resolvent = to_flint(fundamental_matrix(matrix, sign * ball(gamma)))
        one = to_flint(identity_like(matrix))
        power = to_flint(matrix) * ball(gamma)
        total, claimed = one, rational("9/10")
        for doubling in range(11):
            difference = resolvent - (total - one if first else total)
            error = max(sum(abs(entry) for entry in row) for row in difference.tolist())
            hops = 2**doubling - 1
            at_most(
                error,
                claimed ** (hops + 1) / (1 - claimed),
                "the partial sum is too far from the inverse",
                hops=hops,
            )
            total = total + power * total
            power = power * power
        note(error_after_1023_hops=error.str(5), radius=f"{float(error.rad()):.1e}")
