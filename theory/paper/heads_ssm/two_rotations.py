"""A state-space model of two damped rotations: four states, three inputs, three outputs."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.rational import rational_array

LENGTH = 8


def two_rotations() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A, B, C: rotations with the cosines 3/5 and −5/13, damped by 9/10 and 4/5.

    The lag operators span four dimensions of nine.
    """
    transition = rational_array(
        [
            ["27/50", "-36/50", 0, 0],
            ["36/50", "27/50", 0, 0],
            [0, 0, "-4/13", "-48/65"],
            [0, 0, "48/65", "-4/13"],
        ]
    )
    inputs = rational_array([[1, 0, 1], [0, 1, 0], [1, 1, 0], [0, -1, 1]])
    outputs = rational_array([[1, 0, 1, 0], [1, 1, 0, 1], [0, 1, -1, 0]])
    return transition, inputs, outputs
