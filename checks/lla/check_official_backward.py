"""The gradient in the reference code against exact derivatives of the forward."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.dual import Dual, derivative_of, detach, dual_array
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    note,
    plot,
    prime_field,
    refute_unless,
)
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.paper.lla.analytic_gradient import analytic_gradient
from attnproof.theory.paper.lla.official_backward import (
    OFFICIAL_BACKWARD_RIDGE,
    OFFICIAL_BACKWARD_RIDGE_TERM,
)


def moving(ridge):
    """The ridge is differentiated with the mass it is a multiple of."""
    return ridge


def held(ridge):
    """The ridge is a constant for the derivative."""
    return detach(ridge)


def _derivative_of_forward(point, direction, weights, upstream, ridge, scale, treat):
    """Derivative of ``gᵀo`` at (q, K, V) in a direction, by running the definition on dual
    numbers. Of the exponential it uses ``w_j' = w_j s (qᵀk_j)'`` alone, at given values w_j."""
    query, keys, values = (dual_array(*pair) for pair in zip(point, direction, strict=True))
    scores = keys @ query
    moved = np.array(
        [
            Dual(weight, weight * scale * score.derivative)
            for weight, score in zip(weights, scores, strict=True)
        ],
        dtype=object,
    )
    row = local_linear_weights(keys, query, moved, treat(moved.sum() * ridge))
    return derivative_of((row @ values) @ upstream)[()]


def _stated_derivative(point, direction, weights, upstream, ridge, scale, through_ridge):
    gradient = analytic_gradient(
        *point, weights, upstream, ridge, scale, through_ridge=through_ridge
    )
    return sum((part * step).sum() for part, step in zip(gradient, direction, strict=True))


@check(
    OFFICIAL_BACKWARD_RIDGE,
    establishes=counterexample(over="one channel, two keys, the query 0, where every weight is 1"),
    claimed=dict(treat=moving, through_ridge=False, ridge=rational(1)),
    controls={
        "larger ridge": dict(ridge=rational(10)),
        "smaller ridge": dict(ridge=rational("1/10")),
    },
    repairs={
        "term added": dict(through_ridge=True),
        "ridge held": dict(treat=held),
        "no ridge": dict(ridge=rational(0)),
    },
)
def gradient_in_the_query(treat, through_ridge, ridge) -> None:
    """Keys 1 and 2, values 0 and 1, q = 0: ``e^{qk_j} = 1`` without rounding. Derivative in q."""
    point = (rational_array([0]), rational_array([[1], [2]]), rational_array([[0], [1]]))
    direction = (rational_array([1]), 0 * point[1], 0 * point[2])
    weights, upstream, scale = rational_array([1, 1]), rational_array([1]), rational(1)
    exact = _derivative_of_forward(point, direction, weights, upstream, ridge, scale, treat)
    stated = _stated_derivative(point, direction, weights, upstream, ridge, scale, through_ridge)
    note(exact=exact, stated=stated)
    refute_unless(
        bool(exact == stated),
        "the stated gradient is not the derivative",
        q=point[0],
        K=point[1],
        V=point[2],
        ridge=ridge,
        derivative=exact,
        stated=stated,
    )


# Four keys, three channels, two values; the arguments are K, q, V, w, g, λ, s and a direction.
_SHAPES = [(4, 3), (3,), (4, 2), (4,), (2,), (), (), (3,), (4, 3), (4, 2)]


def _gradient_is(treat, through_ridge, seed) -> None:
    def defect(keys, query, values, weights, upstream, ridge, scale, *direction):
        point = (query, keys, values)
        exact = _derivative_of_forward(point, direction, weights, upstream, ridge, scale, treat)
        stated = _stated_derivative(
            point, direction, weights, upstream, ridge, scale, through_ridge
        )
        return np.array([exact - stated], dtype=object)

    vanishes(defect, _SHAPES, seed=seed, message="the stated gradient is not the derivative")


_BOUND = "n = 4, d = 3, d_v = 2; all q, K, V, w, g, λ, s and directions"


@check(
    OFFICIAL_BACKWARD_RIDGE_TERM,
    part="moving ridge",
    establishes=prime_field(bound=_BOUND),
    claimed=dict(treat=moving, through_ridge=True),
    controls={
        "term left out": dict(through_ridge=False),
        "term with the ridge held": dict(treat=held),
    },
)
def whole_gradient_moving_ridge(treat, through_ridge) -> None:
    """Gradients in q, K and V at once, along a general direction. The weights are variables of
    their own: of ``e^{s qᵀk}`` only its derivative enters."""
    _gradient_is(treat, through_ridge, seed=3)


@check(
    OFFICIAL_BACKWARD_RIDGE_TERM,
    part="ridge held",
    establishes=prime_field(bound=_BOUND),
    claimed=dict(treat=held, through_ridge=False),
    controls={
        "ridge moves": dict(treat=moving),
        "term added": dict(through_ridge=True),
    },
)
def whole_gradient_ridge_held(treat, through_ridge) -> None:
    """As above, the ridge read out as a constant."""
    _gradient_is(treat, through_ridge, seed=4)


@plot(OFFICIAL_BACKWARD_RIDGE)
def share_of_the_missing_term() -> Plot:
    """Twelve keys in four channels, one query, standard normal entries."""
    random = np.random.default_rng(0)
    query, keys, values = (random.standard_normal(size) for size in ((4,), (12, 4), (12, 3)))
    upstream = random.standard_normal(3)
    weights = np.exp(keys @ query / 2)
    ridges = [10 ** (power / 4) for power in range(-16, 13)]
    errors: dict[str, list[float]] = {"q": [], "K": []}
    for ridge in ridges:
        whole, stated = (
            analytic_gradient(
                query, keys, values, weights, upstream, ridge, 0.5, through_ridge=through
            )
            for through in (True, False)
        )
        for name, right, wrong in zip(errors, whole, stated, strict=False):
            errors[name].append(float(np.abs(right - wrong).max() / np.abs(right).max()))
    return Plot(
        title="Gradient without the ridge's term: relative error",
        x_label="ridge",
        y_label="largest error / largest entry",
        series=[Series(label=f"in {name}", x=ridges, y=row) for name, row in errors.items()],
        caption="The missing term vanishes with the ridge; at the ridges in use it is no rounding "
        "error.",
        x_scale="log",
        y_scale="log",
    )
