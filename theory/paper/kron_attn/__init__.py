"""Tensor attention: claims, a file per mathematical object."""

from . import fast_algorithm, finite_size, match3, minimax_degree, mixed_product
from ._paper import PAPER

__all__ = ["PAPER", "fast_algorithm", "finite_size", "match3", "minimax_degree", "mixed_product"]
