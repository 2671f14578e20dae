"""Decoding token by token against prefilling in chunks."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.core import check, prime_field
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule
from attnproof.theory.operator.neural_attention_search_linear import (
    LINEAR,
    SOFTMAX,
    neural_attention_search_linear,
)
from attnproof.theory.paper.nats_l.chunk_types import PREFIX
from attnproof.theory.paper.nats_l.decoding import Decoder

SHAPES = [(14, 3), (14, 3), (14, 2), (14,), (14,)]


# Stands for the exponential where only products, sums and quotients are allowed.
def _square(scores):
    return scores * scores + 1


def _layer(tokens, types):
    return neural_attention_search_linear(*tokens, types, 4, power=_square)


def _fresh_state(tokens, types):
    """The state at the start of an incomplete chunk is dropped."""
    softmax, delta = _layer(tokens, types)
    whole = len(tokens[0]) // 4 * 4
    if 0 < whole < len(tokens[0]):
        rest = gated_delta_rule(*(array[whole:] for array in tokens))[0]
        delta = np.concatenate([delta[:whole], rest])
    return softmax, delta


@check(
    PREFIX,
    part="prefix",
    establishes=prime_field(
        bound="L = 14, C = 4, d = 3, d_v = 2, all patterns and prefixes; weights s² + 1 in place "
        "of powers"
    ),
    claimed=dict(layer=_layer),
    controls={"state dropped at an incomplete chunk": dict(layer=_fresh_state)},
)
def prefixes_agree(layer) -> None:
    """The layer on the first m tokens against the first m outputs of the whole, for every m at
    once."""
    for types in product((SOFTMAX, LINEAR), repeat=4):

        def defect(*tokens, types=types):
            whole = np.concatenate(_layer(tokens, types), axis=1)
            differences = []
            for m in range(1, 15):
                part = layer([array[:m] for array in tokens], types)
                differences.append(np.concatenate(part, axis=1) - whole[:m])
            return np.concatenate(differences)

        vanishes(
            defect,
            SHAPES,
            seed=1,
            trials=1,
            message=f"a prefix gives other outputs with the types {types}",
        )


def _decode(queries, keys, values, sizes, decays, types, chunk, power, close=lambda soft: soft):
    decoder = Decoder(keys.shape[1], values.shape[1], 0 * keys[0, 0], power)
    outputs = []
    for t, token in enumerate(zip(queries, keys, values, sizes, decays)):
        outputs.append(decoder.step(*token))
        if (t + 1) % chunk == 0:
            decoder.close(close(types[t // chunk] == SOFTMAX))
    return [np.stack(branch) for branch in zip(*outputs)]


@check(
    PREFIX,
    part="decoder",
    establishes=prime_field(
        bound="L = 14, C = 4, d = 3, d_v = 2, all patterns; weights s² + 1 in place of powers"
    ),
    claimed=dict(close=lambda soft: soft),
    controls={
        "every chunk kept as linear": dict(close=lambda soft: False),
        "types exchanged": dict(close=lambda soft: not soft),
    },
)
def decoder_with_a_cache(close) -> None:
    """Token by token from the cache against the layer on the whole sequence, both branches."""
    for types in product((SOFTMAX, LINEAR), repeat=4):

        def defect(*tokens, types=types):
            stated = neural_attention_search_linear(*tokens, types, 4, power=_square)
            found = _decode(*tokens, types, 4, _square, close)
            return np.concatenate([one - two for one, two in zip(found, stated)], axis=1)

        vanishes(
            defect,
            SHAPES,
            seed=2,
            trials=1,
            message=f"decoding differs with the types {types}",
        )
