"""A state-space model whose lag operators pause."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.rational import rational_array


def delay_line(delay: int) -> tuple[np.ndarray, ...]:
    """A, B, C with ``M_0 = E₁₁``, ``M_delay = E₂₂`` and all other lag operators zero, delay ≥ 1.

    The first channel passes at once, the second through a chain of ``delay`` more states.
    """
    states = delay + 2
    transition = np.zeros((states, states), dtype=int)
    transition[range(2, states), range(1, states - 1)] = 1
    B, C = np.zeros((states, 2), dtype=int), np.zeros((2, states), dtype=int)
    B[0, 0] = C[0, 0] = B[1, 1] = C[1, -1] = 1
    return tuple(map(rational_array, (transition, B, C)))
