"""Superlinear multi-step attention: claims, a file per mathematical object."""

from . import coverage, exact_cost, reachability, released_code
from ._paper import PAPER

__all__ = ["PAPER", "coverage", "exact_cost", "reachability", "released_code"]
