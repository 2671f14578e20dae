"""One layer of tensor attention that decides Match3."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import arb

from attnproof.theory.operator.tensor_attention import tensor_attention


def match3(tokens: Sequence[int], modulus: int) -> list[bool]:
    """``∃ j, k: x_i + x_j + x_k ≡ 0 (mod M)`` for every i; j = k and j = i are allowed."""
    return [any((x + y + z) % modulus == 0 for y in tokens for z in tokens) for x in tokens]


def needed_scale(modulus: int, count: int) -> arb:
    """``c = (2/δ)(2 ln N + ln 4)``, ``δ = 1 − cos(2π/M)``."""
    delta = 1 - (2 * arb.pi() / modulus).cos()
    return 2 / delta * (2 * arb(count).log() + arb(4).log())


def match3_layer(tokens: Sequence[int], modulus: int, scale: arb, blank: bool = True) -> np.ndarray:
    """Outputs of the N tokens, enclosed.

    Features Q = (c, −c, −s, −s, 1), K₁ = (c, s, c, s, 0), K₂ = (c, s, s, c, 0) of the angles
    2πx/M; a blank token with K₁ = (0, 0, 0, 0, β), K₂ = (0, 0, 0, 0, 1), β = (1 + cos(2π/M))/2.
    Values are 1, and 0 for the blank token. ``scale`` multiplies the scores.

    Returns:
        Shape (N,).
    """
    angles = [2 * arb.pi() * x / modulus for x in tokens]
    pairs = [(angle.cos(), angle.sin()) for angle in angles]
    zero, one = arb(0), arb(1)
    query = [[c, -c, -s, -s, one] for c, s in pairs]
    first = [[c, s, c, s, zero] for c, s in pairs]
    second = [[c, s, s, c, zero] for c, s in pairs]
    value = [[one]] * len(pairs)
    if blank:
        middle = (1 + (2 * arb.pi() / modulus).cos()) / 2
        first = [*first, [zero] * 4 + [middle]]
        second = [*second, [zero] * 4 + [one]]
        value = [*value, [zero]]
    arrays = [np.array(rows, dtype=object) for rows in (query, first, second, value)]
    return tensor_attention(
        arrays[0], arrays[1:3], [arrays[3], arrays[3]], scale=scale, power=_exponential
    )[:, 0]


def _exponential(scores: np.ndarray) -> np.ndarray:
    return np.vectorize(lambda score: score.exp(), otypes="O")(scores)
