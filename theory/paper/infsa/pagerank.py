"""PageRank, as a discounted resolvent and as the stationary law of the Google matrix."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import identity_like, inverse, ones_like
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix


def pagerank(chain: np.ndarray, gamma, teleport: np.ndarray) -> np.ndarray:
    """``π = (1 − γ) τ (I − γP)^{-1}``.

    Args:
        chain: ``P``, shape (n, n); a probability law only if every row sums to 1.
        gamma: ``γ``, the probability of following a link.
        teleport: ``τ``, shape (n,), a probability row.

    Returns:
        ``π``, shape (n,).

    Raises:
        ZeroDivisionError: ``I − γP`` is singular.

    Source: arXiv:2603.00175v2, abstract; Brin and Page, 1998.
    """
    return (1 - gamma) * (teleport @ fundamental_matrix(chain, gamma))


def google_matrix(chain: np.ndarray, gamma, teleport: np.ndarray) -> np.ndarray:
    """``G = γP + (1 − γ) 1 τ``, shape (n, n)."""
    return gamma * chain + (1 - gamma) * np.outer(ones_like(chain), teleport)


def stationary_law(chain: np.ndarray) -> np.ndarray:
    """The row ``π`` with ``π P = π`` and ``π 1 = 1``, by solving these n + 1 equations.

    Args:
        chain: ``P``, shape (n, n), rationals.

    Returns:
        Shape (n,).

    Raises:
        ZeroDivisionError: no such row, or more than one.
    """
    # Adding π1 = 1 to every equation of π(I − P) = 0 gives π(I − P + 11ᵀ) = 1ᵀ, a regular system
    # exactly if the law is unique.
    everywhere = np.outer(ones_like(chain), ones_like(chain))
    law = ones_like(chain) @ inverse(identity_like(chain) - chain + everywhere)
    if not (law @ chain == law).all() or law.sum() != 1:
        raise ZeroDivisionError("the matrix has no invariant row that sums to 1")
    return law
