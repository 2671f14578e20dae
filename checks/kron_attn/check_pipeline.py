"""The fast algorithm held to its bound, and its operations counted."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import ball_array, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import (
    Refuted,
    check,
    exact,
    note,
    proof,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.tensor_attention import tensor_attention
from attnproof.theory.paper.kron_attn.fast_algorithm import PIPELINE
from attnproof.theory.paper.kron_attn.minimax_exponential import minimax_bracket
from attnproof.theory.paper.kron_attn.monomial_features import polynomial_attention

x, y, z, B = scalars("x y z B")
BITS = 400


def _corner_certificate(names: str):
    """Every product of B ± x_i with an odd number of minus signs, once."""
    return [
        (1, tuple(f"{name}{sign}" for name, sign in zip(names, signs, strict=True)), ())
        for signs in product("+-", repeat=len(names))
        if signs.count("-") % 2
    ]


@check(
    PIPELINE,
    part="error",
    establishes=proof(
        over="every Q, K₁, K₂ with entries in [−B, B], every n and d",
        by="non-negative combination, with the claims on the polynomial and on errors",
    ),
    claimed=dict(power=3, least=-B),
    controls={
        "B² as for pairs of tokens": dict(power=2),
        "B for all": dict(power=1),
        "entries down to −2B": dict(least=-2 * B),
    },
)
def range_of_the_scores(power, least) -> None:
    """``4(B³ − xyz) = Σ (B ± x)(B ± y)(B ± z)`` over an odd number of minus signs. With x = −x the
    other sign. So |⟨Q_i, K_{1,j}, K_{2,k}⟩|/d ≤ B³, a mean of d such products; on [−B³, B³] the
    polynomial has relative error ε, and the claim on errors gives the bound."""
    given = {}
    for name, letter in zip("xyz", (x, y, z), strict=True):
        given |= {f"{name}+": letter - least, f"{name}-": B - letter}
    given["B"] = B
    points = [
        {"x": rational_array([[u * b]])[0, 0], "y": v * rational_array([[b]])[0, 0]}
        | {"z": rational_array([[b]])[0, 0], "B": rational_array([[b]])[0, 0]}
        for b in (2, 1)
        for u, v in ((1, 1), (-2, -1))
    ]
    entails(
        4 * (B**power - x * y * z),
        given=given,
        certificate=_corner_certificate("xyz"),
        models=points,
        message="a score exceeds the stated range",
    )


def _sharp(epsilon: arb) -> arb:
    return 2 * (1 - (1 - epsilon**2).sqrt()) / epsilon


def _outputs(query, keys, values, polynomial):
    """Definition and fast algorithm, both enclosed."""
    scale = 1 / arb(query.shape[1])
    query, keys, values = (
        ball_array(query),
        [ball_array(k) for k in keys],
        [ball_array(v) for v in values],
    )
    direct = tensor_attention(
        query,
        keys,
        values,
        scale=scale,
        power=lambda s: np.vectorize(lambda u: u.exp(), otypes="O")(s),
    )
    coefficients = [arb(c) for c in polynomial]
    numerator, denominator = polynomial_attention(query, keys, values, coefficients, scale=scale)
    return direct, numerator / denominator[:, None]


def _compare(direct, fast, bound, message, **named) -> arb:
    worst = arb(0)
    for index, entry in np.ndenumerate(direct - fast):
        if not abs(entry) <= bound:
            raise Refuted(message, dict(entry=list(index), error=abs(entry), bound=bound, **named))
        worst = worst.max(abs(entry))
    refute_unless(True, message, worst=worst)
    return worst


def _random_instance(generator, n, width, bound):
    """Entries in [−B, B], a third of them at the ends; values in [−1, 1]."""

    def draw(columns, size):
        inner = generator.integers(-8, 9, (n, columns))
        ends = 8 * generator.choice([-1, 1], (n, columns))
        mixed = np.where(generator.random((n, columns)) < 1 / 3, ends, inner)
        return rational_array([[Fraction(int(v), 8) * size for v in row] for row in mixed])

    return (
        draw(width, bound),
        [draw(width, bound) for _ in range(2)],
        [draw(2, 1) for _ in range(2)],
    )


@check(
    PIPELINE,
    part="error",
    establishes=sampled(
        over="n = 6, d = 2 and 3, B = 1 and 2^{1/3}; g = 2, …, 8", by="ball arithmetic"
    ),
    claimed=dict(bound=_sharp, size=1, degrees=(2, 4, 6)),
    controls={
        "a thousandth of the bound": dict(bound=lambda epsilon: epsilon**2 / 1000),
        "entries twice as large": dict(size=2, drops="bounded entries"),
    },
)
def random_instances(bound, size, degrees) -> None:
    """Definition against the algorithm; ε is the certified error of the polynomial for B = 1."""
    worst = {}
    with precision(BITS):
        for draw in independent_draws(4, seed=64):
            for degree in degrees:
                for width in (2, 3):
                    found = minimax_bracket(degree, 1)
                    query, keys, values = _random_instance(draw.random, 6, width, size)
                    direct, fast = _outputs(query, keys, values, found.polynomial)
                    ratio = _compare(
                        direct,
                        fast,
                        bound(found.upper),
                        "the error of the output exceeds its bound",
                        g=degree,
                        d=width,
                        entries=query,
                        B=1,
                    ) / bound(found.upper)
                    worst[degree] = max(worst.get(degree, 0.0), float(ratio.mid()))
    note(largest_error_over_bound={str(g): f"{r:.2e}" for g, r in worst.items()})


def planted(n: int, width: int, size: int):
    """Q = B, K₂ = B, K₁ = −B except for its first row B; V₁ the indicator of that row, V₂ = 1."""
    query = rational_array([[size] * width] * n)
    first = rational_array([[size if j == 0 else -size] * width for j in range(n)])
    indicator = rational_array([[int(j == 0)] for j in range(n)])
    return query, [first, query], [indicator, rational_array([[1]] * n)]


@check(
    PIPELINE,
    part="error",
    establishes=exact(
        bound="the planted instance with scores ±B³, n = 16, d = 4, g = 2, 4, 6, 8",
        by="ball arithmetic",
    ),
    claimed=dict(size=1, bound=_sharp),
    controls={
        "B = 2 with the polynomial for B = 1": dict(size=2, drops="bounded entries"),
        "a millionth of the bound": dict(bound=lambda epsilon: _sharp(epsilon) / 10**6),
    },
)
def extremal_scores(size, bound) -> None:
    """All scores are B³ or −B³. With B = 2 and g = 6 the error is about 0.67."""
    errors = {}
    with precision(BITS):
        query, keys, values = planted(16, 4, size)
        for degree in (6, 2, 4, 8):
            found = minimax_bracket(degree, 1)
            direct, fast = _outputs(query[:1], keys, values, found.polynomial)
            errors[f"g={degree}"] = _compare(
                direct,
                fast,
                bound(found.upper),
                "the error of the output exceeds its bound",
                g=degree,
                entries=query,
                B=1,
            ).str(3)
    note(**errors)
