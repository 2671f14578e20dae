"""Magnitude-aware weights determine the features of the query."""

from __future__ import annotations

from itertools import product

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.operator.magnitude_aware_linear_attention import (
    magnitude_aware_linear_attention_weights,
)
from attnproof.theory.paper.mala import INJECTIVE

# P holds the key features in its rows, o and u the column and the row of ones, n = 1/N; f = φ(p),
# g = φ(q), v and w the inverses of S(p) = u P f and S(q) = u P g; G is a left inverse of the
# centred key features and x that of 1 + v.
P, o, u, f, g, G = letters("P o u f g G")
n, v, w, x = scalars("n v w x")
CENTRED = (1 - n * o * u) * P
SUM_F, SUM_G = v * u * P * f - 1, w * u * P * g - 1


def _model() -> dict[str, object]:
    same = rational_array([[1], [2]])
    return {
        "P": rational_array([[1, 0], [0, 1], [0, 0]]),
        "G": rational_array([[1, 0, -1], [0, 1, -1]]),
        "o": rational_array([[1], [1], [1]]),
        "u": rational_array([[1, 1, 1]]),
        **{"f": same, "g": same, "n": rational("1/3")},
        **{"v": rational("1/3"), "w": rational("1/3"), "x": rational("3/4")},
    }


def _weights(features, inverse):
    return (1 + inverse) * P * features - n * o * u * P * features


@check(
    INJECTIVE,
    part="centred",
    establishes=proof(over="every N, D, φ, Q and K with S ≠ 0"),
    claimed=dict(factor=1 + v, uniform=n * o),
    controls={
        "InLine attention": dict(factor=1 + 0 * v),
        "linear attention": dict(factor=v),
        "uniform part dropped": dict(uniform=0 * o),
        "uniform part not divided": dict(uniform=o),
    },
)
def centred_weights(factor, uniform) -> None:
    """M = c + S/N 1 scaled: M − n 1 = (1 + v) c with c = Φ_c f, using v S = 1."""
    follows(
        _weights(f, v) - uniform - factor * CENTRED * f,
        using=[(n * o, SUM_F, 1)],
        models=[_model()],
        message="the centred weights are no such multiple",
    )


EQUAL = (1 + v) * f - (1 + w) * g


@check(
    INJECTIVE,
    part="features",
    establishes=proof(over="every N, D and φ, every K with Φ_c of full column rank"),
    claimed=dict(conclusion=f - g, scaled=EQUAL),
    controls={
        "opposite features": dict(conclusion=f + g),
        "features of twice the length": dict(conclusion=2 * f - g),
        "features not scaled": dict(scaled=f - 2 * g),
    },
)
def left_inverse_and_length(conclusion, scaled) -> None:
    """By the part on centred weights and G Φ_c = 1, M(p) = M(q) gives (1 + v) f = (1 + w) g, the
    element `scaled`. With the row a = u P, a f = S and v S = 1, it gives S(p) + 1 = S(q) + 1:
    the lengths agree, v = w, and as 1 + v is not zero, f = g.

    Classical: full column rank gives a left inverse.
    """
    model = _model()
    centred_f, centred_g = CENTRED * f, CENTRED * g
    follows(
        scaled,
        using=[
            (G, (1 + v) * centred_f - (1 + w) * centred_g, 1),
            (-(1 + v), G * CENTRED - 1, f),
            (1 + w, G * CENTRED - 1, g),
        ],
        models=[model],
        message="the features are not in that ratio",
    )
    a = u * P
    steps = [
        (x, EQUAL, 1),
        (x * v * w * g * a, EQUAL, 1),
        (-x * v * w * g - x * w * g, SUM_F, 1),
        (x * v * w * g + x * v * g, SUM_G, 1),
        (-1, x * (1 + v) - 1, f - g),
    ]
    follows(conclusion, using=steps, models=[model], message="the features differ")


KEYS = [[1, 0], [0, 1], [0, 0]]
POSITIVE = [row for row in product(range(5), repeat=2) if sum(row)]


@check(
    INJECTIVE,
    part="features",
    establishes=exact(bound="all pairs of features in {0, …, 4}² but the origin, three keys"),
    claimed=dict(weights=magnitude_aware_linear_attention_weights, rows=KEYS, features=POSITIVE),
    controls={
        "linear attention": dict(weights=linear_attention_weights),
        "two equal keys": dict(rows=[[1, 1], [2, 2], [2, 2]], drops="full rank"),
        "as many keys as features": dict(rows=[[2, 1], [1, 2]], drops="full rank"),
        "scores that sum to minus one": dict(features=[[0, -1], [-1, 0]], drops="positive scores"),
    },
)
def no_collision_of_features(weights, rows, features) -> None:
    """Distinct features have distinct weights. Where S = −1, β is zero and all weights are 1/N."""
    keys = rational_array(rows)
    seen: dict[tuple[str, ...], object] = {}
    for row in features:
        found = weights(rational_array([row]), keys)
        other = seen.setdefault(tuple(map(str, found[0])), row)
        refute_unless(
            other is row,
            "two queries get the same weights",
            features_p=rational_array([other]),
            features_q=rational_array([row]),
            key_features=keys,
            weights=found,
        )
