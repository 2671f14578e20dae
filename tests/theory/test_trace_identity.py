"""The trace engine proves what rotation and transposition give, and refutes the rest."""

from __future__ import annotations

import pytest

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import Refuted, Undecided, observing
from attnproof.theory.engine.trace_identity import equal_traces

A, AT, B, BT, S = letters("A At B Bt S")
(GAMMA,) = scalars("gamma")
PAIRS = {"A": "At", "B": "Bt", "S": "S"}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (A @ B, B @ A),
        (GAMMA * A @ B @ S, GAMMA * S @ BT @ AT),
        (A @ A @ B, A @ B @ A),
        (AT @ S, A @ S),
    ],
    ids=["rotation", "transposition", "repeated letter", "symmetric letter"],
)
def test_what_the_two_laws_give_is_proved(left, right):
    with observing() as observation:
        equal_traces(left, right, transposes=PAIRS)
    assert observation.assertions == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (A @ B @ AT @ BT, A @ AT @ B @ BT),
        (A @ B, A @ BT),
        (A @ B, 2 * A @ B),
        (A @ B, -1 * (A @ B)),
    ],
    ids=["another cyclic order", "one transpose", "factor", "sign"],
)
def test_what_they_do_not_give_is_refuted_by_matrices(left, right):
    with pytest.raises(Refuted) as refuted:
        equal_traces(left, right, transposes=PAIRS)
    model = refuted.value.witness
    assert (model["At"] == model["A"].T).all()
    assert left.evaluate(model).trace() == model["left"] != model["right"]


def test_a_model_that_cannot_tell_decides_nothing():
    one = rational_array([[1]])
    with pytest.raises(Undecided):
        equal_traces(
            A @ B,
            A @ BT,
            transposes=PAIRS,
            models=[{"A": one, "At": one, "B": one, "Bt": one}],
        )


def test_a_model_with_a_wrong_transpose_is_no_model():
    matrix = rational_array([[0, 1], [0, 0]])
    with pytest.raises(ValueError, match="not the transpose"):
        equal_traces(A, 2 * A, transposes=PAIRS, models=[{"A": matrix, "At": matrix}])


def test_constants_and_unknown_letters_are_refused():
    with pytest.raises(ValueError, match="write I as a letter"):
        equal_traces(A + 1, A, transposes=PAIRS)
    (other,) = letters("C")
    with pytest.raises(ValueError, match="letter C has no transpose"):
        equal_traces(other, A, transposes=PAIRS)
