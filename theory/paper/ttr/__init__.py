"""Test-time regression: claims, a file per mathematical object."""

from . import (
    crosstalk,
    decay_weights,
    delta_rule,
    experiment,
    local_regression,
    momentum,
    recursive_least_squares,
    special_cases,
    weighted_least_squares,
)
from ._paper import PAPER

__all__ = [
    "PAPER",
    "crosstalk",
    "decay_weights",
    "delta_rule",
    "experiment",
    "local_regression",
    "momentum",
    "recursive_least_squares",
    "special_cases",
    "weighted_least_squares",
]
