"""The length of the query: cancelled by linear attention, an exponent in softmax attention."""

from __future__ import annotations

from itertools import product

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, exact, plot, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.feature_map import (
    identity,
    linear_unit_plus_one,
    rectifier,
    squared_rectifier,
)
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.inline.feature_collision import linear_unit_base_two
from attnproof.theory.paper.inline.injectivity import CONFUSION, MAGNITUDE_NEGLECT

# f = φ(q) as a row, P the transposed key features, o the column of ones; z is the inverse of the
# denominator of q and w that of tq; h = φ(tq) = m f with m = t^a.
f, h, P, o, V = letters("f h P o V")
m, z, w = scalars("m z w")
SUM, SUM_MULTIPLE, HOMOGENEOUS = z * f * P * o - 1, w * h * P * o - 1, h - m * f


def _model() -> dict[str, object]:
    return {
        "f": rational_array([[1, 2]]),
        "h": rational_array([[9, 18]]),
        "P": rational_array([[1, 0, 1], [0, 1, 1]]),
        "o": rational_array([[1], [1], [1]]),
        "V": rational_array([[1, 0], [5, 2], [0, 3]]),
        **{"m": rational(9), "z": rational("1/6"), "w": rational("1/54")},
    }


def _same_after_scaling(first, second, values, message: str) -> None:
    follows(
        first * values - second * values,
        using=[
            (-1, SUM_MULTIPLE, z * f * P * values),
            (1, SUM, w * h * P * values),
            (z * w, HOMOGENEOUS, P * o * f * P * values),
            (-z * w * f * P * o, HOMOGENEOUS, P * values),
        ],
        models=[_model()],
        message=message,
    )


CONTROLS = {
    "not normalised": dict(first=f * P, second=h * P),
    "normaliser of the shorter query": dict(second=z * h * P),
    "normalised twice": dict(first=z * z * f * P, second=w * w * h * P),
}


@check(
    MAGNITUDE_NEGLECT,
    part="linear",
    establishes=proof(over="every N, D, K, every degree and every t > 0"),
    claimed=dict(first=z * f * P, second=w * h * P),
    controls=CONTROLS,
)
def the_power_of_t_cancels(first, second) -> None:
    """L(q) = z f P with z f P 1 = 1, L(tq) = w h P with w h P 1 = 1, and h = m f, m = t^a."""
    _same_after_scaling(first, second, 1, "the weights change with the length")


@check(
    CONFUSION,
    establishes=proof(over="every N, D, K and V"),
    claimed=dict(first=z * f * P, second=w * h * P),
    controls=CONTROLS,
)
def every_output_agrees(first, second) -> None:
    """As for the weights, with V multiplied from the right; the factor is m."""
    _same_after_scaling(first, second, V, "the outputs differ")


k, k2, q = letters("k k2 q")
(t,) = scalars("t")


@check(
    MAGNITUDE_NEGLECT,
    part="softmax",
    establishes=proof(over="every N, d and K, every real t"),
    claimed=dict(of_multiple=k * (t * q) - k2 * (t * q), of_query=t * (k * q - k2 * q)),
    controls={
        "exponent squared": dict(of_query=t * t * (k * q - k2 * q)),
        "exponent one": dict(of_query=k * q - k2 * q),
        "second key not scaled": dict(of_multiple=k * (t * q) - k2 * q),
    },
)
def logarithms_scale(of_multiple, of_query) -> None:
    """log(S_i/S_j) = (k_i − k_j)·q, the normaliser cancels; this is linear in q."""
    model = {
        "k": rational_array([[1, 2]]),
        "k2": rational_array([[0, 1]]),
        "q": rational_array([[3], [5]]),
        "t": rational(2),
    }
    follows(of_multiple - of_query, models=[model], message="the logarithms scale otherwise")


QUERIES = list(product((-1, 1, 2), repeat=2))
KEYS = [[1, 2], [2, 1], [3, 1]]
BOUND = "queries in {−1, 1, 2}², keys (1, 2), (2, 1), (3, 1), t ∈ {2, 3}"


@check(
    MAGNITUDE_NEGLECT,
    part="linear",
    establishes=exact(bound=BOUND),
    claimed=dict(maps=((identity, 1), (rectifier, 1), (squared_rectifier, 2))),
    controls={
        "ELU plus one": dict(maps=((linear_unit_base_two, 1),), drops="homogeneous"),
        "power of two": dict(maps=((power_of_two, 1),), drops="homogeneous"),
    },
)
def homogeneous_maps_ignore_the_length(maps) -> None:
    """Queries whose denominator is zero are left out: there are no weights to compare."""
    keys = rational_array(KEYS)
    for (feature_map, degree), entries, t in product(maps, QUERIES, (2, 3)):
        query = rational_array([entries])
        features, multiple = feature_map(query), feature_map(t * query)
        if (features @ feature_map(keys).T).sum() == 0:
            continue
        short, long = (linear_attention_weights(x, feature_map(keys)) for x in (features, multiple))
        refute_unless(
            bool((short == long).all()),
            "the weights change with the length of the query",
            query=query,
            t=t,
            a=degree,
            features=features,
            features_of_multiple=multiple,
            weights=short,
            weights_of_multiple=long,
        )


@check(
    MAGNITUDE_NEGLECT,
    part="softmax",
    establishes=exact(bound=BOUND, by="enumeration in base two"),
    claimed=dict(exponent=lambda t: t),
    controls={
        "no exponent": dict(exponent=lambda t: 1),
        "squared": dict(exponent=lambda t: t * t),
        "one less": dict(exponent=lambda t: t - 1),
    },
)
def softmax_ratios_are_powers(exponent) -> None:
    """Ratios of rational weights, all pairs of keys."""
    keys = rational_array(KEYS)
    for entries, t in product(QUERIES, (2, 3)):
        query = rational_array([entries])
        short, long = (softmax_weights(x @ keys.T, power_of_two)[0] for x in (query, t * query))
        for i, j in product(range(len(keys)), repeat=2):
            refute_unless(
                long[i] / long[j] == (short[i] / short[j]) ** exponent(t),
                "the ratio of the weights is not that power",
                query=query,
                t=t,
                i=i,
                j=j,
                ratio=short[i] / short[j],
                ratio_of_multiple=long[i] / long[j],
            )


def _linear(rows, keys, feature_map=rectifier):
    return linear_attention_weights(feature_map(rows), feature_map(keys))


def _softmax(rows, keys, feature_map):
    return softmax_weights(rows @ keys.T, power_of_two)


@check(
    CONFUSION,
    establishes=exact(bound="queries (1, 2) and (t, 2t), t ≤ 4; three keys, two sets of values"),
    claimed=dict(weights=_linear, feature_map=rectifier),
    controls={
        "softmax attention": dict(weights=_softmax),
        "ELU plus one": dict(feature_map=linear_unit_base_two, drops="collinear"),
        "power of two": dict(feature_map=power_of_two, drops="collinear"),
    },
)
def collinear_queries_get_one_output(weights, feature_map) -> None:
    """V = I gives the weights themselves, and V = (1, 2, 4) one channel."""
    keys, p = rational_array(KEYS), rational_array([[1, 2]])
    for t in (2, 3, 4):
        for values in ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[1], [2], [4]]):
            value = rational_array(values)
            output_p, output_q = (weights(row, keys, feature_map) @ value for row in (p, t * p))
            refute_unless(
                bool((output_p == output_q).all()),
                "the outputs differ",
                p=p,
                q=t * p,
                t=t,
                features_p=feature_map(p),
                features_q=feature_map(t * p),
                keys=keys,
                value=value,
                output_p=output_p,
                output_q=output_q,
            )


@plot(MAGNITUDE_NEGLECT)
def weights_along_a_ray() -> Plot:
    """The largest weight while the query grows."""
    import numpy as np

    from attnproof.theory.algebra.elementwise import exponential

    lengths = np.linspace(0.1, 4, 40)
    queries, keys = lengths[:, None] * np.array([[1.0, 2.0]]), np.array(KEYS, dtype=float)
    features = linear_unit_plus_one
    return Plot(
        title="Weight of one key while the query grows",
        x_label="length t, query t(1, 2)",
        y_label="weight of the first key",
        series=[
            Series(
                label="softmax",
                x=lengths.tolist(),
                y=softmax_weights(queries @ keys.T, exponential)[:, 0].tolist(),
            ),
            Series(
                label="linear, max(x, 0)",
                x=lengths.tolist(),
                y=_linear(queries, keys)[:, 0].tolist(),
            ),
            Series(
                label="linear, ELU(x) + 1",
                x=lengths.tolist(),
                y=linear_attention_weights(features(queries), features(keys))[:, 0].tolist(),
            ),
        ],
        caption="Softmax sharpens with the length; linear attention with homogeneous features does "
        "not move, and with ELU + 1 it moves little.",
    )
