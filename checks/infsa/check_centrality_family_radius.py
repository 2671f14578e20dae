"""Frobenius normalisation keeps 1/ρ above every discount below 1."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.infsa.centrality import CENTRALITY_FAMILY_BELOW_THE_ROOT

A, COLUMN, ROW = letters("A x row")
ENTRY, LEFT, RIGHT, RHO = scalars("entry left right rho")
SIZE, CROSS, LENGTH, DISTANCE = scalars("size cross length distance")

# A of Frobenius norm at most 1, an eigenvalue, a unit eigenvector: x = (3/5, 4/5) with A = xxᵀ,
# and two that are not symmetric of rank one.
UNIT_PAIRS = [
    ([["9/25", "12/25"], ["12/25", "16/25"]], "1", ["3/5", "4/5"]),
    ([["1/2", "0"], ["1/3", "2/3"]], "2/3", ["0", "1"]),
    ([["1/5", "3/10"], ["4/15", "2/5"]], "3/5", ["3/5", "4/5"]),
]


def _squares(array: np.ndarray):
    return (array * array).sum()


def _unit_models() -> Iterator[dict[str, object]]:
    """The numbers of the scalar proof on exact matrices with a unit eigenvector."""
    for rows, value, entries in UNIT_PAIRS:
        matrix, vector, root = rational_array(rows), rational_array(entries), rational(value)
        yield {
            "A": matrix,
            "x": vector[:, None],
            "row": vector[None, :],
            "rho": root,
            "size": _squares(matrix),
            "cross": vector @ matrix @ vector,
            "length": vector @ vector,
            "distance": _squares(matrix - root * np.outer(vector, vector)),
        }


@check(
    CENTRALITY_FAMILY_BELOW_THE_ROOT,
    part="radius",
    establishes=proof(
        over="every n, every real matrix, every real eigenpair",
        by="termwise polynomial identity, then equations between sums",
    ),
    claimed=dict(cross_terms=2, sign=1, slack=0),
    controls={
        "one cross term": dict(cross_terms=1),
        "distance of the other sign": dict(sign=-1),
        "a tenth below 1": dict(slack=Fraction(1, 10)),
    },
)
def radius_at_every_size(cross_terms, sign, slack):
    """ρ² = ‖Â‖_F² − ‖Â − ρxxᵀ‖_F² for Âx = ρx, ‖x‖ = 1.

    The square of one entry, (a − ρxy)² = a² − 2ρaxy + ρ²x²y², is a polynomial identity; summed
    over all entries (linearity, and Σ_ij x_i²x_j² = (Σ_i x_i²)²) it reads
    ‖Â − ρxxᵀ‖² = ‖Â‖² − 2ρ xᵀÂx + ρ²(xᵀx)². The eigenvalue equation gives xᵀÂx = ρ xᵀx. Then
    ρ² = ‖Â‖² − ‖Â − ρxxᵀ‖² ≤ 1, with equality exactly if ‖Â‖ = 1 and Â = ρxxᵀ.
    """
    follows(
        (ENTRY - RHO * LEFT * RIGHT) ** 2
        - (ENTRY * ENTRY - cross_terms * RHO * ENTRY * LEFT * RIGHT + RHO**2 * LEFT**2 * RIGHT**2),
        models=[dict(entry=rational(1), rho=rational(1), left=rational(1), right=rational(1))],
        message="the square of an entry expands differently",
    )
    models = list(_unit_models())
    follows(
        ROW * A * COLUMN - RHO * ROW * COLUMN,
        using=[(ROW, A * COLUMN - RHO * COLUMN, 1)],
        models=models,
        message="xᵀÂx differs from ρ xᵀx",
    )
    follows(
        RHO**2 - SIZE + sign * DISTANCE,
        using=[
            (1, DISTANCE - (SIZE - 2 * RHO * CROSS + RHO**2 * LENGTH**2), 1),
            (-2 * RHO, CROSS - RHO * LENGTH, 1),
            (RHO**2 * (LENGTH - 1), LENGTH - 1, 1),
        ],
        models=models,
        message="the square of the eigenvalue is something else",
    )
    entails(
        1 - (SIZE - DISTANCE) - slack,
        given={"normalised": 1 - SIZE, "distance": DISTANCE},
        certificate=[(1, ["normalised"], []), (1, ["distance"], [])],
        models=models,
        message="the eigenvalue exceeds the bound",
    )


@check(
    CENTRALITY_FAMILY_BELOW_THE_ROOT,
    part="radius",
    establishes=sampled(over="n ≤ 5, rational unit eigenvectors", by="exact rationals"),
    claimed=dict(size=_squares, weight=1),
    controls={
        "largest entry instead of the norm": dict(
            size=lambda matrix: max(entry * entry for entry in matrix.flat)
        ),
        "half the projection": dict(weight=Fraction(1, 2)),
    },
)
def radius_on_instances(size, weight):
    """‖A‖_F² − ρ² is the squared distance to ρxxᵀ, and vanishes only there."""
    for matrix, root, vector in _drawn_pairs():
        rank_one = rational(weight) * root * np.outer(vector, vector)
        missing = size(matrix) - root * root
        refute_unless(
            missing == _squares(matrix - rank_one),
            "the norm exceeds the eigenvalue by another amount",
            A=matrix,
            rho=root,
            x=vector,
            missing=missing,
        )
        refute_unless(
            (missing == 0) == bool((matrix == rank_one).all()),
            "equality holds for another matrix",
            A=matrix,
            rho=root,
            x=vector,
        )


def _drawn_pairs() -> Iterator[tuple[np.ndarray, object, np.ndarray]]:
    for model in _unit_models():
        yield model["A"], model["rho"], model["x"][:, 0]
    for draw in independent_draws(30, seed=4):
        size = int(draw.random.integers(2, 6))
        # A reflection of the first basis vector is a unit vector with rational entries.
        mirror = rational_array(draw.random.integers(1, 5, size).tolist())
        vector = -2 * mirror[0] * mirror / (mirror @ mirror)
        vector[0] = vector[0] + 1
        root = rational(int(draw.random.integers(1, 5)))
        free = rational_array(draw.random.integers(-3, 4, (size, size)).tolist())
        keep = root * np.outer(vector, vector)
        yield free - np.outer(free @ vector, vector) + keep, root, vector
