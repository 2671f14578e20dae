"""Tensor attention of every order: the range of the scores, and the error end to end."""

from __future__ import annotations

from functools import reduce
from itertools import product

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import ball_array, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Refuted,
    check,
    exact,
    note,
    proof,
    refute_unless,
)
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.tensor_attention import tensor_attention
from attnproof.theory.paper.kron_attn.finite_size import HIGHER_ORDER
from attnproof.theory.paper.kron_attn.minimax_exponential import minimax_bracket
from attnproof.theory.paper.kron_attn.monomial_features import polynomial_attention

x, y, A, B = scalars("x y A B")


def _numbers(**values) -> dict[str, object]:
    return {name: rational(value) for name, value in values.items()}


@check(
    HIGHER_ORDER,
    part="range",
    establishes=proof(over="every order k (induction), every d", by="non-negative combination"),
    claimed=dict(bound=A * B, least=-B),
    controls={
        "half of the product": dict(bound=A * B - A),
        "the new bound alone": dict(bound=B),
        "entries down to −2B": dict(least=-2 * B),
    },
)
def range_by_induction(bound, least) -> None:
    """``|x| ≤ A, |y| ≤ B ⟹ |xy| ≤ AB``: 2(AB − xy) = (A − x)(B + y) + (A + x)(B − y), and the same
    with −x. With A = B^k the product of k + 1 entries is at most B^{k+1}; base k = 1. The mean of d
    such products is in the same range."""
    given = {"x up": A - x, "x down": A + x, "y up": B - y, "y down": y - least, "A": A, "B": B}
    points = [_numbers(x=2, y=1, A=2, B=1), _numbers(x=-2, y=-2, A=2, B=1)]
    points.append(_numbers(x=4, y=2, A=4, B=2))
    entails(
        2 * (bound - x * y),
        given=given,
        certificate=[(1, ("x up", "y down"), ()), (1, ("x down", "y up"), ())],
        models=points,
        message="the product exceeds the stated range",
    )


@check(
    HIGHER_ORDER,
    part="range",
    establishes=exact(bound="k ≤ 5, d ≤ 2, B = 1, 3/2: all vertices of the cube", by="enumeration"),
    claimed=dict(stated=lambda B, k, d: B**k, scale=lambda d: rational(f"1/{d}")),
    controls={
        "not divided by d": dict(scale=lambda d: rational(1)),
        "one factor less": dict(stated=lambda B, k, d: B ** (k - 1)),
        "d times as large": dict(stated=lambda B, k, d: d * B**k),
    },
)
def maximum_over_the_vertices(stated, scale) -> None:
    """The form is affine in every entry, so its maximum over the cube is attained at a vertex; here
    at x = B."""
    for size, order, width in product((rational(1), rational("3/2")), range(1, 6), (1, 2)):
        largest = max(
            scale(width)
            * sum(reduce(lambda a, b: a * b, signs[at::width]) * size**order for at in range(width))
            for signs in product((1, -1), repeat=order * width)
        )
        refute_unless(
            bool(largest == stated(size, order, width)),
            "the maximum is another one",
            B=size,
            k=order,
            d=width,
            maximum=largest,
            stated=stated(size, order, width),
        )


def _ball_exponential(scores: np.ndarray) -> np.ndarray:
    return np.vectorize(lambda value: value.exp(), otypes="O")(scores)


@check(
    HIGHER_ORDER,
    part="pipeline",
    establishes=exact(
        bound="k = 2, 3, 4, n = 5, d = 2, B = 1, g = 2, 4, 6: entries ±1 by a fixed pattern",
        by="ball arithmetic",
    ),
    claimed=dict(scale=lambda d: arb(1) / d, orders=(2, 3, 4), size=1),
    controls={
        "not divided by d": dict(scale=lambda d: arb(1)),
        "entries twice as large": dict(size=2, drops="bounded entries"),
    },
)
def every_order_within_the_bound(scale, orders, size) -> None:
    """Definition with n^{k−1} candidates against n·r features; ε = E_g(1) certified."""
    errors = {}
    for order, degree in product(orders, (2, 4, 6)):
        pattern = np.array(
            [
                [1 if ((at + 2) * i * i + i + at) % 7 < 4 else -1 for i in range(10)]
                for at in range(9)
            ]
        ).reshape(9, 5, 2)
        entries = size * pattern[:order]
        with precision(400):
            found = minimax_bracket(degree, 1)
            query, *keys = (ball_array(entries[at].tolist()) for at in range(order))
            values = [ball_array(pattern[-at].tolist()) for at in range(1, order)]
            direct = tensor_attention(query, keys, values, scale=scale(2), power=_ball_exponential)
            numerator, denominator = polynomial_attention(
                query, keys, values, [arb(c) for c in found.polynomial], scale=scale(2)
            )
            bound = 2 * (1 - (1 - found.upper**2).sqrt()) / found.upper
            worst = arb(0)
            for entry in (direct - numerator / denominator[:, None]).flat:
                if not abs(entry) <= bound:
                    raise Refuted(
                        "the error exceeds its bound",
                        dict(
                            order=order,
                            g=degree,
                            error=abs(entry),
                            bound=bound,
                            entries=rational_array(entries.reshape(-1, 2).tolist()),
                            B=1,
                        ),
                    )
                worst = worst.max(abs(entry))
            refute_unless(True, order=order, g=degree)
            errors[f"k={order}, g={degree}"] = (worst / bound).str(2, radius=False)
    note(error_over_bound=errors)
