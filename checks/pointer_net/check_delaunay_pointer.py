"""Lifted keys, circumcentres and the Delaunay triangulation."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from attnproof.theory.algebra.plane_geometry import (
    circumcentre,
    convex_hull,
    double_area,
    in_circle,
    orientation,
)
from attnproof.theory.algebra.rational import rational
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import Plot, Series, check, note, plot, proof, refute_unless
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.pointer_net import DOT_PRODUCT

POINTS = [(pow(3, j, 149), pow(2, j * j, 149)) for j in range(1, 26)]


def squared_norm(point):
    """x² + y²."""
    return point[0] * point[0] + point[1] * point[1]


def sum_of_coordinates_squared(point):
    """(x + y)², a lift on which many points lie in one vertical plane."""
    return (point[0] + point[1]) ** 2


def centroid(a, b, c):
    """The mean of three points."""
    return tuple((a[k] + b[k] + c[k]) / rational(3) for k in range(2))


def _score(point, centre, lift):
    """(x, lift)ᵀ (2o, −1)."""
    return 2 * (point[0] * centre[0] + point[1] * centre[1]) - lift(point)


@check(
    DOT_PRODUCT,
    part="circle",
    establishes=proof(over="all points of the plane", by="rational-function identity"),
    claimed=dict(centre=circumcentre, lift=squared_norm, ratio=lambda circle, turn: circle / turn),
    controls={
        "centroid": dict(centre=lambda a, b, c: tuple((a[k] + b[k] + c[k]) / 3 for k in range(2))),
        "ratio with the other sign": dict(ratio=lambda circle, turn: -circle / turn),
        "ratio not divided": dict(ratio=lambda circle, turn: circle),
    },
)
def scores_about_a_circumcentre(centre, lift, ratio) -> None:
    """Rational functions of the eight coordinates. The in-circle determinant is expanded about the
    fourth point, the scores are taken at the circumcentre."""
    names = variables("ax ay bx by cx cy dx dy")
    a, b, c, d = zip(names[::2], names[1::2], strict=True)
    o = centre(a, b, c)
    scores = [_score(point, o, lift) for point in (a, b, c, d)]
    for other in scores[1:3]:
        identical(scores[0], other, "the three points have different scores")
    identical(
        scores[3] - scores[0],
        ratio(in_circle(a, b, c, d), orientation(a, b, c)),
        "the fourth score differs by something else",
    )


def _pointed_at(points, triple, centre, lift) -> bool:
    """Whether the largest scores about the centre are those of exactly the three points."""
    o = centre(*(points[i] for i in triple))
    scores = [_score(point, o, lift) for point in points]
    best = max(scores)
    return {j for j, score in enumerate(scores) if score == best} == set(triple)


def _lower_face(points, triple, side) -> bool:
    """Whether all other lifted points lie strictly on one side of the plane of three."""
    a, b, c = (points[i] for i in triple)
    corner = (*a, squared_norm(a))
    rows = [np.subtract((*p, squared_norm(p)), corner) for p in (b, c)]
    normal = np.cross(*rows)
    normal = normal if normal[2] > 0 else -normal
    others = (points[j] for j in range(len(points)) if j not in triple)
    return all(side * int(normal @ np.subtract((*p, squared_norm(p)), corner)) > 0 for p in others)


def _empty_circle(points, triple) -> bool:
    """Whether no other point lies in or on the circle, for the triple turned left."""
    a, b, c = (points[i] for i in triple)
    if orientation(a, b, c) < 0:
        b, c = c, b
    return all(in_circle(a, b, c, points[j]) < 0 for j in range(len(points)) if j not in triple)


@check(
    DOT_PRODUCT,
    part="Delaunay",
    establishes=proof(over="the stated points, all 2300 triples", by="exact integers"),
    claimed=dict(centre=circumcentre, lift=squared_norm, side=1, count=40),
    controls={
        "centroid": dict(centre=centroid),
        "no lift": dict(lift=lambda point: 0),
        "lift by the squared sum": dict(lift=sum_of_coordinates_squared),
        "upper hull": dict(side=-1),
        "another number of triangles": dict(count=42),
    },
)
def three_ways_to_the_triangulation(centre, lift, side, count) -> None:
    """For every triple: the pointer about its circumcentre, the hull of the lifted points, and the
    in-circle determinants. No four points lie on a circle. The triangles found are counted, and
    their areas sum to that of the hull, 2n − 2 − h of them for h vertices of the hull."""
    points = [tuple(int(entry) for entry in point) for point in POINTS]
    exact_points = [tuple(map(rational, point)) for point in points]
    found = []
    for triple in combinations(range(len(points)), 3):
        ways = (
            _pointed_at(exact_points, triple, centre, lift),
            _lower_face(points, triple, side),
            _empty_circle(points, triple),
        )
        refute_unless(
            len(set(ways)) == 1,
            "the three ways do not agree on a triangle",
            triangle=[list(points[i]) for i in triple],
            pointed_at=ways[0],
            face_of_the_lift=ways[1],
            empty_circle=ways[2],
        )
        if all(ways):
            found.append(triple)
    hull = convex_hull(points)
    area = sum(abs(orientation(*(points[i] for i in triple))) for triple in found)
    refute_unless(
        len(found) == count == 2 * len(points) - 2 - len(hull)
        and area == double_area([points[i] for i in hull]),
        "the triangles are not a triangulation of that size",
        triangles=len(found),
        hull_vertices=len(hull),
        double_area=area,
    )
    note(triangles=len(found), hull_vertices=len(hull))


@plot(DOT_PRODUCT)
def points_and_their_triangulation() -> Plot:
    """The Delaunay edges of the stated points, and the vertices of the hull."""
    hull = convex_hull(POINTS)
    triangles = [
        triple for triple in combinations(range(len(POINTS)), 3) if _empty_circle(POINTS, triple)
    ]
    edges = sorted({pair for triple in triangles for pair in combinations(triple, 2)})
    path: list[tuple[float | None, float | None]] = []
    for i, j in edges:
        path += [POINTS[i], POINTS[j], (None, None)]
    return Plot(
        title="What keys can single out",
        x_label="x",
        y_label="y",
        series=[
            Series(
                label="Delaunay edges",
                x=[float(x) if x is not None else 0.0 for x, _ in path],
                y=[float(y) if y is not None else None for _, y in path],
                style="guide",
            ),
            Series(
                label="lifted keys: every point",
                x=[float(x) for x, _ in POINTS],
                y=[float(y) for _, y in POINTS],
                style="points",
            ),
            Series(
                label="linear keys: vertices of the hull",
                x=[float(POINTS[i][0]) for i in hull],
                y=[float(POINTS[i][1]) for i in hull],
                style="points",
            ),
        ],
        caption="Dot products with the points themselves single out the vertices of their hull. "
        "With the squared length as a further coordinate every point can be reached, and a query "
        "about a circumcentre ties three points exactly if they span a Delaunay triangle.",
    )
