"""The generating function of the number of visits, from its first-step equations."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import identity_like, inverse

from .absorbing_markov_chain import absorption_probabilities


def visit_generating_functions(block: np.ndarray, target: int, at) -> np.ndarray:
    """``g_i(z) = E_i[z^V]`` for every start i, V counting the visits to ``target``, time 0
    included: the solution of ``g = D (B g + 1 − B1)`` with ``D = diag(z at target, 1 elsewhere)``.

    Args:
        block: ``B``, shape (n, n).
        target: the counted state.
        at: ``z``, a variable of the field of the entries or of a larger one.

    Returns:
        Shape (n,).

    Raises:
        ZeroDivisionError: the equations have no unique solution.
    """
    counting = identity_like(block) + 0 * at
    counting[target, target] = at
    system = identity_like(block) - counting @ block
    return inverse(system) @ (counting @ absorption_probabilities(block))
