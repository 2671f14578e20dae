"""Self-Attention and Beyond the Infinite: claims, a file per mathematical object."""

from . import (
    absorbing_chain,
    attention_map,
    centrality,
    linear_variant,
    neumann,
    stacked_layers,
    visit_statistics,
)
from ._paper import PAPER

__all__ = [
    "PAPER",
    "absorbing_chain",
    "attention_map",
    "centrality",
    "linear_variant",
    "neumann",
    "stacked_layers",
    "visit_statistics",
]
