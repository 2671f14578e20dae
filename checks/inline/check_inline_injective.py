"""InLine attention determines the features of the query; the map must do the rest."""

from __future__ import annotations

from itertools import product

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.feature_map import identity, rectifier
from attnproof.theory.operator.inline_attention import inline_attention_weights
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.paper.inline.feature_collision import base_two, linear_unit_base_two
from attnproof.theory.paper.inline.injectivity import INLINE_INJECTIVE

# P holds the key features in its rows, o and u are the column and the row of ones, n = 1/N;
# f = φ(p), g = φ(q), and G is a left inverse of the centred key features (1 − n o u) P.
P, o, u, f, g, G = letters("P o u f g G")
(n,) = scalars("n")
CENTRED = (1 - n * o * u) * P


def _weights(features):
    return P * features - n * o * u * P * features + n * o


def _model(second=(1, 2)) -> dict[str, object]:
    return {
        "P": rational_array([[1, 0], [0, 1], [0, 0]]),
        "G": rational_array([[1, 0, -1], [0, 1, -1]]),
        "o": rational_array([[1], [1], [1]]),
        "u": rational_array([[1, 1, 1]]),
        "f": rational_array([[1], [2]]),
        "g": rational_array([[second[0]], [second[1]]]),
        "n": rational("1/3"),
    }


@check(
    INLINE_INJECTIVE,
    part="centred",
    establishes=proof(over="every N, D, K and φ"),
    claimed=dict(weights=_weights(f), uniform=n * o, features=CENTRED * f),
    controls={
        "uniform part dropped": dict(uniform=0 * o),
        "key features not centred": dict(features=P * f),
        "mean of the scores not subtracted": dict(weights=P * f + n * o),
        "sum of the scores subtracted": dict(weights=P * f - o * u * P * f + n * o),
    },
)
def weights_are_affine_in_the_features(weights, uniform, features) -> None:
    """The definition, expanded."""
    follows(
        weights - uniform - features,
        models=[_model()],
        message="the weights are no such function of the features",
    )


@check(
    INLINE_INJECTIVE,
    part="full rank",
    establishes=proof(over="every N, D, K and φ"),
    claimed=dict(difference=_weights(f) - _weights(g), conclusion=f - g),
    controls={
        "features opposite": dict(conclusion=f + g),
        "features collinear with factor two": dict(conclusion=2 * f - g),
        "weights opposite": dict(difference=_weights(f) + _weights(g) - 2 * n * o),
    },
)
def left_inverse_recovers_the_features(difference, conclusion) -> None:
    """G Φ_c = 1: I(p) − I(q) = Φ_c (f − g), hence f − g = G (I(p) − I(q)). Classical: full column
    rank gives a left inverse."""
    model = _model()
    if difference.evaluate(model).any():
        model = _model((-1, -2))
    follows(
        conclusion,
        using=[(G, difference, 1), (-1, G * CENTRED - 1, f), (1, G * CENTRED - 1, g)],
        models=[model],
        message="equal weights do not force equal features",
    )


@check(
    INLINE_INJECTIVE,
    part="rectifier",
    establishes=proof(over="every N, D and K, every query whose features vanish"),
    claimed=dict(weights=_weights(f)),
    controls={
        "a constant feature added": dict(weights=_weights(f + g)),
        "uniform part not divided": dict(weights=_weights(f) - n * o + o),
        "no uniform part": dict(weights=_weights(f) - n * o),
    },
)
def vanishing_features_give_uniform_weights(weights) -> None:
    """[p]_+ = 0 for p ≤ 0 by definition; then the scores vanish and n 1 is left."""
    follows(
        weights - n * o,
        using=[(P, f, 1), (-n * o * u * P, f, 1)],
        models=[_model() | {"f": rational_array([[0], [0]])}],
        message="the weights are not uniform",
    )


NEGATIVE = [[-1, -1], [-2, -1], [0, -3], [0, 0]]


@check(
    INLINE_INJECTIVE,
    part="rectifier",
    establishes=exact(bound="four queries of the negative quadrant, three keys"),
    claimed=dict(feature_map=rectifier, queries=NEGATIVE),
    controls={
        "identity": dict(feature_map=identity),
        "power of two": dict(feature_map=base_two),
        "ELU plus one": dict(feature_map=linear_unit_base_two),
        "a positive coordinate": dict(queries=[*NEGATIVE, [1, -1]]),
    },
)
def negative_orthant_collapses(feature_map, queries) -> None:
    """[p]_+ = 0 for p ≤ 0, so that all scores vanish and every weight is 1/N."""
    keys = rational_array([[1, 0], [0, 1], [2, 1]])
    for row in queries:
        query = rational_array([row])
        features = feature_map(query)
        weights = inline_attention_weights(features, feature_map(keys))
        refute_unless(
            bool((features == 0).all() and (weights == rational("1/3")).all()),
            "the features are not zero, or the weights not uniform",
            query=query,
            features=features,
            keys=keys,
            weights=weights,
        )


QUERIES = [list(row) for row in product(range(-2, 3), repeat=2)]
KEYS = [[0, 0], [1, 0], [0, 1]]


def _features_of(feature_map, row):
    return feature_map(rational_array([row]))


@check(
    INLINE_INJECTIVE,
    part="injective maps",
    establishes=exact(bound="all 300 pairs of {−2, …, 2}², keys (0, 0), (1, 0), (0, 1)"),
    claimed=dict(
        maps=(identity, base_two, linear_unit_base_two),
        rows=KEYS,
        weights=inline_attention_weights,
    ),
    controls={
        "rectifier": dict(maps=(rectifier,), drops="injective features"),
        "two equal keys": dict(rows=[[0, 0], [1, 0], [1, 0]], drops="full rank"),
        "as many keys as features": dict(rows=[[1, 0], [0, 1]], drops="full rank"),
        "keys on a line": dict(rows=[[0, 0], [1, 1], [2, 2]], drops="full rank"),
        "divided instead of subtracted": dict(
            maps=(base_two, linear_unit_base_two), weights=linear_attention_weights
        ),
    },
)
def no_collision_on_the_grid(maps, rows, weights) -> None:
    """Every pair of distinct queries has distinct weights."""
    keys = rational_array(rows)
    for feature_map in maps:
        key_features = feature_map(keys)
        seen: dict[tuple[str, ...], list[int]] = {}
        for row in QUERIES:
            found = weights(_features_of(feature_map, row), key_features)
            other = seen.setdefault(tuple(map(str, found[0])), row)
            refute_unless(
                other is row,
                "two queries get the same weights",
                p=rational_array([other]),
                q=rational_array([row]),
                features_p=_features_of(feature_map, other),
                features_q=_features_of(feature_map, row),
                key_features=key_features,
                weights=found,
            )
