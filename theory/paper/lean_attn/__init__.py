"""Lean Attention: claims, a file per mathematical object."""

from . import merge, schedule
from ._paper import PAPER

__all__ = ["PAPER", "merge", "schedule"]
