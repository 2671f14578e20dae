"""What `refute_unless` and its kin say when they are used wrongly, or say no."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from attnproof.theory.core import (
    Refuted,
    encode,
    note_error_probability,
    observing,
    refute_unless,
)


def test_a_refutation_shows_its_witness_in_words():
    with pytest.raises(Refuted) as caught:
        refute_unless(False, "the tail is too long", n=3, tail=Fraction(3, 4))
    assert str(caught.value) == "the tail is too long [n = 3, tail = 3/4]"
    assert caught.value.witness == {"n": 3, "tail": Fraction(3, 4)}


def test_a_long_witness_is_cut_in_words_only():
    with pytest.raises(Refuted) as caught:
        refute_unless(False, row=list(range(200)))
    assert len(str(caught.value)) < 200
    assert len(caught.value.witness["row"]) == 200


@pytest.mark.parametrize("condition", [1, 0.0, None, "yes", [True], np.array([True]), np.array(1)])
def test_only_truth_values_are_conditions(condition):
    with pytest.raises(TypeError, match=r"where it needs True or False: compare first, and reduce"):
        refute_unless(condition, x=1)


def test_a_witness_is_required_even_when_the_condition_holds():
    with pytest.raises(TypeError, match="refute_unless needs a witness: pass the values"):
        refute_unless(True)


def test_truth_values_of_numpy_are_conditions():
    with observing() as observation:
        refute_unless(np.bool_(True), x=1)
        refute_unless(np.float64(1) < 2, x=1)
    assert observation.assertions == 2


def test_an_error_probability_is_a_probability():
    with pytest.raises(ValueError, match=r"lies between 0 and 1; got 1\.5"):
        note_error_probability(1.5)


def test_a_witness_says_what_it_can_hold():
    with pytest.raises(TypeError, match="give integers, fractions, floats, strings, arrays"):
        encode({"x": {"y": lambda: 0}})
