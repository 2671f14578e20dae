"""In-context linear regression by softmax attention: claims, a file per mathematical object."""

from . import (
    approximate_loss,
    debiased_gradient_descent,
    preconditioner,
    trained_heads,
)
from ._paper import PAPER

__all__ = [
    "PAPER",
    "approximate_loss",
    "debiased_gradient_descent",
    "preconditioner",
    "trained_heads",
]
