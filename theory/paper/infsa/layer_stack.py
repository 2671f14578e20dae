"""Stacks of linear layers, and the running sum over hops that is to be compared with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def plain(state, matrix, gamma, start):
    """``X_{l+1} = γ A X_l``."""
    return gamma * (matrix @ state)


def residual(state, matrix, gamma, start):
    """``X_{l+1} = X_l + γ A X_l``."""
    return state + gamma * (matrix @ state)


def reinjected(state, matrix, gamma, start):
    """``X_{l+1} = X_0 + γ A X_l``."""
    return start + gamma * (matrix @ state)


def layer_stack(layer: Callable, maps: Sequence, gamma, start):
    """``X_L`` of ``X_{l+1} = layer(X_l, A_{l+1}, γ, X_0)``.

    Args:
        layer: `plain`, `residual`, `reinjected` or another of that form.
        maps: ``A_1, …, A_L``, the first layer first; matrices or elements of the free algebra.
        gamma: the discount.
        start: ``X_0``.
    """
    state = start
    for matrix in maps:
        state = layer(state, matrix, gamma, start)
    return state


def running_sum(maps: Sequence, gamma, start):
    """``S_L = Σ_{t=1}^{L} γ^t A_t ⋯ A_1 X_0``, the accumulation of the released documentation.

    Source: documentation of the released package ``infsa``.
    """
    hop, total = start, start * 0
    for matrix in maps:
        hop = gamma * (matrix @ hop)
        total = total + hop
    return total
