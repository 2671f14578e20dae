"""The delta rule with momentum a chunk at a time."""

from __future__ import annotations

import numpy as np

from .chunked_delta_rule import decay_products, solve_unit_lower, strictly_lower


def impulse_responses(momenta: np.ndarray, forgotten: np.ndarray) -> np.ndarray:
    """``C_ti = Σ_{j=i}^{t} (η_{i+1} ⋯ η_j)(1 − a_{j+1}) ⋯ (1 − a_t)``: what a write at i of weight
    one has become at t. Index 0 is a velocity of one at the start of the chunk.

    Shape (C + 1, C + 1), lower triangular.
    """
    pushed = decay_products(momenta)
    kept = decay_products(1 - forgotten)
    size = len(momenta) + 1
    responses = np.zeros((size, size), dtype=int).astype(object)
    for t in range(size):
        for i in range(t + 1):
            responses[t, i] = sum(kept[t, j] * pushed[j, i] for j in range(i, t + 1))
    return responses


def chunk_of_momentum_delta_rule(
    queries,
    keys,
    values,
    step_sizes,
    momenta,
    forgotten,
    state,
    velocity,
    *,
    responses=impulse_responses,
    delay=1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One chunk from the state and the velocity before it, by one unit triangular system.

    Returns:
        Outputs (C, d_v), and the state and the velocity after the chunk.
    """
    response, kept = responses(momenta, forgotten), decay_products(1 - forgotten)
    # What a velocity at the start adds to the state from then on: its response, less itself.
    pushed = response[:, 0] - kept[:, 0]
    before = slice(0, -1) if delay else slice(1, None)
    system = strictly_lower(step_sizes[:, None] * (keys @ keys.T) * response[before, 1:])
    recalled = kept[before, 0][:, None] * (keys @ state.T)
    recalled = recalled + pushed[before][:, None] * (keys @ velocity.T)
    writes = solve_unit_lower(system, step_sizes[:, None] * (values - recalled))
    outputs = kept[1:, 0][:, None] * (queries @ state.T)
    outputs = outputs + pushed[1:][:, None] * (queries @ velocity.T)
    outputs = outputs + ((queries @ keys.T) * response[1:, 1:]) @ writes
    final = kept[-1, 0] * state + pushed[-1] * velocity
    final = final + (response[-1, 1:][:, None] * writes).T @ keys
    products = decay_products(momenta)[-1]
    last = products[0] * velocity + (products[1:][:, None] * writes).T @ keys
    return outputs, final, last
