"""Superlinear attention: search among anchors, then softmax within a span around each of the
best."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt

import numpy as np

from attnproof.theory.algebra.elementwise import exponential


def integer_root(value: int, degree: int) -> int:
    """``⌊value^{1/degree}⌋``, exactly."""
    if degree == 2:
        return isqrt(value)
    root = round(value ** (1.0 / degree))
    while root**degree > value:
        root -= 1
    while (root + 1) ** degree <= value:
        root += 1
    return root


def ceiling_of_power(factor, base: int, numerator: int, denominator: int) -> int:
    """``⌈b·u^{σ}⌉`` for a rational b = ``factor`` ≥ 0 and σ = ``numerator``/``denominator``,
    exactly."""
    top, bottom = int(factor.numerator), int(factor.denominator)
    # The least n with (n·bottom)^denominator ≥ top^denominator · u^numerator.
    wanted = top**denominator * base**numerator
    root = integer_root(wanted, denominator)
    root += root**denominator < wanted
    return -(-root // bottom)


def window_length(window: int, degree: int = 2) -> int:
    """``W = (w + 1)^N − 1``: how many of the newest keys every query sees."""
    return (window + 1) ** degree - 1


def anchors(position: int, window: int = 0, degree: int = 2) -> list[int]:
    """``a_i = t − (i^N − 1)`` for ``i = w + 1, w + 2, …`` while ``a_i ≥ 0``."""
    found = []
    step = window + 1
    while position - (step**degree - 1) >= 0:
        found.append(position - (step**degree - 1))
        step += 1
    return found


def span(
    anchor: int, position: int, backward, forward, exponent: tuple[int, int] = (1, 2)
) -> range:
    """``[a − ⌈b(t+1)^σ⌉, a + ⌈f(t+1)^σ⌉]``, cut to the keys ``0, …, t``."""
    reach = [ceiling_of_power(x, position + 1, *exponent) for x in (backward, forward)]
    return range(max(0, anchor - reach[0]), min(position, anchor + reach[1]) + 1)


def superlinear_attention(
    search_query: np.ndarray,
    query: np.ndarray,
    keys: np.ndarray,
    values: np.ndarray,
    *,
    best: int,
    backward,
    forward,
    window: int = 0,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``o = Σ_i g_i o_i``: the ``best`` anchors by ``q^s·k_a``, softmax attention o_i over the
    span of each and the window, weights g a softmax over the anchors' scores.

    Args:
        search_query, query: shape (d,), of the newest token; keys: (t + 1, d); values: (t + 1, e).
        backward, forward: b and f, rationals.

    Returns:
        Shape (e,), in the number system of the arguments.

    Source: arXiv:2601.18401 and the released package ``superlinear`` 0.1.0, for N = 2.
    """
    newest = len(keys) - 1
    found = anchors(newest, window)
    scores = [search_query @ keys[a] for a in found]
    order = sorted(range(len(found)), key=lambda i: (-scores[i], i))[:best]
    recent = set(range(newest - window_length(window) + 1, newest + 1)) & set(range(newest + 1))
    gates = power(np.array([scores[i] for i in order], dtype=object))
    total = 0 * values[0]
    for gate, index in zip(gates, order):
        seen = sorted({*span(found[index], newest, backward, forward), *recent})
        weights = power(keys[seen] @ query)
        total = total + gate * (weights @ values[seen] / weights.sum())
    return total / gates.sum()
