"""Long-Context Attention Benchmark: claims, a file per mathematical object."""

from . import balance, communication, ring_attention, slice_area
from ._paper import PAPER

__all__ = ["PAPER", "balance", "communication", "ring_attention", "slice_area"]
