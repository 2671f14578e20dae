"""Ground truths and metrics of the planar tasks, by enumeration."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations, product

import numpy as np

from attnproof.theory.algebra.plane_geometry import (
    convex_hull,
    double_area,
    is_simple,
    orientation,
)
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.operator.pointer_attention import pointer_distribution
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.pointer_net import TASKS

GRID = list(product(range(3), repeat=2))
HEPTAGON = [(10, 0), (6, 8), (-2, 10), (-9, 4), (-9, -4), (-2, -10), (6, -8)]
MIXED = [(0, 0), (8, 1), (9, 7), (2, 9), (4, 3), (5, 5), (4, 5)]
ON_EDGES = [(0, 0), (4, 0), (4, 4), (0, 4), (2, 0), (4, 2), (1, 2)]


def _between(a, b, point) -> bool:
    """Whether the point lies on the segment from a to b."""
    inner = (a[0] - point[0]) * (b[0] - point[0]) + (a[1] - point[1]) * (b[1] - point[1])
    return orientation(a, b, point) == 0 and inner < 0


def follows_on_the_hull(points, i, j) -> bool:
    """Whether all other points lie to the left of the edge from i to j, or on it."""
    a, b = points[i], points[j]
    return all(
        orientation(a, b, p) > 0 or _between(a, b, p)
        for place, p in enumerate(points)
        if place not in (i, j)
    )


@check(
    TASKS,
    part="hull",
    establishes=exact(bound="every subset of {0, 1, 2}² that is not on a line"),
    claimed=dict(hull=convex_hull, edge=follows_on_the_hull),
    controls={
        "clockwise": dict(hull=lambda points: convex_hull(points)[::-1]),
        "one vertex left out": dict(hull=lambda points: convex_hull(points)[1:]),
        "points on edges taken as vertices": dict(
            edge=lambda points, i, j: all(
                orientation(points[i], points[j], p) > 0
                for p in points
                if p not in (points[i], points[j])
            )
        ),
    },
)
def the_chain_against_the_definition(hull, edge) -> None:
    """The monotone chain, which sorts, against the half planes of all pairs."""
    sets = 0
    for size in range(3, 10):
        for points in combinations(GRID, size):
            if all(orientation(points[0], points[1], p) == 0 for p in points):
                continue
            found = hull(points)
            edges = {(i, j) for i, j in permutations(range(size), 2) if edge(points, i, j)}
            stated = set(zip(found, [*found[1:], found[0]], strict=True))
            refute_unless(
                edges == stated,
                "the hull has other edges",
                points=[list(p) for p in points],
                hull=found,
                edges=sorted(map(list, edges)),
            )
            sets += 1
    note(sets_of_points=sets)


def _polygons(points):
    """Every closed polygon on three or more of the points, once up to rotation and direction."""
    for size in range(3, len(points) + 1):
        for chosen in combinations(points, size):
            first, *others = chosen
            for order in permutations(others):
                if order[0] < order[-1]:
                    yield [first, *order]


def _follows_the_hull(polygon, points) -> bool:
    """Whether the polygon, turned left, is the hull but for points on its edges."""
    turned = polygon if double_area(polygon) > 0 else polygon[::-1]
    corners = [points[i] for i in convex_hull(points)]
    visited = [p for p in turned if p in corners]
    if set(visited) != set(corners):
        return False
    start = visited.index(corners[0])
    edges = list(pairwise([*corners, corners[0]]))
    extra = (p for p in turned if p not in corners)
    return visited[start:] + visited[:start] == corners and all(
        any(_between(a, b, p) for a, b in edges) for p in extra
    )


@check(
    TASKS,
    part="area coverage",
    establishes=exact(
        bound="every polygon without crossings on seven points, for three sets of them"
    ),
    claimed=dict(accepted=is_simple, reference=lambda points: [points[i] for i in _hull(points)]),
    controls={
        "crossings accepted": dict(accepted=lambda polygon: True, drops="no crossings"),
        "coverage of a triangle of the hull": dict(
            reference=lambda points: [points[i] for i in _hull(points)[:3]]
        ),
        "one vertex of the hull left out": dict(
            reference=lambda points: [points[i] for i in _hull(points)[1:]]
        ),
    },
)
def coverage_is_at_most_one(accepted, reference) -> None:
    """Twice the areas, in integers. Of seven points in convex position every subset carries one
    polygon without crossings, 99 in all, which tests the test for crossings."""
    counts = []
    for points in (HEPTAGON, MIXED, ON_EDGES):
        whole = double_area(reference(points))
        number = 0
        for polygon in _polygons(points):
            if not accepted(polygon):
                continue
            number += 1
            area = abs(double_area(polygon))
            refute_unless(
                0 < area <= whole and (area == whole) == _follows_the_hull(polygon, points),
                "the coverage is above one, zero, or one for another polygon than the hull",
                polygon=polygon,
                double_area=area,
                double_area_of_the_hull=whole,
            )
        counts.append(number)
    refute_unless(counts[0] == 99, "the test for crossings is wrong", polygons=counts[0])
    note(polygons=", ".join(map(str, counts)))


def _hull(points):
    return convex_hull(points)


@check(
    TASKS,
    part="crossings",
    establishes=proof(over="the stated polygons", by="exact integers"),
    claimed=dict(bow=[(0, 0), (1, 1), (1, 0), (0, 1)], stride=2),
    controls={
        "square without crossings": dict(bow=[(0, 0), (1, 0), (1, 1), (0, 1)]),
        "heptagon without crossings": dict(stride=1),
        "stride three": dict(stride=3),
    },
)
def shoelace_sums_of_crossing_polygons(bow, stride) -> None:
    """The bow-tie bounds two triangles of area 1/4 each, and its sum is zero. The star on a
    heptagon goes twice round its middle and counts it twice."""
    star = [HEPTAGON[stride * i % 7] for i in range(7)]
    sums = [double_area(polygon) for polygon in (bow, star, HEPTAGON)]
    refute_unless(
        not is_simple(bow) and sums[0] == 0 and not is_simple(star) and abs(sums[1]) > sums[2],
        "the sum of the bow-tie is not zero, or that of the star not above the hull",
        bow_tie=bow,
        star=star,
        sums=sums,
    )
    note(coverage_of_the_star=str(rational(sums[1]) / rational(sums[2])))


def _masked(visited, size):
    return np.array([j not in visited for j in range(size)])


def _unmasked(visited, size):
    return np.array([True] * size)


def _previous_masked(visited, size):
    return np.array([j not in visited[-1:] for j in range(size)])


@check(
    TASKS,
    part="valid tours",
    establishes=exact(bound="n ≤ 3, all scores in {0, 1}"),
    claimed=dict(allowed=_masked),
    controls={
        "no restriction": dict(allowed=_unmasked),
        "only the last city excluded": dict(allowed=_previous_masked),
    },
)
def restricted_pointing_visits_everything(allowed) -> None:
    """The restricted distribution of the operator, of which the first largest entry is taken. The
    decoder's states enter through arbitrary scores."""
    for size in (1, 2, 3):
        for entries in product(range(2), repeat=size * size):
            scores = rational_array(np.reshape(entries, (size, size)))
            visited: list[int] = []
            for row in scores:
                p = pointer_distribution(row, allowed(visited, size), power=power_of_two)
                visited.append(int(np.argmax(p)))
            refute_unless(
                sorted(visited) == list(range(size)),
                "a position is visited twice",
                scores=scores,
                visited=[j + 1 for j in visited],
            )
