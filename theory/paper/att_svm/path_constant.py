"""By how much the margin of a minimiser may fall short on the regularisation path."""

from __future__ import annotations

from math import log

from .data_sets import DataSet


def path_constant(data: DataSet) -> float:
    """``c = log(n T (T − 1) Δ_max/Δ_min)``, the constant for ``ℓ(x) = −x``; Δ are the leads of the
    best score over the others."""
    leads = [max(row) - score for row in data.scores for score in row if score != max(row)]
    tokens = data.length
    return log(data.samples * tokens * (tokens - 1) * max(leads) / min(leads))
