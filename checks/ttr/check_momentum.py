"""Momentum: the heavy ball, what a write becomes, and the form in chunks."""

from __future__ import annotations

from functools import partial

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, prime_field, proof, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.momentum_delta_rule import (
    momentum_delta_rule,
    momentum_delta_step,
)
from attnproof.theory.paper.ttr.chunked_delta_rule import decay_products
from attnproof.theory.paper.ttr.chunked_momentum import (
    chunk_of_momentum_delta_rule,
    impulse_responses,
)
from attnproof.theory.paper.ttr.momentum import MOMENTUM

S, B, Z, k, kt, v, u, X = letters("S B Z k kt v u X")
theta, eta, lost, carried, pushed = scalars("theta eta lost carried pushed")


def _numbers() -> dict[str, object]:
    before, velocity = rational_array([[1, 2]]), rational_array([[3, -1]])
    key = rational_array([[1], [2]])
    return {
        **{"B": before, "Z": velocity, "S": before + velocity, "k": key, "kt": key.T},
        **{"v": rational_array([[5]]), "theta": rational("1/2"), "eta": rational("1/3")},
        **{"lost": rational("1/4"), "carried": rational(2), "pushed": rational(3)},
    }


@check(
    MOMENTUM,
    part="heavy ball",
    establishes=proof(over="every width, all states, keys and values"),
    claimed=dict(forgotten=0, momentum=eta * (S - B)),
    controls={
        "with forgetting": dict(forgotten=lost),
        "momentum of the state": dict(momentum=eta * S),
        "no momentum": dict(momentum=0 * S),
        "momentum twice": dict(momentum=2 * eta * (S - B)),
    },
)
def velocity_is_the_last_difference(forgotten, momentum) -> None:
    """Without forgetting ``Z_{t−1} = S_{t−1} − S_{t−2}`` (the step itself, a token earlier; B is
    S_{t−2}), and −(v − Sk)kᵀ is the gradient (deltanet-sgd)."""
    after, _ = momentum_delta_step(S, Z, k, kt, v, theta, eta, forgotten)
    gradient = -1 * (v - S @ k) @ kt
    follows(
        after - (S - theta * gradient + momentum),
        using=[(eta, Z - (S - B), 1)],
        models=[_numbers()],
        message="the step is not that of the heavy ball",
    )


@check(
    MOMENTUM,
    part="impulse response",
    establishes=proof(over="every t (induction), every width, every ring"),
    claimed=dict(next_carried=(1 - lost) * carried + eta * pushed, next_pushed=eta * pushed),
    controls={
        "momentum not pushed on": dict(next_pushed=1 * pushed),
        "response without momentum": dict(next_carried=(1 - lost) * carried),
        "response not forgotten": dict(next_carried=carried + eta * pushed),
    },
)
def response_by_induction(next_carried, next_pushed) -> None:
    """An earlier write X = u_ik_iᵀ that stands with weight C in the state and P in the velocity
    stands with ``(1 − a)C + ηP`` and ``ηP`` after the step, P being the product of the momenta; the
    newest write has weight 1 in both. S_0 and Z_0 start with (1, 0) and (0, 1). Everything is
    linear in the writes, so one write at a time is enough."""
    after, velocity = momentum_delta_step(carried * X, pushed * X, k, kt, v, theta, eta, lost)
    write = theta * (v - carried * X @ k) @ kt
    follows(after - (next_carried * X + write), message="the weight in the state is another")
    follows(velocity - (next_pushed * X + write), message="the weight in the velocity is another")


def _without_momentum(momenta, forgotten):
    return decay_products(1 - forgotten)


def _unforgotten(momenta, forgotten):
    return impulse_responses(momenta, 0 * forgotten)


CONTROLS = {
    "responses without momentum": dict(
        chunk=partial(chunk_of_momentum_delta_rule, responses=_without_momentum)
    ),
    "responses never forgotten": dict(
        chunk=partial(chunk_of_momentum_delta_rule, responses=_unforgotten)
    ),
    "system one token late": dict(chunk=partial(chunk_of_momentum_delta_rule, delay=0)),
}


def _defect(chunks, chunk):
    def defect(queries, keys, values, steps, momenta, forgotten, state, velocity):
        stated = momentum_delta_rule(
            queries, keys, values, steps, momenta, forgotten, state, velocity
        )
        blocks, start = [], 0
        for length in chunks:
            cut = slice(start, start + length)
            tokens = (queries[cut], keys[cut], values[cut], steps[cut], momenta[cut])
            block, state, velocity = chunk(*tokens, forgotten[cut], state, velocity)
            blocks.append(block)
            start += length
        found = (np.concatenate(blocks), state, velocity)
        return np.concatenate([(a - b).ravel() for a, b in zip(found, stated)])

    return defect


def _shapes(length, width, values):
    tokens = [(length, width), (length, width), (length, values)]
    return [*tokens, *[(length,)] * 3, (values, width), (values, width)]


def _symbols(name: str, *shape: int) -> np.ndarray:
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        (made[index],) = scalars(name + "".join(map(str, index)))
    return made


@check(
    MOMENTUM,
    part="chunks",
    establishes=symbolic(
        bound="chunks (3), (1, 2), (2, 1), d = 1, d_v = 1, all entries symbols",
        by="free commutative algebra",
    ),
    claimed=dict(chunk=chunk_of_momentum_delta_rule),
    controls=CONTROLS,
)
def chunks_of_symbols(chunk) -> None:
    """The program for a chunk and the recurrence on indeterminates."""
    given = [_symbols(name, *shape) for name, shape in zip("qkvthasz", _shapes(3, 1, 1))]
    for chunks in ([3], [1, 2], [2, 1]):
        for entry in _defect(chunks, chunk)(*given):
            follows(entry, message=f"the chunks {chunks} give another result")


@check(
    MOMENTUM,
    part="chunks",
    establishes=prime_field(bound="L = 100, chunks of 32, 32, 32 and 4, d = 16, d_v = 8"),
    claimed=dict(chunk=chunk_of_momentum_delta_rule),
    controls=CONTROLS,
)
def chunks_at_length_100(chunk) -> None:
    """A length that the chunk length does not divide."""
    vanishes(
        _defect([32, 32, 32, 4], chunk),
        _shapes(100, 16, 8),
        degree_shapes=_shapes(100, 1, 1),
        seed=9,
        message="the chunked form differs from the recurrence",
    )


K, U, D, E, S0, Z0 = letters("K U D E S0 Z0")


@check(
    MOMENTUM,
    part="chunks",
    establishes=proof(over="every t, every width, every ring"),
    claimed=dict(row=theta * U @ D @ K @ k, right=theta * (v - carried * S0 @ k - pushed * Z0 @ k)),
    controls={
        "weights of the same token": dict(row=theta * U @ E @ K @ k),
        "velocity at the start forgotten": dict(right=theta * (v - carried * S0 @ k)),
        "no coupling": dict(row=0 * U @ D @ K @ k),
    },
)
def row_of_the_system(row, right) -> None:
    """The write of a token is ``u = θ(v − S_{t−1}k)``, and S_{t−1} is ``cS_0 + bZ_0 + UᵀDK`` by the
    part 'impulse response', with the responses D of the token before. The letter U is Uᵀ."""
    rows, writes = rational_array([[1, -1]]), rational_array([[2]])
    model = {
        **_numbers(),
        **{"K": rows, "U": writes, "D": rational_array([["1/3"]]), "E": rational_array([[5]])},
        **{"S0": rational_array([[1, 0]]), "Z0": rational_array([[2, 1]])},
    }
    state = 2 * model["S0"] + 3 * model["Z0"] + writes @ model["D"] @ rows
    model |= {"S": state, "u": model["theta"] * (model["v"] - state @ model["k"])}
    follows(
        u + row - right,
        using=[
            (1, u - theta * (v - S @ k), 1),
            (-1 * theta, S - carried * S0 - pushed * Z0 - U @ D @ K, k),
        ],
        models=[model],
        message="the row of the system is another",
    )
