"""The linear time-invariant state-space model: its recurrence and its lag operators."""

from __future__ import annotations

import numpy as np


def linear_state_space_model(
    transition: np.ndarray,
    input_matrix: np.ndarray,
    output_matrix: np.ndarray,
    tokens: np.ndarray,
    feed_through: np.ndarray | None = None,
) -> np.ndarray:
    """``h_i = A h_{i−1} + B x_i``, ``y_i = C h_i + D x_i``, from ``h_0 = 0``.

    Args:
        transition: A, shape (N, N); input_matrix: B, shape (N, d); output_matrix: C, shape (p, N).
        tokens: x, shape (n, d).
        feed_through: D, shape (p, d); zero unless given.

    Returns:
        Shape (n, p), in the number system of the arguments.

    Raises:
        ValueError: the shapes do not fit together.

    Source: Gu, Goel and Ré, arXiv:2111.00396v3, section 2 (the discrete recurrence).
    """
    _examine(transition, input_matrix, output_matrix)
    state = None
    rows = []
    for token in tokens:
        entered = input_matrix @ token
        state = entered if state is None else transition @ state + entered
        output = output_matrix @ state
        rows.append(output if feed_through is None else output + feed_through @ token)
    return np.stack(rows)


def lag_operators(
    transition: np.ndarray,
    input_matrix: np.ndarray,
    output_matrix: np.ndarray,
    length: int,
    feed_through: np.ndarray | None = None,
) -> np.ndarray:
    """``M_τ = C A^τ B`` for τ < n, and ``M_0 = C B + D``: then ``y_i = Σ_{j ≤ i} M_{i−j} x_j``.

    Args:
        length: n; the matrices as in `linear_state_space_model`.

    Returns:
        Shape (n, p, d).

    Raises:
        ValueError: the shapes do not fit together.
    """
    _examine(transition, input_matrix, output_matrix)
    reached = input_matrix
    lags = []
    for _ in range(length):
        lags.append(output_matrix @ reached)
        reached = transition @ reached
    if feed_through is not None:
        lags[0] = lags[0] + feed_through
    return np.stack(lags)


def _examine(transition: np.ndarray, input_matrix: np.ndarray, output_matrix: np.ndarray) -> None:
    sizes = {*transition.shape, input_matrix.shape[0], output_matrix.shape[1]}
    if len(sizes) > 1:
        raise ValueError(
            f"A {transition.shape}, B {input_matrix.shape} and C {output_matrix.shape} disagree "
            "on the number of states: give shapes (N, N), (N, d) and (p, N)"
        )
