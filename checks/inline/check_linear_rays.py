"""Linear attention sees the ray of φ(q) only."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.feature_map import power_features_and_one
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.inline.feature_collision import (
    base_two,
    feature_collisions,
    linear_unit_base_two,
)
from attnproof.theory.paper.inline.injectivity import LINEAR_NOT_INJECTIVE

# P holds the key features in its rows, u is the row of ones; f = φ(p), g = φ(q); z and w are the
# inverses of the two denominators uPf and uPg.
P, u, f, g = letters("P u f g")
t, z, w = scalars("t z w")
SUM_F, SUM_G, MULTIPLE = z * u * P * f - 1, w * u * P * g - 1, g - t * f


def _features() -> dict[str, object]:
    return {
        "P": rational_array([[1, 0], [0, 1], [1, 1]]),
        "u": rational_array([[1, 1, 1]]),
        "f": rational_array([[1], [2]]),
        "g": rational_array([[3], [6]]),
        **{"t": rational(3), "z": rational("1/6"), "w": rational("1/18")},
    }


@check(
    LINEAR_NOT_INJECTIVE,
    part="rays",
    establishes=proof(over="every N, D, K and φ"),
    claimed=dict(first=z * P * f, second=w * P * g),
    controls={
        "not normalised": dict(first=P * f, second=P * g),
        "normalised twice": dict(first=z * z * P * f, second=w * w * P * g),
        "normaliser of the other query": dict(second=z * P * g),
        "normalisers exchanged": dict(first=w * P * f, second=z * P * g),
    },
)
def the_factor_cancels(first, second) -> None:
    """L(p) = z P f with z u P f = 1, and the same for q with g = t f."""
    follows(
        first - second,
        using=[
            (-z * P * f, SUM_G, 1),
            (w * P * g, SUM_F, 1),
            (z * w * P * f * u * P, MULTIPLE, 1),
            (-z * w * P, MULTIPLE, u * P * f),
        ],
        models=[_features()],
        message="collinear features do not give the same weights",
    )


r, s = letters("r s")


@check(
    LINEAR_NOT_INJECTIVE,
    part="collision",
    establishes=proof(
        over="every N, d and D ≤ d, every continuous φ",
        by="reduction in the free algebra; invariance of domain (Brouwer), cited",
    ),
    claimed=dict(chart=f, form=u * P, inner=w * P * g),
    controls={
        "features not divided": dict(chart=g),
        "another linear form": dict(form=2 * u * P),
        "weights not normalised": dict(inner=P * g),
    },
)
def weights_factor_through_a_hyperplane(chart, form, inner) -> None:
    """Let f = w g be the features divided by the denominator, w u P g = 1. Then L(q) = P f, and
    f lies on the hyperplane (u P) f = 1, which has dimension D − 1 (u P is not zero).

    So L = (linear map) ∘ (continuous map from an open set of ℝ^d into ℝ^{D−1}). For D ≤ d the
    latter is not injective: composed with ℝ^{D−1} ⊂ ℝ^d, an injective one would be open by the
    invariance of domain, yet its image lies in a proper subspace. The theorem of Borsuk and Ulam
    gives more: every sphere in U has two opposite points with the same weights.

    Machine-checked: the factorisation. Classical, cited: invariance of domain.
    """
    model = _features() | {"f": rational_array([["1/6"], ["1/3"]])}
    division = f - w * g
    follows(
        inner - P * chart,
        using=[(-P, division, 1)],
        models=[model],
        message="the weights are no linear map of the chart",
    )
    follows(
        form * chart - 1,
        using=[(u * P, division, 1), (1, SUM_G, 1)],
        models=[model],
        message="the chart does not lie in the hyperplane",
    )


def _keys_of_rank(width: int) -> np.ndarray:
    """The origin and the unit vectors: features of rank d + 1 for (2^x, 1)."""
    rows = [[int(i == j) for j in range(width)] for i in range(-1, width)]
    return rational_array(rows)


def _collisions_on_grid(feature_map, keys, side) -> int:
    queries = rational_array(list(product(side, repeat=keys.shape[1])))
    weights = linear_attention_weights(feature_map(queries), feature_map(keys))
    return len(queries) - len({tuple(map(str, row)) for row in weights})


def with_one(rows: np.ndarray) -> np.ndarray:
    """(2^x, 1): one feature more than coordinates."""
    return power_features_and_one(rows, power_of_two)


@check(
    LINEAR_NOT_INJECTIVE,
    part="collision",
    establishes=exact(bound="d ≤ 3, 2^x and ELU₂ + 1, queries in {−2, …, 2}^d", by="base two"),
    claimed=dict(feature_maps=(base_two, linear_unit_base_two), widths=(1, 2, 3)),
    controls={
        "one feature more, one coordinate": dict(
            feature_maps=(with_one,), widths=(1,), drops="no more features than coordinates"
        ),
        "one feature more, three coordinates": dict(
            feature_maps=(with_one,), widths=(3,), drops="no more features than coordinates"
        ),
    },
)
def some_queries_of_a_grid_collide(feature_maps, widths) -> None:
    """A finite grid suffices for these maps; their collisions lie on lattice points."""
    for width in widths:
        keys = _keys_of_rank(width)
        for feature_map in feature_maps:
            refute_unless(
                _collisions_on_grid(feature_map, keys, range(-2, 3)) > 0,
                "no two queries of the grid collide",
                keys=keys,
                key_features=feature_map(keys),
                features=int(feature_map(keys).shape[1]),
                coordinates=width,
            )


@check(
    LINEAR_NOT_INJECTIVE,
    part="maps in use",
    establishes=proof(
        over="every K with denominators that are not zero; d = 2 and, by repeating a coordinate, "
        "every d ≥ 2",
        by="exact collinear features, with the proof for rays",
    ),
    claimed=dict(collisions=lambda: list(feature_collisions()), stretch=1),
    controls={
        "another factor": dict(stretch=2),
        "one of the maps with a constant feature": dict(
            collisions=lambda: [
                replace(entry, feature_map=with_one)
                for entry in feature_collisions()
                if entry.name == "2^x"
            ]
        ),
        "queries moved apart": dict(
            collisions=lambda: [
                replace(entry, q=entry.q + rational_array([[1, 0]]))
                for entry in feature_collisions()
                if entry.name != "x/‖x‖"
            ]
        ),
    },
)
def listed_maps_collide(collisions, stretch) -> None:
    """φ(q) = t φ(p) with p ≠ q holds without reference to the keys; the weights then agree for
    every K by the part on rays. They are compared for one K as well. Base two makes it exact;
    in any base (0, 1) and (3, 4) have b^q = b³ b^p, and ELU + 1 doubles from (1, 1) to (3, 3). On
    the negative orthant the rectifier gives 0/0.
    """
    for entry in collisions():
        features_p, features_q = entry.feature_map(entry.p), entry.feature_map(entry.q)
        witness = dict(map=entry.name, p=entry.p, q=entry.q, t=entry.t)
        refute_unless(
            bool(
                (entry.p != entry.q).any() and (features_q == stretch * entry.t * features_p).all()
            ),
            "the features are not collinear with that factor",
            features_p=features_p,
            features_q=features_q,
            **witness,
        )
        keys = entry.feature_map(rational_array([[3, 4], [8, 6], [4, 3]]))
        weights = [linear_attention_weights(side, keys) for side in (features_p, features_q)]
        refute_unless(
            bool((weights[0] == weights[1]).all()),
            "the weights differ",
            weights_p=weights[0],
            weights_q=weights[1],
            **witness,
        )
        if entry.name == "[x]_+":
            negative = entry.feature_map(rational_array([[-1, -2]]))
            refute_unless(bool((negative == 0).all()), "a feature is not zero", features=negative)


G, e = letters("G e")
(c,) = scalars("c")


@check(
    LINEAR_NOT_INJECTIVE,
    part="one feature more",
    establishes=proof(over="every N, d and K"),
    claimed=dict(conclusion=f - g, left_inverse=G * P - 1, last=1),
    controls={
        "opposite features": dict(conclusion=f + g),
        "features up to the normalisers": dict(conclusion=z * f - 2 * w * g),
        "a factor of two": dict(conclusion=2 * f - g),
    },
)
def constant_feature_fixes_the_factor(conclusion, left_inverse, last) -> None:
    """Full column rank gives G with G P = 1. If z P f = w P g, then z f = w g; the constant
    feature, e f = e g = 1 with the row e = (0, …, 0, 1), gives z = w; z is invertible, so f = g,
    and as b^x is injective, p = q. Classical: the left inverse exists.
    """
    model = {
        "P": rational_array([[1, 0], [0, 1], [1, 1]]),
        "G": rational_array([[1, 0, 0], [0, 1, 0]]),
        "e": rational_array([[0, 1]]),
        **{name: rational_array([[2], [1]]) for name in "fg"},
        **{"z": rational("1/6"), "w": rational("1/6"), "c": rational(6)},
    }
    equal = z * P * f - w * P * g
    features = [(G, equal, 1), (-1, left_inverse, z * f - w * g)]
    constants = [(w * g, e * g - last, 1), (-z * g, e * f - last, 1)]
    steps = [(c * left, hypothesis, right) for left, hypothesis, right in features]
    steps += [(-c * g * e * left, hypothesis, right) for left, hypothesis, right in features]
    steps += [(-c * left, hypothesis, right) for left, hypothesis, right in constants]
    steps += [(-1, c * z - 1, f - g)]
    follows(
        conclusion,
        using=steps,
        models=[model],
        message="equal weights do not force equal features",
    )


@check(
    LINEAR_NOT_INJECTIVE,
    part="one feature more",
    establishes=exact(bound="d ≤ 2, keys in {0, 1}^d, N ≤ d + 1; queries in {−1, 0, 1}^d"),
    claimed=dict(separates=lambda features: rank(features) == features.shape[1]),
    controls={
        "one less than full rank": dict(
            separates=lambda features: rank(features) >= features.shape[1] - 1
        ),
        "enough keys": dict(separates=lambda features: len(features) >= features.shape[1]),
    },
)
def rank_of_the_key_features_decides(separates) -> None:
    """Whenever the key features have full column rank, the queries of the grid are told apart."""
    for width in (1, 2):
        for tokens in range(1, width + 2):
            for entries in product((0, 1), repeat=width * tokens):
                keys = rational_array(np.reshape(entries, (tokens, width)).tolist())
                refute_unless(
                    not separates(with_one(keys))
                    or _collisions_on_grid(with_one, keys, (-1, 0, 1)) == 0,
                    "two queries of the grid collide",
                    keys=keys,
                    key_features=with_one(keys),
                )
