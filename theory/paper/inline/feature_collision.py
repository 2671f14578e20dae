"""Two queries whose features are collinear, for every feature map in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.operator.feature_map import (
    cosine_features,
    identity,
    linear_unit_plus_one,
    power_features,
    rectifier,
    squared_rectifier,
)
from attnproof.theory.operator.softmax_attention import power_of_two


@dataclass(frozen=True)
class FeatureCollision:
    """``φ(q) = t φ(p)`` with ``p ≠ q``; p and q have shape (1, d)."""

    name: str
    feature_map: Callable[[np.ndarray], np.ndarray]
    p: np.ndarray
    q: np.ndarray
    t: object


base_two = partial(power_features, power=power_of_two)
linear_unit_base_two = partial(linear_unit_plus_one, power=power_of_two)

_ROWS = (
    ("x", identity, [1, 2], [2, 4], 2),
    ("[x]_+", rectifier, [1, 2], [2, 4], 2),
    ("[x]_+, signs mixed", rectifier, [1, -1], [1, -2], 1),
    ("[x]_+²", squared_rectifier, [1, 2], [2, 4], 4),
    ("2^x", base_two, [0, 1], [3, 4], 8),
    ("ELU₂ + 1, positive", linear_unit_base_two, [1, 1], [3, 3], 2),
    ("ELU₂ + 1, signs mixed", linear_unit_base_two, [1, -2], [3, -1], 2),
    ("x/‖x‖", cosine_features, [3, 4], [6, 8], 1),
)


def feature_collisions() -> Iterator[FeatureCollision]:
    """One or two for every map of the list."""
    for name, feature_map, p, q, t in _ROWS:
        yield FeatureCollision(
            name, feature_map, rational_array([p]), rational_array([q]), rational(t)
        )
