"""Causal softmax attention: every token attends to itself and to the tokens before it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential

from .softmax_attention import softmax_weights


def causal_softmax_attention(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    *,
    scale=1,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``y_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) v_j``, a row at a time.

    Args:
        query, key: shape (N, d); value: shape (N, e).
        scale: factor of the logits, usually ``1/√d``.
        power: ``s ↦ b^s`` entrywise; ``e^s`` unless given.

    Returns:
        Shape (N, e), in the number system of the arguments. On floats the largest logit is
        subtracted first, which changes nothing but the range.

    Source: Vaswani et al., arXiv:1706.03762v7, Eq. (1) with the mask of section 3.2.3.
    """
    rows = []
    for t in range(len(query)):
        scores = scale * (key[: t + 1] @ query[t])
        if scores.dtype != object:
            scores = scores - scores.max()
        rows.append(softmax_weights(scores[None, :], power)[0] @ value[: t + 1])
    return np.stack(rows)
