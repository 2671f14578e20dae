"""The selective state-space model: a diagonal recurrence whose coefficients vary in time."""

from __future__ import annotations

import numpy as np


def selective_state_space_model(
    decay: np.ndarray,
    input_vectors: np.ndarray,
    output_vectors: np.ndarray,
    tokens: np.ndarray,
    steps: np.ndarray | None = None,
) -> np.ndarray:
    """``h_t = a_t ⊙ h_{t−1} + (Δ_t ⊙ x_t) B_tᵀ``, ``y_t = h_t C_t``, from ``h_0 = 0``.

    The state has a row per channel and a column per state dimension. The coefficients may be any
    functions of the tokens; here they are given by their values, the decay ``a_t = e^{Δ_t A}``
    included.

    Args:
        decay: a, shape (n, D, N), or (n, 1, 1) for one decay per token (the scalar-identity form)
            and whatever else broadcasts.
        input_vectors: B, shape (n, N); output_vectors: C, shape (n, N).
        tokens: x, shape (n, D).
        steps: Δ, shape (n, D), or (n, 1) for one step per token; 1 unless given.

    Returns:
        Shape (n, D), in the number system of the arguments.

    Raises:
        ValueError: the first axes differ.

    Source: Gu and Dao, arXiv:2312.00752v2, section 3.2 (a decay per channel and state); Dao and
    Gu, arXiv:2405.21060v1, section 5 (one decay per token and head).
    """
    length, channels = tokens.shape
    lengths = {len(decay), len(input_vectors), len(output_vectors), length}
    if len(lengths) > 1:
        raise ValueError(f"lengths {sorted(lengths)} differ: give coefficients for every token")
    scaled = tokens if steps is None else steps * tokens
    state = np.zeros((channels, input_vectors.shape[1]), dtype=int).astype(tokens.dtype)
    rows = []
    for t in range(length):
        state = decay[t] * state + scaled[t][:, None] * input_vectors[t][None, :]
        rows.append(state @ output_vectors[t])
    return np.stack(rows)
