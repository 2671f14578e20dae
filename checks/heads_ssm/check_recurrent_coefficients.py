"""The coefficients of the heads obey the recurrence of the transition matrix."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import from_flint, to_flint
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.paper.heads_ssm.recurrent_coefficients import COEFFICIENTS_ARE_RECURRENT

B, C, D, E, F, G, K, M, N, P, Q, R = letters("B C D E F G K M N P Q R")
S, T, U, V, X, Y = letters("S T U V X Y")
a, b, e, g, h, q, r, s, t, v, x, z = letters("a b e g h q r s t v x z")
(c,) = scalars("c")
TURN, SHEAR = rational_array([[0, -1], [1, 0]]), rational_array([[1, 1], [0, 1]])
UNIT = rational_array([[1, 0], [0, 1]])


def _annihilated(**altered) -> dict[str, object]:
    """Q = 1 + J² = 0 for a quarter turn J, and T = J a power of it. Then a sum in the making:
    Y = C T S B for S = I + 2J, with R = J² and the coefficient 3 next; N holds the operators
    summed so far as a column, of value z under g, and r the next one, of value q."""
    model = {
        **{"B": SHEAR, "C": UNIT, "T": TURN, "Q": UNIT + TURN @ TURN, "S": UNIT + 2 * TURN},
        **{"R": TURN @ TURN, "c": rational(3), "g": rational_array([[2, -1]])},
        **{"N": rational_array([[1], [2]]), "r": rational_array([[1], [1]])},
        **altered,
    }
    model["Y"] = model["C"] @ model["T"] @ model["S"] @ model["B"]
    model["M"] = model["C"] @ model["T"] @ model["R"] @ model["B"]
    return {**model, "z": model["g"] @ model["N"], "q": model["g"] @ model["r"]}


@check(
    COEFFICIENTS_ARE_RECURRENT,
    part="recurrence",
    establishes=proof(over="every N, p, d, every A, B, C, every τ (induction over the terms)"),
    claimed=dict(model=_annihilated(), lag=C * T * Q * B, next_term=lambda: c * q, value=g * N),
    controls={
        "a polynomial that does not annihilate A": dict(model=_annihilated(Q=UNIT)),
        "coefficient left out": dict(next_term=lambda: q),
        "a functional that is not linear": dict(value=g * N + 1),
        "feed-through in every lag": dict(lag=C * T * Q * B + C * B),
    },
)
def linear_functionals_obey_the_recurrence(model, lag, next_term, value) -> None:
    """With T = A^τ and Q = Σ_l c_l A^l = 0:

    C T Q B = 0,
    C T (S + c R) B = C T S B + c (C T R B)     (so C T Q B = Σ_l c_l M_{τ+l}),
    g (N + c r) = g N + c (g r)                 (so the same sum of g vec M_{τ+l} is zero),
    g 0 = 0.
    """
    follows(
        lag,
        using=held_premises([(C * T, Q, B)], model),
        models=[model],
        message="the lag operators do not obey the recurrence",
    )
    parts = [(1, C * T * S * B - Y, 1), (c, C * T * R * B - M, 1)]
    follows(
        C * T * (S + c * R) * B - (Y + c * M),
        using=held_premises(parts, model),
        models=[model],
        message="the combination of powers is not that of the lag operators",
    )
    terms = [(1, g * N - z, 1), (c, g * r - q, 1)]
    follows(
        value + c * g * r - (z + next_term()),
        using=held_premises(terms, model),
        models=[model],
        message="the functional of the sum is not the sum of its values",
    )
    zero = {**model, "N": 0 * model["N"]}
    follows(
        value,
        using=[(g, N, 1)],
        models=[zero],
        message="the functional is not zero where the sum is",
    )


def _selected(**altered) -> dict[str, np.ndarray]:
    """U = V F of rank 2 with three rows; R selects rows 0 and 1, P the lags 0 and 2."""
    model = {
        **{
            "V": rational_array([[1, 0], [0, 1], [1, 1]]),
            "R": rational_array([[1, 0, 0], [0, 1, 0]]),
        },
        **{
            "F": rational_array([[1, 2, 1], [0, 1, 1]]),
            "T": rational_array([[1, 0], [0, 0], [0, 1]]),
        },
        **altered,
    }
    model["U"] = model.get("U", model["V"] @ model["F"])
    chosen = model["R"] @ model["U"] @ model["T"]
    return {**model, "G": from_flint(to_flint(chosen).inv()) @ model["R"]}


@check(
    COEFFICIENTS_ARE_RECURRENT,
    part="fixed functional",
    establishes=proof(over="every n, p, d, every U of rank k with an invertible minor of size k"),
    claimed=dict(model=_selected(), restored=U * T * G * U),
    controls={
        "a minor smaller than the rank": dict(
            model=_selected(R=rational_array([[1, 0, 0]]), T=rational_array([[1], [0], [0]]))
        ),
        "the pivot columns twice": dict(restored=2 * U * T * G * U),
        "value maps that are not lag operators": dict(restored=V * G * U),
    },
)
def pivots_give_a_functional(model, restored) -> None:
    """Let U = V F with k columns in V, T = S_P the choice of the lags P, and G = U_RP⁻¹ S_R, so
    that G U T = I_k. Then (G V)(F T) = I_k, both factors are square, hence (F T)(G V) = I, and
    U T G U = V (F T)(G V) F = V F = U: M_τ = Σ_h α_h(τ) M_{τ_h} with α(τ) = G vec M_τ.

    Machine-checked: both deductions. Classical: the one-sided inverse of a square matrix is its
    inverse, and U factors through as many columns as its rank.
    """
    factored = U - V * F
    follows(
        G * V * F * T - 1,
        using=held_premises([(1, G * U * T - 1, 1), (-G, factored, T)], model),
        models=[model],
        message="the functional is not one on the pivot lags",
    )
    steps = [
        *((1, factored, T * G * U), (V * F * T * G, factored, 1)),
        *((V, F * T * G * V - 1, F), (-1, factored, 1)),
    ]
    follows(
        restored - U,
        using=held_premises(steps, model),
        models=[model],
        message="the pivot lags do not give the lag operators back",
    )


def _companion(**altered) -> dict[str, np.ndarray]:
    """α = (1, 2, −1, …) with α(τ+2) = −α(τ): s = s_0, t = s_1; P drops the last entry and D the
    first, E = Pᵀ, h is the last unit row and g its transpose, a = (c_0, c_1)."""
    model = {
        **{"s": rational_array([[1], [2]]), "t": rational_array([[2], [-1]])},
        **{"P": rational_array([[1, 0]]), "D": rational_array([[0, 1]])},
        **{"h": rational_array([[0, 1]]), "a": rational_array([[1, 0]]), **altered},
    }
    return {**model, "E": model["P"].T, "g": model["h"].T}


@check(
    COEFFICIENTS_ARE_RECURRENT,
    part="companion matrix",
    establishes=proof(over="every m, every sequence with a recurrence of order m"),
    claimed=dict(model=_companion(), matrix=E * D - g * a),
    controls={
        "a sequence that breaks the recurrence": dict(
            model=_companion(t=rational_array([[2], [1]]))
        ),
        "opposite sign in the last row": dict(matrix=E * D + g * a),
        "without the last row": dict(matrix=E * D),
        "no shift": dict(matrix=1 - g * a),
    },
)
def the_companion_matrix_shifts(model, matrix) -> None:
    """The entries of t = s_{τ+1} but the last are those of s = s_τ but the first, P t = D s,
    and the last is h t = −a s by the recurrence. As Pᵀ P + hᵀ h = 1, the matrix F = Pᵀ D − hᵀ a has
    F s = Pᵀ P t + hᵀ h t = t. So s_τ = F^τ s_0, and α(τ) is its first entry."""
    steps = [(1, E * P + g * h - 1, t), (-E, P * t - D * s, 1), (-g, h * t + a * s, 1)]
    follows(
        matrix * s - t,
        using=held_premises(steps, model),
        models=[model],
        message="the matrix does not give the next entries",
    )


def _states(**altered) -> dict[str, object]:
    """α(τ) = e F^τ b with F = ½ J on two states; S after some tokens, its output and the next."""
    model = {
        **{"F": TURN / 2, "b": rational_array([[1], [1]]), "e": rational_array([[1, 2]])},
        **{"S": rational_array([[1, 2], [0, 1]]), "v": rational_array([[3, 1]]), "T": TURN},
        **altered,
    }
    model["X"] = model["S"] + model["T"] @ model["b"] @ model["v"]
    model["Y"] = model["F"] @ model["S"] + model["F"] @ model["T"] @ model["b"] @ model["v"]
    return model


@check(
    COEFFICIENTS_ARE_RECURRENT,
    part="constant state",
    establishes=proof(over="every m, p, d, n (induction over the tokens and the terms)"),
    claimed=dict(model=_states(), moved=F * X, entered=b * v),
    controls={
        "not moved": dict(moved=X),
        "moved twice": dict(moved=F * F * X),
        "token enters after a step": dict(entered=F * b * v),
    },
)
def the_state_holds_the_sum(model, moved, entered) -> None:
    """The claim S_i = Σ_{j ≤ i} F^{i−j} b (V x_j)ᵀ. A step multiplies each term by F (here for the
    sum X = S + T b v of some terms and one more, T = F^{i−j} and v = (V x_j)ᵀ), and adds the term
    of distance zero, b v. Then e S_i = Σ_j (e F^{i−j} b)(V x_j)ᵀ, which is Σ_j α(i−j) (V x_j)ᵀ."""
    follows(
        moved + entered - (Y + b * v),
        using=held_premises([(F, X - S - T * b * v, 1), (-1, Y - F * S - F * T * b * v, 1)], model),
        models=[model],
        message="the state does not hold the sum after the step",
    )
    follows(
        e * X - e * S - e * T * b * v,
        using=held_premises([(e, X - S - T * b * v, 1)], model),
        models=[model],
        message="the output is not the sum of the outputs",
    )


def _columns(**altered) -> dict[str, np.ndarray]:
    """The Hankel matrix of α = (1, 2, −1, −2, 1, …), m = 2: K = (K_1, K_2), x = K_3 = −K_1."""
    model = {
        **{
            "P": rational_array([[1, 2], [2, -1], [-1, -2]]),
            "F": rational_array([[0, -1], [1, 0]]),
        },
        **{"x": rational_array([[-2], [1], [2]]), "a": rational_array([[1], [0]]), **altered},
    }
    return {**model, "K": model["P"] @ model["F"]}


@check(
    COEFFICIENTS_ARE_RECURRENT,
    part="Hankel rank",
    establishes=proof(over="every sequence with a recurrence of order m (induction)"),
    claimed=dict(model=_columns(), stated=P * F * a),
    controls={
        "a column that breaks the recurrence": dict(
            model=_columns(x=rational_array([[1], [0], [0]]))
        ),
        "the column before": dict(stated=P * a),
        "opposite sign": dict(stated=-P * F * a),
    },
)
def later_columns_add_nothing(model, stated) -> None:
    """Let K hold the Hankel columns j … j + m − 1, P the first m, and a = (c_0, …, c_{m−1}). If
    K = P F, the column after them is x = −K a = −P (F a). So all columns are combinations of the
    first m, and the rank is at most m."""
    follows(
        x + stated,
        using=held_premises([(1, x + K * a, 1), (-1, K - P * F, a)], model),
        models=[model],
        message="the next column is not a combination of the first ones",
    )
