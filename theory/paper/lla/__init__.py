"""Local linear attention: the fit, its exactness, its limits, how it is computed, and its rates."""

from . import (
    affine_exactness,
    boundary_bias,
    closed_form,
    covariance_form,
    limits,
    matrix_free,
    official_backward,
    rates,
    regression_table,
    sphere,
)
from ._paper import PAPER

__all__ = [
    "PAPER",
    "affine_exactness",
    "boundary_bias",
    "closed_form",
    "covariance_form",
    "limits",
    "matrix_free",
    "official_backward",
    "rates",
    "regression_table",
    "sphere",
]
