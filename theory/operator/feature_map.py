"""Feature maps of linear attention, row by row, over any number system that has what they need."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential, maximum, square_root

Power = Callable[[np.ndarray], np.ndarray]


def identity(rows: np.ndarray) -> np.ndarray:
    """``φ(x) = x``, shape (N, d) → (N, d)."""
    return rows


def rectifier(rows: np.ndarray) -> np.ndarray:
    """``φ(x) = max(x, 0)`` entrywise, shape (N, d) → (N, d)."""
    return maximum(rows)


def squared_rectifier(rows: np.ndarray) -> np.ndarray:
    """``φ(x) = max(x, 0)²`` entrywise, shape (N, d) → (N, d)."""
    positive = maximum(rows)
    return positive * positive


def power_features(rows: np.ndarray, power: Power = exponential) -> np.ndarray:
    """``φ(x) = b^x`` entrywise, shape (N, d) → (N, d); ``e^x`` unless ``power`` is given."""
    return power(rows)


def linear_unit_plus_one(rows: np.ndarray, power: Power = exponential) -> np.ndarray:
    """``φ(x) = x + 1`` where ``x ≥ 0``, ``b^x`` elsewhere, shape (N, d) → (N, d).

    With ``b = e`` this is ELU + 1.

    Raises:
        ValueError: the sign of an entry is open (a ball around zero, or no number).

    Source: Katharopoulos et al., arXiv:2006.16236, Eq. (7).
    """
    result = np.empty(np.shape(rows), dtype=np.asarray(rows).dtype)
    for index, entry in np.ndenumerate(rows):
        if not (entry >= 0 or entry < 0):
            raise ValueError(f"the sign of {entry} is open: raise the precision or move the point")
        single = np.array([entry], dtype=result.dtype)
        result[index] = entry + 1 if entry >= 0 else power(single)[0]
    return result


def cosine_features(rows: np.ndarray) -> np.ndarray:
    """``φ(x) = x/‖x‖``, shape (N, d) → (N, d); with rationals only where the norm is rational."""
    return rows / square_root((rows * rows).sum(axis=1))[:, None]


def power_features_and_one(rows: np.ndarray, power: Power = exponential) -> np.ndarray:
    """``φ(x) = (b^{x_1}, …, b^{x_d}, 1)``, shape (N, d) → (N, d + 1)."""
    features = power(rows)
    return np.concatenate([features, features[:, :1] * 0 + 1], axis=1)
