"""The delta rule with momentum and forgetting."""

from __future__ import annotations

import numpy as np


def momentum_delta_step(state, velocity, key, key_row, value, step_size, momentum, forgotten):
    """``Z_t = η_t Z_{t−1} + θ_t (v_t − S_{t−1}k_t)k_tᵀ``, ``S_t = (1 − a_t)S_{t−1} + Z_t``.

    Products only, so that it also runs on letters of the free algebra.

    Args:
        state, velocity: S and Z, shape (d_v, d); key: (d, 1); key_row: (1, d); value: (d_v, 1).
        step_size: θ_t; momentum: η_t; forgotten: a_t; scalars.

    Returns:
        ``S_t`` and ``Z_t``.

    Source: Behrouz, Zhong and Mirrokni, arXiv:2501.00663, Eq. (13) and (14), for a linear memory.
    """
    velocity = momentum * velocity + step_size * (value - state @ key) @ key_row
    return (1 - forgotten) * state + velocity, velocity


def momentum_delta_rule(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    step_sizes: np.ndarray,
    momenta: np.ndarray,
    forgotten: np.ndarray,
    state: np.ndarray | None = None,
    velocity: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``o_t = S_t q_t`` with the step above, token by token.

    Args:
        queries, keys: shape (L, d); values: shape (L, d_v).
        step_sizes, momenta, forgotten: θ, η and a, shape (L,).
        state, velocity: S_0 and Z_0, shape (d_v, d); zero unless given.

    Returns:
        Outputs of shape (L, d_v), the final state and the final velocity.

    Raises:
        ValueError: the lengths differ.
    """
    lengths = {len(a) for a in (queries, keys, values, step_sizes, momenta, forgotten)}
    if len(lengths) > 1:
        raise ValueError(f"lengths {sorted(lengths)} differ: give every token all of its inputs")
    nothing = 0 * np.outer(values[0], keys[0])
    state = nothing if state is None else state
    velocity = nothing if velocity is None else velocity
    outputs = []
    for t in range(len(keys)):
        state, velocity = momentum_delta_step(
            state,
            velocity,
            keys[t][:, None],
            keys[t][None, :],
            values[t][:, None],
            step_sizes[t],
            momenta[t],
            forgotten[t],
        )
        outputs.append(state @ queries[t])
    return np.stack(outputs), state, velocity
