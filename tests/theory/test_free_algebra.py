"""The zero test of the free algebra, against sympy and against matrices."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array

A, B = letters("A B")
(GAMMA,) = scalars("gamma")

LEAVES = st.sampled_from(["A", "B", "gamma", "1", "2"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.tuples(st.sampled_from(["+", "-", "*"]), inner, inner),
    max_leaves=8,
)


def build(tree, values):
    if isinstance(tree, str):
        return values[tree]
    operation, left, right = tree
    left, right = build(left, values), build(right, values)
    return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}[
        operation
    ]()


@given(EXPRESSIONS, EXPRESSIONS)
def test_equality_agrees_with_sympy(left, right):
    import sympy

    a, b = sympy.symbols("A B", commutative=False)
    theirs = {
        "A": a,
        "B": b,
        "gamma": sympy.Symbol("gamma"),
        "1": sympy.Integer(1),
        "2": sympy.Integer(2),
    }
    one = FreeElement.one()
    ours = {"A": A, "B": B, "gamma": GAMMA, "1": one, "2": one + one}
    same = sympy.expand(build(left, theirs) - build(right, theirs)) == 0
    assert (build(left, ours) == build(right, ours)) is same


ENTRY = st.integers(-3, 3)
MATRIX = st.lists(st.lists(ENTRY, min_size=2, max_size=2), min_size=2, max_size=2)


@given(EXPRESSIONS, EXPRESSIONS, MATRIX, MATRIX, st.integers(-2, 2))
def test_substitution_is_a_homomorphism(left, right, a, b, gamma):
    values = {"A": rational_array(a), "B": rational_array(b), "gamma": rational(gamma)}
    one = FreeElement.one()
    ours = {"A": A, "B": B, "gamma": GAMMA, "1": one, "2": one + one}
    x, y = build(left, ours), build(right, ours)
    product = x.evaluate(values) @ y.evaluate(values)
    assert ((x * y).evaluate(values) == product).all()
    assert ((x + y).evaluate(values) == x.evaluate(values) + y.evaluate(values)).all()


def test_letters_do_not_commute_and_scalars_do():
    assert A * B != B * A
    assert GAMMA * A == A * GAMMA
    assert (A + B) ** 2 == A * A + A * B + B * A + B * B
    assert A / 2 + A / 2 == A
    assert 3 - A == -(A - 3)


def test_negative_powers_are_refused_with_advice():
    with pytest.raises(ValueError, match="introduce a letter N"):
        A**-1


def test_rectangular_letters():
    column, row = letters("x yT")
    values = {"x": rational_array([[1], [2]]), "yT": rational_array([[3, 4]])}
    assert (row * column).evaluate(values)[0, 0] == 11
    assert (column * row).evaluate(values).shape == (2, 2)


def test_it_prints_what_it_is():
    assert str(2 * GAMMA * A * B - 1) == "-1 + 2·gamma·A·B"
    assert str(A - A) == "0"
    assert (A * Fraction(1, 2)).terms
