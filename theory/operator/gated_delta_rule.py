"""The gated delta rule: forget, then correct the value that the newest key recalls."""

from __future__ import annotations

import numpy as np


def gated_delta_step(state, key, key_row, value, step_size, decay):
    """``S_t = α_t S_{t−1} (I − β_t k_t k_tᵀ) + β_t v_t k_tᵀ``.

    Written with the products only, so that it also runs on letters of the free algebra:
    ``key`` is the column k_t and ``key_row`` the row k_tᵀ.

    Args:
        state: S, shape (d_v, d); key: (d, 1); key_row: (1, d); value: (d_v, 1).
        step_size: β_t; decay: α_t; scalars.

    Source: Yang, Kautz and Hatamizadeh, arXiv:2412.06464, Eq. (10); with ``α = 1`` the delta rule
    (Schlag, Irie and Schmidhuber, arXiv:2102.11174, Eq. (24)).
    """
    forgotten = decay * state
    return forgotten - step_size * (forgotten @ key) @ key_row + step_size * value @ key_row


def gated_delta_rule(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    step_sizes: np.ndarray,
    decays: np.ndarray | None = None,
    state: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """``S_t = α_t S_{t−1} (I − β_t k_t k_tᵀ) + β_t v_t k_tᵀ``, ``o_t = S_t q_t``, token by token.

    Args:
        queries, keys: shape (L, d); values: shape (L, d_v).
        step_sizes: β, shape (L,); decays: α, shape (L,), all 1 unless given (the delta rule).
        state: S_0, shape (d_v, d); zero unless given.

    Returns:
        Outputs of shape (L, d_v) and the final state, in the number system of the arguments.

    Raises:
        ValueError: the lengths differ.
    """
    lengths = {len(array) for array in (queries, keys, values, step_sizes)}
    lengths |= set() if decays is None else {len(decays)}
    if len(lengths) > 1:
        raise ValueError(f"lengths {sorted(lengths)} differ: give every token all of its inputs")
    if state is None:
        state = 0 * np.outer(values[0], keys[0])
    outputs = []
    for t in range(len(keys)):
        state = gated_delta_step(
            state,
            keys[t][:, None],
            keys[t][None, :],
            values[t][:, None],
            step_sizes[t],
            1 if decays is None else decays[t],
        )
        outputs.append(state @ queries[t])
    return np.stack(outputs), state
