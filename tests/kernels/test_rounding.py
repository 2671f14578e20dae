"""Unit round-offs and γ_n, against torch and against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch

from attnproof.theory.engine.rounding import HALF_SMALLEST, UNIT_ROUNDOFF, gamma, unit_roundoff

# Below 2^-1074 there is no float64 to hold the half of float64's own smallest number.
NARROW = [name for name in UNIT_ROUNDOFF if name != "float64"]


@pytest.mark.parametrize("name", UNIT_ROUNDOFF)
def test_the_unit_roundoff_is_half_the_gap_after_one(name):
    assert unit_roundoff(name) == torch.finfo(getattr(torch, name)).eps / 2


@pytest.mark.parametrize("name", NARROW)
def test_near_zero_the_error_is_half_the_smallest_number(name):
    smallest = torch.tensor([1], dtype=torch.int64).to(
        torch.int32 if name == "float32" else torch.int16
    )
    assert HALF_SMALLEST[name] == float(smallest.view(getattr(torch, name)).double()) / 2


@pytest.mark.parametrize("count", [0, 1, 7, 1000, 10**6])
@pytest.mark.parametrize("name", UNIT_ROUNDOFF)
def test_gamma_is_nu_over_one_minus_nu(count, name):
    product = count * Fraction(unit_roundoff(name))
    if product >= 1:
        assert gamma(count, unit_roundoff(name)) == math.inf
    else:
        exact = product / (1 - product)
        # Three roundings of 2^-53 in evaluating it.
        assert abs(Fraction(gamma(count, unit_roundoff(name))) - exact) <= 4 * exact / 2**53


@pytest.mark.parametrize("count", [1, 3, 50, 2000])
def test_gamma_bounds_the_worst_product(count):
    """``(1 + u)^n − 1`` and ``1 − (1 + u)^{−n}`` and their mirror images, in exact fractions."""
    u = Fraction(unit_roundoff("bfloat16")) / 16
    if count * u < 1:
        limit = Fraction(gamma(count, float(u))) * (1 + Fraction(1, 2**50))
        for worst in ((1 + u) ** count, (1 - u) ** count, 1 / (1 - u) ** count):
            assert abs(worst - 1) <= limit


def test_an_unknown_dtype_is_refused():
    with pytest.raises(KeyError):
        unit_roundoff("float8")
