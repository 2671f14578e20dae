"""Transformers as Support Vector Machines: claims, a file per mathematical object."""

from . import (
    gradient_descent,
    landscape,
    max_margin,
    nonlinear_head,
    nuclear_norm,
    regularisation_path,
)
from ._paper import PAPER

__all__ = [
    "PAPER",
    "gradient_descent",
    "landscape",
    "max_margin",
    "nonlinear_head",
    "nuclear_norm",
    "regularisation_path",
]
