"""Certificates of the nuclear norm: the re-check notices whatever is altered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.engine.nuclear_norm_certificate import (
    NuclearCertificate,
    lower_violations,
    nuclear_violations,
    zero_gap_violations,
)
from attnproof.theory.paper.att_svm import data_sets

CONSTRAINTS = data_sets.NOT_UNIQUE.constraints((0, 0))
IDENTITY = rational_array([[1, 0], [0, 1]])
STATED = NuclearCertificate(
    matrix=IDENTITY,
    left=IDENTITY,
    right=IDENTITY,
    multipliers=dict.fromkeys(CONSTRAINTS, 1),
    bound=1,
)


def test_the_identity_is_certified_without_gap():
    assert not nuclear_violations(CONSTRAINTS, STATED)
    assert STATED.lower == STATED.upper == 2
    assert STATED.relative_gap == 0


@pytest.mark.parametrize(
    ("altered", "named"),
    [
        (dict(matrix=IDENTITY * rational("99/100")), "margins"),
        (dict(left=IDENTITY * rational("99/100")), "[[P, W], [Wᵀ, Q]]"),
        (dict(right=rational_array([[1, 0], [0, "9/10"]])), "[[P, W], [Wᵀ, Q]]"),
        (dict(bound=rational("99/100")), "[[tI, A], [Aᵀ, tI]]"),
        (dict(bound=0), "bound"),
        (dict(multipliers={(0, 1): 1, (1, 1): -1}), "multipliers"),
        (dict(multipliers={(0, 1): 2}), "[[tI, A], [Aᵀ, tI]]"),
    ],
)
def test_an_altered_certificate_is_noticed(altered, named):
    broken = nuclear_violations(CONSTRAINTS, replace(STATED, **altered))
    assert any(condition.startswith(named) for condition in broken), broken


def test_unknown_constraints_and_floats_are_refused():
    with pytest.raises(KeyError, match="no constraints"):
        lower_violations(CONSTRAINTS, {(5, 5): 1}, 1)
    with pytest.raises(TypeError, match="float"):
        lower_violations(CONSTRAINTS, {(0, 1): 1.0}, 1)


@pytest.mark.parametrize(
    ("matrix", "square", "named"),
    [
        ([[1, 2], [2, 1]], 1, "AᵀW ⪰ 0"),
        ([[1, 1], [0, 1]], 1, "AᵀW symmetric"),
        ([[2, 0], [0, 1]], 1, "complementary"),
        ([[1, 0], [0, 1]], 2, "A AᵀW"),
        ([[1, 0], [0, 1]], "1/2", "τI"),
    ],
)
def test_every_condition_of_a_zero_gap_is_checked(matrix, square, named):
    broken = zero_gap_violations(CONSTRAINTS, matrix, STATED.multipliers, square)
    assert any(condition.startswith(named) for condition in broken), broken


def test_the_solver_says_what_to_ask_where_nothing_is_feasible():
    pytest.importorskip("cvxpy")
    from attnproof.theory.paper.att_svm.nuclear_norm_matrix import nuclear_proposal

    with pytest.raises(ValueError, match="max_margin_matrix"):
        nuclear_proposal(data_sets.STATIONARY_AT_ZERO.constraints((2,)))
