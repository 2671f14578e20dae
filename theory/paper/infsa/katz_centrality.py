"""Katz centrality of a weighted graph, and the degree centrality it starts from."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import identity_like, ones_like
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix


def katz_centrality(matrix: np.ndarray, gamma, side: str = "row") -> np.ndarray:
    r"""``((I − γA)^{-1} − I) 1`` (row form) or ``((I − γA)^{-1} − I)ᵀ 1`` (column form).

    The row form says how much token i reaches, the column form how much it is reached.

    Args:
        matrix: ``A``, shape (n, n), any number system with inverses.
        gamma: the discount ``γ``.
        side: ``"row"`` or ``"column"``.

    Returns:
        Shape (n,).

    Raises:
        ZeroDivisionError: ``I − γA`` is singular.
        ValueError: another side.

    Source: arXiv:2603.00175v2, abstract; L. Katz, Psychometrika 18 (1953).
    """
    reached = fundamental_matrix(matrix, gamma) - identity_like(matrix)
    return _facing(reached, side) @ ones_like(matrix)


def degree_centrality(matrix: np.ndarray, side: str = "row") -> np.ndarray:
    """``A 1`` (row form, out-degrees) or ``Aᵀ 1`` (column form, in-degrees), shape (n,).

    Raises:
        ValueError: another side.
    """
    return _facing(matrix, side) @ ones_like(matrix)


def _facing(matrix: np.ndarray, side: str) -> np.ndarray:
    if side not in ("row", "column"):
        raise ValueError(f"side {side!r}: a centrality is read by 'row' or by 'column'")
    return matrix if side == "row" else matrix.T
