"""Bounds for the number of independent lag operators, for every size."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.heads_ssm.head_count import K_FORMULAS

A, B, C, E, F, G, H, J, K, L, M, P, Q, R, S, T, U, V, W, Y, Z = letters(
    "A B C E F G H J K L M P Q R S T U V W Y Z"
)
d, e, u, after, power = letters("d e u after power")
(c,) = scalars("c")


def _columns(**altered) -> dict[str, np.ndarray]:
    """U with two equal columns, one column more, and a column that D changes."""
    base = {"V": [[1], [2]], "F": [[1, 1]], "u": [[0], [1]], "d": [[3], [1]], "e": [[1, 0]]}
    base |= {"E": [[1, 0, 0], [0, 1, 0]], "J": [[0, 0, 1]], "Q": [[1, 0], [0, 1], [0, 0]]}
    base |= {"K": [[0, 1]]}
    model = {name: rational_array(value) for name, value in base.items()}
    model["U"] = model["V"] @ model["F"]
    return {**model, **altered}


@check(
    K_FORMULAS,
    part="growth",
    establishes=proof(over="every sequence of operators over a field"),
    claimed=dict(model=_columns(), longer=U * E + u * J),
    controls={
        "the columns so far doubled": dict(longer=2 * U * E + u * J),
        "the new column written over another": dict(model=_columns(J=rational_array([[0, 1, 0]]))),
        "the columns so far not factored": dict(model=_columns(U=rational_array([[1, 0], [0, 1]]))),
    },
)
def one_column_more(model, longer) -> None:
    """The matrix with one column more is U E + u J, E = [I 0] and J = [0 … 0 1]. If U = V F with k
    columns in V, it is [V u] times [F E; J], with k + 1 columns; and U is got back by dropping the
    last column, so that its rank is no larger."""
    follows(
        longer - (V * F * E + u * J),
        using=held_premises([(1, U - V * F, E)], model),
        models=[model],
        message="one column more is not one more in the factor",
    )
    follows(
        longer * Q - U,
        using=held_premises([(U, E * Q - 1, 1), (u, J * Q, 1)], model),
        models=[model],
        message="dropping the column does not give the matrix back",
    )


@check(
    K_FORMULAS,
    part="feed-through",
    establishes=proof(over="every A, B, C, D, n"),
    claimed=dict(changed=U + d * e, without=W - d * e, model=_columns()),
    controls={
        "two columns changed": dict(changed=U + d * e + u * K),
        "D subtracted": dict(changed=U - d * e),
        "the matrix without D not factored": dict(
            model=_columns(U=rational_array([[1, 0], [0, 1]]))
        ),
    },
)
def one_column_changed(changed, without, model) -> None:
    """D changes the first column of U only: U' = U + d e, d = vec D, e = (1, 0, …). If U = V F,
    then U' = [V d] [F; e], one column more; and U = U' − d e in the same way."""
    altered = {**model, "W": model["U"] + model["d"] @ model["e"]}
    follows(
        changed - (V * F + d * e),
        using=held_premises([(1, U - V * F, 1)], model),
        models=[model],
        message="the matrix with D is not factored with one column more",
    )
    follows(
        without - U,
        using=held_premises([(1, W - U - d * e, 1)], altered),
        models=[altered],
        message="the matrix without D is another",
    )


def _annihilated(**altered) -> dict[str, object]:
    """A of order 4: A² = −I. T = A, power = A², Q = I; then Q_1 = Q with r = 1: A + …"""
    turn, shear = rational_array([[0, -1], [1, 0]]), rational_array([[1, 1], [0, 1]])
    unit = rational_array([[1, 0], [0, 1]])
    base = {"A": turn, "B": shear, "C": unit, "T": turn, "L": -unit, "Q": unit, "c": rational(3)}
    base |= {"R": turn, "M": turn @ turn @ shear, "Y": turn @ shear}
    return {**base, **altered}


@check(
    K_FORMULAS,
    part="minimal polynomial",
    establishes=proof(over="every N, p, d, n, every A, B, C (induction)"),
    claimed=dict(model=_annihilated(), added=lambda: Q + c * R, reached=C * T * L * B),
    controls={
        "a polynomial that does not annihilate A": dict(
            model=_annihilated(Q=rational_array([[2, 0], [0, 2]]), Y=2 * _annihilated()["Y"])
        ),
        "coefficient left out": dict(added=lambda: Q + R),
        "a lag too early": dict(reached=C * L * B),
    },
)
def lags_obey_the_minimal_polynomial(model, added, reached) -> None:
    """m_A(A) = 0 means L + Q = 0 with L = A^m, Q = Σ_{r<m} c_r A^r. For T = A^τ it follows that
    M_{τ+m} + C T Q B = 0, and term by term C T (Σ_{r} c_r A^r) B = Σ_r c_r M_{τ+r}. So every lag
    operator from m on is a combination of the m before it, and by induction of M_0 … M_{m−1}:
    k_n = k_m ≤ m for n ≥ m; k_n ≤ n and k_n ≤ pd count columns and rows of U."""
    follows(
        reached + C * T * Q * B,
        using=held_premises([(C * T, L + Q, B)], model),
        models=[model],
        message="the lag operator is not the stated combination",
    )
    follows(
        C * T * added() * B - (Y + c * M),
        using=held_premises([(1, C * T * Q * B - Y, 1), (c, C * T * R * B - M, 1)], model),
        models=[model],
        message="the combination of powers is not that of the lag operators",
    )


def _shifted(**altered) -> dict[str, np.ndarray]:
    """Block rows and columns of M_τ = 2^τ: rank one; T and S drop the first column and row."""
    model = {
        **{"H": rational_array([[1, 2], [2, 4]]), "P": rational_array([[1], [2]])},
        **{"G": rational_array([[1, 2]]), "Q": rational_array([[1], [0]])},
        **{"S": rational_array([[2, 0], [0, 2]]), "T": rational_array([[2, 0], [0, 2]])},
        **{"A": rational_array([[2]]), "B": rational_array([[1]]), "power": rational_array([[2]])},
        "Z": rational_array([[2], [4]]),
    }
    return {**model, **altered}


@check(
    K_FORMULAS,
    part="state dimension",
    establishes=proof(over="every sequence of operators with a Hankel matrix of finite rank"),
    claimed=dict(model=_shifted(), moved=G * T * Q, step=lambda state: A * state),
    controls={
        "a matrix whose columns do not shift": dict(
            model=_shifted(S=rational_array([[0, 1], [1, 0]]))
        ),
        "the shift twice": dict(moved=G * T * T * Q),
        "two steps at once": dict(step=lambda state: A * A * state),
    },
)
def hankel_matrix_gives_a_state(model, moved, step) -> None:
    """Let H = P G be the block Hankel matrix, P = H Q with ν independent columns; S drops the
    first block row and T the first block column, so that S H = H T. Then S P = P a with
    a = G T Q: a state of dimension ν. The block column 0 is P b; if the column j is P a^j b, then
    the column j + 1, which is S times it, is P a^{j+1} b. The first block row of it is a lag
    operator: M_τ = c a^τ b. By the minimal polynomial of a, of degree ν at most (Cayley and
    Hamilton, classical), k_n ≤ ν."""
    follows(
        S * P - P * moved,
        using=held_premises(
            [(S, P - H * Q, 1), (1, S * H - H * T, Q), (1, H - P * G, T * Q)], model
        ),
        models=[model],
        message="the shift does not act on the columns as stated",
    )
    follows(
        S * Z - P * step(power * B),
        using=held_premises([(S, Z - P * power * B, 1), (1, S * P - P * A, power * B)], model),
        models=[model],
        message="the next block column is not reached by the state",
    )


def _spectral(**altered) -> dict[str, np.ndarray]:
    """A with the eigenvalues 1 and 3; V the Vandermonde matrix for n = 2, W its inverse."""
    R0, L0 = rational_array([[1, 1], [0, 1]]), rational_array([[1, -1], [0, 1]])
    eigenvalues = rational_array([[1, 0], [0, 3]])
    V0 = rational_array([[1, 1], [1, 3]])
    W0 = rational_array([["3/2", "-1/2"], ["-1/2", "1/2"]])
    K0 = rational_array([[1, 2], [0, 1], [2, 2]])
    base = {"R": R0, "L": L0, "J": eigenvalues, "A": R0 @ eigenvalues @ L0, "V": V0, "W": W0}
    base |= {"K": K0, "U": K0 @ V0, "T": R0 @ eigenvalues @ L0, "power": eigenvalues}
    return {**base, **altered}


@check(
    K_FORMULAS,
    part="distinct eigenvalues",
    establishes=proof(over="every N, p, d, n ≥ N, every field"),
    claimed=dict(model=_spectral(), next_power=lambda: power * J, points=("x", "y", "z")),
    controls={
        "vectors that are not dual": dict(model=_spectral(L=rational_array([[1, 0], [0, 1]]))),
        "eigenvalues once": dict(next_power=lambda: power),
        "equal eigenvalues": dict(
            model=_spectral(
                V=rational_array([[1, 1], [1, 1]]),
                U=_spectral()["K"] @ rational_array([[1, 1]] * 2),
            )
        ),
        "two points that coincide": dict(points=("x", "x", "z")),
    },
)
def vandermonde_is_undone(model, next_power, points) -> None:
    """A = R Λ L with L R = I: if A^τ = R Λ^τ L, then A^{τ+1} = R Λ^{τ+1} L, so that
    M_τ = Σ_l λ_l^τ c_l b_lᵀ, that is U = K V with the columns vec(c_l b_lᵀ) of K and V_lτ = λ_l^τ.
    For n ≥ N and distinct λ the coefficients of the Lagrange polynomials form W with V W = I (here
    as rational functions for three points; classical for all), hence K = U W and rank U = rank K.
    """
    steps = [
        *((1, T - R * power * L, A), (R * power * L, A - R * J * L, 1)),
        (R * power, L * R - 1, J * L),
    ]
    follows(
        T * A - R * next_power() * L,
        using=held_premises(steps, model),
        models=[model],
        message="the next power is another",
    )
    follows(
        U * W - K,
        using=held_premises([(1, U - K * V, W), (K, V * W - 1, 1)], model),
        models=[model],
        message="the rank-one matrices are not combinations of the lag operators",
    )
    symbols = dict(zip("xyz", variables("x y z"), strict=True))
    nodes = [symbols[name] for name in points]
    identical(_lagrange_values(nodes), np.eye(3, dtype=int), "the interpolation does not fit")


def _lagrange_values(nodes: list) -> np.ndarray:
    """The Lagrange polynomials of three points by coefficients, evaluated at these points."""
    symbols = variables("x y z")
    values = np.empty((3, 3), dtype=object)
    for m, centre in enumerate(symbols):
        first, second = [one for k, one in enumerate(symbols) if k != m]
        scale = (centre - first) * (centre - second)
        coefficients = (first * second / scale, -(first + second) / scale, 1 / scale)
        for row, node in enumerate(nodes):
            values[row, m] = sum(
                (term * node**k for k, term in enumerate(coefficients)), 0 * centre
            )
    return values


(inverse_of_c,) = scalars("v")


@check(
    K_FORMULAS,
    part="full access",
    establishes=proof(over="every N, n, every A"),
    claimed=dict(solved=lambda: power + inverse_of_c * Q),
    controls={
        "leading coefficient left in": dict(solved=lambda: power + Q),
        "sign of the rest": dict(solved=lambda: power - inverse_of_c * Q),
    },
)
def dependent_powers_annihilate(solved) -> None:
    """With B = C = I the lag operators are the powers of A. Were I, …, A^s dependent for some
    s < deg m_A, with the last coefficient c ≠ 0, then c A^s + Q = 0 with lower powers in Q gives
    the monic polynomial A^s + Q/c = 0 of degree s < deg m_A, against minimality. So the first
    deg m_A powers are independent, and the bound by the minimal polynomial is reached."""
    model = {
        **{"power": rational_array([[1, 2], [0, 1]]), "Q": rational_array([[-2, -4], [0, -2]])},
        **{"c": rational(2), "v": rational("1/2")},
    }
    follows(
        solved(),
        using=[(inverse_of_c, c * power + Q, 1), (-power, inverse_of_c * c - 1, 1)],
        models=[model],
        message="the polynomial does not annihilate the matrix",
    )
