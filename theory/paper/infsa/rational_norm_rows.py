"""Rows with rational entries and rational Euclidean norms, so that no root is ever rounded."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.rational import rational


def rational_norm_rows(
    generator: np.random.Generator, rows: int, width: int, *, non_negative: bool = False
) -> np.ndarray:
    """Rows ``c · (s² − |t|², 2 s t)`` with norm ``c (s² + |t|²)``, s and t integers, c rational.

    These are, up to the factor, all rational points of the sphere (stereographic projection from
    a pole), so that a row has a rational norm and no further restriction.

    Args:
        generator: draws s, t and c.
        rows, width: shape of the result, width ≥ 1.
        non_negative: replace every entry by its absolute value.

    Returns:
        Object array of FLINT rationals, shape (rows, width), no row zero.
    """
    result = np.empty((rows, width), dtype=object)
    for i in range(rows):
        pole = int(generator.integers(1, 4))
        plane = generator.integers(-3, 4, width - 1)
        factor = rational(int(generator.integers(1, 5))) / int(generator.integers(1, 4))
        entries = [pole * pole - int(plane @ plane), *(2 * pole * int(t) for t in plane)]
        sign = int(generator.choice((-1, 1)))
        for j, entry in enumerate(entries):
            result[i, j] = factor * (abs(entry) if non_negative else sign * entry)
    return result
