"""What the number systems say when asked for something they do not have."""

from __future__ import annotations

import numpy as np
import pytest

from attnproof.theory.algebra.elementwise import (
    NoSuchOperation,
    exponential,
    maximum,
    square_root,
)
from attnproof.theory.algebra.prime_field import residue_array
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables


def test_no_order_in_a_prime_field():
    with pytest.raises(NoSuchOperation, match="use rationals or balls"):
        maximum(residue_array([1, 2]))


def test_no_order_among_rational_functions():
    with pytest.raises(NoSuchOperation, match="sign region"):
        maximum(np.array(variables("x y"), dtype=object))


def test_no_irrational_roots():
    with pytest.raises(NoSuchOperation, match="√\\(2\\) is not rational"):
        square_root(rational_array([2]))
    assert square_root(rational_array(["9/4"]))[0] == rational("3/2")


def test_no_exponential_of_a_rational():
    with pytest.raises(NoSuchOperation, match="base 2"):
        exponential(rational_array([1]))


def test_a_float_is_not_a_rational():
    with pytest.raises(TypeError, match="write the fraction that is meant"):
        rational(0.95)
