"""Doob's transform: a diagonal similarity that turns a transient matrix into a chain."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import ones_like
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix


def total_reach(block: np.ndarray) -> np.ndarray:
    """``x = (I − B)^{-1} 1``, shape (n,): the Katz score of each row, one included.

    Raises:
        ZeroDivisionError: ``I − B`` is singular.
    """
    return fundamental_matrix(block, 1) @ ones_like(block)


def doob_transform(block: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """``P = D^{-1} B D`` with ``D = diag(x)``: ``P_ij = B_ij x_j / x_i``.

    Args:
        block: ``B``, shape (n, n).
        weight: ``x``, shape (n,), no entry zero.

    Source: Doob's h-transform; e.g. Kemeny, Snell and Knapp, Denumerable Markov Chains, ch. 8.
    """
    return block * weight[None, :] / weight[:, None]
