"""Ticks lie on the axis, are round, and say what they are."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from attnproof.reports.render.axis import category_axis, number_axis, show_number

RANGES = [(0, 1), (0.025, 0.975), (-3, 7), (4096, 331776), (1e-12, 1e-3), (5, 5), (0, 0), (99, 101)]


@pytest.mark.parametrize("ends", RANGES)
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_data_and_ticks_lie_between_the_ends(ends, scale):
    axis = number_axis(ends, scale, 0.0, 100.0)
    if scale == "log" and max(ends) <= 0:
        assert axis is None
        return
    places = [axis.place(value) for value in ends if axis.usable(value)]
    places += [axis.place(tick) for tick, _ in axis.ticks]
    assert all(-1e-6 <= place <= 100 + 1e-6 for place in places)
    assert 2 <= len(axis.ticks) <= 10
    assert len({text for _, text in axis.ticks}) == len(axis.ticks)


def test_a_logarithmic_axis_leaves_out_what_is_not_positive():
    axis = number_axis([0.0, -1.0, 1.0, 100.0], "log", 0.0, 100.0, margin=0.0)
    assert axis.place(10.0) == pytest.approx(50.0)
    assert not axis.usable(0.0) and not axis.usable(math.nan) and not axis.usable(None)


def test_powers_of_ten_throughout_or_nowhere():
    wide = number_axis([1e-9, 10.0], "log", 0.0, 100.0)
    assert all(text == "1" or text.startswith("10") for _, text in wide.ticks)
    narrow = number_axis([0.05, 30.0], "log", 0.0, 100.0)
    assert "0.1" in [text for _, text in narrow.ticks]


def test_names_that_would_collide_are_left_out_evenly():
    names = [f"token {k}" for k in range(40)]
    axis = category_axis(names, 0.0, 500.0, 6.6)
    shown = [tick for tick, _ in axis.ticks]
    assert len(shown) * (8 * 6.6) <= 500
    assert len({b - a for a, b in pairwise(shown)}) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.5, "−0.5"),
        (4096, "4096"),
        (331776, "331\u202f776"),
        (1e-4, "10⁻⁴"),
        (-3.3e7, "−3.3·10⁷"),
        (1e6, "10⁶"),
        (0.30000000000000004, "0.3"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_numbers(value, text):
    assert show_number(value) == text
