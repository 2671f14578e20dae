"""Whether discounts in (0, 1) reach eigenvector centrality under Frobenius normalisation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import Plot, Series, check, counterexample, note, plot, refute_unless
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.operator.infinite_self_attention import affinity, frobenius_normalised
from attnproof.theory.paper.infsa.centrality import CENTRALITY_FAMILY_REACHABLE
from attnproof.theory.paper.infsa.katz_centrality import katz_centrality

# A0 = [QKᵀ/2]_+ = [[4, 1], [4, 4]]: Frobenius norm 7, Perron root 6 with v = (1, 2), degrees 5 : 8.
QUERY = rational_array([[8, 2], [8, 8]])
KEY = rational_array([[1, 0], [0, 1]])
PERRON_ROOT, PERRON_VECTOR = rational(6), rational_array([1, 2])


def frobenius(affinities: np.ndarray) -> np.ndarray:
    """``A0/‖A0‖_F``, as in the paper."""
    return frobenius_normalised(affinities)


def spectral(affinities: np.ndarray) -> np.ndarray:
    """``A0/ρ(A0)`` for the affinities of this file."""
    return affinities / PERRON_ROOT


def row_sum(affinities: np.ndarray) -> np.ndarray:
    """``A0/‖A0‖_∞``."""
    return affinities / max(affinities.sum(axis=1))


@check(
    CENTRALITY_FAMILY_REACHABLE,
    establishes=counterexample(over="one affinity matrix of two tokens"),
    claimed=dict(normalise=frobenius, last=lambda root: rational(1)),
    controls={
        "default decay": dict(last=lambda root: rational("19/20")),
        "half way to the root": dict(last=lambda root: 1 / (2 * root)),
        "largest row sum instead": dict(normalise=row_sum),
    },
    repairs={
        "discounts up to the reciprocal of the root": dict(last=lambda root: 1 / root),
        "spectral radius instead of the Frobenius norm": dict(normalise=spectral),
    },
)
def family_ends_at_the_perron_vector(normalise, last):
    """The limit of normalised Katz scores as γ ↑ last, exactly, against the Perron vector.

    The affinities come from queries and keys through the definitions of the paper. The limit is
    the value at s = 0 of rational functions of s, with γ = last·(1 − s).
    """
    affinities = affinity(QUERY, KEY)
    assert (affinities @ PERRON_VECTOR == PERRON_ROOT * PERRON_VECTOR).all()
    matrix = normalise(affinities)
    root = (matrix @ PERRON_VECTOR)[0] / PERRON_VECTOR[0]
    (s,) = variables("s")
    scores = katz_centrality(matrix, last(root) * (1 - s))
    shares = scores / scores.sum()
    reached = rational_array([entry.substitute({"s": 0}) for entry in shares])
    perron = PERRON_VECTOR / PERRON_VECTOR.sum()
    degrees = affinities.sum(axis=1)
    note(
        reciprocal_of_the_root=str(1 / root),
        degree_share=str(degrees[0] / degrees.sum()),
        share_reached=str(reached[0]),
        perron_share=str(perron[0]),
    )
    refute_unless(
        bool((reached == perron).all()),
        "the end of the family is not eigenvector centrality",
        affinities=affinities,
        normalised=matrix,
        spectral_radius=root,
        reached=reached,
        perron=perron,
    )


def random_attention(tokens: int = 64, width: int = 16, seed: int = 0) -> np.ndarray:
    """The normalised map of Gaussian queries and keys, in floats."""
    generator = np.random.default_rng(seed)
    query, key = generator.standard_normal((2, tokens, width))
    return frobenius_normalised(affinity(query, key))


def angle(left: np.ndarray, right: np.ndarray) -> float:
    """Angle of two vectors in radians."""
    cosine = left @ right / np.linalg.norm(left) / np.linalg.norm(right)
    return float(np.arccos(np.clip(cosine, -1, 1)))


def perron(matrix: np.ndarray) -> tuple[float, np.ndarray]:
    """Perron root and right Perron vector of a positive float matrix."""
    values, vectors = np.linalg.eig(matrix)
    first = int(np.argmax(values.real))
    return float(values[first].real), np.abs(vectors[:, first].real)


def angles(matrix: np.ndarray, discounts: np.ndarray) -> Iterator[tuple[float, float]]:
    """Angles of the Katz scores to the Perron vector and to the degrees."""
    _, vector = perron(matrix)
    degrees = matrix.sum(axis=1)
    for gamma in discounts:
        walks = fundamental_matrix(matrix, gamma) @ degrees
        yield angle(walks, vector), angle(walks, degrees)


@plot(CENTRALITY_FAMILY_REACHABLE)
def angles_against_the_discount() -> Plot:
    """Katz centrality between degree and eigenvector centrality, with the end of the model."""
    matrix = random_attention()
    end = 1 / perron(matrix)[0]
    discounts = np.linspace(0, 0.995, 120) * end
    to_perron, to_degree = zip(*angles(matrix, discounts))
    ((default, default_degree),) = angles(matrix, np.array([0.95]))
    top = max(max(to_perron), max(to_degree))
    return Plot(
        title="How far along the family a discount below 1 leads",
        x_label="discount γ",
        y_label="angle of the Katz scores (radians)",
        series=[
            Series(label="to eigenvector centrality", x=discounts.tolist(), y=list(to_perron)),
            Series(label="to degree centrality", x=discounts.tolist(), y=list(to_degree)),
            Series(label="γ = 1, end of the model", x=[1.0, 1.0], y=[0.0, top], style="guide"),
        ],
        caption=f"64 tokens, Gaussian queries and keys of width 16: 1/ρ = {end:.3f}. At γ = 0.95 "
        f"the scores are {default:.4f} from the Perron vector and {default_degree:.4f} from the "
        "degrees, about half way.",
    )
