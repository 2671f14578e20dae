"""Test the testers: every engine accepts a truth, refutes a falsehood with a witness that is
checked here by other means, and says so when it cannot tell."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.degree import DegreeBound, degree_array, largest_numerator
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import generic_matrix, variables
from attnproof.theory.core import Refuted, Undecided, observing
from attnproof.theory.engine.ball_comparison import at_most, contains
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix

A, B, N = letters("A B N")


class TestEquational:
    def test_accepts_an_identity(self):
        with observing() as seen:
            follows((A + B) * (A - B) - (A * A - A * B + B * A - B * B))
        assert seen.assertions == 1

    def test_refutes_by_matrices_that_really_differ(self):
        with pytest.raises(Refuted) as caught:
            follows(A * B - B * A)
        a, b = caught.value.witness["A"], caught.value.witness["B"]
        assert not (a @ b == b @ a).all()

    def test_uses_hypotheses_through_the_certificate(self):
        # A right inverse M of A that is also a left inverse is unique: N = N(AM) = (NA)M = M.
        (m,) = letters("M")
        half = rational_array([["1/2"]])
        model = {"A": rational_array([[2]]), "M": half, "N": half}
        follows(N - m, using=[(-N, A * m - 1, 1), (1, N * A - 1, m)], models=[model])

    def test_contradictory_hypotheses_are_found_out(self):
        contradiction = [(1, A - 1, 1), (-1, A - 2, 1)]
        with pytest.raises(ValueError, match="from contradictory hypotheses everything follows"):
            follows(A * 0 + 1, using=contradiction)
        with pytest.raises(ValueError, match="does not satisfy the hypothesis"):
            follows(A * 0 + 1, using=contradiction, models=[{"A": rational_array([[1]])}])

    def test_a_failed_certificate_alone_refutes_nothing(self):
        agreeing = {"A": rational_array([[1]]), "N": rational_array([[1]])}
        with pytest.raises(Undecided, match="no model contradicts"):
            follows(N - 1, using=[(1, N * A - 1, 1)], models=[agreeing])

    def test_a_failed_certificate_with_a_model_is_refuted(self):
        model = {"A": rational_array([[2]]), "N": rational_array([["1/2"]])}
        with pytest.raises(Refuted):
            follows(N - 1, using=[(1, N * A - 1, 1)], models=[model])

    def test_a_model_that_violates_a_hypothesis_is_refused(self):
        model = {"A": rational_array([[2]]), "N": rational_array([[1]])}
        with pytest.raises(ValueError, match="does not satisfy the hypothesis"):
            follows(N - 1, using=[(1, N * A - 1, 1)], models=[model])


class TestInequality:
    x, y = scalars("x y")

    def test_accepts_a_sum_of_squares(self):
        x, y = self.x, self.y
        entails(x * x + y * y - 2 * x * y, given={}, certificate=[(1, [], [x - y])])

    def test_refutes_with_a_point(self):
        x, y = self.x, self.y
        with pytest.raises(Refuted) as caught:
            entails(x * x + y * y - 3 * x * y, given={}, certificate=[(1, [], [x - y])])
        at = caught.value.witness
        assert at["x"] ** 2 + at["y"] ** 2 - 3 * at["x"] * at["y"] < 0

    def test_the_point_satisfies_what_is_given(self):
        x, y = self.x, self.y
        with pytest.raises(Refuted) as caught:
            entails(x - y, given={"x": x, "y": y}, certificate=[])
        assert caught.value.witness["x"] >= 0
        assert caught.value.witness["y"] > caught.value.witness["x"]

    def test_refuses_negative_coefficients(self):
        with pytest.raises(ValueError, match="negative coefficient"):
            entails(-self.x, given={"x": self.x}, certificate=[(-1, ["x"], [])])

    def test_contradictory_premises_are_found_out(self):
        x = self.x
        with pytest.raises(ValueError, match="contradictory premises"):
            entails(
                x * 0 - 1, given={"low": -1 - x, "high": x}, certificate=[(1, ["low"], []),
                (1, ["high"], [])],
            )  # fmt: skip

    def test_is_undecided_without_a_certificate(self):
        x, y = self.x, self.y
        with pytest.raises(Undecided):
            entails(x * x + y * y, given={}, certificate=[])


class TestRationalIdentity:
    def test_accepts_and_refutes(self):
        matrix, (t,) = generic_matrix(2, "t")
        kernel = fundamental_matrix(matrix, t)
        identical(kernel @ (np.eye(2, dtype=int) - t * matrix), np.eye(2, dtype=int))
        with pytest.raises(Refuted) as caught:
            identical(kernel, kernel.T)
        point = caught.value.witness
        numbers = rational_array([[point["a11"], point["a12"]], [point["a21"], point["a22"]]])
        value = fundamental_matrix(numbers, rational(point["t"]))
        assert value[0, 1] != value[1, 0]

    def test_a_tiny_difference_is_found(self):
        x, y = variables("x y")
        with pytest.raises(Refuted):
            identical((x - 1) * (x + 1) * (y - 2) * x, 0)

    def test_shapes_must_agree(self):
        with pytest.raises(ValueError, match="shapes"):
            identical(np.array([1, 2], dtype=object), np.array([1], dtype=object))


class TestPrimeField:
    def test_notes_the_error_probability(self):
        with observing() as seen:
            vanishes(lambda x, y: (x + y) @ (x + y) - x @ x - x @ y - y @ x - y @ y,
                     [(4, 4), (4, 4)], seed=1)  # fmt: skip
        assert 0 < seen.error_probability < 2.0**-40

    def test_refutes(self):
        with pytest.raises(Refuted):
            vanishes(lambda x, y: x @ y - y @ x, [(2, 2), (2, 2)], seed=1)

    @given(st.lists(st.sampled_from("+-*/"), min_size=1, max_size=4), st.data())
    def test_degree_bounds_are_upper_bounds(self, operations, data):
        x, y = variables("x y")
        function, bound = x, DegreeBound(1)
        for operation in operations:
            other = data.draw(st.sampled_from([x, y, x + y, x * y - 1]))
            other_bound = DegreeBound(2) if "x*y" in str(other) else DegreeBound(1)
            if operation == "+":
                function, bound = function + other, bound + other_bound
            elif operation == "-":
                function, bound = function - other, bound - other_bound
            elif operation == "*":
                function, bound = function * other, bound * other_bound
            else:
                function, bound = function / other, bound / other_bound
        if not function.is_zero:
            degree = max(sum(powers) for powers, _ in function.element.numer.terms())
            assert degree <= bound.numerator

    def test_degree_of_an_inverse(self):
        entries = degree_array(3, 3)
        assert largest_numerator(fundamental_matrix(entries, DegreeBound(1))) == 4


class TestBalls:
    def test_yes_no_and_cannot_tell(self):
        with precision(64):
            at_most(ball(1), ball(2))
            with pytest.raises(Refuted):
                at_most(ball(2), ball(1))
            third = ball(1) / 3
            with pytest.raises(Undecided, match="more bits"):
                at_most(third, third)
            contains(third, ball("1/3"))
            with pytest.raises(Refuted):
                contains(third, ball("1/4"))


class TestSMT:
    def test_proves_and_refutes(self):
        z3 = pytest.importorskip("z3", reason="z3 is in the extra 'smt'")
        from attnproof.theory.engine.smt import unsatisfiable

        x, y = z3.Reals("x y")
        unsatisfiable(
            [x * x + y * y < 2 * x * y],
            {"x": x, "y": y},
            recheck=lambda x, y: x * x + y * y < 2 * x * y,
        )
        with pytest.raises(Refuted) as caught:
            unsatisfiable(
                [x * y > x + y, x > 0, y > 0],
                {"x": x, "y": y},
                recheck=lambda x, y: x * y > x + y and x > 0 and y > 0,
            )
        assert isinstance(caught.value.witness["x"], Fraction)

    def test_a_model_that_fails_its_recheck_is_an_engine_disagreement(self):
        z3 = pytest.importorskip("z3", reason="z3 is in the extra 'smt'")
        from attnproof.theory.engine.smt import unsatisfiable

        x = z3.Real("x")
        with pytest.raises(AssertionError, match="does not satisfy"):
            unsatisfiable([x > 0], {"x": x}, recheck=lambda x: x < 0)


class TestFuzz:
    def test_counts_accepted_and_discarded(self):
        with observing() as seen:
            for draw in independent_draws(20, seed=3):
                if draw.random.random() < 0.5:
                    draw.discard()
        assert seen.samples + seen.discarded == 20
        assert seen.samples and seen.discarded and seen.independent

    def test_is_reproducible(self):
        first = [draw.random.random() for draw in independent_draws(3, seed=5)]
        second = [draw.random.random() for draw in independent_draws(3, seed=5)]
        assert first == second
