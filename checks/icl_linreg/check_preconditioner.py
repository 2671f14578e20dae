"""The best preconditioner for inputs with a covariance, for every length and dimension."""

from __future__ import annotations

from functools import cache

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.gaussian_expectation import gaussian_expectation
from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, note, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.icl_linreg.preconditioner import PRECONDITIONER

# Variance of a coordinate of β, of the noise; variances s_i of the coordinates of x.
TAU, NOISE = scalars("tau noise")


def _plain(tokens, labels):
    """``L Σ_l y_l x_l``, that is L² v."""
    return len(labels) * (labels @ tokens)


def _centred(tokens, labels):
    """``Σ_{l,m} y_l (x_l − x_m)``, that is L² v."""
    return len(labels) * (labels @ tokens) - np.sum(labels) * tokens.sum(axis=0)


@cache
def _moments(vector, length: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """``L⁴ E vvᵀ`` and ``L² E vβᵀ``, exactly, as polynomials in s, τ and σ²."""
    variances: dict[str, object] = {}

    def normal(label: str, variance: object) -> FreeElement:
        variances[label] = variance
        return scalars(label)[0]

    spread = scalars(f"s{i}" for i in range(dimension))
    tokens = np.array(
        [[normal(f"x{row}_{i}", spread[i]) for i in range(dimension)] for row in range(length)]
    )
    weights = np.array([normal(f"b{i}", TAU) for i in range(dimension)])
    labels = tokens @ weights + np.array([normal(f"e{row}", NOISE) for row in range(length)])
    v = vector(tokens, labels)

    def expected(left, right):
        made = np.empty((dimension, dimension), dtype=object)
        for i, j in np.ndindex(dimension, dimension):
            made[i, j] = gaussian_expectation(left[i] * right[j], variances)
        return made

    return expected(v, v), expected(v, weights)


def _compare(vector, second, cross) -> None:
    for length in range(1, 5):
        for dimension in (1, 2, 3):
            spread = scalars(f"s{i}" for i in range(dimension))
            trace = sum(spread, FreeElement.constant(0))
            found = _moments(vector, length, dimension)
            for i, j in np.ndindex(dimension, dimension):
                stated = (
                    second(length, spread[i], trace) if i == j else FreeElement.constant(0),
                    cross(length, spread[i]) if i == j else FreeElement.constant(0),
                )
                for value, expected in zip(found, stated, strict=True):
                    follows(
                        value[i, j] - expected,
                        message=f"another moment at L = {length}, d = {dimension}, ({i}, {j})",
                    )


def _second_plain(n, s, trace):
    return n**3 * s * (TAU * ((n + 1) * s + trace) + NOISE)


def _second_centred(n, s, trace):
    return n**2 * (n - 1) * s * (TAU * (n * s + trace) + NOISE)


OVER = "every L, every d (interpolation in L; each moment involves at most three coordinates)"


def _optimum(second, cross, inverse_of) -> None:
    """``N_i/M_i`` in ℚ(s, trace, L, d, σ²) at τ = 1/d against the stated eigenvalue."""
    s, trace, n, d, noise = variables("s trace L d noise")
    moment = second(n, s, trace, 1 / d, noise) / n**4
    identical(
        cross(n, s, 1 / d) / n**2 / moment,
        1 / inverse_of(s, trace, n, d, noise),
        "the best preconditioner is another",
    )


@check(
    PRECONDITIONER,
    part="gradient descent",
    establishes=proof(over=OVER, by="Isserlis' formula on symbols"),
    claimed=dict(
        vector=_plain,
        second=_second_plain,
        inverse_of=lambda s, trace, n, d, noise: (1 + 1 / n) * s + (trace + d * noise) / n,
    ),
    controls={
        "inverse covariance": dict(inverse_of=lambda s, trace, n, d, noise: s),
        "formula of the debiased step": dict(
            inverse_of=lambda s, trace, n, d, noise: s + (trace + d * noise) / n
        ),
        "noise not times d": dict(
            inverse_of=lambda s, trace, n, d, noise: (1 + 1 / n) * s + (trace + noise) / n
        ),
        "moment without the trace": dict(
            second=lambda n, s, trace: n**3 * s * (TAU * (n + 1) * s + NOISE)
        ),
    },
)
def best_preconditioner(vector, second, inverse_of) -> None:
    """L²v is a sum over two token indices; ``L⁴ E v_i v_k`` over four and the two coordinates of
    β, which have to agree. So it is a polynomial in L of degree ≤ 4 without constant, fixed by
    L ≤ 4, and a sum over one coordinate j of terms in s_i, s_k, s_j: d ≤ 3 shows every case of
    equal and different i, k, j."""
    _compare(vector, second, lambda n, s: n**2 * TAU * s)
    _optimum(
        lambda n, s, trace, tau, noise: n**3 * s * (tau * ((n + 1) * s + trace) + noise),
        lambda n, s, tau: n**2 * tau * s,
        inverse_of,
    )


@check(
    PRECONDITIONER,
    part="debiased",
    establishes=proof(over=OVER, by="Isserlis' formula on symbols"),
    claimed=dict(
        vector=_centred,
        second=_second_centred,
        inverse_of=lambda s, trace, n, d, noise: s + (trace + d * noise) / n,
    ),
    controls={
        "inverse covariance": dict(inverse_of=lambda s, trace, n, d, noise: s),
        "formula of the plain step": dict(
            inverse_of=lambda s, trace, n, d, noise: (1 + 1 / n) * s + (trace + d * noise) / n
        ),
        "L - 1 in the denominator": dict(
            inverse_of=lambda s, trace, n, d, noise: s + (trace + d * noise) / (n - 1)
        ),
        "mean left in": dict(vector=_plain),
    },
)
def best_debiased_preconditioner(vector, second, inverse_of) -> None:
    """The same argument for the centred tokens."""
    _compare(vector, second, lambda n, s: n * (n - 1) * TAU * s)
    _optimum(
        lambda n, s, trace, tau, noise: n**2 * (n - 1) * s * (tau * (n * s + trace) + noise),
        lambda n, s, tau: n * (n - 1) * tau * s,
        inverse_of,
    )
    spread, n, noise = rational_array([2, 1, "1/2", "1/4"]), rational(30), rational("1/5")
    trace, d = sum(spread), 4

    def least(second, cross):
        gained = sum(cross(s) ** 2 * s / second(s) for s in spread)
        return float(to_float([trace / d + noise - gained])[0])

    plain = least(
        lambda s: s * (((n + 1) * s + trace) / d + noise) / n,
        lambda s: s / d,
    )
    centred = least(
        lambda s: (n - 1) * s * ((n * s + trace) / d + noise) / n**2,
        lambda s: (n - 1) * s / d / n,
    )
    note(
        example="Σ = diag(2, 1, 1/2, 1/4), L = 30, σ² = 1/5",
        best_risk_plain=plain,
        best_risk_debiased=centred,
    )


Q, QT, V, VT, G, GT, BE, BET = letters("q qt v vt G Gt be bet")


@check(
    PRECONDITIONER,
    part="risk",
    establishes=proof(over="every L, d, Γ; joint law with x_q independent of the rest"),
    claimed=dict(cross=2),
    controls={
        "cross term once": dict(cross=1),
        "cross term with the other sign": dict(cross=-2),
    },
)
def risk_as_a_quadratic_form(cross) -> None:
    """``(vᵀΓq − βᵀq)² − (βᵀq)² = vᵀΓqqᵀΓᵀv − 2 vᵀΓqqᵀβ`` in the free algebra, the numbers
    ``qᵀβ = βᵀq`` and ``qᵀΓᵀv = vᵀΓq`` as hypotheses. Expectation over q puts Σ for qqᵀ, and the
    trace of a product with vvᵀ or vβᵀ gives M and N (linearity, classical). The noise of the query
    is independent and adds its variance."""
    error = VT * G * Q - BET * Q
    follows(
        error * error
        - BET * Q * BET * Q
        - (VT * G * Q * QT * GT * V - cross * VT * G * Q * QT * BE),
        using=[
            (VT * G * Q, VT * G * Q - QT * GT * V, 1),
            (-1, BET * Q - QT * BE, VT * G * Q),
            (-1, QT * BE * (VT * G * Q) - VT * G * Q * (QT * BE), 1),
            (-VT * G * Q, BET * Q - QT * BE, 1),
        ],
        models=[_column_model()],
        message="the risk is another quadratic form",
    )


def _column_model() -> dict[str, object]:
    q, v, be = (rational_array([[a], [b]]) for a, b in ((1, 2), (3, -1), (2, 5)))
    matrix = rational_array([[1, 2], [0, 3]])
    return {
        **{"q": q, "qt": q.T, "v": v, "vt": v.T, "G": matrix, "Gt": matrix.T},
        **{"be": be, "bet": be.T},
    }


@check(
    PRECONDITIONER,
    part="unique",
    establishes=proof(over="every d, every Γ, positive M and Σ", by="completing the square"),
    claimed=dict(off_diagonal=0, shift=1),
    controls={
        "off-diagonal entries help": dict(off_diagonal=1),
        "another diagonal": dict(shift=2),
    },
)
def strictly_convex(off_diagonal, shift) -> None:
    """In the eigenbasis M = diag(M_i), N = diag(N_i) and Σ = diag(s_i): the entry Γ_ik enters as
    ``M_i s_k Γ_ik² − 2δ_ik N_i s_i Γ_ii``. Each is ``M_i s_k (Γ_ik − δ_ik N_i/M_i)²`` less a
    constant, with a positive factor: zero off the diagonal, N_i/M_i on it, and nothing else."""
    m, nn, s, g = variables("M N s gamma")
    for diagonal in (0, 1):
        entered = m * s * g**2 - 2 * diagonal * nn * s * g
        best = shift * nn / m if diagonal else off_diagonal * nn / m
        constant = diagonal * nn**2 * s / m
        identical(entered, m * s * (g - best) ** 2 - constant, "the minimiser is another")
