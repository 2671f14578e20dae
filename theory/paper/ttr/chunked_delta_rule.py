"""The gated delta rule a chunk at a time: one unit triangular system instead of a recurrence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def decay_products(decays: np.ndarray) -> np.ndarray:
    """``Γ_ij = α_{j+1} ⋯ α_i`` for ``j ≤ i``, 0 above the diagonal; index 0 is the chunk's start.

    Shape (C + 1, C + 1) for ``decays`` of shape (C,). No division, so a zero decay is allowed.
    """
    size = len(decays) + 1
    products = np.zeros((size, size), dtype=int).astype(object)
    for i in range(size):
        products[i, i] = 1
        for j in range(i - 1, -1, -1):
            products[i, j] = products[i, j + 1] * decays[j]
    return products


def strictly_lower(matrix: np.ndarray) -> np.ndarray:
    """``tril_−``: entries below the diagonal."""
    return matrix * np.tri(len(matrix), k=-1, dtype=int)


def solve_unit_lower(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``X`` with ``(I + lower) X = right`` by forward substitution; no division."""
    solution = right.copy()
    for i in range(1, len(lower)):
        solution[i] = right[i] - lower[i, :i] @ solution[:i]
    return solution


def chunk_of_gated_delta_rule(
    queries, keys, values, step_sizes, decays, state, *, part=strictly_lower, solve=None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One chunk from the state ``S_0`` before it:

    ``(I + tril_−(diag(β)(KKᵀ ⊙ Γ))) U = diag(β)(V − diag(g) K S_0ᵀ)``,
    ``o_t = g_t S_0 q_t + Σ_{i≤t} Γ_ti (k_iᵀ q_t) u_i``, ``S_C = g_C S_0 + Σ_i Γ_Ci u_i k_iᵀ``,

    with ``Γ_ti = α_{i+1} ⋯ α_t`` and ``g_t = α_1 ⋯ α_t``.

    Args:
        queries, keys: shape (C, d); values: (C, d_v); step_sizes, decays: (C,).
        state: S_0, shape (d_v, d).
        part, solve: which part of the matrix enters the system, and what solves it.

    Returns:
        Outputs (C, d_v), the state after the chunk, and the pseudo-values U of shape (C, d_v).
    """
    products = decay_products(decays)
    inside, start = products[1:, 1:], products[1:, 0]
    system = part(step_sizes[:, None] * (keys @ keys.T) * inside)
    recalled = start[:, None] * (keys @ state.T)
    pseudo_values = (solve or solve_unit_lower)(system, step_sizes[:, None] * (values - recalled))
    outputs = start[:, None] * (queries @ state.T)
    outputs = outputs + ((queries @ keys.T) * inside) @ pseudo_values
    after = start[-1] * state + (inside[-1][:, None] * pseudo_values).T @ keys
    return outputs, after, pseudo_values


def chunked_gated_delta_rule(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    step_sizes: np.ndarray,
    decays: np.ndarray,
    state: np.ndarray,
    chunks: Sequence[int],
    *,
    chunk: Callable[..., tuple] = chunk_of_gated_delta_rule,
) -> tuple[np.ndarray, np.ndarray]:
    """The outputs and the final state, chunk after chunk.

    Args:
        chunks: lengths of the chunks; they need not be equal and add up to L.

    Raises:
        ValueError: the chunks do not add up to the number of tokens.
    """
    if sum(chunks) != len(keys):
        raise ValueError(
            f"chunks {list(chunks)} add up to {sum(chunks)}, not to {len(keys)} tokens"
        )
    outputs, start = [], 0
    for length in chunks:
        cut = slice(start, start + length)
        block, state, _ = chunk(
            queries[cut], keys[cut], values[cut], step_sizes[cut], decays[cut], state
        )
        outputs.append(block)
        start += length
    return np.concatenate(outputs), state
