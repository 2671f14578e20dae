"""What makes a matrix the transient block of an absorbing chain, as hypotheses with predicates."""

from __future__ import annotations

from attnproof.theory.core import Hypothesis


def _transient(B: object) -> bool:
    from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one

    return spectral_radius_below_one(B)


NONNEGATIVE = Hypothesis(r"B\ge 0", lambda B: all(entry >= 0 for row in B for entry in row))
SUBSTOCHASTIC = Hypothesis(r"B\mathbf{1}\le\mathbf{1}", lambda B: all(sum(row) <= 1 for row in B))
TRANSIENT = Hypothesis(r"\rho(B)<1", _transient)

ABSORBING = {
    "non-negative": NONNEGATIVE,
    "substochastic": SUBSTOCHASTIC,
    "transient": TRANSIENT,
}


def three_states():
    """A block of three states, each reachable from each, with row sums 3/4, 2/3 and 5/6."""
    from attnproof.theory.algebra.rational import rational_array

    return rational_array([["1/4", "1/4", "1/4"], ["1/3", 0, "1/3"], ["1/6", "1/2", "1/6"]])


def row_sum_three_halves():
    """``B ≥ 0`` with ``ρ(B) < 1`` and ``(I − B)^{-1} ≥ 0``, whose first row sums to 3/2."""
    from attnproof.theory.algebra.rational import rational_array

    return rational_array([[0, "3/4", "3/4"], ["1/8", 0, 0], ["1/8", "1/8", 0]])


def row_stochastic():
    """A positive matrix of three states whose rows sum to one."""
    from attnproof.theory.algebra.rational import rational_array

    return rational_array([["1/2", "1/3", "1/6"], ["1/4", "1/4", "1/2"], ["1/5", "2/5", "2/5"]])
