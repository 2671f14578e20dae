"""The field of 2^61 − 1 elements, through FLINT."""

from __future__ import annotations

import numpy as np
from flint import nmod

# A Mersenne prime, so that one product stays within a machine word pair; d/p < 1e-12 up to d = 2e6.
PRIME = 2**61 - 1


def residue(value: int) -> nmod:
    """``value`` modulo 2^61 − 1."""
    return nmod(int(value), PRIME)


def residue_array(values) -> np.ndarray:
    """An object array of residues from nested lists of integers."""
    source = np.array(values, dtype=object)
    result = np.empty(source.shape, dtype=object)
    for index, entry in np.ndenumerate(source):
        result[index] = residue(entry)
    return result


def random_residues(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Independent, exactly uniform elements of the field."""
    return residue_array(generator.integers(0, PRIME, size=shape, dtype=np.uint64).tolist())
