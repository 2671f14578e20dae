"""What L layers compute when every layer has a matrix of its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import identity_like, inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import certificate, check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.layer_stack import (
    layer_stack,
    plain,
    reinjected,
    residual,
    running_sum,
)
from attnproof.theory.paper.infsa.stacked_layers import LAYER_DEPENDENT

X, Y, U, NEXT = letters("X Y U A")
GAMMA, MATRIX, HOP, AFTER, TOTAL, INPUT = scalars("gamma matrix hop after total input")
POWER, ORIGIN = scalars("power origin")

HALF = rational("1/2")


def _sum_of_hops(origin: FreeElement, after: FreeElement, cleared) -> None:
    """Norms of the terms, then of their sum.

    With g = γ^t and p = ‖γ^tA_t⋯A_1X_0‖ ≤ g‖X_0‖, the next term is at most γ‖A‖p ≤ γg‖X_0‖. If the
    sum of the norms so far, s, satisfies (1 − γ)s ≤ γ(g_0 − g)‖X_0‖, where g_0 is the power at
    which it began, then the same holds with the next term; and −γg‖X_0‖ can be left out.
    """
    given = {
        "gamma": GAMMA,
        "discount": 1 - GAMMA,
        "input": INPUT,
        "power": POWER,
        "hop": HOP,
        "matrix": MATRIX,
        "total": TOTAL,
        "origin": ORIGIN,
        "contraction": 1 - MATRIX,
        "terms": POWER * INPUT - HOP,
        "compatible": GAMMA * MATRIX * HOP - AFTER,
    }
    entails(
        GAMMA * POWER * INPUT - AFTER,
        given=given,
        certificate=[
            (1, ["compatible"], []),
            (1, ["gamma", "hop", "contraction"], []),
            (1, ["gamma", "terms"], []),
        ],
        models=_alternating(),
        message="one term more",
    )
    so_far = GAMMA * (origin - POWER) * INPUT - (1 - GAMMA) * TOTAL
    entails(
        GAMMA * (origin - after) * INPUT - (1 - GAMMA) * (TOTAL + AFTER),
        given={**given, "so far": so_far, "next": GAMMA * POWER * INPUT - AFTER},
        certificate=[(1, ["so far"], []), (1, ["discount", "next"], [])],
        models=_alternating(),
        message="one term more in the sum",
    )
    entails(
        cleared(GAMMA, origin, INPUT, TOTAL),
        given={**given, "so far": so_far},
        certificate=[(1, ["so far"], []), (1, ["gamma", "power", "input"], [])],
        models=_alternating(),
        message="the sum exceeds the bound",
    )


def _alternating() -> Iterator[dict[str, object]]:
    """The norms that maps of norm 1 have, t = L, …, L + 3, each term as large as it can be."""
    for origin in (rational(1), HALF * HALF):
        for count in range(4):
            power = origin * HALF**count
            yield {
                **{"gamma": HALF, "matrix": rational(1), "input": rational(1), "origin": origin},
                **{"power": power, "hop": power, "after": HALF * power},
                "total": HALF * (origin - power) / (1 - HALF),
            }


SUM_CONTROLS = {
    "next power not discounted": dict(after=POWER),
    "denominator one plus the discount": dict(
        cleared=lambda gamma, origin, size, total: gamma * origin * size - (1 + gamma) * total
    ),
    "first term only": dict(
        cleared=lambda gamma, origin, size, total: gamma * origin * size - total
    ),
    "one hop more": dict(
        cleared=lambda gamma, origin, size, total: (
            gamma * gamma * origin * size - (1 - gamma) * total
        )
    ),
}


@check(
    LAYER_DEPENDENT,
    part="bound",
    establishes=proof(
        over="every L, every size, every compatible norm", by="non-negative combination"
    ),
    claimed=dict(
        origin=FreeElement.one(),
        after=GAMMA * POWER,
        cleared=lambda gamma, origin, size, total: gamma * origin * size - (1 - gamma) * total,
    ),
    controls=SUM_CONTROLS,
)
def running_sum_is_bounded(origin, after, cleared):
    """Beginning at t = 1, g_0 = 1: Σ_t ‖γ^tA_t⋯A_1X_0‖ ≤ γ/(1 − γ)‖X_0‖."""
    _sum_of_hops(origin, after, cleared)


@check(
    LAYER_DEPENDENT,
    part="tail",
    establishes=proof(
        over="every L and k, every size, every compatible norm", by="non-negative combination"
    ),
    claimed=dict(
        origin=ORIGIN,
        after=GAMMA * POWER,
        cleared=lambda gamma, origin, size, total: gamma * origin * size - (1 - gamma) * total,
    ),
    controls=SUM_CONTROLS,
)
def running_sum_is_cauchy(origin, after, cleared):
    """Beginning after t = L, g_0 = γ^L. A Cauchy sequence of matrices converges."""
    _sum_of_hops(origin, after, cleared)


def _largest(array: np.ndarray):
    return max(sum(abs(row)) for row in array)


def _sequences(extra: tuple) -> Iterator[tuple[list[np.ndarray], object]]:
    for maps, gamma in extra:
        yield [rational_array(rows) for rows in maps], rational(gamma)
    for draw in independent_draws(40, seed=6):
        size = int(draw.random.integers(1, 5))
        maps = []
        for _ in range(6):
            matrix = rational_array(draw.random.integers(-4, 5, (size, size)).tolist())
            maps.append(matrix / max(_largest(matrix), rational(1)))
        yield maps, rational(int(draw.random.integers(0, 100))) / 100


ROTATION = [[0, 1], [1, 0]]


@check(
    LAYER_DEPENDENT,
    part="tail",
    establishes=sampled(over="n ≤ 4, six layers, signed rationals, ∞-norm", by="exact rationals"),
    claimed=dict(exponent=lambda hops: hops + 1, extra=(([ROTATION] * 6, "1/2"),)),
    controls={
        "two hops more": dict(exponent=lambda hops: hops + 3),
        "maps of norm two": dict(extra=(([[[0, 2], [2, 0]]] * 6, "1/2"),), drops="contraction"),
        "discount above one": dict(extra=(([ROTATION] * 6, "3/2"),), drops="discount"),
    },
)
def tail_on_instances(exponent, extra):
    """‖S_6 − S_L‖ ≤ γ^{L+1}/(1 − γ)‖X_0‖ with X_0 = I, from the definition of the running sum;
    L = 0 is the bound of the whole sum."""
    for maps, gamma in _sequences(extra):
        start = identity_like(maps[0])
        total = running_sum(maps, gamma, start)
        for hops in range(6):
            rest = _largest(total - running_sum(maps[:hops], gamma, start))
            bound = gamma ** exponent(hops) / (1 - gamma)
            refute_unless(
                rest <= bound,
                "the running sum moves farther than the bound",
                maps=maps,
                gamma=gamma,
                hops=hops,
                rest=rest,
                bound=bound,
            )


FIRST, SECOND = rational_array([[0, 1], [0, 0]]), rational_array([[0, 0], [1, 0]])


@check(
    LAYER_DEPENDENT,
    part="no resolvent",
    establishes=certificate(
        over="existence: one pair of maps of norm 1, γ = 1/2", by="exact witness in rationals"
    ),
    claimed=dict(first=FIRST, second=SECOND, discount="1/2"),
    controls={
        "the same map twice": dict(second=FIRST),
        "the second map twice": dict(first=SECOND),
        "no discount left": dict(discount="0"),
    },
)
def limit_of_two_maps_in_turn(first, second, discount):
    """With M = γ²A_2A_1 the limit is S_∞ = (γA_1 + γ²A_2A_1)(I − M)^{-1}: the definition gives
    S_{2k} = S_∞(I − M^k), and ‖M‖ ≤ γ². It differs from the kernels that could be meant."""
    gamma = rational(discount)
    unit = identity_like(first)
    turn = gamma**2 * second @ first
    limit = (gamma * first + turn) @ inverse(unit - turn)
    power = unit
    for turns in range(7):
        found = running_sum([first, second] * turns, gamma, unit)
        refute_unless(
            bool((found == limit - limit @ power).all()),
            "this is not the limit of the running sum",
            maps=[first, second],
            gamma=gamma,
            turns=turns,
            found=found,
            limit=limit,
        )
        power = power @ turn
    kernels = {
        "first map": first,
        "second map": second,
        "mean of the maps": (first + second) / 2,
    }
    for name, matrix in kernels.items():
        kernel = fundamental_matrix(matrix, gamma) - unit
        refute_unless(
            bool((limit != kernel).any()),
            "the limit is a Neumann kernel after all",
            maps=[first, second],
            gamma=gamma,
            kernel_of=name,
            limit=limit,
        )
    note(limit=limit)


def _products(maps: list[FreeElement], last: bool) -> FreeElement:
    """``Σ_{t=0}^{L} γ^t`` times the product of t maps: the last ones, or the first ones."""
    total = FreeElement.constant(0)
    for count in range(len(maps) + 1):
        chosen = maps[len(maps) - count :] if last else maps[:count]
        word = FreeElement.one()
        for matrix in chosen:
            word = matrix @ word
        total = total + GAMMA**count * word
    return total


@check(
    LAYER_DEPENDENT,
    part="order",
    establishes=proof(over="every ring, every L (induction)"),
    claimed=dict(layer=reinjected, last=True),
    controls={
        "first layers, as in the running sum": dict(last=False),
        "residual layers": dict(layer=residual),
        "plain layers": dict(layer=plain),
        "no discount": dict(layer=lambda state, matrix, gamma, start: start + matrix @ state),
    },
)
def reinjection_takes_the_last_layers(layer, last):
    """L = 0, …, 8, a letter per layer: the stack against the sum of products of the last t maps,
    and that sum against its recurrence U_{L+1} = I + γA_{L+1}U_L, which puts A_{L+1} before every
    product. Step: Y = UX_0  ⟹  X_0 + γA_{L+1}Y = (I + γA_{L+1}U)X_0."""
    maps = letters([f"A{k + 1}" for k in range(9)])
    for layers in range(9):
        products = _products(maps[:layers], last)
        follows(
            layer_stack(layer, maps[:layers], GAMMA, X) - products @ X,
            message="the stack is another sum of products",
        )
        follows(
            _products(maps[: layers + 1], last) - 1 - GAMMA * maps[layers] @ products,
            message="recurrence of the sum of products",
        )
    start = rational_array([[1], [2]])
    follows(
        layer(Y, NEXT, GAMMA, X) - (1 + GAMMA * NEXT @ U) @ X,
        using=[(GAMMA * NEXT, Y - U @ X, 1)],
        models=[{"A": FIRST, "U": SECOND, "X": start, "Y": SECOND @ start, "gamma": HALF}],
        message="one layer more",
    )
