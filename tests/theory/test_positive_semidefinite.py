"""Semidefinite matrices are told from others, and a vector shows where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from attnproof.theory.algebra.positive_semidefinite import (
    negative_direction,
    positive_semidefinite,
)
from attnproof.theory.algebra.rational import rational, rational_array


def test_gram_matrices_of_every_rank_are_semidefinite():
    generator = np.random.default_rng(0)
    for _ in range(200):
        size, rank = (int(n) for n in generator.integers(1, 6, 2))
        root = rational_array(generator.integers(-3, 4, (size, rank)).tolist())
        assert positive_semidefinite(root @ root.T)


def test_a_singular_matrix_moved_down_is_refuted_by_a_vector():
    generator = np.random.default_rng(1)
    for _ in range(200):
        size = int(generator.integers(2, 6))
        root = rational_array(generator.integers(-3, 4, (size, size - 1)).tolist())
        # Singular, so that any decrease of the diagonal makes an eigenvalue negative.
        matrix = root @ root.T - rational("1/1000000") * rational_array(np.eye(size, dtype=int))
        direction = negative_direction(matrix)
        assert direction is not None
        assert direction @ (matrix @ direction) < 0


@pytest.mark.parametrize(
    ("matrix", "semidefinite"),
    [
        ([[0]], True),
        ([[-1]], False),
        ([[0, 0], [0, 0]], True),
        ([[0, 1], [1, 0]], False),
        ([[0, 1], [1, 5]], False),
        ([[1, 1], [1, 1]], True),
        ([[1, 1], [1, "999999/1000000"]], False),
        ([[1, 1, 0], [1, 1, 1], [0, 1, 7]], False),
    ],
)
def test_boundary(matrix, semidefinite):
    matrix = rational_array(matrix)
    assert positive_semidefinite(matrix) is semidefinite
    if not semidefinite:
        direction = negative_direction(matrix)
        assert direction @ (matrix @ direction) < 0


def test_an_asymmetric_matrix_is_refused():
    with pytest.raises(ValueError, match="not symmetric"):
        negative_direction([[1, 2], [0, 1]])
