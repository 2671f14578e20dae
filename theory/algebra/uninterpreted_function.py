"""Functions of which nothing is known: what holds with them holds for every function."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .free_algebra import FreeElement, scalars


class UninterpretedFunction:
    """``f`` with ``f(x) = f(y)`` exactly where x and y are the same element of the free algebra.

    Applied to an array entry by entry. Give every function of one proof a name of its own.
    """

    def __init__(self, name: str):
        self.name = name
        self.seen: dict[str, FreeElement] = {}

    def __call__(self, array: np.ndarray, beside: Sequence[FreeElement] = ()) -> np.ndarray:
        """``f(x, *beside)`` for every entry x, as scalars named after the function."""
        made = np.empty(np.shape(array), dtype=object)
        for index, entry in np.ndenumerate(np.asarray(array, dtype=object)):
            key = str([str(argument) for argument in (entry, *beside)])
            if key not in self.seen:
                (self.seen[key],) = scalars([f"{self.name}#{len(self.seen)}"])
            made[index] = self.seen[key]
        return made


def symbol_array(letter: str, *shape: int) -> np.ndarray:
    """Commuting scalars ``letter_ij…`` in an array of that shape."""
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        (made[index],) = scalars([letter + "_" + "_".join(map(str, index))])
    return made
