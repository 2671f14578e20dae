"""The chunked form of the gated delta rule equals the recurrence, for all lengths."""

from __future__ import annotations

from functools import partial

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, prime_field, proof, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule, gated_delta_step
from attnproof.theory.paper.ttr.chunked_delta_rule import (
    chunk_of_gated_delta_rule,
    chunked_gated_delta_rule,
    decay_products,
)
from attnproof.theory.paper.ttr.delta_rule import DELTANET_WY

# After t tokens: K holds the keys as rows, Ut the pseudo-values as columns, D = diag(Γ_t·).
S, S0, K, Ut, D, k, kt, v, u, q = letters("S S0 K Ut D k kt v u q")
alpha, beta, g = scalars("alpha beta g")
WRITTEN = Ut @ D @ K


def _after_one_token() -> dict[str, object]:
    """A state after one token, the next token, and its pseudo-value; all exact."""
    start, first = rational_array([[1, 2]]), rational_array([["1/3"]])
    keys, key = rational_array([[1, -1]]), rational_array([[2], [1]])
    decay, kept, size = rational("1/2"), rational("2/3"), rational("3/4")
    weight = rational_array([[1]])
    state = kept * start + first @ weight @ keys
    value = rational_array([[3]])
    return {
        **{"S0": start, "Ut": first, "D": weight, "K": keys, "k": key, "kt": key.T, "v": value},
        **{"S": state, "alpha": decay, "beta": size, "g": kept, "q": rational_array([[1], [4]])},
        "u": size * (value - decay * state @ key),
    }


@check(
    DELTANET_WY,
    part="state",
    establishes=proof(over="every t (induction), every width, every ring"),
    claimed=dict(correction=v - alpha * S @ k, carried=alpha, kept=alpha * g),
    controls={
        "error of the state before it decays": dict(correction=v - S @ k),
        "value without what is recalled": dict(correction=v),
        "earlier writes do not decay": dict(carried=1),
        "initial state does not decay": dict(kept=g),
        "decayed twice": dict(carried=alpha**2),
    },
)
def state_by_induction(correction, carried, kept) -> None:
    """Base: t = 0, no write, g_0 = 1. Step: with ``S = gS_0 + UᵀDK`` and the pseudo-value
    ``u = β(v − αSk)``, the definition's next state is ``αg S_0 + Uᵀ(αD)K + u kᵀ``, that is, the
    same formula with the row kᵀ, the column u and the weight 1 appended."""
    model = _after_one_token()
    model["u"] = model["beta"] * correction.evaluate(model)
    follows(
        gated_delta_step(S, k, kt, v, beta, alpha) - (kept * S0 + carried * WRITTEN + u @ kt),
        using=[(alpha, S - g * S0 - WRITTEN, 1), (-1, u - beta * correction, kt)],
        models=[model],
        message="the next state is another",
    )


@check(
    DELTANET_WY,
    part="triangular system",
    establishes=proof(over="every t (induction), every width, every ring"),
    claimed=dict(coupling=beta * alpha * WRITTEN @ k, right=beta * (v - alpha * g * S0 @ k)),
    controls={
        "diagonal included": dict(coupling=beta * alpha * WRITTEN @ k + beta * u @ kt @ k),
        "coupling without decay": dict(coupling=beta * WRITTEN @ k),
        "coupling without step size": dict(coupling=alpha * WRITTEN @ k),
        "initial state forgotten": dict(right=beta * v),
        "initial state not decayed": dict(right=beta * (v - g * S0 @ k)),
    },
)
def last_row_of_the_system(coupling, right) -> None:
    """Appending a token appends one row and leaves the others, because the matrix is lower
    triangular. The new row reads ``u + β Σ_i Γ_{t+1,i} (k_iᵀk) u_i = β(v − g_{t+1} S_0 k)``: the
    definition of u with the state of the induction put in. A unit triangular system determines U,
    row by row."""
    model = _after_one_token()
    follows(
        u + coupling - right,
        using=[(1, u - beta * (v - alpha * S @ k), 1), (-beta * alpha, S - g * S0 - WRITTEN, k)],
        models=[model],
        message="the new row of the system is another",
    )


@check(
    DELTANET_WY,
    part="outputs",
    establishes=proof(over="every t, every width, every ring"),
    claimed=dict(from_start=alpha * g * S0 @ q, own=u @ kt @ q),
    controls={
        "own token left out": dict(own=0 * u @ q),
        "own token twice": dict(own=2 * u @ kt @ q),
        "start not decayed": dict(from_start=g * S0 @ q),
    },
)
def output_of_the_newest_token(from_start, own) -> None:
    """``o = S_{t+1} q``, the state written out by the part 'state'."""
    state = gated_delta_step(S, k, kt, v, beta, alpha)
    follows(
        state @ q - (from_start + alpha * WRITTEN @ q + own),
        using=[
            (alpha, S - g * S0 - WRITTEN, q),
            (-1, u - beta * (v - alpha * S @ k), kt @ q),
        ],
        models=[_after_one_token()],
        message="the output is another",
    )


B, BT, C, CT, V, T, L = letters("B Bt C Ct V T L")


def _two_boundaries() -> dict[str, object]:
    state = rational_array([[2, 1], [0, 3]])
    lower = rational_array([[0, 0], [5, 0]])
    identity = rational_array([[1, 0], [0, 1]])
    return {
        **{"B": state, "C": state, "Bt": state.T, "Ct": state.T, "L": lower},
        **{"T": identity - lower, "V": rational_array([[1, 2], [3, 4]]), "g": rational("1/2")},
        **{"K": rational_array([[1, 1], [0, 2]]), "D": identity},
    }


@check(
    DELTANET_WY,
    part="chunks",
    establishes=proof(over="every number of chunks (induction), all lengths"),
    claimed=dict(start=CT, inverse=T),
    controls={
        "every chunk starts from zero": dict(start=0 * CT),
        "start doubled": dict(start=2 * CT),
        "first-order inverse doubled": dict(inverse=2 * T - 1),
    },
)
def boundary_states_agree(start, inverse) -> None:
    """Base: both start from S_0. Step: let B be the recurrence's state at the start of a chunk, C
    the chunked form's, and B = C. The recurrence inside the chunk obeys the parts above with
    S_0 := B, so its pseudo-values solve ``(I + L)U = V − gKBᵀ``; the chunked form takes
    ``U = T(V − gKCᵀ)`` with ``T(I + L) = (I + L)T = 1``. Hence U, the outputs and the next
    boundary, which are functions of U and of the state, agree. Here V and K stand for diag(β)V and
    diag(β)diag(g)K, and the scalar g for what is left."""
    model = _two_boundaries()
    follows(
        (1 + L) @ (inverse @ (V - g * K @ start)) - (V - g * K @ BT),
        using=[
            (1, (1 + L) @ T - 1, V - g * K @ CT),
            (g * K, BT - CT, 1),
        ],
        models=[model],
        message="the chunked pseudo-values do not solve the recurrence's system",
    )


def _symbols(name: str, *shape: int) -> np.ndarray:
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        (made[index],) = scalars(name + "".join(map(str, index)))
    return made


def _lower(matrix: np.ndarray) -> np.ndarray:
    return matrix * np.tri(len(matrix), dtype=int)


def _solve_lower(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``(I + lower)X = right`` to first order in the diagonal: (1 + x)^{-1} ≈ 1 − x."""
    solution = right.copy()
    for i in range(len(lower)):
        rest = right[i] - (lower[i, :i] @ solution[:i] if i else 0)
        solution[i] = rest - lower[i, i] * rest
    return solution


def _transposed_solve(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``(I + lower)ᵀ X = right``: backward substitution."""
    solution = right.copy()
    for i in range(len(lower) - 2, -1, -1):
        solution[i] = right[i] - lower[i + 1 :, i] @ solution[i + 1 :]
    return solution


def _without_gates(queries, keys, values, step_sizes, decays, state):
    """All decays of the chunk taken as one."""
    outputs, after, _ = chunk_of_gated_delta_rule(
        queries, keys, values, step_sizes, 0 * decays + 1, state
    )
    return outputs, after, None


def _state_not_decayed(queries, keys, values, step_sizes, decays, state):
    outputs, after, pseudo_values = chunk_of_gated_delta_rule(
        queries, keys, values, step_sizes, decays, state
    )
    return outputs, after + state - decay_products(decays)[-1, 0] * state, pseudo_values


CHUNK_CONTROLS = {
    "diagonal included": dict(
        chunk=partial(chunk_of_gated_delta_rule, part=_lower, solve=_solve_lower)
    ),
    "transposed system": dict(chunk=partial(chunk_of_gated_delta_rule, solve=_transposed_solve)),
    "linear attention inside the chunk": dict(
        chunk=partial(chunk_of_gated_delta_rule, part=lambda matrix: 0 * matrix)
    ),
    "gates forgotten": dict(chunk=_without_gates),
    "state not decayed": dict(chunk=_state_not_decayed),
}


def _defect(chunks, chunk):
    """Chunked minus sequential: all outputs and the final state in one vector."""

    def defect(*arguments):
        outputs, after = gated_delta_rule(*arguments)
        blocks, last = chunked_gated_delta_rule(*arguments, chunks, chunk=chunk)
        return np.concatenate([(blocks - outputs).ravel(), (last - after).ravel()])

    return defect


def _shapes(length: int, width: int, value_width: int) -> list[tuple[int, ...]]:
    tokens = [(length, width), (length, width), (length, value_width), (length,), (length,)]
    return [*tokens, (value_width, width)]


@check(
    DELTANET_WY,
    part="chunks",
    establishes=symbolic(
        bound="chunks (3), (1, 2), (2, 1), (1, 1, 1), d = 2, d_v = 1, all entries symbols",
        by="free commutative algebra",
    ),
    claimed=dict(chunk=chunk_of_gated_delta_rule),
    controls=CHUNK_CONTROLS,
)
def chunks_of_symbols(chunk) -> None:
    """The program for a chunk and the recurrence, run on indeterminates: equal as polynomials."""
    given = [
        *(_symbols("q", 3, 2), _symbols("k", 3, 2), _symbols("v", 3, 1)),
        *(_symbols("b", 3), _symbols("a", 3), _symbols("s", 1, 2)),
    ]
    for chunks in ([3], [1, 2], [2, 1], [1, 1, 1]):
        for entry in _defect(chunks, chunk)(*given):
            follows(entry, message=f"the chunks {chunks} give another result")


@check(
    DELTANET_WY,
    part="chunks",
    establishes=prime_field(bound="L = 60, chunks of 16, 16, 16 and 12, d = 8, d_v = 4"),
    claimed=dict(chunk=chunk_of_gated_delta_rule),
    controls=CHUNK_CONTROLS,
)
def chunks_with_a_remainder(chunk) -> None:
    """A length that the chunk length does not divide."""
    vanishes(
        _defect([16, 16, 16, 12], chunk),
        _shapes(60, 8, 4),
        degree_shapes=_shapes(60, 1, 1),
        seed=3,
        message="the chunked form differs from the recurrence",
    )


@check(
    DELTANET_WY,
    part="chunks",
    establishes=prime_field(bound="L = 512, chunks of 64, d = d_v = 64"),
    claimed=dict(chunk=chunk_of_gated_delta_rule),
    controls={name: CHUNK_CONTROLS[name] for name in ("transposed system", "gates forgotten")},
)
def chunks_at_length_512(chunk) -> None:
    """The size that programs use."""
    vanishes(
        _defect([64] * 8, chunk),
        _shapes(512, 64, 64),
        degree_shapes=_shapes(512, 1, 1),
        seed=5,
        trials=1,
        message="the chunked form differs from the recurrence",
    )
