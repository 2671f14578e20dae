"""How large the derivative of the resolvent can get."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.neumann import RESOLVENT_GRADIENT

A, N = letters("A N")
(GAMMA,) = scalars("gamma")
NORM, CHANGE, PRODUCT, MATRIX, UNIT = scalars("resolvent change product matrix unit_norm")

HALVES = rational_array([["1/2", "1/2"], ["1/2", "1/2"]])
QUARTER = rational("1/4")


@check(
    RESOLVENT_GRADIENT,
    part="size",
    establishes=proof(
        over="every n, every submultiplicative norm with ‖I‖ = 1",
        by="free algebra and non-negative combination",
    ),
    claimed=dict(
        identity=1, cleared=lambda gamma, change, size: gamma * change - size * (1 - gamma) ** 2
    ),
    controls={
        "norm of the identity two": dict(identity=2),
        "first power of the distance": dict(
            cleared=lambda gamma, change, size: gamma * change - size * (1 - gamma)
        ),
        "squared discount": dict(
            cleared=lambda gamma, change, size: gamma**2 * change - size * (1 - gamma) ** 2
        ),
        "half the bound": dict(
            cleared=lambda gamma, change, size: gamma * change / 2 - size * (1 - gamma) ** 2
        ),
    },
)
def size_in_every_norm(identity, cleared):
    """N = I + γAN gives ‖N‖ ≤ ‖I‖ + γ‖A‖‖N‖ ≤ 1 + γ‖N‖, so (1 − γ)‖N‖ ≤ 1; submultiplicativity
    gives ‖γN(dA)N‖ ≤ γ‖N‖²‖dA‖. Both are the only facts about the norm."""
    follows(
        N - 1 - GAMMA * A @ N,
        using=[(1, (1 - GAMMA * A) @ N - 1, 1)],
        models=[{"A": HALVES, "N": fundamental_matrix(HALVES, QUARTER), "gamma": QUARTER}],
        message="N = I + γAN fails",
    )
    positive = {
        "gamma": GAMMA,
        "discount": 1 - GAMMA,
        "resolvent": NORM,
        "change": CHANGE,
        "size": PRODUCT,
        "matrix": MATRIX,
    }
    entails(
        identity - NORM * (1 - GAMMA),
        given={
            **positive,
            "unit": identity - UNIT,
            "at most one": 1 - MATRIX,
            "triangle": UNIT + GAMMA * MATRIX * NORM - NORM,
        },
        certificate=[
            (1, ["unit"], []),
            (1, ["triangle"], []),
            (1, ["gamma", "resolvent", "at most one"], []),
        ],
        message="the resolvent is larger",
    )
    entails(
        cleared(GAMMA, CHANGE, PRODUCT),
        given={
            **positive,
            "unit": UNIT - identity,
            "resolvent at most": UNIT - NORM * (1 - GAMMA),
            "exactly": identity - UNIT,
            "submultiplicative": GAMMA * NORM * NORM * CHANGE - PRODUCT,
        },
        certificate=[
            (1, ["submultiplicative", "discount", "discount"], []),
            # γ‖dA‖(1 − r²) = γ‖dA‖(1 − r)(1 + r) with r = (1 − γ)‖N‖ ≤ ‖I‖ = 1.
            (1, ["gamma", "change", "resolvent at most"], []),
            (1, ["gamma", "change", "resolvent at most", "resolvent", "discount"], []),
            (1, ["gamma", "change", "exactly"], []),
            (1, ["gamma", "change", "exactly", "resolvent", "discount"], []),
        ],
        models=_sizes(identity),
        message="the derivative is larger than the bound",
    )
    note(factor_at_discount_19_20=19 * 20)


def _sizes(identity: int) -> Iterator[dict[str, object]]:
    """Norms that A = I has if ‖I‖ = 1, and norms that the premises allow for A = 0; ‖dA‖ = 1."""
    for gamma, reach in (("1/4", 1), ("1/4", 0), ("1/2", 1)):
        discount = rational(gamma)
        size = 1 / (1 - discount) if reach and identity == 1 else rational(identity)
        yield {
            "gamma": discount,
            "resolvent": size,
            "change": rational(1),
            "product": discount * size * size,
            "matrix": rational(reach if identity == 1 else 0),
            "unit_norm": rational(identity),
        }


def _largest_row_sum(array: np.ndarray):
    return max(sum(abs(row)) for row in array)


@check(
    RESOLVENT_GRADIENT,
    part="size",
    establishes=sampled(over="n ≤ 5, signed rationals", by="exact rationals"),
    claimed=dict(norm=_largest_row_sum, power=2, discount="1/4"),
    controls={
        "sum of all entries as the norm": dict(norm=lambda array: abs(array).sum(), drops="unit"),
        "largest entry as the norm": dict(norm=lambda array: max(abs(array).flat)),
        "first power of the resolvent": dict(power=1),
        "negative discount": dict(discount="-1/2", drops="discount"),
    },
)
def size_on_instances(norm, power, discount):
    """‖γN(dA)N‖ ≤ γ‖N‖²‖dA‖ ≤ γ/(1 − γ)²‖dA‖ in the ∞-norm, exactly."""

    def compare(matrix, gamma, change) -> None:
        resolvent = fundamental_matrix(matrix, gamma)
        size = norm(gamma * resolvent @ change @ resolvent)
        middle = gamma * norm(resolvent) ** power * norm(change)
        refute_unless(
            size <= middle <= gamma / (1 - gamma) ** 2 * norm(change),
            "the derivative is larger than the bound",
            A=matrix,
            gamma=gamma,
            change=change,
            size=size,
            middle=middle,
            unit_norm=norm(identity_like(matrix)),
        )

    compare(rational_array([[0, 0], [0, 0]]), rational(discount), rational_array([[1, 0], [0, 0]]))
    for draw in independent_draws(40, seed=4):
        count = int(draw.random.integers(1, 6))
        matrix, change = (
            rational_array(draw.random.integers(-8, 9, (count, count)).tolist()) for _ in range(2)
        )
        if norm(matrix) == 0:
            draw.discard()
            continue
        compare(matrix / norm(matrix), rational(int(draw.random.integers(0, 100))) / 100, change)
