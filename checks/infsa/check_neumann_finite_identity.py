"""The finite identity behind the Neumann series."""

from __future__ import annotations

from itertools import product

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import generic_matrix
from attnproof.theory.core import check, prime_field, proof, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.fundamental_matrix import neumann_partial_sum
from attnproof.theory.paper.infsa.neumann import NEUMANN_RESOLVENT

A, P, T = letters("A P T")
(GAMMA,) = scalars("gamma")

EXAMPLE = rational_array([["1/2", "-1/4"], [1, "1/3"]])
DISCOUNT = rational("3/4")


def power_of(matrix, gamma, exponent: int):
    """``(γA)^exponent``, in any number system."""
    result = identity_like(matrix)
    for _ in range(exponent):
        result = gamma * (result @ matrix)
    return result


def _telescoped(matrix, gamma, hops: int, remaining, sign: int, side: str):
    """Left-hand side minus right-hand side of the finite identity, from the definition."""
    total = neumann_partial_sum(matrix, gamma, hops)
    factor = identity_like(matrix) - sign * (gamma * matrix)
    multiplied = factor @ total if side == "left" else total @ factor
    return multiplied - identity_like(matrix) + power_of(matrix, gamma, remaining(hops))


FINITE = dict(remaining=lambda hops: hops + 1, sign=1)
FINITE_CONTROLS = {
    "one hop fewer": dict(remaining=lambda hops: hops),
    "one hop more": dict(remaining=lambda hops: hops + 2),
    "sum of the alternating series": dict(sign=-1),
}


@check(
    NEUMANN_RESOLVENT,
    part="finite identity",
    establishes=proof(over="every ring, every L (induction)"),
    claimed=dict(**FINITE, hops_added=1),
    controls={**FINITE_CONTROLS, "two hops added in the step": dict(hops_added=2)},
)
def finite_identity_by_induction(remaining, sign, hops_added):
    """Base: the definition at L = 0, …, 8, on either side. Step, with P = (γA)^{L+1}:

        (I − γA)T = I − P and PA = AP   ⟹   (I − γA)(T + P) = I − PγA and (PγA)A = A(PγA),

    and likewise on the right. That T + P is the next partial sum is the recurrence by which the
    partial sums are defined; the first loop holds it against the definition.
    """
    for hops in range(9):
        for side in ("left", "right"):
            follows(_telescoped(A, GAMMA, hops, remaining, sign, side), message="finite identity")
        follows(
            neumann_partial_sum(A, GAMMA, hops + 1)
            - neumann_partial_sum(A, GAMMA, hops)
            - power_of(A, GAMMA, hops + 1),
            message="recurrence of the partial sums",
        )
    models = [
        {
            "A": EXAMPLE,
            "gamma": DISCOUNT,
            "T": neumann_partial_sum(EXAMPLE, DISCOUNT, hops),
            "P": power_of(EXAMPLE, DISCOUNT, hops + 1),
        }
        for hops in range(3)
    ]
    commutes = P @ A - A @ P
    following = P * (GAMMA * A) ** hops_added
    hypothesis = (1 - GAMMA * A) @ T - 1 + P
    follows(
        (1 - GAMMA * A) @ (T + P) - 1 + following,
        using=[(1, hypothesis, 1), (GAMMA, commutes, 1)],
        models=models,
        message="step, resolvent on the left",
    )
    follows(
        (T + P) @ (1 - GAMMA * A) - 1 + following,
        using=[(1, T @ (1 - GAMMA * A) - 1 + P, 1)],
        models=models,
        message="step, resolvent on the right",
    )
    follows(
        following @ A - A @ following,
        using=[(GAMMA, commutes, A)],
        models=models,
        message="the power commutes with A",
    )


@check(
    NEUMANN_RESOLVENT,
    part="finite identity",
    establishes=symbolic(bound="n ≤ 3, L ≤ 3, all entries and γ"),
    claimed=FINITE,
    controls=FINITE_CONTROLS,
)
def finite_identity_with_symbolic_entries(remaining, sign):
    """The definition with entries a11, a12, … and γ as variables."""
    for size, hops in product((1, 2, 3), range(4)):
        matrix, (gamma,) = generic_matrix(size, "gamma")
        defect = _telescoped(matrix, gamma, hops, remaining, sign, "left")
        identical(defect, 0 * matrix, "the finite identity fails")


@check(
    NEUMANN_RESOLVENT,
    part="finite identity",
    establishes=prime_field(bound="n = 24, L = 5"),
    claimed=FINITE,
    controls=FINITE_CONTROLS,
)
def finite_identity_at_full_size(remaining, sign):
    """The definition at a size at which no expansion is possible."""
    vanishes(
        lambda matrix, gamma: _telescoped(matrix, gamma, 5, remaining, sign, "right"),
        [(24, 24), ()],
        seed=5,
    )
