"""LUCID: claims, a file per mathematical object."""

from . import cost, preconditioner, recall
from ._paper import PAPER

__all__ = ["PAPER", "cost", "preconditioner", "recall"]
