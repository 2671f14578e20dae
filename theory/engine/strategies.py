"""Hypothesis strategies for exact inputs: fractions and nested lists of them.

They yield plain Python values, so that a recorded witness can be fed back to the check as it is.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st


def fractions(low: int = -4, high: int = 4, denominator: int = 8) -> st.SearchStrategy[Fraction]:
    """Fractions in [low, high] with denominators up to ``denominator``."""
    return st.fractions(min_value=low, max_value=high, max_denominator=denominator)


@st.composite
def matrices(
    draw: st.DrawFn,
    rows: tuple[int, int] = (1, 4),
    columns: tuple[int, int] | None = None,
    low: int = -4,
    high: int = 4,
    denominator: int = 8,
) -> list[list[Fraction]]:
    """A matrix as nested lists; square if ``columns`` is not given."""
    height = draw(st.integers(*rows))
    width = height if columns is None else draw(st.integers(*columns))
    row = st.lists(fractions(low, high, denominator), min_size=width, max_size=width)
    return draw(st.lists(row, min_size=height, max_size=height))
