"""How Many Heads Make an SSM?: claims, a file per mathematical object."""

from . import (
    function_level,
    gradient_highway,
    head_count,
    interaction_rank,
    rank_one_heads,
    recurrent_coefficients,
    softmax_heads,
    time_varying,
)
from ._paper import PAPER

__all__ = [
    "PAPER",
    "function_level",
    "gradient_highway",
    "head_count",
    "interaction_rank",
    "rank_one_heads",
    "recurrent_coefficients",
    "softmax_heads",
    "time_varying",
]
