"""Moments of Gaussians, against known values and against a rotation."""

from __future__ import annotations

import pytest

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.gaussian_expectation import gaussian_expectation


@pytest.mark.parametrize("power, moment", [(0, 1), (1, 0), (2, 1), (3, 0), (4, 3), (6, 15)])
def test_moments_of_one_variable(power, moment):
    (x,) = scalars("x")
    assert gaussian_expectation(x**power, {"x": 1}) == moment + 0 * x


def test_a_variance_may_be_a_symbol():
    x, s, y = scalars("x s y")
    assert gaussian_expectation(x**4 * y + s, {"x": s}) == 3 * s**2 * y + s


def test_rotation_leaves_moments_unchanged():
    x, y = scalars("x y")
    rotated = (3 * x + 4 * y) / 5
    for power in range(7):
        expected = gaussian_expectation(x**power, {"x": 1, "y": 1})
        assert gaussian_expectation(rotated**power, {"x": 1, "y": 1}) == expected


def test_letters_are_refused():
    (word,) = letters("A")
    with pytest.raises(ValueError, match="does not commute"):
        gaussian_expectation(word, {})
