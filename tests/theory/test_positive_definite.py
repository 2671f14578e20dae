"""The exact LDLᵀ decision agrees with eigenvalues off the boundary, and is strict on it."""

from __future__ import annotations

import numpy as np
import pytest

from attnproof.theory.algebra.positive_definite import pivots, positive_definite
from attnproof.theory.algebra.rational import rational_array, to_float


def test_agrees_with_eigenvalues_away_from_the_boundary():
    generator = np.random.default_rng(0)
    seen = {True: 0, False: 0}
    for _ in range(300):
        size = int(generator.integers(1, 6))
        root = rational_array(generator.integers(-3, 4, (size, size)).tolist())
        matrix = root @ root.T - int(generator.integers(0, 3)) * rational_array(
            np.eye(size, dtype=int)
        )
        smallest = min(np.linalg.eigvalsh(to_float(matrix)))
        # Eigenvalues of a symmetric matrix are off by a few ulps of its norm, here below 1e-12.
        if abs(smallest) > 1e-9:
            assert positive_definite(matrix) == (smallest > 0)
            seen[bool(smallest > 0)] += 1
    assert min(seen.values()) > 50


@pytest.mark.parametrize(
    ("matrix", "definite"),
    [
        ([[1]], True),
        ([[0]], False),
        ([[0, 1], [1, 0]], False),
        ([[1, 1], [1, 1]], False),
        ([[2, 1], [1, "1000001/2000000"]], True),
        ([[1, 0], [0, -1]], False),
    ],
)
def test_boundary(matrix, definite):
    assert positive_definite(matrix) is definite


def test_pivots_stop_at_the_first_that_is_not_positive():
    assert pivots([[4, 2, 0], [2, 1, 5], [0, 5, 9]]) == [4, 0]


def test_a_matrix_that_is_not_symmetric_is_refused():
    with pytest.raises(ValueError, match="not symmetric"):
        positive_definite([[1, 2], [0, 1]])
