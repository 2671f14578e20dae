"""As the discount tends to 1, PageRank tends to the stationary law of the chain."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like, inverse, ones_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.centrality import EIGENVECTOR_VS_STATIONARY
from attnproof.theory.paper.infsa.pagerank import pagerank

# P, N = (I − γP)^{-1} and K = (I − P + 1·law)^{-1} are square, ones a column, law and tau rows.
P, N, K, ONES, LAW, TAU = letters("P N K ones law tau")
(GAMMA,) = scalars("gamma")
T = 1 - GAMMA
FACTOR, LENGTH, REDUCED, SPREAD, DISTANCE = scalars("t teleport reduced spread distance")

PATH = rational_array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
WEIGHTED = rational_array([[1, 2], [2, 0]])


def _norm(matrix: np.ndarray):
    """The norm that ``Σ_j |x_j|`` induces on matrices acting from the right, ``x ↦ xM``."""
    return max(sum(abs(row)) for row in matrix)


def _models() -> Iterator[dict[str, object]]:
    for matrix in (PATH, WEIGHTED):
        degrees, gamma = matrix.sum(axis=1), rational("9/10")
        chain, ones, one = matrix / degrees[:, None], ones_like(matrix), identity_like(matrix)
        law, teleport = degrees / degrees.sum(), one[0]
        reduced = inverse(one - chain + np.outer(ones, law))
        distance = pagerank(chain, gamma, teleport) - law
        yield {
            "A": matrix,
            "P": chain,
            "N": fundamental_matrix(chain, gamma),
            "K": reduced,
            "ones": ones[:, None],
            "law": law[None, :],
            "tau": teleport[None, :],
            "gamma": gamma,
            "t": 1 - gamma,
            "teleport": sum(abs(teleport)),
            "reduced": _norm(reduced - np.outer(ones, law) @ reduced),
            "spread": _norm(reduced - one),
            "distance": sum(abs(distance)),
        }


@check(
    EIGENVECTOR_VS_STATIONARY,
    part="limit of PageRank",
    establishes=proof(over="every n, every matrix with P1 = 1 and an invariant row of sum 1"),
    claimed=dict(
        scores=T * TAU * N,
        limit=LAW,
        cleared=lambda t, tau, reduced, spread, d: t * tau * reduced - d * (1 - t * spread),
    ),
    controls={
        "teleport law as the limit": dict(limit=TAU),
        "not scaled": dict(scores=TAU * N),
        "error of second order": dict(
            cleared=lambda t, tau, reduced, spread, d: t**2 * tau * reduced - d * (1 - t * spread)
        ),
        "tenth of the bound": dict(
            cleared=lambda t, tau, reduced, spread, d: t * tau * reduced / 10 - d * (1 - t * spread)
        ),
    },
)
def pagerank_tends_to_the_stationary_law(scores, limit, cleared):
    """D = tτ(I − Π)K − tD(K − I) for D = (1 − γ)τN − law and Π = 1·law, in the free algebra.

    From P1 = 1, law·P = law, law·1 = 1, τ1 = 1, N(I − γP) = I and (I − P + Π)K = I. The triangle
    inequality and ‖xM‖ ≤ ‖x‖‖M‖ give ‖D‖ ≤ t‖τ‖‖(I − Π)K‖ + t‖D‖‖K − I‖. This is the mirror
    image of the rate for a simple eigenvalue, at ρ = 1.
    """
    models = list(_models())
    difference = scores - limit
    projection = ONES * LAW
    left_inverse, rows = N * (1 - GAMMA * P) - 1, P * ONES - ONES
    reduced = (1 - P + projection) * K - 1
    follows(
        difference + T * difference * (K - 1) - T * TAU * (1 - projection) * K,
        using=[
            (TAU * T, left_inverse, K),
            (GAMMA * TAU, left_inverse, projection * K),
            (GAMMA**2 * TAU * N, rows, LAW * K),
            (GAMMA * TAU * ONES, LAW * P - LAW, K),
            (-GAMMA * TAU * ONES, LAW * ONES - 1, LAW * K),
            (-GAMMA * TAU * (T * N - projection), reduced, 1),
            (1, TAU * ONES - 1, LAW * (1 + T * (K - 1))),
        ],
        models=models,
        message="the distance to the stationary law solves another equation",
    )
    entails(
        cleared(FACTOR, LENGTH, REDUCED, SPREAD, DISTANCE),
        given={
            "triangle": FACTOR * LENGTH * REDUCED + FACTOR * SPREAD * DISTANCE - DISTANCE,
            "contraction": 1 - FACTOR * SPREAD,
        },
        certificate=[(1, ["triangle"], [])],
        models=models,
        message="PageRank is farther from the stationary law",
    )


@check(
    EIGENVECTOR_VS_STATIONARY,
    part="limit of PageRank",
    establishes=exact(bound="two named graphs, every teleport vertex", by="exact limits"),
    claimed=dict(law=lambda degrees: degrees),
    controls={
        "uniform law": dict(law=lambda degrees: degrees * 0 + 1),
        "squared degrees": dict(law=lambda degrees: degrees * degrees),
    },
)
def exact_limits_of_pagerank(law):
    """The limit in the field of rational functions of t = 1 − γ; the path is periodic."""
    (t,) = variables("t")
    for matrix in (PATH, WEIGHTED):
        degrees = matrix.sum(axis=1)
        chain = matrix / degrees[:, None]
        expected = law(degrees) / law(degrees).sum()
        for teleport in identity_like(matrix):
            scores = pagerank(chain, 1 - t, teleport)
            reached = rational_array([entry.substitute({"t": 0}) for entry in scores])
            refute_unless(
                bool((reached == expected).all()),
                "PageRank tends to another law",
                A=matrix,
                tau=teleport,
                limit=reached,
                expected=expected,
            )
