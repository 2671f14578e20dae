"""Agent attention: a few agent tokens attend to all keys, and the queries attend to the agents."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential

from .softmax_attention import softmax_attention


def agent_attention(
    query: np.ndarray,
    agent: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    *,
    scale=1,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``softmax(scale · QAᵀ) · softmax(scale · AKᵀ) V``, in two steps.

    Args:
        query: shape (M, d); agent: shape (n, d); key: shape (N, d); value: shape (N, e).
        scale: of the logits; power: ``s ↦ b^s``.

    Returns:
        Shape (M, e); every output is an average of averages of values.

    Source: Han et al., arXiv:2312.08874, Eq. (4), without the biases and the depthwise convolution.
    """
    gathered = softmax_attention(agent, key, value, scale=scale, power=power)
    return softmax_attention(query, agent, gathered, scale=scale, power=power)
