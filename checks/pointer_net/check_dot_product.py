"""What a pointer with dot-product scores can point at."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.plane_geometry import convex_hull, orientation
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.pointer_net import DOT_PRODUCT

top, gap, mass, blend, weight, value, total, a, b = scalars("top gap mass blend weight value t a b")
POINTS = [(pow(3, j, 149), pow(2, j * j, 149)) for j in range(1, 31)]


def dot_scores(keys: np.ndarray, query) -> np.ndarray:
    """``u_j = k_jᵀ q``."""
    return keys @ np.array(query, dtype=object)


def lifted(points) -> np.ndarray:
    """``(x, ‖x‖²)``."""
    return rational_array([[*point, sum(entry * entry for entry in point)] for point in points])


@check(
    DOT_PRODUCT,
    part="inner keys",
    establishes=proof(over="every n, d and q (induction)", by="non-negative combination"),
    claimed=dict(entry=weight * value, whole=1),
    controls={
        "coefficients of either sign": dict(entry=-1 * weight * value),
        "coefficients that sum to two": dict(whole=2),
        "coefficients forgotten": dict(entry=value),
    },
)
def a_combination_is_not_singled_out(entry, whole) -> None:
    """Suppose u_m − u_l ≥ gap for all l ≠ m. With top = u_m and blend = Σ λ_l u_l so far,
    mass (top − gap) − blend ≥ 0 by induction. At the end mass = 1, and blend = u_m because the
    score is linear in the key: so gap ≤ 0, and no gap is positive."""
    entails(
        (mass + weight) * (top - gap) - (blend + entry),
        given={
            "so far": mass * (top - gap) - blend,
            "other key": top - gap - value,
            "weight": weight,
        },
        certificate=[(1, ["so far"], []), (1, ["weight", "other key"], [])],
        message="the combination exceeds the other keys",
    )
    entails(
        -1 * gap,
        given={"all": whole * (top - gap) - blend, "linear": blend - top},
        certificate=[(1, ["all"], []), (1, ["linear"], [])],
        message="the inner key is singled out",
    )


def _outward(points, before, at, after, sign):
    """Sum of the outward normals of the two edges at a vertex."""
    ahead = (points[after][0] - points[before][0], points[after][1] - points[before][1])
    return [sign * ahead[1], -sign * ahead[0]]


def _in_a_triangle(points, vertices, inner):
    """Non-negative coefficients on three vertices that give the point, or None."""
    for second, third in pairwise(vertices[1:]):
        corners = [points[i] for i in (vertices[0], second, third)]
        p = points[inner]
        parts = [
            orientation(corners[1], corners[2], p),
            orientation(corners[2], corners[0], p),
            orientation(corners[0], corners[1], p),
        ]
        if min(parts) >= 0 and inner not in (vertices[0], second, third):
            whole = rational(orientation(*corners))
            return rational_array(corners), rational_array(parts) / whole
    return None


@check(
    DOT_PRODUCT,
    part="thirty points",
    establishes=proof(
        over="the stated points; every q for the inner ones",
        by="exact queries and convex combinations",
    ),
    claimed=dict(vertices=convex_hull, count=9, sign=1),
    controls={
        "a vertex left out": dict(vertices=lambda points: convex_hull(points)[1:], count=8),
        "an inner point added": dict(
            vertices=lambda points: [*convex_hull(points), _an_inner_point(points)], count=10
        ),
        "queries that point inwards": dict(sign=-1),
        "another number of vertices": dict(count=10),
    },
)
def vertices_and_only_they(vertices, count, sign) -> None:
    """For a vertex a query with a strictly largest score, for any other point a convex combination
    of three others, which excludes it by the part on inner keys."""
    keys = rational_array(POINTS)
    hull = vertices(POINTS)
    refute_unless(len(hull) == count, "the hull has another number of vertices", vertices=len(hull))
    for place, m in enumerate(hull):
        around = hull[place - 1], m, hull[(place + 1) % len(hull)]
        query = _outward(POINTS, *around, sign)
        scores = dot_scores(keys, query)
        refute_unless(
            all(scores[m] > scores[j] for j in range(len(keys)) if j != m),
            "the query does not single out the point",
            point=keys[m],
            query=query,
            largest=keys[int(np.argmax(scores))],
        )
    for m in set(range(len(keys))) - set(hull):
        found = _in_a_triangle(POINTS, hull, m)
        corners, coefficients = found or (keys[hull[:3]], rational_array([0, 0, 0]))
        refute_unless(
            bool((coefficients >= 0).all())
            and coefficients.sum() == 1
            and bool((coefficients @ corners == keys[m]).all()),
            "the point is no combination of three others",
            point=keys[m],
            vertices=[POINTS[i] for i in hull],
        )
    note(vertices=len(hull), inner=len(keys) - len(hull))


def _an_inner_point(points) -> int:
    return next(j for j in range(len(points)) if j not in convex_hull(points))


x, xt, c, ct = letters("x xt c ct")


@check(
    DOT_PRODUCT,
    part="lift",
    establishes=proof(over="every n, d, x and c"),
    claimed=dict(score=2 * ct * x - xt * x),
    controls={
        "query without the factor two": dict(score=ct * x - xt * x),
        "no lift": dict(score=2 * ct * x),
        "lift with the other sign": dict(score=2 * ct * x + xt * x),
    },
)
def the_score_is_a_distance(score) -> None:
    """2cᵀx − ‖x‖² = ‖c‖² − ‖x − c‖², using xᵀc = cᵀx."""
    follows(
        score - (ct * c - (xt - ct) * (x - c)),
        using=[(-1, xt * c - ct * x, 1)],
        models=[
            {
                **{"x": rational_array([[1], [2]]), "xt": rational_array([[1, 2]])},
                **{"c": rational_array([[3], [-1]]), "ct": rational_array([[3, -1]])},
            }
        ],
        message="the score is something else",
    )


@check(
    DOT_PRODUCT,
    part="every point",
    establishes=proof(over="every n, d (induction over the coordinates)", by="sum of squares"),
    claimed=dict(own=lambda a: 2 * a * a - a * a, other=lambda a, b: 2 * a * b - b * b),
    controls={
        "no lift": dict(own=lambda a: 2 * a * a, other=lambda a, b: 2 * a * b),
        "query without the factor two": dict(
            own=lambda a: a * a - a * a, other=lambda a, b: a * b - b * b
        ),
        "query for the furthest point": dict(
            own=lambda a: a * a - 2 * a * a, other=lambda a, b: b * b - 2 * a * b
        ),
    },
)
def the_nearest_point_wins(own, other) -> None:
    """With c = x_m, coordinates a of x_m and b of x_j: u_m − u_j is the sum of (a − b)², which does
    not fall from coordinate to coordinate and rises where a ≠ b."""
    entails(
        total + own(a) - other(a, b) - total,
        given={"so far": total},
        certificate=[(1, [], [a - b])],
        message="another point has a larger score",
    )
    follows(own(a) - other(a, b) - (a - b) ** 2, message="the difference is no squared distance")


@check(
    DOT_PRODUCT,
    part="every point",
    establishes=exact(bound="the stated thirty points"),
    claimed=dict(keys=lifted, query=lambda point: [2 * point[0], 2 * point[1], -1]),
    controls={
        "no lift": dict(keys=rational_array, query=lambda point: [2 * point[0], 2 * point[1]]),
        "query without the factor two": dict(query=lambda point: [*point, -1]),
        "lift by the sum of absolute values": dict(
            keys=lambda points: rational_array([[x, y, abs(x) + abs(y)] for x, y in points])
        ),
    },
)
def thirty_points_are_singled_out(keys, query) -> None:
    """Every point by its own query, inner ones included."""
    table = keys(POINTS)
    for m, point in enumerate(POINTS):
        scores = dot_scores(table, query(point))
        refute_unless(
            all(scores[m] > scores[j] for j in range(len(POINTS)) if j != m),
            "the query does not single out the point",
            point=list(point),
            largest=list(POINTS[int(np.argmax(scores))]),
        )
