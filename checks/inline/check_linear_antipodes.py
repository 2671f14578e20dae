"""In the plane, opposite points of a circle collide: bracketed in balls, and drawn."""

from __future__ import annotations

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import precision
from attnproof.theory.core import Plot, Series, check, enclosure, note, plot, refute_unless
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.operator.feature_map import (
    identity,
    linear_unit_plus_one,
    power_features,
    power_features_and_one,
    rectifier,
)
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.paper.inline.injectivity import LINEAR_NOT_INJECTIVE


def _mixed(rows: np.ndarray) -> np.ndarray:
    """``φ(x) = (e^{x_1} + x_2², 1 + e^{x_2 − x_1})``: continuous, with no symmetry to use."""
    first, second = rows[:, 0], rows[:, 1]
    exponential = lambda column: power_features(column[:, None])[:, 0]
    return np.stack([exponential(first) + second * second, 1 + exponential(second - first)], axis=1)


MAPS = {
    "e^x": power_features,
    "ELU + 1": linear_unit_plus_one,
    "mixed": _mixed,
}
KEYS = np.array([[arb(1), arb(0)], [arb(0), arb(2)], [arb(1), arb(1)]], dtype=object)


def _first_weight(feature_map, angle) -> arb:
    """The weight of the first key for the query (3/10, 1/5) + (cos, sin)(π angle)."""
    query = np.array(
        [[arb("0.3") + arb.cos_pi(angle), arb("0.2") + arb.sin_pi(angle)]], dtype=object
    )
    scores = feature_map(query) @ feature_map(KEYS).T
    return scores[0, 0] / (scores[0, 0] + scores[0, 1] + scores[0, 2])


def _opposite(feature_map, angle, combine) -> arb:
    return combine(_first_weight(feature_map, angle), _first_weight(feature_map, angle + 1))


@check(
    LINEAR_NOT_INJECTIVE,
    part="collision",
    establishes=enclosure(bound="d = D = 2, three maps, circle of radius one around (3/10, 1/5)"),
    claimed=dict(combine=lambda left, right: left - right, turn=arb(1)),
    controls={
        "sum instead of difference": dict(combine=lambda left, right: left + right),
        "full turn": dict(turn=arb(2)),
        "absolute difference": dict(combine=lambda left, right: abs(left - right)),
    },
)
def opposite_points_collide(combine, turn) -> None:
    """For D = 2 all weights are affine functions of one number, and of the first weight h if the
    first key's features are not parallel to their sum, which is checked. The difference
    g(α) = h(α) − h(α + 1) at opposite points (angles in half turns) has g(α + 1) = −g(α), so it
    vanishes in between by the intermediate value theorem. The zero is bracketed to 2^-40 of a half
    turn, signs certified by balls.

    The bracket starts at 1/7, so that no midpoint is the zero itself (for e^x it is 1/4).
    """
    with precision(128):
        for name, feature_map in MAPS.items():
            (a, b), (c, d) = feature_map(KEYS)[0], feature_map(KEYS).sum(axis=0)
            refute_unless(
                bool(a * d - b * c != 0), "the first weight is constant", map=name, sum=[c, d]
            )
            low, high = arb(1) / 7, arb(1) / 7 + turn
            at_low = _opposite(feature_map, low, combine)
            at_high = _opposite(feature_map, high, combine)
            at_most(at_low * at_high, 0, "no change of sign on the half circle", map=name)
            for _ in range(40):
                middle = (low + high) / 2
                value = _opposite(feature_map, middle, combine)
                if value * at_low > 0:
                    low, at_low = middle, value
                else:
                    high, at_high = middle, value
            at_most(at_low * at_high, 0, "the bracket shows no change of sign", map=name)
            note(**{f"angle for {name}": low.str(12)})


def _level_of(feature_map, queries: np.ndarray) -> np.ndarray:
    keys = np.array([[1.0, 0.0], [0.5, 2.0], [1.0, 1.5]])
    scores = feature_map(queries) @ feature_map(keys).T
    kept = np.abs(scores.sum(axis=1)) > 1e-9
    weights = np.full(len(queries), np.nan)
    weights[kept] = linear_attention_weights(feature_map(queries[kept]), feature_map(keys))[:, 0]
    return weights


def _collision_set(title: str, feature_map, queries_of) -> Plot:
    """Queries with the weights of a few reference queries, along curves known in closed form."""
    levels = []
    for slope in (1 / 3, 2 / 3, 1.0, 3 / 2, 3.0):
        x, y = queries_of(slope)
        inside = (np.abs(x) <= 3) & (np.abs(y) <= 3)
        weights = _level_of(feature_map, np.stack([x[inside], y[inside]], axis=1))
        if np.ptp(weights) > 1e-9:
            raise ValueError(f"the curve of {title} at {slope} is no level set: {np.ptp(weights)}")
        label = f"first weight {weights[0]:.3f}"
        levels.append(Series(label=label, x=x[inside].tolist(), y=y[inside].tolist()))
    return Plot(
        title=f"Queries with equal weights of linear attention, {title}",
        x_label="first coordinate of the query",
        y_label="second coordinate of the query",
        series=levels,
        caption="All queries of a curve get the same weights, whatever the keys.",
    )


STEPS = np.linspace(0.02, 6.0, 120)


def _rays(slope: float):
    return STEPS / max(slope, 1.0), slope * STEPS / max(slope, 1.0)


def _shifted_diagonals(slope: float):
    return STEPS - 3.0, STEPS - 3.0 + np.log(slope)


def _rays_through_the_unit(slope: float):
    """φ = ELU + 1 is proportional to (1, slope): the inverse of ELU + 1 on that ray."""
    inverse = lambda value: np.where(value >= 1, value - 1, np.log(np.minimum(value, 1)))
    return inverse(STEPS), inverse(slope * STEPS)


@plot(LINEAR_NOT_INJECTIVE)
def collision_set_of_the_identity() -> Plot:
    """Rays from the origin."""
    return _collision_set("φ = x", identity, _rays)


@plot(LINEAR_NOT_INJECTIVE)
def collision_set_of_the_rectifier() -> Plot:
    """Rays within the positive quadrant."""
    return _collision_set("φ = max(x, 0)", rectifier, _rays)


@plot(LINEAR_NOT_INJECTIVE)
def collision_set_of_the_exponential() -> Plot:
    """Diagonals."""
    return _collision_set("φ = e^x", power_features, _shifted_diagonals)


@plot(LINEAR_NOT_INJECTIVE)
def collision_set_of_the_linear_unit() -> Plot:
    """Rays from (−1, −1), bent where a coordinate becomes negative."""
    return _collision_set("φ = ELU(x) + 1", linear_unit_plus_one, _rays_through_the_unit)


@plot(LINEAR_NOT_INJECTIVE)
def one_feature_more() -> Plot:
    """Along a diagonal the weights move once a constant feature is added."""
    diagonal = np.linspace(-3, 3, 61)
    queries = np.stack([diagonal, diagonal], axis=1)
    curve = lambda feature_map: _level_of(feature_map, queries).tolist()
    return Plot(
        title="Linear attention along the diagonal, with and without a constant feature",
        x_label="c, query (c, c)",
        y_label="weight of the first key",
        series=[
            Series(label="e^x", x=diagonal.tolist(), y=curve(power_features)),
            Series(label="(e^x, 1)", x=diagonal.tolist(), y=curve(power_features_and_one)),
        ],
        caption="With as many features as coordinates the diagonal is one collision; one constant "
        "feature more tells its points apart.",
    )
