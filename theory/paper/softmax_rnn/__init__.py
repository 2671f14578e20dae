"""Softmax attention as a recurrent network: claims, a file per mathematical object."""

from . import denominator, first_order_term, released_code, taylor_recurrence, truncation
from ._paper import PAPER

__all__ = [
    "PAPER",
    "denominator",
    "first_order_term",
    "released_code",
    "taylor_recurrence",
    "truncation",
]
