"""A number that counts what is done to it: operation counts by running the definition."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Tally:
    """Operations by kind: ``add``, ``multiply``, ``divide``, ``square root``, ``compare``."""

    counts: Counter = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All operations together."""
        return sum(self.counts.values())


class CountingNumber:
    """A float that reports every operation on it to its `Tally`."""

    __slots__ = ("tally", "value")

    def __init__(self, value: float, tally: Tally):
        self.value = float(value)
        self.tally = tally

    def _done(self, kind: str, value: float) -> CountingNumber:
        self.tally.counts[kind] += 1
        return CountingNumber(value, self.tally)

    def __add__(self, other: object) -> CountingNumber:
        if isinstance(other, np.ndarray):
            return NotImplemented
        if isinstance(other, int) and other == 0:
            return self  # the start value of sum() is no operation
        return self._done("add", self.value + _value(other))

    __radd__ = __add__

    def __sub__(self, other: object) -> CountingNumber:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self._done("add", self.value - _value(other))

    def __rsub__(self, other: object) -> CountingNumber:
        return self._done("add", _value(other) - self.value)

    def __neg__(self) -> CountingNumber:
        return CountingNumber(-self.value, self.tally)

    def __mul__(self, other: object) -> CountingNumber:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self._done("multiply", self.value * _value(other))

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> CountingNumber:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self._done("divide", self.value / _value(other))

    def __rtruediv__(self, other: object) -> CountingNumber:
        return self._done("divide", _value(other) / self.value)

    def maximum(self, floor: float) -> CountingNumber:
        """``max(x, floor)``, one comparison."""
        return self._done("compare", max(self.value, floor))

    def square_root(self) -> CountingNumber:
        """``√x``."""
        return self._done("square root", self.value**0.5)

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        return f"CountingNumber({self.value!r})"


def counting_array(values: np.ndarray, tally: Tally) -> np.ndarray:
    """An object array of counting numbers that share ``tally``."""
    source = np.asarray(values, dtype=float)
    result = np.empty(source.shape, dtype=object)
    for index, entry in np.ndenumerate(source):
        result[index] = CountingNumber(entry, tally)
    return result


def _value(other: object) -> float:
    return other.value if isinstance(other, CountingNumber) else float(other)  # type: ignore[arg-type]
