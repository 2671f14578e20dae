"""The Neumann series and its limit, the fundamental matrix of an absorbing chain."""

from __future__ import annotations

from attnproof.theory.algebra.matrix import identity_like, inverse


def fundamental_matrix(matrix, gamma):
    r"""``N(γ) = (I − γA)^{-1}``.

    Equals ``Σ_{t≥0} γ^t A^t`` exactly if ``|γ| ρ(A) < 1``; the inverse may exist without that.

    Args:
        matrix: ``A``, shape (n, n), any number system with inverses.
        gamma: the discount ``γ``, a scalar of the same system.

    Raises:
        ZeroDivisionError, numpy.linalg.LinAlgError: ``I − γA`` is singular.

    Source: arXiv:2603.00175v2, abstract (the Neumann kernel).
    """
    return inverse(identity_like(matrix) - gamma * matrix)


def neumann_partial_sum(matrix, gamma, length: int):
    r"""``T_L = Σ_{t=0}^{L} γ^t A^t``, from t = 0 to t = L inclusive.

    Args:
        matrix: ``A``, shape (n, n), or one letter of the free algebra.
        gamma: the discount ``γ``.
        length: ``L ≥ 0``, the number of hops.
    """
    power = total = identity_like(matrix)
    for _ in range(length):
        power = gamma * (power @ matrix)
        total = total + power
    return total
