"""Two samples on which training (K, Q) can follow the wrong axis for ever."""

from __future__ import annotations

from fractions import Fraction

from .data_sets import DataSet, data_set


def factor_saddle(alpha: Fraction | int, beta: Fraction | int) -> DataSet:
    """Tokens ``(1, ±α)`` and 0, queries ``(1, ±β)``, scores 1 and 0; α = β is self-attention.

    The constraint matrices are ``(1, α)(1, β)ᵀ`` and ``(1, −α)(1, −β)ᵀ``. Their mean is
    ``diag(1, αβ)``, so that both axes are stationary directions of the factors, and the second one
    is better in the nuclear norm for αβ > 1.
    """
    return data_set(
        f"factor saddle ({alpha}, {beta})",
        [[[1, alpha], [0, 0]], [[1, -alpha], [0, 0]]],
        [[1, beta], [1, -beta]],
        head=(1, 0),
    )
