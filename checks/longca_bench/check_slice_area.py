"""Areas of mask rectangles, counted and by induction over rows."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.attention_mask import mask_slice
from attnproof.theory.paper.longca_bench.slice_area import SLICE_AREA


def rectangle(a, b):
    """``ab``."""
    return a * b


def trapezium(a, b):
    """``h(2b − h + 1)/2``, h = min(a, b)."""
    h = min(a, b)
    return h * (2 * b - h + 1) // 2


def band(a, b):
    """``a max(0, b − a + 1)``."""
    return a * max(0, b - a + 1)


def top_left_triangle(a, b):
    """The area of ``j ≤ i`` instead: other rows are cut."""
    return sum(min(i + 1, b) for i in range(a))


def strict_trapezium(a, b):
    """``h(2b − h − 1)/2``: without the diagonal."""
    h = min(a, b)
    return h * (2 * b - h - 1) // 2


def band_with_negative_part(a, b):
    """``a(b − a + 1)``, also where it is negative."""
    return a * (b - a + 1)


def _count(kind: str, area, size: int) -> None:
    for a in range(1, size + 1):
        for b in range(1, size + 1):
            counted = int(mask_slice(a, b, kind).sum())
            refute_unless(
                area(a, b) == counted,
                "the area is another one",
                rows=a,
                columns=b,
                stated=area(a, b),
                counted=counted,
            )


COUNTED = exact(bound="a, b ≤ 12, every rectangle", by="cells of the mask")


@check(
    SLICE_AREA,
    part="full",
    establishes=COUNTED,
    claimed=dict(kind="full", area=rectangle),
    controls={"a triangle": dict(area=trapezium), "a causal mask": dict(kind="causal")},
)
def cells_of_full(kind, area) -> None:
    """Counted cell by cell."""
    _count(kind, area, 12)


@check(
    SLICE_AREA,
    part="causal",
    establishes=COUNTED,
    claimed=dict(kind="causal", area=trapezium),
    controls={
        "diagonal in the top left corner": dict(area=top_left_triangle),
        "without the diagonal": dict(area=strict_trapezium),
        "rows and columns exchanged": dict(area=lambda a, b: trapezium(b, a)),
    },
)
def cells_of_causal(kind, area) -> None:
    """Counted cell by cell."""
    _count(kind, area, 12)


@check(
    SLICE_AREA,
    part="inverse causal",
    establishes=COUNTED,
    claimed=dict(kind="inverse causal", area=trapezium),
    controls={
        "diagonal in the bottom left corner": dict(area=top_left_triangle),
        "without the diagonal": dict(area=strict_trapezium),
    },
)
def cells_of_inverse_causal(kind, area) -> None:
    """Counted cell by cell."""
    _count(kind, area, 12)


@check(
    SLICE_AREA,
    part="bi-causal",
    establishes=COUNTED,
    claimed=dict(kind="bi-causal", area=band),
    controls={
        "negative where there is no row": dict(area=band_with_negative_part),
        "one diagonal fewer": dict(area=lambda a, b: a * max(0, b - a)),
    },
)
def cells_of_bi_causal(kind, area) -> None:
    """Counted cell by cell."""
    _count(kind, area, 12)


a, b = scalars("a b")


def _triangle(rows, columns):
    return rows * (2 * columns - rows + 1) / 2


def _induction(area, another_row) -> None:
    follows(area(a * 0, b), message="no row, yet an area")
    follows(area(a + 1, b) - area(a, b) - another_row, message="one row more adds something else")


EVERY_SIZE = proof(over="every a and b (induction over rows)")


@check(
    SLICE_AREA,
    part="full",
    establishes=EVERY_SIZE,
    claimed=dict(row=b),
    controls={"one cell fewer": dict(row=b - 1)},
)
def another_row_of_full(row) -> None:
    """One row more has b cells."""
    _induction(lambda rows, columns: rows * columns, row)


@check(
    SLICE_AREA,
    part="causal",
    establishes=EVERY_SIZE,
    claimed=dict(area=_triangle, row=b - a),
    controls={
        "without the diagonal": dict(area=lambda a, b: a * (2 * b - a - 1) / 2),
        "a cell more in each row": dict(row=b - a + 1),
    },
)
def another_row_of_causal(area, row) -> None:
    """Row i, counted from below from 0, sees the first ``max(0, b − i)`` keys, whatever a is. So
    the row added on top of a < b rows has b − a cells, and beyond a = b rows are empty: the area
    stays at that of min(a, b) rows."""
    _induction(area, row)


@check(
    SLICE_AREA,
    part="inverse causal",
    establishes=EVERY_SIZE,
    claimed=dict(area=_triangle, row=b - a),
    controls={
        "without the diagonal": dict(area=lambda a, b: a * (2 * b - a - 1) / 2),
        "a cell more in each row": dict(row=b - a + 1),
    },
)
def another_row_of_inverse_causal(area, row) -> None:
    """Row i, counted from above from 0, sees the last ``max(0, b − i)`` keys; as for causal."""
    _induction(area, row)


@check(
    SLICE_AREA,
    part="bi-causal",
    establishes=proof(over="every a and b; rows have equally many cells"),
    claimed=dict(last=lambda i: i + b - a),
    controls={
        "diagonal one further": dict(last=lambda i: i + b - a + 1),
        "diagonal not shifted": dict(last=lambda i: i + b),
    },
)
def a_row_of_bi_causal(last) -> None:
    """Row i has the cells ``i, …, i + b − a``, all within 0 … b − 1: as many as b − a + 1 where
    b ≥ a − 1, and none otherwise. All a rows have as many."""
    i, = scalars("i")  # fmt: skip
    follows(last(i) - i + 1 - (b - a + 1), message="a row has another number of cells")
