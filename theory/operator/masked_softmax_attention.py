"""Masked softmax attention: every query attends to the keys that a mask lets it see."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential

from .attention_mask import Mask
from .softmax_attention import softmax_weights


def masked_softmax_attention(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    mask: np.ndarray | Mask,
    *,
    scale=1,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``y_i = Σ_{j: M_ij} softmax_j(scale · q_iᵀk_j) v_j``, the softmax over the keys seen only; a
    row at a time.

    Args:
        query: shape (N, d); key: shape (M, d); value: shape (M, e).
        mask: shape (N, M), booleans or numbers, not 0 where query i sees key j; or a predicate of
            `attention_mask`.
        scale: factor of the logits, usually ``1/√d``.
        power: ``s ↦ b^s`` entrywise; ``e^s`` unless given.

    Returns:
        Shape (N, e), in the number system of the arguments. A row that sees no key is 0. On floats
        the largest logit seen is subtracted first, which changes nothing but the range.

    Raises:
        ValueError: the mask has another shape.

    Source: Vaswani et al., arXiv:1706.03762v7, section 3.2.3, where the logits of keys that are not
    seen are −∞. Deviation: of a row of −∞ alone the softmax is 0/0, which floats call NaN; here it
    is the empty sum, as in kernels that keep numerator and denominator apart.
    """
    if callable(mask):
        mask = mask(*np.ogrid[: len(query), : len(key)])
    seen = np.asarray(mask) != 0
    if seen.shape != (len(query), len(key)):
        raise ValueError(
            f"the mask has shape {seen.shape}; it needs a row per query and a column per key, "
            f"{(len(query), len(key))}"
        )
    rows = []
    for i, keys in enumerate(seen):
        if not keys.any():
            rows.append(0 * value[0])
            continue
        scores = scale * (key[keys] @ query[i])
        if scores.dtype != object:
            scores = scores - scores.max()
        rows.append(softmax_weights(scores[None, :], power)[0] @ value[keys])
    return np.stack(rows)
