"""Softmax attention of one query as a reduction over states that can be merged."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Power = Callable[[np.ndarray], np.ndarray]


class OnlineSoftmaxState(NamedTuple):
    """``(m, l, o) = (max s_j, Σ b^{s_j − m}, Σ b^{s_j − m} v_j)`` of a set of keys.

    Attributes:
        maximum: m; ``None`` stands for −∞, the maximum over no key.
        denominator: l.
        numerator: o, shape (e,).
    """

    maximum: object
    denominator: object
    numerator: np.ndarray


def online_softmax_identity(width: int) -> OnlineSoftmaxState:
    """``(−∞, 0, 0)``, the state of no key at all, for values of ``width`` entries."""
    return OnlineSoftmaxState(None, 0, np.array([0] * width, dtype=object))


def online_softmax_state(
    scores: np.ndarray, values: np.ndarray, power: Power
) -> OnlineSoftmaxState:
    """``(m, l, o)`` of keys with the given scores, by its definition.

    Args:
        scores: shape (n,).
        values: shape (n, e).
        power: ``s ↦ b^s`` entrywise.

    Source: arXiv:2405.10480 (the reduction is reconstructed).
    """
    if len(scores) == 0:
        return online_softmax_identity(values.shape[1])
    largest = max(scores)
    weights = power(scores - largest)
    return OnlineSoftmaxState(largest, weights.sum(), weights @ values)


def online_softmax_merge(
    first: OnlineSoftmaxState, second: OnlineSoftmaxState, power: Power
) -> OnlineSoftmaxState:
    """``(M, b^{m_1−M} l_1 + b^{m_2−M} l_2, b^{m_1−M} o_1 + b^{m_2−M} o_2)``, M = max(m_1, m_2).

    Merging with the state of no key returns the other state: ``b^{−∞−(−∞)}`` is never formed.

    Source: arXiv:2405.10480.
    """
    if first.maximum is None:
        return second
    if second.maximum is None:
        return first
    largest = max(first.maximum, second.maximum)
    one, two = power(np.array([first.maximum - largest, second.maximum - largest]))
    return OnlineSoftmaxState(
        largest,
        one * first.denominator + two * second.denominator,
        one * first.numerator + two * second.numerator,
    )


def online_softmax_output(state: OnlineSoftmaxState) -> np.ndarray:
    """``o / l``, shape (e,).

    Raises:
        ValueError: the state of no key has no output.
    """
    if state.maximum is None:
        raise ValueError("softmax over no key is undefined: merge a state with a key first")
    return state.numerator / state.denominator
