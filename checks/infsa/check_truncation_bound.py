"""What L hops leave out of the Neumann series: its formula and its size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, prime_field, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix, neumann_partial_sum
from attnproof.theory.paper.infsa.neumann import TRUNCATION_BOUND

A, N, T, P = letters("A N T P")
(GAMMA,) = scalars("gamma")
Q, R, POWER, LIMIT = scalars("q remainder power limit")

EXAMPLE = rational_array([["1/2", "-1/4"], [1, "1/3"]])
DISCOUNT = rational("3/4")

EVERY = "every ring, every L (induction)"


def remainder_of(matrix, gamma, hops: int):
    """``R_L = N − T_L``, from the two definitions."""
    return fundamental_matrix(matrix, gamma) - neumann_partial_sum(matrix, gamma, hops)


def power_of(matrix, gamma, exponent: int):
    """``(γA)^exponent``, in any number system."""
    result = identity_like(matrix)
    for _ in range(exponent):
        result = gamma * (result @ matrix)
    return result


def largest(array: np.ndarray):
    """``‖M‖_∞``, the largest row sum of absolute values."""
    return max(sum(abs(row)) for row in array)


def _model(matrix: np.ndarray, gamma, hops: int, **others: object) -> dict[str, object]:
    return {
        "A": matrix,
        "gamma": gamma,
        "N": fundamental_matrix(matrix, gamma),
        "T": neumann_partial_sum(matrix, gamma, hops),
        "P": power_of(matrix, gamma, hops + 1),
        **others,
    }


HOPS_CONTROLS = {
    "one hop fewer": dict(exponent=lambda hops: hops),
    "one hop more": dict(exponent=lambda hops: hops + 2),
}


@check(
    TRUNCATION_BOUND,
    part="remainder",
    establishes=proof(over=EVERY),
    claimed=dict(exponent=lambda hops: hops + 1, step=GAMMA * P @ A),
    controls={
        **HOPS_CONTROLS,
        "step without a discount": dict(step=P @ A),
        "no step": dict(step=P),
    },
)
def remainder_by_induction(exponent, step):
    """Definition, L = 0, …, 6:  N − T_L = G^{L+1}N = N G^{L+1} with G = γA.

    Step, with P = G^{L+1}:  N − T = PN  ⟹  N − (T + P) = (PG)N, and the same on the other side.
    """
    right, left = (1 - GAMMA * A) @ N - 1, N @ (1 - GAMMA * A) - 1
    models = [_model(EXAMPLE, DISCOUNT, hops) for hops in range(3)]
    for hops in range(7):
        rest = N - neumann_partial_sum(A, GAMMA, hops)
        claimed = power_of(A, GAMMA, exponent(hops))
        powers = [power_of(A, GAMMA, t) for t in range(hops + 1)]
        follows(rest - claimed @ N, using=[(p, right, 1) for p in powers], models=models)
        follows(rest - N @ claimed, using=[(1, left, p) for p in powers], models=models)
    follows(
        N - (T + P) - step @ N,
        using=[(1, N - T - P @ N, 1), (P, right, 1)],
        models=models,
        message="one hop more, resolvent on the right",
    )
    follows(
        N - (T + P) - N @ step,
        using=[(1, N - T - N @ P, 1), (1, left, P), (GAMMA * N, A @ P - P @ A, 1)],
        models=models,
        message="one hop more, resolvent on the left",
    )


@check(
    TRUNCATION_BOUND,
    part="remainder",
    establishes=prime_field(bound="n = 40, L = 5"),
    claimed=dict(exponent=lambda hops: hops + 1),
    controls=HOPS_CONTROLS,
)
def remainder_at_forty(exponent):
    """The definitions at n = 40, both forms applied to a column of variables."""

    def defect(matrix, gamma, column):
        after = fundamental_matrix(matrix, gamma) @ column
        rest = after - neumann_partial_sum(matrix, gamma, 5) @ column
        for _ in range(exponent(5)):
            after = gamma * (matrix @ after)
            column = gamma * (matrix @ column)
        return np.stack([rest - after, rest - fundamental_matrix(matrix, gamma) @ column])

    # The degree bound of two stacked inverses is 1.3e13; three points err with at most 2e-16.
    vanishes(defect, [(40, 40), (), (40,)], seed=40, trials=3)


def _bound_models() -> Iterator[dict[str, object]]:
    """The numbers of exact matrices, L = 1, in the ∞-norm; γ‖A‖ < 1."""
    nilpotent = rational_array([[0, 1], [0, 0]])
    ones = rational_array([["1/2", "1/2"], ["1/2", "1/2"]])
    for matrix, gamma in ((EXAMPLE, rational("1/2")), (nilpotent, DISCOUNT), (ones, DISCOUNT)):
        q = gamma * largest(matrix)
        yield {
            "A": matrix,
            "gamma": gamma,
            "q": q,
            "power": largest(power_of(matrix, gamma, 2)),
            "limit": q**2,
            "remainder": largest(remainder_of(matrix, gamma, 1)),
        }


@check(
    TRUNCATION_BOUND,
    part="bound",
    establishes=proof(
        over="every L, every submultiplicative norm, every size",
        by="free algebra and non-negative combination",
    ),
    claimed=dict(
        tail=GAMMA * (N - T) @ A,
        bound=lambda q, power, rest: power - rest * (1 - q),
    ),
    controls={
        "tail without a discount": dict(tail=(N - T) @ A),
        "no tail": dict(tail=0 * A),
        "one hop more": dict(bound=lambda q, power, rest: q * power - rest * (1 - q)),
        "denominator one plus the norm": dict(bound=lambda q, power, rest: power - rest * (1 + q)),
        "first term only": dict(bound=lambda q, power, rest: power - rest),
        "half the bound": dict(bound=lambda q, power, rest: power / 2 - rest * (1 - q)),
    },
)
def bound_in_every_norm(tail, bound):
    """R = P + RG with P = G^{L+1}, in the free algebra: from N − T = PN and (I − G)N = N(I − G) =
    I. The triangle inequality and submultiplicativity give ‖R‖ ≤ ‖P‖ + q‖R‖, and ‖P‖ ≤ q^{L+1}
    by induction; hence (1 − q)‖R‖ ≤ q^{L+1}. The norm of I is not used.
    """
    models = [_model(EXAMPLE, DISCOUNT, hops) for hops in range(3)]
    # With R = N − T:  R − P − RG = (N − T)(1 − G) − P, and T(1 − G) = 1 − P.
    follows(
        N - T - P - tail,
        using=[
            (1, N @ (1 - GAMMA * A) - 1, 1),
            (-1, T @ (1 - GAMMA * A) - 1 + P, 1),
        ],
        models=models,
        message="the remainder satisfies another equation",
    )
    positive = {"q": Q, "power": POWER, "limit": LIMIT, "remainder": R, "contraction": 1 - Q}
    entails(
        Q * LIMIT - Q * POWER,
        given={**positive, "so far": LIMIT - POWER},
        certificate=[(1, ["q", "so far"], [])],
        models=_bound_models(),
        message="the powers grow faster",
    )
    entails(
        bound(Q, LIMIT, R),
        given={**positive, "triangle": POWER + Q * R - R, "powers": LIMIT - POWER},
        certificate=[(1, ["triangle"], []), (1, ["powers"], [])],
        models=_bound_models(),
        message="the remainder exceeds the bound",
    )


def _spectral_radius_zero_or_norm(matrix: np.ndarray):
    """ρ where it is read off: zero for nilpotent, else bounded by the norm."""
    nilpotent = not any(entry != 0 for entry in power_of(matrix, 1, matrix.shape[0]).flat)
    return rational(0) if nilpotent else largest(matrix)


NILPOTENT = (rational_array([[0, 1], [0, 0]]), "19/20")
TEN_TIMES = (rational_array([[0, 10], [0, 0]]), "19/20")


@check(
    TRUNCATION_BOUND,
    part="bound",
    establishes=sampled(over="n ≤ 6, L ≤ 5, signed rationals, ∞-norm", by="exact rationals"),
    claimed=dict(size=largest, exponent=lambda hops: hops + 1, share="1", extra=()),
    controls={
        "spectral radius instead of a norm": dict(
            size=_spectral_radius_zero_or_norm, extra=(NILPOTENT,)
        ),
        "one hop more": dict(exponent=lambda hops: hops + 2),
        "norm above one over the discount": dict(extra=(TEN_TIMES,), drops="contraction"),
        "largest entry instead of a norm": dict(size=lambda matrix: max(abs(matrix).flat)),
    },
)
def bound_on_instances(size, exponent, share, extra):
    """Definitions against the bound, γ = k/100 · 1/‖A‖, exactly."""

    def compare(matrix, gamma, hops) -> None:
        reach = gamma * size(matrix)
        rest = largest(remainder_of(matrix, gamma, hops))
        bound = reach ** exponent(hops) / (1 - reach) if reach != 1 else rational(0)
        refute_unless(
            rest <= bound,
            "the remainder exceeds the bound",
            A=matrix,
            gamma=gamma,
            hops=hops,
            remainder=rest,
            bound=bound,
        )

    for matrix, gamma in extra:
        compare(matrix, rational(gamma), 0)
    for draw in independent_draws(40, seed=2):
        count = int(draw.random.integers(1, 7))
        matrix = rational_array(draw.random.integers(-8, 9, (count, count)).tolist())
        if largest(matrix) == 0:
            draw.discard()
            continue
        gamma = rational(share) * int(draw.random.integers(1, 100)) / 100 / largest(matrix)
        compare(matrix, gamma, int(draw.random.integers(0, 6)))
