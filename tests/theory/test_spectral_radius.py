"""The exact decision ρ < 1 agrees with eigenvalues off the boundary, and is strict on it."""

from __future__ import annotations

import numpy as np
import pytest

from attnproof.theory.algebra.rational import rational_array, to_float
from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one


def test_agrees_with_eigenvalues_away_from_the_boundary():
    generator = np.random.default_rng(0)
    seen = {True: 0, False: 0}
    for _ in range(400):
        size = int(generator.integers(1, 6))
        matrix = rational_array(generator.integers(-3, 4, (size, size)).tolist())
        matrix = matrix / int(generator.integers(1, 9))
        radius = max(abs(np.linalg.eigvals(to_float(matrix))))
        # Eigenvalues of a defective 5 × 5 block carry errors of order u^{1/5} ≈ 7e-4.
        if abs(radius - 1) > 1e-2:
            assert spectral_radius_below_one(matrix) == (radius < 1)
            seen[bool(radius < 1)] += 1
    assert min(seen.values()) > 50


@pytest.mark.parametrize(
    ("matrix", "below"),
    [
        ([[1]], False),
        ([[-1]], False),
        ([[0, 1], [1, 0]], False),
        ([[0, -1], [1, 0]], False),
        ([[0, 10], [0, 0]], True),
        ([["999999/1000000", 5], [0, 0]], True),
        ([["1/2", "1/2"], ["1/2", "1/2"]], False),
        ([["3/4", "3/4"], ["3/4", "3/4"]], False),
    ],
)
def test_boundary(matrix, below):
    assert spectral_radius_below_one(rational_array(matrix)) is below
