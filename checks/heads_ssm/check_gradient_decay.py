"""Exponential decay of the gradients of a linear recurrence, by a Lyapunov certificate."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.heads_ssm.gradient_highway import GRADIENT_DECAY_SSM
from attnproof.theory.paper.heads_ssm.lyapunov_certificate import lyapunov_solution, near_jordan

A, B, C, R, D, H, X, Z = letters("A B C R D h x z")


def _power(matrix, exponent: int):
    result = FreeElement.one() if isinstance(matrix, FreeElement) else identity_like(matrix)
    for _ in range(exponent):
        result = result @ matrix
    return result


def _two_states() -> dict[str, object]:
    """A power D = A, a rest R, and two inputs x and z."""
    recurrence = rational_array([["1/2", 1], ["1/4", "-1/3"]])
    column, rest = rational_array([[1], [2]]), rational_array([[3], [-1]])
    one, two = rational_array([[1]]), rational_array([[2]])
    return {
        **{"A": recurrence, "B": column, "C": rational_array([[1, 3]]), "D": recurrence},
        **{"R": rest, "x": one, "z": two, "h": rest + recurrence @ column @ one},
    }


@check(
    GRADIENT_DECAY_SSM,
    part="lag operator",
    establishes=proof(over="every N, d, p, every distance (induction)"),
    claimed=dict(step=A * D, lag=lambda distance: distance),
    controls={
        "opposite sign": dict(step=-A * D),
        "no decay": dict(step=D),
        "transition applied twice": dict(step=A * A * D),
        "one step more": dict(lag=lambda distance: distance + 1),
        "twice the distance": dict(lag=lambda distance: 2 * distance),
    },
)
def linear_in_the_earlier_input(step, lag) -> None:
    """Step: if the state is h = R + D B x, where neither R nor D contains x, the next state
    Ah + Bz is (AR + Bz) + (AD) B x: the factor in front of Bx is multiplied by A. It starts at I,
    so that it is A^{i−j}. Tie to the definition: the recurrence run on letters, distances 0 … 6.
    """
    follows(
        A * H + B * Z - (A * R + B * Z) - step * B * X,
        using=[(A, H - R - D * B * X, 1)],
        models=[_two_states()],
        message="the coefficient of the earlier input is another",
    )
    state = FreeElement.constant(0)
    inputs = letters([f"x{i}" for i in range(7)])
    for i, token in enumerate(inputs):
        state = A * state + B * token
        stated = FreeElement.constant(0)
        for j in range(i + 1):
            stated = stated + C * _power(A, lag(i - j)) * B * inputs[j]
        follows(C * state - stated, message="the output is not the sum of the lag operators")


P, Q, G, W, WT, V, VT, AT = letters("P Q G w wt v vt At")
RATE, NOW, LIMIT, LOSS, SIZE, START = scalars("r energy limit loss size start")


def _certified() -> dict[str, object]:
    matrix, rate = near_jordan(), rational("19/20")
    form = lyapunov_solution(matrix, rate)
    vector = rational_array([[1], [2]])
    moved = matrix @ vector
    return {
        **{"A": matrix, "At": matrix.T, "P": form, "w": vector, "wt": vector.T},
        **{"v": moved, "vt": moved.T, "r": rate**2},
        "Q": rate**2 * form - matrix.T @ form @ matrix,
    }


@check(
    GRADIENT_DECAY_SSM,
    part="bound",
    establishes=proof(
        over="every N, every distance (induction)", by="free algebra and non-negative combination"
    ),
    claimed=dict(energy=lambda r, e, loss: r * e - loss, shrink=RATE, output=1),
    controls={
        "loss counted as gain": dict(energy=lambda r, e, loss: r * e + loss),
        "rate not squared away": dict(energy=lambda r, e, loss: e - loss),
        "one rate more": dict(shrink=RATE * RATE),
        "half the constant": dict(output="1/2"),
    },
)
def energy_shrinks_at_every_step(energy, shrink, output) -> None:
    """With Q = ρ²P − AᵀPA and v = Aw, in the free algebra vᵀPv = ρ² wᵀPw − wᵀQw. As Q ⪰ 0, the
    energy e_τ = w_τᵀPw_τ of w_τ = A^τ Bx satisfies e_τ ≤ ρ^{2τ} e_0 by induction; further
    ‖Cw_τ‖² ≤ c e_τ and e_0 ≤ b‖x‖² by the other two premises.
    """
    follows(
        VT * P * V - energy(RATE, WT * P * W, WT * Q * W),
        using=[
            (1, VT - WT * AT, P * V),
            (WT * AT * P, V - A * W, 1),
            (WT, AT * P * A - RATE * P + Q, W),
        ],
        models=[_certified()],
        message="the energy after a step is another",
    )
    entails(
        shrink * LIMIT - (RATE * NOW - LOSS),
        given={"r": RATE, "so far": LIMIT - NOW, "loss": LOSS, "energy": NOW},
        certificate=[(1, ["r", "so far"], []), (1, ["loss"], [])],
        message="the energy exceeds its limit",
    )
    b, c, size, power, gain = scalars("b c size power gain")
    given = {
        **{"b": b, "c": c, "size": size, "power": power},
        "output": c * NOW - gain,
        "decay": power * START - NOW,
        "start": b * size - START,
    }
    entails(
        FreeElement.constant(Fraction(output)) * b * c * power * size - gain,
        given=given,
        certificate=[
            (1, ["output"], []),
            (1, ["c", "decay"], []),
            (1, ["c", "power", "start"], []),
        ],
        models=[
            {
                name: rational(1)
                for name in ("b", "c", "size", "power", "gain", "energy", "start", "limit", "loss")
            }
        ],
        message="the gradient exceeds the bound",
    )


S, ST = letters("S St")


def _sum_of_squares(hops: int, one, left, right):
    total, before, after = one * 0, one, one
    for _ in range(hops):
        total = total + before @ after
        before, after = before @ left, after @ right
    return total


def _telescope_models() -> Iterator[dict[str, object]]:
    matrix = near_jordan() / rational("19/20")
    for hops in range(1, 4):
        power = _power(matrix, hops)
        form = _sum_of_squares(hops, identity_like(matrix), matrix.T, matrix)
        yield {"S": matrix, "St": matrix.T, "P": form, "R": power.T @ power}


@check(
    GRADIENT_DECAY_SSM,
    part="rate",
    establishes=proof(over="every N, every A, every m (induction)"),
    claimed=dict(remainder=ST * R * S, exponent=lambda m: m),
    controls={
        "remainder unchanged": dict(remainder=R),
        "one side only": dict(remainder=R * S),
        "one power fewer": dict(exponent=lambda m: m - 1),
        "one power more": dict(exponent=lambda m: m + 1),
    },
)
def telescoping_form(remainder, exponent) -> None:
    """P_m = Σ_{k<m} (S^k)ᵀS^k satisfies P_{m+1} = I + SᵀP_mS; if P − SᵀPS = I − R, then for
    P' = I + SᵀPS, P' − SᵀP'S = I − SᵀRS. Base and definition: m = 1 … 6.

    Classical: Gelfand's formula, by which ‖S^m‖ ≤ 1 for some m once ρ(S) < 1; sums of squares are
    positive semidefinite, and P_m ⪰ I for m ≥ 1.
    """
    hypothesis = P - ST * P * S - 1 + R
    following = 1 + ST * P * S
    follows(
        following - ST * following * S - 1 + remainder,
        using=[(ST, hypothesis, S)],
        models=_telescope_models(),
        message="the form of the next length leaves another remainder",
    )
    for m in range(1, 7):
        form = _sum_of_squares(m, FreeElement.one(), ST, S)
        count = exponent(m)
        left = right = FreeElement.one()
        for _ in range(count):
            left, right = left * ST, right * S
        follows(form - ST * form * S - 1 + left * right, message="the sum does not telescope")
        longer = _sum_of_squares(m + 1, FreeElement.one(), ST, S)
        follows(longer - 1 - ST * form * S, message="the sums do not satisfy the recursion")
