"""A softmax chunk is a chunk without writes in the delta branch."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.core import check, prime_field, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule, gated_delta_step
from attnproof.theory.operator.neural_attention_search_linear import (
    LINEAR,
    SOFTMAX,
    neural_attention_search_linear,
)
from attnproof.theory.paper.nats_l.chunk_types import MASK

S, k, kt, v = letters("S k kt v")
alpha, beta = scalars("alpha beta")


@check(
    MASK,
    part="step",
    establishes=proof(over="every width, state, key, value and decay; so every chunk by induction"),
    claimed=dict(step_size=0),
    controls={"the step itself": dict(step_size=beta)},
)
def step_without_a_write(step_size) -> None:
    """The definition's step at β = 0 multiplies by α; a chunk of such steps by the product."""
    follows(
        gated_delta_step(S, k, kt, v, step_size, alpha) - alpha * S,
        message="the state is not only decayed",
    )


def _masked(types, decay):
    """Step sizes and decays of the ordinary rule that should give the same state."""

    def alter(sizes, decays, chunk):
        soft = np.array([types[t // chunk] == SOFTMAX for t in range(len(sizes))])
        sizes = np.where(soft, 0 * sizes, sizes)
        return sizes, decays if decay else np.where(soft, 0 * decays + 1, decays)

    return alter


@check(
    MASK,
    part="state",
    establishes=prime_field(
        bound="L = 16, C = 4, d = 3, d_v = 2, all 8 patterns, with and without decay"
    ),
    claimed=dict(masked=_masked),
    controls={
        "steps kept": dict(
            masked=lambda types, decay: lambda sizes, decays, chunk: (sizes, decays)
        ),
        "decays forgotten": dict(
            masked=lambda types, decay: (
                lambda sizes, decays, chunk: (
                    _masked(types, decay)(sizes, decays, chunk)[0],
                    0 * decays + 1,
                )
            )
        ),
    },
)
def boundary_states(masked) -> None:
    """What the last chunk recalls before it has written anything: its first output, with β = 0
    there, in the layer and in the ordinary rule with masked steps."""
    for types in product((SOFTMAX, LINEAR), repeat=3):
        for decay in (True, False):

            def defect(queries, keys, values, sizes, decays, types=types, decay=decay):
                sizes = sizes.copy()
                sizes[12:] = 0 * sizes[12:]
                _, delta = neural_attention_search_linear(
                    queries, keys, values, sizes, decays, [*types, LINEAR], 4,
                    power=lambda scores: 0 * scores + 1, decay_softmax_chunks=decay,
                )  # fmt: skip
                altered = masked([*types, LINEAR], decay)(sizes, decays, 4)
                stated, _ = gated_delta_rule(queries, keys, values, *altered)
                return delta[12:] - stated[12:]

            vanishes(
                defect,
                [(16, 3), (16, 3), (16, 2), (16,), (16,)],
                seed=1,
                trials=1,
                message=f"another state with the types {types}",
            )
