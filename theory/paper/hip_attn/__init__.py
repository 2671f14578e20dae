"""HiP Attention: claims, a file per mathematical object."""

from . import search
from ._paper import PAPER

__all__ = ["PAPER", "search"]
