"""Frobenius normalisation makes γÂ a contraction: the chain of norms, at every size."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import generic_matrix
from attnproof.theory.core import Plot, Series, check, plot, proof, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.infinite_self_attention import affinity, frobenius_normalised
from attnproof.theory.paper.infsa.neumann import FROBENIUS_CONTRACTION

# Sums over the columns seen so far of one row a against x: Σa², Σx², Σax; the next two columns.
ROW, LENGTH, INNER = scalars("row length inner")
ENTRY, X, OTHER, Y = scalars("entry x other y")
# Sums over the rows seen so far: ‖A‖_F² and ‖Ax‖².
FROBENIUS, IMAGE = scalars("frobenius image")
NORM, EPSILON, GAMMA, RADIUS = scalars("norm epsilon gamma radius")

A, AT, RE, RET, IM, IMT, U, UT = letters("A At re ret im imt u ut")
ALPHA, BETA, LAMBDA = scalars("alpha beta lambda")


def _cross(row, length, inner, entry, x):
    """``Σ_j (a_j x − a x_j)²``, expanded."""
    return row * x * x + length * entry * entry - 2 * inner * entry * x


def _rotation() -> dict[str, object]:
    """Eigenvalue 1 + 2i of [[1, −2], [2, 1]], with real and imaginary part of its eigenvector."""
    matrix = rational_array([[1, -2], [2, 1]])
    real, imaginary = rational_array([[1], [0]]), rational_array([[0], [-1]])
    return {
        **{"A": matrix, "At": matrix.T, "re": real, "ret": real.T, "im": imaginary},
        **{"imt": imaginary.T, "alpha": rational(1), "beta": rational(2)},
    }


@check(
    FROBENIUS_CONTRACTION,
    part="norms",
    establishes=proof(
        over="every n, every real matrix, every complex eigenvalue",
        by="sums of squares by induction",
    ),
    claimed=dict(
        column=lambda row, entry: row + entry * entry,
        stacked=lambda frobenius, row: frobenius + row,
        modulus=ALPHA * ALPHA + BETA * BETA,
        normaliser=lambda norm, epsilon: norm + epsilon,
    ),
    controls={
        "column left out": dict(column=lambda row, entry: row),
        "sum of entries instead of squares": dict(column=lambda row, entry: row + entry),
        "row left out": dict(stacked=lambda frobenius, row: frobenius),
        "mean of the rows": dict(stacked=lambda frobenius, row: (frobenius + row) / 2),
        "real part of the eigenvalue": dict(modulus=ALPHA * ALPHA),
        "square of the eigenvalue": dict(modulus=ALPHA * ALPHA - BETA * BETA),
        "epsilon subtracted": dict(normaliser=lambda norm, epsilon: norm - epsilon),
    },
)
def chain_of_norms(column, stacked, modulus, normaliser):
    """1. Row by row (a·x)² ≤ ‖a‖²‖x‖² (Cauchy–Schwarz): by induction over the columns, the
    difference grows by Σ_j (a_j x − a x_j)², which is itself, by induction, a sum of squares.
    2. ‖Ax‖² ≤ ‖A‖_F²‖x‖² by induction over the rows; so ‖A‖₂ ≤ ‖A‖_F.
    3. An eigenvalue α + βi with eigenvector re + i im has ‖A re‖² + ‖A im‖² =
       (α² + β²)(‖re‖² + ‖im‖²) ≤ ‖A‖₂²(‖re‖² + ‖im‖²); so ρ(A) ≤ ‖A‖₂.
    4. (‖A₀‖_F + ε)² − ‖A₀‖_F² = 2ε‖A₀‖_F + ε² ≥ 0, and > 0 if ε > 0.
    """
    sums = {"row": ROW, "length": LENGTH}
    cross = _cross(ROW, LENGTH, INNER, ENTRY, X)
    entails(
        _cross(column(ROW, OTHER), LENGTH + Y * Y, INNER + OTHER * Y, ENTRY, X),
        given={**sums, "so far": cross, "so far, other": _cross(ROW, LENGTH, INNER, OTHER, Y)},
        certificate=[(1, ["so far"], []), (1, [], [OTHER * X - ENTRY * Y])],
        message="the squares of one column more",
    )
    entails(
        column(ROW, ENTRY) * (LENGTH + X * X) - (INNER + ENTRY * X) * (INNER + ENTRY * X),
        given={**sums, "so far": ROW * LENGTH - INNER * INNER, "squares": cross},
        certificate=[(1, ["so far"], []), (1, ["squares"], [])],
        message="Cauchy–Schwarz, one column more",
    )
    entails(
        stacked(FROBENIUS, ROW) * LENGTH - (IMAGE + INNER * INNER),
        given={
            **sums,
            "frobenius": FROBENIUS,
            "image": IMAGE,
            "so far": FROBENIUS * LENGTH - IMAGE,
            "row alone": ROW * LENGTH - INNER * INNER,
        },
        certificate=[(1, ["so far"], []), (1, ["row alone"], [])],
        message="one row more",
    )
    real, imaginary = ALPHA * RE - BETA * IM, BETA * RE + ALPHA * IM
    real_t, imaginary_t = ALPHA * RET - BETA * IMT, BETA * RET + ALPHA * IMT
    follows(
        RET @ AT @ A @ RE + IMT @ AT @ A @ IM - modulus * (RET @ RE + IMT @ IM),
        using=[
            (RET @ AT, A @ RE - real, 1),
            (1, RET @ AT - real_t, real),
            (IMT @ AT, A @ IM - imaginary, 1),
            (1, IMT @ AT - imaginary_t, imaginary),
        ],
        models=[_rotation()],
        message="length of the image of an eigenvector",
    )
    scaled = normaliser(NORM, EPSILON)
    entails(
        scaled * scaled - NORM * NORM,
        given={"norm": NORM, "epsilon": EPSILON},
        certificate=[(2, ["norm", "epsilon"], []), (1, [], [EPSILON])],
        message="the normalised norm exceeds one",
    )


@check(
    FROBENIUS_CONTRACTION,
    part="norms",
    establishes=symbolic(bound="n = 2 and 3, all entries"),
    claimed=dict(sign=-1, pairs=lambda size: list(combinations(range(size), 2))),
    controls={
        "plus inside the squares": dict(sign=1),
        "neighbouring columns only": dict(pairs=lambda size: [(j, j + 1) for j in range(size - 1)]),
        "every pair twice": dict(
            pairs=lambda size: [(j, k) for j in range(size) for k in range(size)]
        ),
    },
)
def lagrange_identity(sign, pairs):
    """‖A‖_F²‖x‖² − ‖Ax‖² = Σ_i Σ_{j<k} (a_ij x_k − a_ik x_j)²: the certificate at one stroke."""
    for size in (2, 3):
        matrix, entries = generic_matrix(size, " ".join(f"x{k + 1}" for k in range(size)))
        vector = np.array(entries, dtype=object)
        image = matrix @ vector
        squares = sum(
            (row[j] * vector[k] + sign * row[k] * vector[j]) ** 2
            for row in matrix
            for j, k in pairs(size)
        )
        identical(
            (matrix * matrix).sum() * (vector * vector).sum() - (image * image).sum(),
            squares,
            "Lagrange's identity fails",
        )


@check(
    FROBENIUS_CONTRACTION,
    part="convergence",
    establishes=proof(over="every n, every γ in [0, 1)", by="non-negative combination"),
    claimed=dict(reach=lambda gamma: gamma),
    controls={
        "squared discount": dict(reach=lambda gamma: gamma * gamma),
        "half the discount": dict(reach=lambda gamma: gamma / 2),
        "complement of the discount": dict(reach=lambda gamma: 1 - gamma),
    },
)
def reach_stays_below_the_discount(reach):
    """ρ(Â) ≤ 1 by the chain of norms, so γρ(Â) ≤ γ < 1."""
    entails(
        reach(GAMMA) - GAMMA * RADIUS,
        given={"gamma": GAMMA, "discount": 1 - GAMMA, "radius": RADIUS, "norms": 1 - RADIUS},
        certificate=[(1, ["gamma", "norms"], [])],
        message="γρ exceeds the discount",
    )


ROW_J, ROW_K, ROW_L = scalars("r_j r_k r_l")
RE_J, RE_K, RE_L, IM_J, IM_K, IM_L = scalars("re_j re_k re_l im_j im_k im_l")


def _parallel() -> dict[str, object]:
    names = ["r_j", "r_k", "r_l", "re_j", "re_k", "re_l", "im_j", "im_k", "im_l"]
    return dict(zip(names, map(rational, (2, 1, 3, 4, 2, 6, -2, -1, -3)), strict=True))


def _unit_eigenvector() -> dict[str, object]:
    """Eigenvalue 1/2 of a matrix that is neither symmetric nor of rank one."""
    unit = rational_array([["3/5"], ["4/5"]])
    matrix = rational_array([["1/10", "3/10"], ["2/3", 0]])
    return {
        **{"A": matrix, "At": matrix.T, "u": unit, "ut": unit.T, "lambda": rational("1/2")},
        "frobenius": (matrix * matrix).sum(),
    }


@check(
    FROBENIUS_CONTRACTION,
    part="equality",
    establishes=proof(over="every n, every real matrix", by="free algebra with traces"),
    claimed=dict(distance=FROBENIUS - LAMBDA * LAMBDA, factor=LAMBDA, minor=RE_K * IM_L),
    controls={
        "eigenvalue not squared": dict(distance=FROBENIUS - LAMBDA),
        "square added": dict(distance=FROBENIUS + LAMBDA * LAMBDA),
        "projector without the eigenvalue": dict(factor=FreeElement.one()),
        "one product of the minor": dict(minor=2 * RE_K * IM_L),
    },
)
def equality_is_symmetric_rank_one(distance, factor, minor):
    """⇐: (λuuᵀ)u = λu for a unit vector u, and ‖λuuᵀ‖_F = |λ|; so |λ| = 1 has ρ = 1.

    ⇒: let ‖Â‖_F = 1 and |λ| = 1. Then ‖Âz‖ = ‖Â‖_F‖z‖ for real and imaginary part z of the
    eigenvector, so all squares of Lagrange's identity vanish: r_j z_k = r_k z_j for every row r.
    For a row with r_j ≠ 0 the minors re_k im_l − re_l im_k vanish, that is, both parts are
    parallel: λ is real, with a real unit eigenvector u. For that
    ‖Â − λuuᵀ‖_F² = ‖Â‖_F² − λ² = 0, hence Â = λuuᵀ.
    """
    real = {"k": ROW_J * RE_K - ROW_K * RE_J, "l": ROW_J * RE_L - ROW_L * RE_J}
    imaginary = {"k": ROW_J * IM_K - ROW_K * IM_J, "l": ROW_J * IM_L - ROW_L * IM_J}
    follows(
        ROW_J * ROW_J * (minor - RE_L * IM_K),
        using=[
            (1, real["k"], ROW_J * IM_L),
            (ROW_K * RE_J, imaginary["l"], 1),
            (-1, real["l"], ROW_J * IM_K),
            (-1 * ROW_L * RE_J, imaginary["k"], 1),
        ],
        models=[_parallel()],
        message="real and imaginary part are not parallel",
    )
    unit, eigen = UT @ U - 1, A @ U - LAMBDA * U
    projector = U @ UT
    follows(
        LAMBDA * projector @ U - factor * U,
        using=[(LAMBDA * U, unit, 1)],
        models=[_unit_eigenvector()],
        message="the rank-one matrix has another eigenvalue",
    )
    equal_traces(
        (AT - LAMBDA * projector) @ (A - factor * projector),
        AT @ A - 2 * LAMBDA * A @ projector + LAMBDA * LAMBDA * projector @ projector,
        transposes={"A": "At", "u": "ut"},
        message="squared distance to the rank-one matrix",
    )
    # tr(AᵀA) = ‖A‖_F², tr(A u uᵀ) = uᵀAu, tr(u uᵀu uᵀ) = (uᵀu)².
    follows(
        FROBENIUS - 2 * LAMBDA * UT @ A @ U + LAMBDA * LAMBDA * UT @ U @ UT @ U - distance,
        using=[
            (-2 * LAMBDA * UT, eigen, 1),
            (-2 * LAMBDA * LAMBDA, unit, 1),
            (LAMBDA * LAMBDA, unit, UT @ U + 1),
        ],
        models=[_unit_eigenvector()],
        message="the distance is another",
    )


def _perron_root(matrix: np.ndarray) -> float:
    """ρ by power iteration; rectified Gaussian affinities have a wide spectral gap."""
    vector = np.ones(len(matrix))
    for _ in range(60):
        vector = matrix @ vector
        vector /= vector.sum()
    return float((matrix @ vector).sum())


@plot(FROBENIUS_CONTRACTION)
def radius_of_rectified_gaussians() -> Plot:
    """Spectral radius of Â for Gaussian queries and keys."""
    generator = np.random.default_rng(20260300175)
    settings = ((8, 8), (16, 8), (32, 8), (64, 16), (128, 32), (196, 64))
    lowest, mean, highest = [], [], []
    for tokens, width in settings:
        radii = []
        for _ in range(10):
            query, key = generator.standard_normal((2, tokens, width))
            normalised = frobenius_normalised(affinity(query, key))
            radii.append(_perron_root(normalised))
        lowest.append(float(min(radii)))
        mean.append(float(np.mean(radii)))
        highest.append(float(max(radii)))
    axis = [float(tokens) for tokens, _ in settings]
    limit = float(1 / np.sqrt(np.pi))
    return Plot(
        title="Spectral radius of the Frobenius-normalised affinities",
        x_label="number of tokens N",
        y_label="ρ(Â)",
        x_scale="log",
        series=[
            Series(label="mean of 10", x=axis, y=mean),
            Series(label="smallest", x=axis, y=lowest, style="points"),
            Series(label="largest", x=axis, y=highest, style="points"),
            Series(label="1/√π", x=axis, y=[limit] * len(axis), style="guide"),
            Series(label="bound", x=axis, y=[1.0] * len(axis), style="guide"),
        ],
        caption="Gaussian queries and keys of width 8 to 64. The mean over the root mean square "
        "of a rectified Gaussian is 1/√π = 0.564, which the radius approaches.",
    )
