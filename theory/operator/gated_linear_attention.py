"""Linear attention whose state is multiplied by a gate before every write."""

from __future__ import annotations

import numpy as np


def gated_linear_attention(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    gates: np.ndarray | None = None,
    state: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """``S_t = S_{t−1} diag(a_t) + v_t k_tᵀ``, ``o_t = S_t q_t``, token by token; no normalisation.

    Args:
        queries, keys: shape (L, d); values: shape (L, d_v).
        gates: a, shape (L, d) for a gate per key channel, (L, 1) for one per token (RetNet,
            Mamba-2); all 1 unless given (linear attention).
        state: S_0, shape (d_v, d); zero unless given.

    Returns:
        Outputs of shape (L, d_v) and the final state, in the number system of the arguments.

    Raises:
        ValueError: the lengths differ.

    Source: Yang, Wang, Shen, Panda and Kim, arXiv:2312.06635, Eq. (3).
    """
    lengths = {len(array) for array in (queries, keys, values)}
    lengths |= set() if gates is None else {len(gates)}
    if len(lengths) > 1:
        raise ValueError(f"lengths {sorted(lengths)} differ: give every token all of its inputs")
    if state is None:
        state = 0 * np.outer(values[0], keys[0])
    outputs = []
    for t in range(len(keys)):
        kept = state if gates is None else state * gates[t][None, :]
        state = kept + np.outer(values[t], keys[t])
        outputs.append(state @ queries[t])
    return np.stack(outputs), state
