"""Decoding token by token: what is kept between tokens, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


class Decoder:
    """The layer one token at a time, with a cache.

    Kept are the keys and values of closed chunks of type softmax, those of the chunk under way, and
    two states of the delta rule: the running one, and the one that holds if the chunk under way
    turns out to be of type softmax. No token is read twice by the delta rule.

    Attributes:
        closed, own: (key, value) pairs.
        running, otherwise: shape (d_v, d).
    """

    def __init__(self, width: int, value_width: int, zero, power: Callable):
        self.closed: list[tuple[np.ndarray, np.ndarray]] = []
        self.own: list[tuple[np.ndarray, np.ndarray]] = []
        self.running = np.full((value_width, width), zero, dtype=object)
        self.otherwise = self.running
        self._power = power

    def step(self, query, key, value, step_size, decay) -> tuple[np.ndarray, np.ndarray]:
        """Take in one token; the outputs of the softmax and of the delta branch."""
        self.own.append((key, value))
        seen = self.closed + self.own
        weights = self._power(np.array([query @ key for key, _ in seen], dtype=object))
        attended = sum(weight * value for weight, (_, value) in zip(weights, seen))
        self.otherwise = decay * self.otherwise
        decayed = decay * self.running
        error = value - decayed @ key
        self.running = decayed + step_size * np.outer(error, key)
        return attended / weights.sum(), self.running @ query

    def close(self, softmax: bool) -> None:
        """End the chunk under way, now that its type is known."""
        if softmax:
            self.closed += self.own
            self.running = self.otherwise
        self.own, self.otherwise = [], self.running

    @property
    def numbers(self) -> int:
        """How many numbers are kept."""
        pairs = sum(key.size + value.size for key, value in self.closed + self.own)
        return pairs + self.running.size + self.otherwise.size
