"""The exact max-margin matrix, its certificates, and what is said when there is none."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations

import numpy as np
import pytest
from flint import fmpq_mat

from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.engine.max_margin_certificate import farkas_violations, kkt_violations
from attnproof.theory.paper.att_svm import data_sets
from attnproof.theory.paper.att_svm.max_margin_matrix import Infeasible, max_margin_matrix

HALVES = {"left": [[1]], "right": [[-1]]}


def by_enumeration(constraints):
    """The solution with the first support, of all subsets, that is certified; None without one."""
    keys = list(constraints)
    every = chain.from_iterable(combinations(keys, size) for size in range(1, len(keys) + 1))
    for support in every:
        flat = fmpq_mat([list(rational_array(constraints[key]).ravel()) for key in support])
        try:
            solved = (flat * flat.transpose()).solve(fmpq_mat([[1]] * len(support)))
        except ZeroDivisionError:
            continue
        multipliers = {key: solved[k, 0] for k, key in enumerate(support)}
        shape = rational_array(constraints[keys[0]]).shape
        matrix = np.array((solved.transpose() * flat).entries(), dtype=object).reshape(shape)
        if not kkt_violations(constraints, matrix, multipliers):
            return matrix
    return None


@pytest.mark.parametrize("seed", range(30))
def test_agrees_with_the_enumeration_of_all_supports(seed):
    random = np.random.default_rng(seed)
    size, count = int(random.integers(1, 3)), int(random.integers(1, 7))
    constraints = {k: random.integers(-3, 4, (size, size)).tolist() for k in range(count)}
    expected = by_enumeration(constraints)
    try:
        found = max_margin_matrix(constraints)
    except Infeasible as no:
        assert expected is None
        assert not farkas_violations(constraints, no.weights)
    else:
        assert (found.matrix == expected).all()
        assert not kkt_violations(constraints, found.matrix, found.multipliers)
        assert found.squared_norm == sum(found.multipliers.values())


def test_a_token_between_two_others_says_so():
    tokens = [[[0], [1], [2]]]
    data = data_sets.data_set("line", tokens, [[1]], scores=[[0, 1, 0]])
    with pytest.raises(Infeasible) as caught:
        max_margin_matrix(data.constraints(data.optimal))
    assert caught.value.weights == {(0, 0): rational("1/2"), (0, 2): rational("1/2")}
    message = str(caught.value)
    assert "1/2·A(0, 0) + 1/2·A(0, 2) = 0" in message
    assert "Choose other tokens" in message and "n (T − 1) ≤ d²" in message


def test_a_long_certificate_is_cut_in_the_message_only():
    unit = np.eye(6, dtype=int)
    constraints = dict(enumerate([*unit[:, :, None].tolist(), (-unit.sum(axis=0))[:, None]]))
    with pytest.raises(Infeasible, match=r"\(3 more terms\)") as caught:
        max_margin_matrix(constraints)
    assert len(caught.value.weights) == 7
    assert not farkas_violations(constraints, caught.value.weights)


def test_a_zero_constraint_is_its_own_certificate():
    with pytest.raises(Infeasible, match=r"1·A\[first\] = 0"):
        max_margin_matrix({"first": [[0, 0]], "second": [[1, 0]]})


@pytest.mark.parametrize("support", [[(0, 1)], [(1, 2)], [(0, 1), (1, 0), (1, 2)], [(0, 2)]])
def test_a_wrong_proposal_does_no_harm(support):
    data = data_sets.DEGENERATE
    constraints = data.constraints(data.optimal)
    expected = rational_array([["9/25", "-2/25"], ["7/25", "4/25"]])
    assert (max_margin_matrix(constraints, support=support).matrix == expected).all()


def test_floats_and_empty_problems_are_refused():
    with pytest.raises(TypeError, match="write the fraction"):
        max_margin_matrix({0: [[0.5]]})
    with pytest.raises(TypeError, match="exact numbers only"):
        kkt_violations({0: [[1]]}, [[1.0]], {0: 1})
    with pytest.raises(ValueError, match="T = 1"):
        max_margin_matrix({})


def test_every_condition_of_the_certificate_can_fail():
    constraints = {0: [[1, 0]], 1: [[0, 2]]}
    matrix, multipliers = [[1, Fraction(1, 2)]], {0: 1, 1: Fraction(1, 4)}
    assert not kkt_violations(constraints, matrix, multipliers)
    failing = set()
    for W, given in (
        ([[1, 1]], multipliers),
        ([[1, 0]], {0: 1}),
        ([[2, Fraction(1, 2)]], {0: 2, 1: Fraction(1, 4)}),
        ([[1, -1]], {0: 1, 1: Fraction(-1, 2)}),
    ):
        failing |= {name.split(" ")[0] for name in kkt_violations(constraints, W, given)}
    assert failing == {"stationarity", "margins", "complementary", "multipliers", "no"}
    with pytest.raises(KeyError, match="no constraints"):
        kkt_violations(constraints, matrix, {7: 1})


def test_every_condition_of_the_weights_can_fail():
    assert not farkas_violations(HALVES, {"left": Fraction(1, 2), "right": Fraction(1, 2)})
    assert "weights Σ y = 1" in farkas_violations(HALVES, {"left": 1, "right": 1})
    assert "combination Σ y A = 0" in farkas_violations(HALVES, {"left": 1})
    assert "weights y ≥ 0" in farkas_violations(
        {**HALVES, "far": [[-3]]}, {"left": 2, "right": -1, "far": 1}
    )
    assert "weights Σ y = 1" in farkas_violations(HALVES, {})
