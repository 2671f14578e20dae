"""Pointing gives an input; a blend gives a point of the hull that is no vertex of it."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.pointer_attention import pointer_distribution
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.pointer_net import NOT_BLENDING

top, value, weight, mass, blend, missing = scalars("top value weight mass blend missing")
CORNERS = [[0, 0], [4, 0], [5, 3], [1, 4]]
SCORES = list(product(range(3), repeat=4))


@check(
    NOT_BLENDING,
    part="in the hull",
    establishes=proof(over="every n (induction), every form", by="non-negative combination"),
    claimed=dict(entry=weight * value, whole=1),
    controls={
        "weights of either sign": dict(entry=-1 * weight * value),
        "weights that sum to two": dict(whole=2),
        "values without weights": dict(entry=value),
    },
)
def forms_stay_below_their_largest_value(entry, whole) -> None:
    """With blend = Σ p f(P) and mass = Σ p so far, mass · top − blend ≥ 0; one point more with
    f(P) ≤ top keeps that. At the end mass = 1, so f(y) ≤ top."""
    entails(
        (mass + weight) * top - (blend + entry),
        given={"so far": mass * top - blend, "point": top - value, "weight": weight},
        certificate=[(1, ["so far"], []), (1, ["weight", "point"], [])],
        message="the form exceeds its largest value on the points so far",
    )
    entails(
        top - blend,
        given={"all points": whole * top - blend},
        certificate=[(1, ["all points"], [])],
        message="the form exceeds its largest value",
    )


@check(
    NOT_BLENDING,
    part="never a vertex",
    establishes=proof(over="every n (induction), every form", by="non-negative combination"),
    claimed=dict(gained=weight * missing),
    controls={
        "weight zero on the others": dict(gained=0 * weight),
        "weights of either sign": dict(gained=-1 * weight * missing),
        "half of the weight": dict(gained=weight * missing / 2),
    },
)
def a_positive_weight_elsewhere_pulls_away(gained) -> None:
    """Let D = Σ p_j (f(P_m) − f(P_j)) so far, which is f(P_m) − f(y) at the end. Each term is
    p_j · missing ≥ 0, so D never falls; that of a point P_j ≠ P_m is positive, so that from there
    on D ≥ p_j · missing > 0."""
    (so_far,) = scalars("so_far")
    entails(
        so_far + gained - weight * missing,
        given={"so far": so_far, "weight": weight, "missing": missing},
        certificate=[(1, ["so far"], [])],
        message="the other points do not pull the form below",
    )
    entails(
        so_far + gained - so_far,
        given={"weight": weight, "missing": missing},
        certificate=[(1, ["weight", "missing"], [])],
        message="a point pulls the form up",
    )


def blended(points: np.ndarray, scores) -> tuple[np.ndarray, np.ndarray]:
    """The mean of the points under the pointer's distribution, in base two, and the weights."""
    weights = pointer_distribution(rational_array(scores), power=power_of_two)
    return weights @ points, weights


def pointed(points: np.ndarray, scores) -> tuple[np.ndarray, np.ndarray]:
    """The point of the first largest score, as a blend with one-hot weights."""
    chosen = int(np.argmax(scores))
    weights = rational_array([int(j == chosen) for j in range(len(points))])
    return points[chosen], weights


def _is_input(points: np.ndarray, output: np.ndarray) -> bool:
    return any(bool((point == output).all()) for point in points)


@check(
    NOT_BLENDING,
    part="pointing",
    establishes=proof(
        over="every n and every rule that chooses a position; beside it four points, all scores "
        "in {0, 1, 2}⁴",
        by="definition",
    ),
    claimed=dict(output=pointed),
    controls={
        "blend": dict(output=blended),
        "mean of the two largest": dict(
            output=lambda points, scores: (
                points[np.argsort(scores)[-2:]].sum(axis=0) / 2,
                rational_array([0]),
            )
        ),
    },
)
def the_pointed_output_is_an_input(output) -> None:
    """P_C with C ≤ n is one of the P_j by definition; here the rule is run."""
    points = rational_array(CORNERS)
    for scores in SCORES:
        found, weights = output(points, scores)
        refute_unless(
            _is_input(points, found),
            "the output is no input",
            points=points,
            scores=list(scores),
            weights=weights,
            output=found,
        )


@check(
    NOT_BLENDING,
    part="never a vertex",
    establishes=exact(bound="four corners of a quadrilateral, all scores in {0, 1, 2}⁴"),
    claimed=dict(output=blended, corners=CORNERS),
    controls={
        "pointing": dict(output=pointed, drops="positive weights"),
        "four points that coincide": dict(corners=[[1, 2]] * 4, drops="another point"),
        "an inner input": dict(corners=[[0, 0], [2, 0], [1, 0], [1, 0]]),
    },
)
def no_blend_of_corners_is_a_corner(output, corners) -> None:
    """All corners are inputs here, so the blend is no input at all."""
    points = rational_array(corners)
    for scores in SCORES:
        found, weights = output(points, scores)
        refute_unless(
            not _is_input(points, found),
            "the output is an input",
            points=points,
            scores=list(scores),
            weights=weights,
            output=found,
        )


@check(
    NOT_BLENDING,
    part="an inner input",
    establishes=proof(over="the stated points and weights", by="exact rationals"),
    claimed=dict(inputs=[-1, 0, 1], scores=[0, 0, 0]),
    controls={
        "one score larger": dict(scores=[1, 0, 0]),
        "inputs that are not symmetric": dict(inputs=[-1, 0, 2]),
    },
)
def a_uniform_blend_meets_the_middle(inputs, scores) -> None:
    """The mean of the inputs is the inner one, with weights that are not one-hot."""
    points = rational_array([[entry] for entry in inputs])
    found, weights = blended(points, scores)
    refute_unless(
        bool((weights > 0).all()) and bool((found == points[1]).all()),
        "the blend is not the inner input",
        points=points,
        weights=weights,
        output=found,
    )
