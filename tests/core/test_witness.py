"""A witness survives the ledger unchanged."""

from __future__ import annotations

import math
from fractions import Fraction

import flint
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnproof.theory.core import decode, encode

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.fractions()
    | st.floats(allow_nan=False)
)
tags = st.sampled_from(
    ["float", "integer", "rational", "residue", "modulus", "array", "shape", "text", "ball"]
)
keys = st.text() | tags | st.just("mapping")
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner, max_size=3), max_leaves=12
)


def through_the_ledger(value: object) -> object:
    return decode(msgspec.json.decode(msgspec.json.encode(encode(value))))


def alike(left: object, right: object) -> bool:
    """Equal, and of the same type at every level: 3 is not Fraction(3), True is not 1."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(alike, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(alike(left[key], right[key]) for key in left)
    if isinstance(left, float):
        return left.hex() == right.hex()
    return left == right


@given(values)
def test_round_trip_keeps_value_and_type(value):
    assert alike(through_the_ledger(value), value)


@given(values)
def test_the_readable_form_is_always_json(value):
    msgspec.json.decode(msgspec.json.encode(encode(value, plain=True)))


@given(st.integers(4300, 6000), st.booleans())
def test_integers_longer_than_python_prints(digits, negative):
    number = (-1 if negative else 1) * (10**digits + 7)
    assert through_the_ledger(number) == number
    assert through_the_ledger(Fraction(number, 3)) == Fraction(number, 3)
    msgspec.json.encode(encode(number, plain=True))


def test_not_a_number_and_signed_zero():
    assert math.isnan(through_the_ledger(math.nan))
    assert math.copysign(1, through_the_ledger(-0.0)) == -1


@pytest.mark.parametrize(
    ("value", "back"),
    [
        (flint.fmpq(3, 4), Fraction(3, 4)),
        (flint.fmpz(2**70), 2**70),
        (flint.nmod(5, 7), 5),
        (np.float32(0.1), float(np.float32(0.1))),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array([flint.fmpq(1, 2)], dtype=object), [Fraction(1, 2)]),
        ((1, 2), [1, 2]),
        (frozenset({2}), [2]),
    ],
)
def test_numbers_of_other_libraries(value, back):
    assert alike(through_the_ledger(value), back)


def test_a_whole_fraction_stays_a_fraction():
    assert isinstance(through_the_ledger(Fraction(3)), Fraction)
    assert through_the_ledger(Fraction(3)) / 2 == Fraction(3, 2)


def test_advice():
    with pytest.raises(TypeError, match=r"a witness cannot hold a builtins\.object: give integers"):
        encode(object())
    with pytest.raises(TypeError, match="5000 entries is too large for the ledger"):
        encode(np.zeros(5000))
    with pytest.raises(TypeError, match="two keys of"):
        encode({1: "a", "1": "b"})
