"""How Many Heads Make an SSM?: claims, a file per mathematical object."""

from . import function_level, gradient_highway, interaction_rank, time_varying
from ._paper import PAPER

__all__ = ["PAPER", "function_level", "gradient_highway", "interaction_rank", "time_varying"]
