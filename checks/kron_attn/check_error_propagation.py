"""From relative errors of the weights to the error of the output."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import Plot, Series, check, plot, proof, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.kron_attn.fast_algorithm import ERROR_PROPAGATION

t, a, M, N = scalars("t a M N")


def _two_groups(a, m, n):
    """Output for V = 1 on mass 1 − a, −1 on mass a, minus that with errors n and m there."""
    b = 1 - a
    return (b - a) - (b * (1 + n) - a * (1 + m)) / (a * (1 + m) + b * (1 + n))


@check(
    ERROR_PROPAGATION,
    part="bound",
    establishes=proof(
        over="every number of tokens, every V and A > 0, every ε < 1",
        by="non-negative combination",
    ),
    claimed=dict(constant=2 * t, numerator=2, lowest=2 * t),
    controls={
        "ε itself": dict(constant=t * (2 - 2 * t**2)),
        "nine tenths of it": dict(constant=Fraction(9, 5) * t),
        "half of the difference left out": dict(numerator=1),
        "errors down to −2ε": dict(lowest=4 * t),
    },
)
def largest_over_all_errors(constant, numerator, lowest) -> None:
    """The error is linear in V, so V = ±M; with M = 1 let a be the mass where V = −1 and m, n the
    means of δ on both groups. Then, exactly, error = 2a(1 − a)(m − n)/(1 + am + (1 − a)n).

    With ε = 2t/(1 + t²) the stated constant is 2t. Multiplied by the denominator, the inequality
    is affine in m and in n, so it follows from the corners m, n = ±ε; at (ε, −ε) it is a square:
    2t(1 − t − 2a)². Below M = (1 + t²)m, N = (1 + t²)n. By exchanging the signs of V the same holds
    for the other sign. Classical: a linear function on a cube is largest at a vertex.
    """
    x, m, n = variables("x m n")
    identical(
        _two_groups(x, m, n),
        numerator * x * (1 - x) * (m - n) / (1 + x * m + (1 - x) * n),
        "the error of two groups is another one",
    )
    E, S = 2 * t, 1 + t**2
    conclusion = constant * (S + a * M + (1 - a) * N) - 2 * a * (1 - a) * (M - N)
    given = {
        "t": t,
        "below one": 1 - t,
        "a": a,
        "b": 1 - a,
        "m up": E - M,
        "m down": M + E,
        "n up": E - N,
        "n down": N + lowest,
    }
    certificate = [
        (2, ("t", "m down", "n up"), (1 - t - 2 * a,)),
        (2, ("t", "m down", "n down"), (1 + t,)),
        (2, ("t", "m up", "n up"), (1 - t,)),
        (2, ("t", "m up", "n down"), (1 - t,)),
        (8, ("b", "m up", "n down"), (t,)),
        (8, ("t", "a", "b", "m up", "n down"), ()),
    ]
    points = [
        dict(t=rational(u), a=(1 - rational(u)) / 2, M=rational(v) * 2, N=-rational(w))
        for u, v in (("1/2", "1/2"), ("1/3", "1/3"), ("1/10", "1/10"))
        for w in (2 * Fraction(v), 4 * Fraction(v))
    ]
    entails(
        4 * E**2 * conclusion,
        given=given,
        certificate=certificate,
        models=points,
        message="the error exceeds the stated constant",
    )


def _worst_case(part):
    """ε, δ, p and V of the extremal pair."""
    epsilon = 2 * part / (1 + part * part)
    mass = (1 - part) / 2
    return epsilon, (epsilon, -epsilon), (mass, 1 - mass), (1, -1)


def _relative_error(weights, delta, values):
    exact = sum(w * v for w, v in zip(weights, values, strict=True))
    changed = [w * (1 + x) for w, x in zip(weights, delta, strict=True)]
    return exact - sum(w * v for w, v in zip(changed, values, strict=True)) / sum(changed)


@check(
    ERROR_PROPAGATION,
    part="attained",
    establishes=proof(over="every 0 < ε < 1", by="rational-function identity"),
    claimed=dict(constant=lambda s, epsilon: 2 * s, mass=lambda s: (1 - s) / 2),
    controls={
        "ε itself": dict(constant=lambda s, epsilon: epsilon),
        "the chain of triangle inequalities": dict(
            constant=lambda s, epsilon: 2 * epsilon / (1 - epsilon)
        ),
        "equal masses": dict(mass=lambda s: s * 0 + rational("1/2")),
    },
)
def extremal_pair(constant, mass) -> None:
    """ε = 2t/(1 + t²) has √(1 − ε²) = (1 − t²)/(1 + t²), so the constant is 2t."""
    (s,) = variables("t")
    epsilon, delta, _, values = _worst_case(s)
    root = (1 - s * s) / (1 + s * s)
    identical(root * root, 1 - epsilon * epsilon, "the root is another one")
    identical(2 * (1 - root) / epsilon, 2 * s, "the constant is another one")
    weights = (mass(s), 1 - mass(s))
    identical(
        -_relative_error(weights, delta, values), constant(s, epsilon), "equality does not hold"
    )


@check(
    ERROR_PROPAGATION,
    part="bound",
    establishes=sampled(over="2 to 6 tokens, ε = 2t/(1 + t²), t = 1/12, …, 11/12"),
    claimed=dict(constant=lambda s, epsilon: 2 * s, spread=1),
    controls={
        "ε itself": dict(constant=lambda s, epsilon: epsilon),
        "errors three times as large": dict(spread=3, drops="relative error"),
    },
)
def random_weights(constant, spread) -> None:
    """The definition on exact rationals; every fourth instance is near the extremal pair."""
    for index, draw in enumerate(independent_draws(200, seed=8)):
        s = rational(Fraction(int(draw.random.integers(1, 12)), 12))
        epsilon, delta, weights, values = _worst_case(s)
        if index % 4:
            size = int(draw.random.integers(2, 7))
            weights, delta, values = (
                [Fraction(int(x), 8) for x in draw.random.integers(low, 9, size)]
                for low in (1, -8, -8)
            )
            weights, values = ([rational(x) for x in side] for side in (weights, values))
            delta = [rational(x) * epsilon for x in delta]
            total = sum(weights)
            weights = [w / total for w in weights]
        delta = [spread * x for x in delta]
        if any(1 + x <= 0 for x in delta):
            draw.discard()
            continue
        error = abs(_relative_error(weights, delta, values))
        refute_unless(
            bool(error <= constant(s, epsilon)),
            "the error exceeds the bound",
            weights=rational_array(weights),
            delta=rational_array(delta),
            values=rational_array(values),
            epsilon=epsilon,
            error=error,
            bound=constant(s, epsilon),
        )


@plot(ERROR_PROPAGATION)
def three_bounds() -> Plot:
    """The sharp constant, ε and 2ε/(1 − ε)."""
    epsilon = np.linspace(0.01, 0.9, 60)
    sharp = 2 * (1 - np.sqrt(1 - epsilon**2)) / epsilon
    x = epsilon.tolist()
    return Plot(
        title="Error of the output for weights with relative error ε, max |V| = 1",
        x_label="ε",
        y_label="largest error of the output",
        y_scale="log",
        series=[
            Series(label="sharp", x=x, y=sharp.tolist()),
            Series(label="ε (too small)", x=x, y=x, style="guide"),
            Series(
                label="2ε/(1 − ε)", x=x, y=(2 * epsilon / (1 - epsilon)).tolist(), style="guide"
            ),
        ],
        caption="The sharp constant is ε to first order, half of what the chain of triangle "
        "inequalities gives.",
    )
