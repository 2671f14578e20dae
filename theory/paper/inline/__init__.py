"""Bridging the Divide: claims, a file per mathematical object."""

from . import injectivity, weight_matrix
from ._paper import PAPER

__all__ = ["PAPER", "injectivity", "weight_matrix"]
