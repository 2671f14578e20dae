"""Neural attention search in linear attention: claims, a file per mathematical object."""

from . import chunk_types, search_and_cost
from ._paper import PAPER

__all__ = ["PAPER", "chunk_types", "search_and_cost"]
