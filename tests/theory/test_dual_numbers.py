"""Dual numbers differentiate, and say so where there is no derivative."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from attnproof.theory.algebra.dual import Dual, derivative_of, detach, dual_array, value_of
from attnproof.theory.algebra.elementwise import NoSuchOperation, maximum, square_root
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.engine.equational import Undecided, follows
from attnproof.theory.engine.held_premises import held_premises


def quotient(x):
    return (3 - x * x) / (1 + 2 * x) - 1 / x


@pytest.mark.parametrize("at", ["1", "-2", "5/7"])
def test_derivative_of_a_rational_function(at):
    (x,) = variables("x")
    dual = quotient(Dual(rational(at), rational(1)))
    function = quotient(x)
    assert dual.value == rational(function.substitute({"x": Fraction(at)}))
    assert dual.derivative == rational(function.derivative(x).substitute({"x": Fraction(at)}))


def test_matrix_products_follow_the_product_rule():
    left, right = rational_array([[1, 2], [3, 4]]), rational_array([[0, 1], [-1, 5]])
    moving = rational_array([[1, 0], [2, -3]])
    product = dual_array(left, moving) @ right
    assert (value_of(product) == left @ right).all()
    assert (derivative_of(product) == moving @ right).all()


def test_numbers_on_either_side_of_an_array():
    array = rational_array([1, 2])
    number = Dual(rational(3), rational(1))
    for result in (number * array, array * number):
        assert value_of(result).tolist() == [3, 6]
        assert derivative_of(result).tolist() == [1, 2]
    assert derivative_of(array / number).tolist() == [rational("-1/9"), rational("-2/9")]
    assert derivative_of(array - number).tolist() == [-1, -1]


def test_root_and_maximum():
    nine, minus = Dual(rational(9), rational(2)), Dual(rational(-1), rational(2))
    root = square_root(np.array([nine], dtype=object))[0]
    assert (root.value, root.derivative) == (3, rational("1/3"))
    kept, dropped = maximum(np.array([nine, minus], dtype=object))
    assert (kept.value, kept.derivative) == (9, 2)
    assert (dropped.value, dropped.derivative) == (0, 0)


@pytest.mark.parametrize("derivative", [0, 1])
def test_no_root_at_zero(derivative):
    with pytest.raises(NoSuchOperation, match="no derivative at x = 0"):
        Dual(rational(0), rational(derivative)).square_root()


def test_no_derivative_at_the_kink():
    with pytest.raises(NoSuchOperation, match="off the kink"):
        Dual(rational(0), rational(1)).maximum(0)
    assert Dual(rational(0), rational(0)).maximum(0).derivative == 0


def test_detached_is_constant():
    assert detach(Dual(rational(3), rational(1))) == 3
    assert derivative_of(np.array([detach(Dual(3, 1))], dtype=object)).tolist() == [0]


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="a derivative per entry"):
        dual_array(rational_array([1, 2]), rational_array([1]))


def test_a_violated_premise_proves_nothing():
    x, y = scalars("x y")
    model = {"x": rational(1), "y": rational(0)}
    steps = [(1, x - y, 1)]
    assert held_premises(steps, model) == []
    assert held_premises(steps, model | {"y": rational(1)}) == steps
    with pytest.raises(Undecided):
        follows(x * y - y * y, using=held_premises(steps, model), models=[model])
