"""Orientation, circles, hulls and polygons in the plane, by exact determinants."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

Point = Sequence


def orientation(a: Point, b: Point, c: Point):
    """``det(b − a, c − a)``: positive if a, b, c turn left, zero if they are collinear."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def in_circle(a: Point, b: Point, c: Point, d: Point):
    """``det`` of the rows ``(x, y, x² + y²)`` of a − d, b − d, c − d.

    For a left turn a, b, c it is positive exactly if d lies inside the circle through them.
    """
    rows = [(p[0] - d[0], p[1] - d[1]) for p in (a, b, c)]
    (ax, ay), (bx, by), (cx, cy) = rows
    lifted = [x * x + y * y for x, y in rows]
    return (
        lifted[0] * (bx * cy - by * cx)
        - lifted[1] * (ax * cy - ay * cx)
        + lifted[2] * (ax * by - ay * bx)
    )


def circumcentre(a: Point, b: Point, c: Point) -> tuple:
    """The point at the same distance from a, b and c, which are not collinear.

    Raises:
        ZeroDivisionError: they are.
    """
    (bx, by), (cx, cy) = ((p[0] - a[0], p[1] - a[1]) for p in (b, c))
    double, B, C = 2 * (bx * cy - by * cx), bx * bx + by * by, cx * cx + cy * cy
    return (a[0] + (cy * B - by * C) / double, a[1] + (bx * C - cx * B) / double)


def convex_hull(points: Sequence[Point]) -> list[int]:
    """Indices of the vertices of the hull, counter-clockwise; no collinear ones.

    Source: Andrew's monotone chain (1979).
    """
    order = sorted(range(len(points)), key=lambda i: tuple(points[i]))

    def chain(indices):
        kept: list[int] = []
        for i in indices:
            while len(kept) > 1 and not orientation(*(points[j] for j in (*kept[-2:], i))) > 0:
                kept.pop()
            kept.append(i)
        return kept[:-1]

    return chain(order) + chain(order[::-1])


def double_area(polygon: Sequence[Point]):
    """``Σ det(p_i, p_{i+1})``, twice the signed area of a polygon that does not cross itself."""
    following = [*polygon[1:], polygon[0]]
    return sum(a[0] * b[1] - a[1] * b[0] for a, b in zip(polygon, following, strict=True))


def is_simple(polygon: Sequence[Point]) -> bool:
    """Whether edges of the closed polygon meet only where they are neighbours, in their corner."""
    size = len(polygon)
    edges = [(polygon[i], polygon[(i + 1) % size]) for i in range(size)]
    for i, j in combinations(range(size), 2):
        if j == i + 1 or (i == 0 and j == size - 1):
            first, second = (i, j) if j == i + 1 else (j, i)
            a, corner, b = edges[first][0], edges[first][1], edges[second][1]
            if orientation(a, corner, b) == 0 and _scalar(a, corner, b) > 0:
                return False
        elif _meet(*edges[i], *edges[j]):
            return False
    return size >= 3


def _scalar(a: Point, corner: Point, b: Point):
    return (a[0] - corner[0]) * (b[0] - corner[0]) + (a[1] - corner[1]) * (b[1] - corner[1])


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the closed segments ab and cd have a point in common."""
    sides = [orientation(a, b, c), orientation(a, b, d), orientation(c, d, a), orientation(c, d, b)]
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    ends = ((c, a, b), (d, a, b), (a, c, d), (b, c, d))
    return any(
        side == 0 and _scalar(first, point, second) <= 0
        for side, (point, first, second) in zip(sides, ends, strict=True)
    )
