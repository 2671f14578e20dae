"""Each operator is written once; every number system must give the same operator."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from attnproof.theory.algebra.ball import ball, ball_array, precision
from attnproof.theory.algebra.counting import Tally, counting_array
from attnproof.theory.algebra.prime_field import residue, residue_array
from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix, neumann_partial_sum
from attnproof.theory.operator.infinite_self_attention import infinite_self_attention
from attnproof.theory.operator.linear_infinite_self_attention import (
    linear_infinite_self_attention,
)
from attnproof.theory.operator.resolvent_attention import resolvent_attention

ATTENTION = [infinite_self_attention, resolvent_attention, linear_infinite_self_attention]

# Norms 5, 13 and 1 per row; Q Kᵀ/2 has entries 2, 2, 1 and 0 … with Frobenius norm 3.
QUERY = [[2, 0], [0, 2]]
KEY = [[2, 1], [2, 0]]
VALUE = [["1/2", "1/3", 0], [1, -1, "1/5"]]


@pytest.mark.parametrize("operator", ATTENTION)
def test_balls_enclose_rationals_and_floats_are_near(operator):
    exact = operator(
        rational_array(QUERY), rational_array(KEY), rational_array(VALUE), rational("1/2")
    )
    with precision(96):
        enclosed = operator(ball_array(QUERY), ball_array(KEY), ball_array(VALUE), ball("1/2"))
    # At a higher precision the exact value is a far smaller ball than the enclosure.
    with precision(512):
        for true, enclosure in zip(exact.flat, enclosed.flat, strict=True):
            assert enclosure.is_exact() or enclosure.contains(ball(true))
            assert enclosure.overlaps(ball(true))
            assert float(enclosure.rad()) < 1e-25
    floats = operator(
        np.array(QUERY, float), np.array(KEY, float), to_float(rational_array(VALUE)), 0.5
    )
    np.testing.assert_allclose(floats, to_float(exact), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("operator", ATTENTION)
def test_counting_numbers_compute_the_same_values(operator):
    if operator is resolvent_attention:
        pytest.skip("the inverse is not counted: it has no definition in elementary operations")
    tally = Tally()
    counted = operator(
        counting_array(QUERY, tally),
        counting_array(KEY, tally),
        counting_array(to_float(rational_array(VALUE)), tally),
        0.5,
    )
    floats = operator(
        np.array(QUERY, float), np.array(KEY, float), to_float(rational_array(VALUE)), 0.5
    )
    np.testing.assert_allclose(counted.astype(float), floats, rtol=1e-14)
    assert tally.total > 0


def test_resolvent_modulo_the_prime_is_the_rational_one():
    matrix = [[1, 2], [3, 5]]
    exact = fundamental_matrix(rational_array(matrix), rational(7))
    modular = fundamental_matrix(residue_array(matrix), residue(7))
    for true, found in zip(exact.flat, modular.flat, strict=True):
        assert found * residue(int(true.q)) == residue(int(true.p))


def test_partial_sum_counts_hops_from_zero():
    matrix = rational_array([["1/2"]])
    assert neumann_partial_sum(matrix, rational(1), 0)[0, 0] == 1
    assert neumann_partial_sum(matrix, rational(1), 2)[0, 0] == rational(Fraction(7, 4))


def test_no_affinity_at_all_is_zero_with_epsilon_and_refused_without():
    query, key = rational_array([[1], [1]]), rational_array([[-1], [-1]])
    value = rational_array([[1], [2]])
    assert all(
        entry == 0
        for entry in infinite_self_attention(
            query, key, value, rational("1/2"), rational("1/10")
        ).flat
    )
    with pytest.raises(ZeroDivisionError):
        infinite_self_attention(query, key, value, rational("1/2"))
