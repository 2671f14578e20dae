"""Chunks of two types: what is read, what is written, and what the extremes are."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    check,
    counterexample,
    exact,
    prime_field,
    refute_unless,
)
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.causal_softmax_attention import causal_softmax_attention
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule
from attnproof.theory.operator.neural_attention_search_linear import (
    LINEAR,
    SOFTMAX,
    neural_attention_search_linear,
)
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.nats_l.chunk_types import (
    CAUSAL,
    EXTREMES,
    EXTREMES_BY_BRANCH,
)

LENGTH, CHUNK = 8, 3


def _tokens(length: int = LENGTH, altered: int | None = None) -> tuple[np.ndarray, ...]:
    """Small integers, so that scores are integers; token ``altered`` is another one."""
    place = np.arange(length)
    queries = np.stack([place % 3 - 1, (place + 1) % 2], axis=1)
    keys = np.stack([(2 * place) % 3 - 1, place % 2], axis=1)
    values = np.stack([place - 2, place * place % 5], axis=1)
    sizes = [Fraction(int(t) % 3, 2) for t in place]
    decays = [Fraction(1, 1 + int(t) % 2) for t in place]
    if altered is not None:
        queries[altered], keys[altered], values[altered] = [2, 1], [1, -2], [7, -9]
        sizes[altered], decays[altered] = Fraction(1, 3), Fraction(2, 3)
    return tuple(
        rational_array(x) for x in (queries.tolist(), keys.tolist(), values.tolist(), sizes, decays)
    )


def _patterns(length: int = LENGTH):
    return product((SOFTMAX, LINEAR), repeat=-(-length // CHUNK))


class Reading(list):
    """Types that remember which of them were read."""

    def __init__(self, types):
        super().__init__(types)
        self.read: set[int] = set()

    def __getitem__(self, index):
        self.read.add(index)
        return super().__getitem__(index)


def _layer(*tokens, types, chunk=CHUNK):
    return neural_attention_search_linear(*tokens, types, chunk, power=power_of_two)


def _own_type_inside(*tokens, types, chunk=CHUNK):
    """Within a chunk of type linear the softmax branch sees the newest token only."""
    return neural_attention_search_linear(
        *tokens, types, chunk, power=power_of_two, own_chunk=lambda c: types[c] == SOFTMAX
    )


@check(
    CAUSAL,
    part="types read",
    establishes=exact(bound="every prefix of 8 tokens in chunks of 3, all patterns of types"),
    claimed=dict(layer=_layer),
    controls={"own type used inside the chunk": dict(layer=_own_type_inside)},
)
def types_of_earlier_chunks(layer) -> None:
    """The layer on every prefix, with types that record being read: for the last token of a prefix,
    and so for every token of it, none is of its own chunk or a later one."""
    for types in _patterns():
        for length in range(1, LENGTH + 1):
            watched = Reading(types)
            layer(*_tokens(length), types=watched)
            newest = (length - 1) // CHUNK
            refute_unless(
                all(index < newest for index in watched.read),
                "an output reads the type of its own chunk",
                types=list(types),
                tokens=length,
                read=sorted(watched.read),
            )


# Stands for the exponential where only products, sums and quotients are allowed.
_square = lambda scores: scores * scores + 1


def _changed_types(chunk: int, count: int = 3):
    """Pairs of patterns that agree before ``chunk``; one of them is linear from there on."""
    for before in product((SOFTMAX, LINEAR), repeat=chunk):
        for after in product((SOFTMAX, LINEAR), repeat=count - chunk):
            yield [*before, *[LINEAR] * (count - chunk)], [*before, *after]


@check(
    CAUSAL,
    part="tokens read",
    establishes=prime_field(
        bound="L = 7, C = 3, d = d_v = 2; every token replaced, every change of types from its "
        "chunk on; weights s² + 1 in place of powers"
    ),
    claimed=dict(own_chunk=None, earliest=0),
    controls={
        "own type used inside the chunk": dict(
            own_chunk=lambda types: lambda chunk: types[chunk] == SOFTMAX
        ),
        "type from the next chunk": dict(earliest=-1),
    },
)
def earlier_outputs_stay(own_chunk, earliest) -> None:
    """Token j becomes another one, and whatever rule chooses the types of chunks from their own
    tokens, those from its chunk on may change: every output before j stays as it is."""
    for altered in range(1, 7):
        for types in _changed_types(max(0, altered // 3 + earliest)):

            def defect(*given, altered=altered, types=types):
                tokens, others = given[:5], given[5:]
                results = []
                for pattern, replaced in zip(types, (False, True)):
                    arrays = [array.copy() for array in tokens]
                    for array, other in zip(arrays, others):
                        array[altered] = other if replaced else array[altered]
                    inside = {"own_chunk": own_chunk(pattern)} if own_chunk else {}
                    branches = neural_attention_search_linear(
                        *arrays, pattern, 3, power=_square, **inside
                    )
                    results.append(np.concatenate(branches, axis=1)[:altered])
                return results[0] - results[1]

            vanishes(
                defect,
                [(7, 2), (7, 2), (7, 2), (7,), (7,), (2,), (2,), (2,), (), ()],
                seed=3,
                trials=1,
                message=f"an output before token {altered} changes with the types {types}",
            )


def _mixed(branches, weight):
    return weight * branches[1] + (1 - weight) * branches[0]


@check(
    EXTREMES,
    establishes=counterexample(over="8 tokens in chunks of 3, all linear, weights 3/4 and 1/4"),
    claimed=dict(weight="3/4"),
    controls={"equal weights": dict(weight="1/2"), "nearly one": dict(weight="999/1000")},
    repairs={"weight one, which no softmax gives": dict(weight="1")},
)
def all_linear_is_gated_delta_net(weight) -> None:
    """The mixed output against w times the gated delta rule: the softmax branch over the own chunk
    stays in it."""
    tokens, share = _tokens(), rational(weight)
    found = _mixed(_layer(*tokens, types=[LINEAR] * 3), share)
    stated = share * gated_delta_rule(*tokens)[0]
    refute_unless(
        bool((found == stated).all()),
        "the softmax branch is in the output",
        weight=share,
        layer=found[1],
        gated_delta_rule=stated[1],
    )


def _branches(tokens, kind, chunk):
    types = [kind] * len(tokens[0])
    return neural_attention_search_linear(*tokens, types, chunk, power=_square)


def _for_all_sizes(defect, message: str) -> None:
    """``defect(tokens, chunk) = 0`` for 1 to 7 tokens of width 2 in chunks of 1 to 4."""
    for length in range(1, 8):
        for chunk in range(1, 5):
            vanishes(
                lambda *tokens, chunk=chunk: defect(tokens, chunk),
                [(length, 2), (length, 2), (length, 2), (length,), (length,)],
                seed=4,
                trials=1,
                message=f"{message}: L = {length}, C = {chunk}",
            )


_SIZES = "L ≤ 7, C ≤ 4, d = d_v = 2; weights s² + 1 in place of powers"


@check(
    EXTREMES_BY_BRANCH,
    part="all linear",
    establishes=prime_field(bound=_SIZES),
    claimed=dict(kind=LINEAR),
    controls={"all softmax": dict(kind=SOFTMAX)},
)
def delta_branch_with_linear_chunks(kind) -> None:
    """Against the definition of the gated delta rule."""
    _for_all_sizes(
        lambda tokens, chunk: _branches(tokens, kind, chunk)[1] - gated_delta_rule(*tokens)[0],
        "the branch is another rule",
    )


@check(
    EXTREMES_BY_BRANCH,
    part="all softmax",
    establishes=prime_field(bound=_SIZES),
    claimed=dict(kind=SOFTMAX),
    controls={"all linear": dict(kind=LINEAR)},
)
def softmax_branch_with_softmax_chunks(kind) -> None:
    """Against the definition of causal softmax attention."""
    _for_all_sizes(
        lambda tokens, chunk: (
            _branches(tokens, kind, chunk)[0] - causal_softmax_attention(*tokens[:3], power=_square)
        ),
        "the branch is another map",
    )


@check(
    EXTREMES_BY_BRANCH,
    part="other branch",
    establishes=prime_field(bound=_SIZES),
    claimed=dict(kind=LINEAR),
    controls={"all softmax": dict(kind=SOFTMAX)},
)
def softmax_branch_with_linear_chunks(kind) -> None:
    """Against causal softmax attention chunk by chunk."""

    def defect(tokens, chunk):
        pieces = [
            causal_softmax_attention(*(x[s : s + chunk] for x in tokens[:3]), power=_square)
            for s in range(0, len(tokens[0]), chunk)
        ]
        return _branches(tokens, kind, chunk)[0] - np.concatenate(pieces)

    _for_all_sizes(defect, "the branch is another map")
