"""Linear and softmax attention mixed by chunks, a type for every chunk."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from attnproof.theory.algebra.elementwise import exponential

from .gated_delta_rule import gated_delta_step

SOFTMAX, LINEAR = "softmax", "linear"


def neural_attention_search_linear(
    queries: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    step_sizes: np.ndarray,
    decays: np.ndarray,
    types: Sequence[str],
    chunk: int,
    *,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
    decay_softmax_chunks: bool = True,
    own_chunk: Callable[[int], bool] = lambda chunk: True,
) -> tuple[np.ndarray, np.ndarray]:
    """Both branches, before they are normalised and mixed.

    Softmax branch: token t attends to ``{j ≤ t : type of j's chunk is softmax, or j is in t's
    chunk}``. Delta branch: from the state ``H_c`` at the start of t's chunk the gated delta rule
    runs over the chunk up to t, ``o_t = S q_t``; ``H_{c+1} = S`` after a linear chunk and
    ``(∏ α)H_c`` after a softmax chunk (``H_c`` without ``decay_softmax_chunks``).

    Args:
        queries, keys: shape (L, d); values: shape (L, d_v); step_sizes, decays: shape (L,).
        types: of every complete or incomplete chunk; that of a chunk is read for later ones only.
        chunk: tokens per chunk.
        power: ``s ↦ b^s`` of the scores.
        own_chunk: whether the tokens of a chunk are seen within it; always, unless altered.

    Returns:
        Outputs of the softmax branch and of the delta branch, each (L, d_v).

    Source: arXiv:2602.03681 and github.com/automl/NeuralAttentionSearchLinear, the options
    ``ops_for_incomplete_chunks = all`` and ``decay_for_non_gdn_blocks``.
    """
    length = len(keys)
    softmax_branch, delta_branch = [], []
    before = 0 * np.outer(values[0], keys[0])
    for start in range(0, length, chunk):
        here = start // chunk
        earlier = [j for j in range(start) if types[j // chunk] == SOFTMAX]
        state, kept = before, before
        for t in range(start, min(start + chunk, length)):
            seen = earlier + (list(range(start, t + 1)) if own_chunk(here) else [t])
            weights = power(keys[seen] @ queries[t])
            softmax_branch.append(weights @ values[seen] / weights.sum())
            state = gated_delta_step(
                state,
                keys[t][:, None],
                keys[t][None, :],
                values[t][:, None],
                step_sizes[t],
                decays[t],
            )
            kept = decays[t] * kept if decay_softmax_chunks else kept
            delta_branch.append(state @ queries[t])
        if start + chunk < length:
            before = state if types[here] == LINEAR else kept
    return np.stack(softmax_branch), np.stack(delta_branch)
