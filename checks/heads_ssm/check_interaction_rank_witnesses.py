"""Systems at which the number of independent lag operators is known."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, exact, plot, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.linear_state_space_model import lag_operators
from attnproof.theory.paper.heads_ssm.delay_line import delay_line
from attnproof.theory.paper.heads_ssm.head_count import K_FORMULAS


def _count(system: tuple, length: int) -> int:
    """k_n: the rank of the lag operators as rows."""
    return rank(lag_operators(*system, length).reshape(length, -1))


def _unit_modes(states: int, outputs: int, inputs: int) -> tuple[np.ndarray, ...]:
    """Eigenvalues 1, …, N; mode l has c_l b_lᵀ = E_rc with l = r d + c, and none for l ≥ p d."""
    B = np.zeros((states, inputs), dtype=int)
    C = np.zeros((outputs, states), dtype=int)
    for mode in range(min(states, outputs * inputs)):
        r, c = divmod(mode, inputs)
        C[r, mode] = B[mode, c] = 1
    return tuple(map(rational_array, (np.diag(np.arange(1, states + 1)), B, C)))


def _equal_unit_modes(states: int, outputs: int, inputs: int) -> tuple[np.ndarray, ...]:
    _, B, C = _unit_modes(states, outputs, inputs)
    return rational_array(2 * np.eye(states, dtype=int)), B, C


@check(
    K_FORMULAS,
    part="generic",
    establishes=exact(bound="N, p, d ≤ 4, n ≤ 7", by="exact rank at one witness"),
    claimed=dict(witness=_unit_modes, stated=lambda n, N, p, d: min(n, N, p * d)),
    controls={
        "equal eigenvalues": dict(witness=_equal_unit_modes),
        "the number of states": dict(stated=lambda n, N, p, d: min(n, N)),
        "the size of the operators": dict(stated=lambda n, N, p, d: min(n, p * d)),
        "the smaller width": dict(stated=lambda n, N, p, d: min(n, N, p, d)),
    },
)
def rank_of_the_witness(witness, stated) -> None:
    """The minors are polynomials in A, B, C; one system at which one of them is not zero makes it
    a polynomial that is not zero, and the bound from above always holds."""
    for states, outputs, inputs in product(range(1, 5), repeat=3):
        system = witness(states, outputs, inputs)
        for length in range(1, 8):
            found = _count(system, length)
            refute_unless(
                found == stated(length, states, outputs, inputs),
                "the witness has another count",
                transition=system[0],
                input_matrix=system[1],
                output_matrix=system[2],
                n=length,
                count=found,
            )


x, y, power = scalars("x y power")


@check(
    K_FORMULAS,
    part="generic",
    establishes=proof(over="every N, p, d, n (induction)"),
    claimed=dict(factor=x - y, eliminated=x * power - y * power),
    controls={
        "sum in place of the difference": dict(factor=x + y),
        "columns not eliminated": dict(eliminated=x * power),
        "column of another point": dict(eliminated=x * power - x * power),
    },
)
def witness_for_every_size(factor, eliminated) -> None:
    """Let q = min(n, N, pd). The witness has A = diag(λ_1, …, λ_N) with distinct λ, and q modes
    with c_l b_lᵀ = E_rc for q different places (r, c). The rows of these places and the columns of
    the lags below q form the minor (λ_l^τ). Take λ_1 times the column τ − 1 off the column τ, for
    τ = q − 1, …, 1: the first row becomes (1, 0, …, 0), and the entry of row l becomes
    (λ_l − λ_1) λ_l^{τ−1}. So the minor is Π_{l>1} (λ_l − λ_1) times the same for one point fewer,
    and not zero. Machine-checked: the elimination, x = λ_l, y = λ_1, power = λ_l^{τ−1}.
    """
    models = [{"x": rational(3), "y": rational(2), "power": rational(5)}]
    follows(eliminated - factor * power, models=models, message="the factor is another")


@check(
    K_FORMULAS,
    part="stall",
    establishes=proof(over="this system, every n", by="exact ranks, and A³ = 0"),
    claimed=dict(delay=2, counts=[1, 1, 2, 2]),
    controls={
        "no growth after a pause": dict(counts=[1, 1, 1, 1]),
        "no pause": dict(counts=[1, 2, 2, 2]),
        "a shorter delay": dict(delay=1),
        "a longer delay": dict(delay=3),
    },
)
def pause_and_growth(delay, counts) -> None:
    """The counts up to n = 4; since A³ = 0 all further lag operators are zero and k_n = k_4."""
    system = delay_line(delay)
    found = [_count(system, length) for length in range(1, 5)]
    cube = system[0] @ system[0] @ system[0]
    refute_unless(
        found == counts and not cube.any(),
        "the counts are others",
        lag_operators=lag_operators(*system, 4),
        counts=found,
        stated=counts,
    )


@plot(K_FORMULAS)
def counts_by_length() -> Plot:
    """k_n of five systems, none of which reaches its number of states."""
    derogatory = rational_array(np.diag([2, 2, 3, 3, 3]))
    unit = rational_array(np.eye(5, dtype=int))
    systems = {
        "N = 4, p = d = 2, generic": _unit_modes(4, 2, 2),
        "N = 6, p = d = 2, generic": _unit_modes(6, 2, 2),
        "N = 5, p = d = 1": _unit_modes(5, 1, 1),
        "A = diag(2, 2, 3, 3, 3), B = C = I": (derogatory, unit, unit),
        "delay line": delay_line(2),
    }
    lengths = list(range(1, 8))
    return Plot(
        title="Independent lag operators by length",
        x_label="length n",
        y_label="k_n",
        series=[
            Series(label=label, x=lengths, y=[_count(system, n) for n in lengths])
            for label, system in systems.items()
        ],
        caption="The count is bounded by the length, the number of states, the size of the "
        "operators and the degree of the minimal polynomial, and it may pause before it grows.",
    )
