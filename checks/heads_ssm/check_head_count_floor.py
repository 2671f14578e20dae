"""The least error of too few heads: a theorem, and one system in balls."""

from __future__ import annotations

from itertools import product

import numpy as np
from flint import fmpq

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, enclosure, exact, note, proof, refute_unless
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.linear_state_space_model import (
    lag_operators,
    linear_state_space_model,
)
from attnproof.theory.paper.heads_ssm.eckart_young_floor import (
    best_coefficients,
    floors,
    leading_value_maps,
    risk,
)
from attnproof.theory.paper.heads_ssm.head_count import OPERATOR_LOWER_BOUND
from attnproof.theory.paper.heads_ssm.two_rotations import LENGTH, two_rotations
from attnproof.theory.paper.heads_ssm.value_frame import heads_output

D, E, Dt, Et, X, Y, Z, Zt = letters("D E Dt Et X Y Z Zt")


def _moments(x, y, z) -> dict[str, np.ndarray]:
    return {
        **{"D": rational_array([[1, 2]]), "Dt": rational_array([[1], [2]])},
        **{"E": rational_array([[3, -1]]), "Et": rational_array([[3], [-1]])},
        **{"X": rational_array(x), "Y": rational_array(y)},
        **{"Z": rational_array(z), "Zt": rational_array(z).T},
    }


UNIT, NOTHING = [[1, 0], [0, 1]], [[0, 0], [0, 0]]


@check(
    OPERATOR_LOWER_BOUND,
    part="risk",
    establishes=proof(over="every n, p, d, every white distribution (induction over the tokens)"),
    claimed=dict(moments=_moments(UNIT, UNIT, NOTHING)),
    controls={
        "tokens that are correlated": dict(moments=_moments(UNIT, UNIT, [[1, 0], [0, 0]])),
        "a token of another size": dict(moments=_moments(UNIT, [[2, 0], [0, 2]], NOTHING)),
    },
)
def white_inputs_see_the_norm(moments) -> None:
    """The error at i is D x + E x_j, with the row D of the blocks of all tokens before x_j. Its
    second moment is D X Dᵀ + D Z Eᵀ + E Zᵀ Dᵀ + E Y Eᵀ for the moments X, Z, Y of the tokens; with
    X = Y = I and Z = 0 it is D Dᵀ + E Eᵀ, and the trace adds the squared norms of the blocks."""
    steps = [
        *((D, X - 1, Dt), (D, Z, Et), (E, Zt, Dt), (E, Y - 1, Et)),
    ]
    follows(
        D * X * Dt + D * Z * Et + E * Zt * Dt + E * Y * Et - (D * Dt + E * Et),
        using=held_premises(steps, moments),
        models=[moments],
        message="the second moment is not the sum of the squares",
    )


def _signs(count: int) -> list[tuple]:
    return list(product((-1, 1), repeat=count))


@check(
    OPERATOR_LOWER_BOUND,
    part="risk",
    establishes=exact(bound="one system, n = 3, d = p = 2, two heads, all 64 inputs of signs"),
    claimed=dict(inputs=_signs, stated=risk),
    controls={
        "inputs that are not centred": dict(
            inputs=lambda count: list(product((0, 1), repeat=count))
        ),
        "every lag counted once": dict(
            stated=lambda lags, V, f: (
                sum(
                    ((one := lags[t] - sum(f[h, t] * V[h] for h in range(2))) * one).sum()
                    for t in range(3)
                )
                / 3
            )
        ),
        "the sum in place of the mean": dict(stated=lambda lags, V, f: 3 * risk(lags, V, f)),
    },
)
def mean_over_all_signs(inputs, stated) -> None:
    """Independent signs are white: the mean over all of them of the squared distance between the
    outputs of the recurrence and of the heads, neither of which knows of the formula."""
    length = 3
    system = (rational_array([["1/2", 1], [0, -1]]), *map(rational_array, ([[1, 0], [2, 1]],) * 2))
    lags = lag_operators(*system, length)
    value_maps = rational_array([[[1, 0], [1, 1]], [[0, 2], [1, 0]]])
    weights = rational_array([[1, "1/2", -1], [0, 1, "1/3"]])
    total = rational(0)
    drawn = inputs(2 * length)
    for signs in drawn:
        tokens = rational_array(np.array(signs).reshape(length, 2))
        rest = linear_state_space_model(*system, tokens) - heads_output(
            value_maps, lambda i, j, X: weights[:, i - j], tokens
        )
        total = total + (rest * rest).sum() / length
    mean, formula = total / len(drawn), stated(lags, value_maps, weights)
    refute_unless(
        mean == formula, "the mean is another", lag_operators=lags, mean=mean, stated=formula
    )


U, Ut, F, Ft, V, Vt, P, u, ut, S, R, L = letters("U Ut F Ft V Vt P u ut S R L")
gap, large, small, level, share, left = scalars("gap large small level share left")


def _projected(projector) -> dict[str, np.ndarray]:
    matrices = {"U": [[1, 2], [3, 1]], "F": [[1], [2]], "V": [[3, 0]], "u": [[3], [4]]}
    model = {name: rational_array(value) for name, value in matrices.items()}
    model["u"] = model["u"] / 5
    model |= {name + "t": value.T for name, value in model.items()}
    return {**model, "P": rational_array(projector)}


AXIS = [[1, 0], [0, 0]]
SHARES = ("share", "rest", "few")


@check(
    OPERATOR_LOWER_BOUND,
    part="floor",
    establishes=proof(
        over="every n, p, d, H, every system", by="free algebra, traces and inequalities"
    ),
    claimed=dict(model=_projected(AXIS), kept=lambda s: s, bounds=SHARES),
    controls={
        "a projector that misses the value maps": dict(model=_projected([[0, 0], [0, 1]])),
        "a matrix that is no projector": dict(model=_projected([[1, 0], [0, 2]])),
        "the residual doubled": dict(kept=lambda s: 2 * s),
        "shares above one": dict(bounds=("share", "few")),
        "negative shares": dict(bounds=("rest", "few")),
        "more shares than heads": dict(bounds=("share", "rest")),
    },
)
def eckart_young(model, kept, bounds) -> None:
    """The rows of U are the M_{i−j}, one for every pair, those of F the coefficients, those of V
    the value maps, P the orthogonal projector onto the span of the value maps, tr P ≤ H.

    1. U − FV = (U − UP) + (UP − FV), and the two are orthogonal, row by row: the risk is at least
       that of U − UP, whose square is U Uᵀ − U P Uᵀ, of trace tr S − tr SP with S = Uᵀ U.
    2. S = Σ_r λ_r u_r u_rᵀ gives tr SP = Σ_r λ_r q_r with q_r = u_rᵀ P u_r = |P u_r|², and
       1 − q_r = |u_r − P u_r|²; so 0 ≤ q_r ≤ 1 and Σ q_r = tr P ≤ H.
    3. Let μ = λ_H. Going through r = 1, 2, …, the number
       g = Σ_{s ≤ min(r,H)} λ_s − Σ_{s ≤ r} λ_s q_s − μ (min(r, H) − Σ_{s ≤ r} q_s)
       grows by (λ_r − μ)(1 − q_r) for r ≤ H and by (μ − λ_r) q_r for r > H, so that g ≥ 0; hence
       Σ_{r ≤ H} λ_r − tr SP = g + μ (H − Σ q_r) ≥ 0, and tr S − tr SP ≥ Σ_{r>H} λ_r.

    Machine-checked: every step. Classical: S has an orthonormal basis of eigenvectors, and a
    subspace has an orthogonal projector, whose trace is its dimension.
    """
    idempotent, keeps = P * P - P, P * Vt - Vt
    follows(
        (U - U * P) * (P * Ut - Vt * Ft),
        using=held_premises([(-U, idempotent, Ut), (U, keeps, Ft)], model),
        models=[model],
        message="the two parts of the rest are not orthogonal",
    )
    follows(
        (U - U * P) * (Ut - P * Ut) - (kept(U * Ut) - U * P * Ut),
        using=held_premises([(U, idempotent, Ut)], model),
        models=[model],
        message="the square of the rest is another",
    )
    pairs = {"U": "Ut", "P": "P", "u": "ut"}
    equal_traces(U * P * Ut, Ut * U * P, transposes=pairs)
    equal_traces(u * ut * P, ut * P * u, transposes=pairs)
    for stated, square in (
        (ut * P * u, ut * P * P * u),
        (ut * u - ut * P * u, (ut - ut * P) * (u - P * u)),
    ):
        follows(
            stated - square,
            using=held_premises([(-ut, idempotent, u)], model),
            models=[model],
            message="a share is no square",
        )
    facts = {
        **{"gap": gap, "large": large - level, "small": level - small, "level": level},
        **{"share": share, "rest": 1 - share, "few": left},
    }
    steps = (
        (gap + large - large * share - level * (1 - share), ("gap", "large", "rest", "share")),
        (gap - small * share + level * share, ("gap", "small", "share", "rest")),
        (gap + level * left, ("gap", "level", "few")),
    )
    certificates = (
        [(1, ["gap"], []), (1, ["large", "rest"], [])],
        [(1, ["gap"], []), (1, ["small", "share"], [])],
        [(1, ["gap"], []), (1, ["level", "few"], [])],
    )
    for (conclusion, names), certificate in zip(steps, certificates, strict=True):
        given = {name: facts[name] for name in names if name in bounds or name not in SHARES}
        entails(
            conclusion,
            given=given,
            certificate=[term for term in certificate if set(term[1]) <= set(given)],
            message="the leading eigenvalues do not bound what the heads reach",
        )


def _eigen(value_maps, rest) -> dict[str, np.ndarray]:
    V0, L0, R0 = rational_array(value_maps), rational_array([[5]]), rational_array(rest)
    return {"V": V0, "Vt": V0.T, "L": L0, "R": R0, "S": V0.T @ L0 @ V0 + R0}


@check(
    OPERATOR_LOWER_BOUND,
    part="floor is reached",
    establishes=proof(over="every n, p, d, H, every system", by="free algebra and traces"),
    claimed=dict(model=_eigen([["3/5", "4/5"]], [[16, -12], [-12, 9]])),
    controls={
        "value maps that are not normalised": dict(model=_eigen([[3, 4]], [[16, -12], [-12, 9]])),
        "value maps that are no eigenvectors": dict(
            model=_eigen([["3/5", "4/5"]], [[16, 0], [0, 9]])
        ),
    },
)
def leading_eigenvectors(model) -> None:
    """S = Vᵀ Λ V + R with V Vᵀ = I and R Vᵀ = 0: V has the leading eigenvectors as rows, R is
    the sum over the others. With P = Vᵀ V and the coefficients F = U Vᵀ the rest is U − U P, whose
    square has the trace tr S − tr SP, and S − SP = R, of trace Σ_{r>H} λ_r."""
    steps = [
        *((1, S - Vt * L * V - R, 1), (-1, S - Vt * L * V - R, Vt * V)),
        *((-Vt * L, V * Vt - 1, V), (-1, R * Vt, V)),
    ]
    follows(
        S - S * Vt * V - R,
        using=held_premises(steps, model),
        models=[model],
        message="the rest is not what the other eigenvectors carry",
    )


@check(
    OPERATOR_LOWER_BOUND,
    part="floor is reached",
    establishes=enclosure(bound="one system of two damped rotations, p = d = 3, n = 8, 1 ≤ H ≤ 4"),
    claimed=dict(
        stated=lambda floor, heads: floor[heads],
        weigh=lambda length, lag: length - lag,
        heads_used=lambda heads: heads,
    ),
    controls={
        "the eigenvalue of the last head counted as lost": dict(
            stated=lambda floor, heads: floor[heads - 1]
        ),
        "one more head counted": dict(stated=lambda floor, heads: floor[heads + 1]),
        "every lag counted once": dict(weigh=lambda length, lag: 1),
        "one head fewer": dict(heads_used=lambda heads: heads - 1),
    },
)
def floor_of_two_rotations(stated, weigh, heads_used) -> None:
    """The eigenvalues of the rational Gram matrix are enclosed with 256 bits. For every H, exact
    rational heads, rounded eigenvectors, have a risk between the floor and 10⁻¹⁵ above it; it is
    added up block by block from the recurrence on unit inputs. With H = 4 it is zero."""
    system = two_rotations()
    lags = lag_operators(*system, LENGTH)
    found = {}
    with precision(256):
        floor = floors(lags)
        for heads in range(1, 5):
            used = heads_used(heads)
            maps = leading_value_maps(lags, used)
            reached = rational(0)
            weights = best_coefficients(lags, maps) if used else rational_array([])
            for lag in range(LENGTH):
                rest = lags[lag] - sum(weights[h, lag] * maps[h] for h in range(used))
                reached += weigh(LENGTH, lag) * (rest * rest).sum() / LENGTH
            bound = stated(floor, heads)
            at_most(bound, reached, "the heads are below the floor", H=heads, risk=reached)
            at_most(
                reached,
                bound + ball(fmpq(1, 10**15)),
                "the heads do not come down to the floor",
                H=heads,
                risk=reached,
            )
            found[heads] = floor[heads].str(12, radius=False)
    note(floor_by_heads=str(found))
