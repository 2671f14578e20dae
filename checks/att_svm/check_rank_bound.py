"""Components across the queries, or across the differences of tokens, only add to the norm."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.max_margin import RANK_BOUND

# a is the row of a difference of tokens, z a query; P and Q project on the spans of all of them.
W, Wt, P, Q, a, z = letters("W Wt P Q a z")


def _projected() -> dict[str, object]:
    matrix = rational_array([[1, 2], [3, 5]])
    return {
        "W": matrix,
        "Wt": matrix.T.copy(),
        "P": rational_array([["1/5", "2/5"], ["2/5", "4/5"]]),
        "Q": rational_array([[1, 0], [0, 0]]),
        "a": rational_array([[3, 0]]),
        "z": rational_array([[1], [2]]),
    }


@check(
    RANK_BOUND,
    part="margins",
    establishes=proof(over="every n, T, d, every W"),
    claimed=dict(projected=Q * W * P),
    controls={
        "projectors exchanged": dict(projected=P * W * Q),
        "projected away": dict(projected=W - W * P),
        "transposed": dict(projected=Q * Wt * P),
    },
)
def same_margins(projected) -> None:
    """⟨A, QWP⟩ = aᵀ Q W P z with aᵀQ = aᵀ and P z = z."""
    follows(
        a * projected * z - a * W * z,
        using=[(1, a * Q - a, W * P * z), (a * W, P * z - z, 1)],
        models=[_projected()],
        message="the margin is another",
    )


@check(
    RANK_BOUND,
    part="Frobenius norm",
    establishes=proof(over="every d, every W and every orthogonal projector"),
    claimed=dict(across=W - W * P, turned=Wt - P * Wt, into=P),
    controls={
        "part across the span dropped": dict(across=0 * W),
        "reflection": dict(across=W - 2 * W * P, turned=Wt - 2 * P * Wt),
        "twice the projection": dict(into=2 * P),
        "the matrix itself": dict(across=W, turned=Wt),
    },
)
def pythagoras(across, turned, into) -> None:
    """WWᵀ = (WP)(WP)ᵀ + (W − WP)(W − WP)ᵀ for P = Pᵀ = P²; then take the trace. So a solution has
    W = WP, and by transposition W = QW."""
    follows(
        W * Wt - W * into * into * Wt - across * turned,
        using=[(2 * W, P - P * P, Wt)],
        models=[_projected()],
        message="the squares do not add up",
    )


# S and T are the positive roots of WWᵀ and WPWᵀ, and v is an eigenvector of S − T.
S, T, v, vt = letters("S T v vt")
eigenvalue, sigma, nu, inverse = scalars("eigenvalue sigma nu inverse")


def _roots() -> dict[str, object]:
    return {
        "S": rational_array([[3, 0], [0, 2]]),
        "T": rational_array([[1, 0], [0, 2]]),
        "v": rational_array([[1], [0]]),
        "vt": rational_array([[1, 0]]),
        "eigenvalue": rational(2),
    }


@check(
    RANK_BOUND,
    part="nuclear norm",
    establishes=proof(over="every d, every W and every orthogonal projector"),
    claimed=dict(squares=S * S - T * T, total=S + T),
    controls={
        "difference of the roots": dict(total=S - T),
        "sum of the squares": dict(squares=S * S + T * T),
        "square of the difference": dict(squares=(S - T) * (S - T)),
        "twice the sum": dict(total=2 * (S + T)),
    },
)
def roots_are_ordered(squares, total) -> None:
    """‖W‖⋆ = tr S and ‖WP‖⋆ = tr T. As S² − T² = S(S − T) + (S − T)T, an eigenvector of S − T
    with eigenvalue μ has μ vᵀ(S + T)v = vᵀ(S² − T²)v = ‖(I − P)Wᵀv‖² ≥ 0. If μ < 0, then
    vᵀSv = vᵀTv = 0 as both are not negative, so Sv = Tv = 0 and μv = 0, which is absurd. So
    S − T ⪰ 0 and tr S ≥ tr T. Equality of the traces forces S = T, so W(I − P)Wᵀ = 0 and W = WP.

    Machine-checked: the equation, and the sign. Classical: roots of positive matrices, spectra.
    """
    follows(
        vt * squares * v - eigenvalue * vt * total * v,
        using=[
            (vt * S, (S - T) * v - eigenvalue * v, 1),
            (1, vt * (S - T) - eigenvalue * vt, T * v),
        ],
        models=[_roots()],
        message="the eigenvalue does not relate sum and difference of squares",
    )


@check(
    RANK_BOUND,
    part="nuclear norm",
    establishes=proof(over="every d", by="non-negative combination"),
    claimed=dict(conclusion=-sigma),
    controls={
        "strictly negative": dict(conclusion=-sigma - nu),
        "less than minus one": dict(conclusion=-sigma - 1),
    },
)
def negative_eigenvalues_are_absurd(conclusion) -> None:
    """With μ = −ν, ν > 0, and σ = vᵀ(S + T)v ≥ 0: −νσ = ‖(I − P)Wᵀv‖² ≥ 0, so −σ ≥ 0, and σ = 0."""
    entails(
        conclusion,
        given={"−ν σ": -nu * sigma, "σ": sigma, "ν": nu, "1/ν": inverse}
        | {"ν/ν − 1": inverse * nu - 1},
        certificate=[(1, ["−ν σ", "1/ν"], []), (1, ["ν/ν − 1", "σ"], [])],
        models=[{"sigma": rational(0), "nu": rational(2), "inverse": rational("1/2")}],
        message="the sum need not vanish",
    )


B, Z, N = letters("B Z N")


@check(
    RANK_BOUND,
    part="rank",
    establishes=proof(over="every n, T, d", by="free algebra; rank of a product, cited"),
    claimed=dict(matrix=B * Z, inner=N),
    controls={
        "not across the queries": dict(inner=1 + 0 * N),
        "a component across the queries": dict(matrix=B * Z + P),
        "factors exchanged": dict(matrix=Z * B),
    },
)
def factors_through_the_queries(matrix, inner) -> None:
    """Column i of B is Σ_t λ_it (x_iα − x_it), row i of Z is z_iᵀ, so B Z has at most the n rows of
    Z to choose from: whatever N maps into their kernel, Z N = 0, has W N = 0. For the nuclear norm
    W = WP does the same, as P N = 0. So rank W ≤ rank Z ≤ min(n, d)."""
    follows(
        matrix * inner,
        using=[(B, Z * N, 1)],
        models=[
            {
                "B": rational_array([[2, 1], [5, 3]]),
                "Z": rational_array([[1, 2], [2, 4]]),
                "N": rational_array([[2, 4], [-1, -2]]),
                "P": rational_array([[0, 1], [1, 0]]),
            }
        ],
        message="the matrix has a component across the queries",
    )


E, Et = letters("E Et")


@check(
    RANK_BOUND,
    part="reached",
    establishes=proof(over="every n ≤ d"),
    claimed=dict(matrix=E * Et, least=1),
    controls={
        "twice the matrix": dict(matrix=2 * E * Et),
        "margin two": dict(least=2),
    },
)
def as_many_as_unit_vectors(matrix, least) -> None:
    """E has the columns e_1 … e_n, and A_i = e_i e_iᵀ. W = Σ A_i = EEᵀ, with all multipliers one,
    has the margins e_iᵀ W e_i = 1, so it meets the conditions. EᵀWE = 1 has rank n, so W has."""
    follows(
        Et * matrix * E - least,
        using=[(1, Et * E - 1, 1), (1, Et * E - 1, Et * E)],
        models=[
            {
                "E": rational_array([[1, 0], [0, 1]]),
                "Et": rational_array([[1, 0], [0, 1]]),
            }
        ],
        message="the margins are not one",
    )
