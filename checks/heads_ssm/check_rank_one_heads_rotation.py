"""Three real value maps of rank one for a rotation, two complex ones."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import determinant, rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks, interaction_rank
from attnproof.theory.paper.heads_ssm.rank_one_heads import LOW_RANK_HEADS
from attnproof.theory.paper.heads_ssm.time_varying_recurrence import time_varying_recurrence
from attnproof.theory.paper.heads_ssm.value_frame import heads_output

LENGTH = 5


def _gauss(a, b) -> tuple:
    """Coefficient, column, row of Gauss's three products."""
    return ((a + b, (1, 1), (1, 0)), (b, (-1, 0), (1, 1)), (a, (0, 1), (-1, 1)))


@check(
    LOW_RANK_HEADS,
    part="rotation",
    establishes=proof(over="every a and b", by="polynomial identity"),
    claimed=dict(products=_gauss, pencil=lambda s, t: s * s + t * t),
    controls={
        "two products": dict(products=lambda a, b: _gauss(a, b)[:2]),
        "difference in place of the sum": dict(
            products=lambda a, b: ((a - b, (1, 1), (1, 0)), *_gauss(a, b)[1:])
        ),
        "the other turn": dict(products=lambda a, b: _gauss(a, -b)),
        "a pencil with real roots": dict(pencil=lambda s, t: s * s - t * t),
    },
)
def three_products_of_gauss(products, pencil) -> None:
    """Three products of rank one, and a pencil that is singular at s = t = 0 alone."""
    a, b = variables("a b")
    turned = np.array([[a, -b], [b, a]], dtype=object)
    total = 0
    for coefficient, column, row in products(a, b):
        total = total + coefficient * np.outer(column, row)
    identical(total, turned, "the products do not add up")
    identical(determinant(turned), pencil(a, b), "the determinant is another")


ROTATION = [["3/5", "-4/5"], ["4/5", "3/5"]]


def _from_gauss(lags: np.ndarray) -> tuple[np.ndarray, list]:
    terms = [_gauss(lag[0, 0], lag[1, 0]) for lag in lags]
    maps = np.stack([rational_array(np.outer(column, row)) for _, column, row in terms[0]])
    return maps, [[coefficient for coefficient, _, _ in one] for one in terms]


def _without_last(lags: np.ndarray) -> tuple[np.ndarray, list]:
    maps, coefficients = _from_gauss(lags)
    return maps[:-1], [one[:-1] for one in coefficients]


@check(
    LOW_RANK_HEADS,
    part="rotation",
    establishes=exact(bound="the rotation with cosine 3/5 and sine 4/5, n = 5"),
    claimed=dict(transition=ROTATION, heads=_from_gauss, spanned=2, needed=3),
    controls={
        "a reflection": dict(transition=[[1, 0], [0, -1]]),
        "another reflection": dict(transition=[[0, 1], [1, 0]]),
        "a multiple of the unit matrix": dict(transition=[["-1/2", 0], [0, "-1/2"]]),
        "the last head dropped": dict(heads=_without_last),
        "as many as the lag operators span": dict(needed=2),
    },
)
def rotation_needs_three(transition, heads, spanned, needed) -> None:
    """k from the blocks of the recurrence; the rank-one lines in the span of the first two lag
    operators from the discriminant of det(s M_0 + t M_1); outputs of the three heads."""
    unit = [[1, 0], [0, 1]]
    system = [np.stack([rational_array(one)] * LENGTH) for one in (transition, unit, unit)]
    blocks = effective_blocks(lambda X: time_varying_recurrence(*system, X), LENGTH, 2)
    lags = blocks[:, 0]
    found = interaction_rank(blocks)
    refute_unless(found == spanned, "the lag operators span another number", lags=lags, span=found)
    first, second = determinant(lags[0]), determinant(lags[1])
    mixed = determinant(lags[0] + lags[1]) - first - second
    root = mixed * mixed - 4 * first * second
    least = 2 if root > 0 else 3
    refute_unless(
        least == needed,
        "the least number of rank-one heads is another",
        lags=lags,
        discriminant=root,
        least=least,
    )
    maps, coefficients = heads(lags)
    tokens = rational_array([[1, 2], [0, -1], [3, 1], [0, 0], [1, 1]])
    outputs = heads_output(maps, lambda i, j, X: coefficients[i - j], tokens)
    refute_unless(
        all(rank(one) == 1 for one in maps)
        and bool((outputs == time_varying_recurrence(*system, tokens)).all()),
        "the rank-one heads give other outputs",
        lags=lags,
        value_maps=maps,
        tokens=tokens,
        outputs=outputs,
    )
    note(lag_operators_span=found, rank_one_heads=len(maps), discriminant=root)


(i,) = letters("i")
a, b = scalars("a b")
ZERO, ONE = FreeElement.constant(0), FreeElement.one()


@check(
    LOW_RANK_HEADS,
    part="complex numbers",
    establishes=proof(over="every a and b, every field with i² = −1 and 2 ≠ 0"),
    claimed=dict(unit=i, plus=(b - i * a) / 2, minus=(b + i * a) / 2),
    controls={
        "a real number for the unit": dict(unit=ONE, plus=(b + a) / 2, minus=(b - a) / 2),
        "coefficients exchanged": dict(plus=(b + i * a) / 2, minus=(b - i * a) / 2),
        "not halved": dict(plus=b - i * a, minus=b + i * a),
    },
)
def two_complex_products(unit, plus, minus) -> None:
    """Entry by entry, with i² = −1; the number i is modelled by a quarter turn of the plane."""
    square = i * i + 1
    model = {
        "i": rational_array([[0, -1], [1, 0]]),
        **{"a": rational(2), "b": rational(3)},
    }
    turn = [[ZERO, -ONE], [ONE, ZERO]]
    for sign in (1, -1):
        shifted = [[turn[r][c] + sign * unit * (r == c) for c in range(2)] for r in range(2)]
        follows(
            shifted[0][0] * shifted[1][1] - shifted[0][1] * shifted[1][0],
            using=[(1, square, 1)],
            models=[model],
            message="the product has not rank one",
        )
    for r, c in np.ndindex(2, 2):
        same = int(r == c)
        total = plus * (turn[r][c] + unit * same) + minus * (turn[r][c] - unit * same)
        follows(
            total - (a * same + b * turn[r][c]),
            using=[(-a * same, square, 1)],
            models=[model],
            message="the products do not add up",
        )
