"""The total weight of all walks between two states, by eliminating states one at a time."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import identity_like


def walk_weights(block: np.ndarray, loop=lambda weight: 1 / (1 - weight)) -> np.ndarray:
    """``Σ_{t≥0} B^t``, entry (i, j) being the sum over all walks from i to j of the products of
    their weights.

    After step k, ``W_ij`` is the sum over the walks of length ≥ 1 whose inner states are among
    the first k. A walk through k splits at its visits to k: into it, any number of loops, out of
    it. Hence ``W_ij ← W_ij + W_ik · 1/(1 − W_kk) · W_kj``. No matrix is inverted.

    Args:
        block: ``B``, shape (n, n), any field.
        loop: weight of any number of loops, ``1 + w + w² + … = 1/(1 − w)``.

    Raises:
        ZeroDivisionError: a loop weight is one.

    Source: Kleene 1956 (closure by elimination of states).
    """
    weights = block.copy()
    for middle in range(block.shape[0]):
        around = loop(weights[middle, middle])
        weights = weights + np.outer(weights[:, middle] * around, weights[middle, :])
    return identity_like(block) + weights
