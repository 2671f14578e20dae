"""Chunks of two types: what is read, what is written, and what the extremes are."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    check,
    counterexample,
    exact,
    prime_field,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.causal_softmax_attention import causal_softmax_attention
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule, gated_delta_step
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
    MASK,
    PREFIX,
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


def _chosen(tokens, chunk=CHUNK):
    """A type from the tokens of its own chunk: whether the sum of the keys is even."""
    keys = tokens[1]
    return [
        SOFTMAX if int(keys[start : start + chunk].sum().p) % 2 == 0 else LINEAR
        for start in range(0, len(keys), chunk)
    ]


def _chosen_from_the_next(tokens, chunk=CHUNK):
    own = _chosen(tokens, chunk)
    return [*own[1:], own[0]]


@check(
    CAUSAL,
    part="tokens read",
    establishes=exact(bound="8 tokens in chunks of 3, every token altered in turn"),
    claimed=dict(layer=_layer, rule=_chosen),
    controls={
        "own type used inside the chunk": dict(layer=_own_type_inside),
        "type from the next chunk": dict(rule=_chosen_from_the_next),
    },
)
def earlier_outputs_stay(layer, rule) -> None:
    """Altering token j, which flips the type of its chunk, leaves every output before j alone."""
    before = _tokens()
    stated = layer(*before, types=rule(before))
    flips = 0
    for altered in range(LENGTH):
        after = _tokens(altered=altered)
        flips += rule(after) != rule(before)
        found = layer(*after, types=rule(after))
        for branch in range(2):
            changed = (found[branch][:altered] != stated[branch][:altered]).any()
            refute_unless(
                not changed,
                "an output depends on a later token",
                token=altered,
                before=stated[branch][:altered],
                after=found[branch][:altered],
            )
    refute_unless(flips > 0, "no type was flipped", flips=flips)


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


@check(
    EXTREMES_BY_BRANCH,
    part="all linear",
    establishes=exact(bound="lengths 1 to 8, chunks of 1 to 4"),
    claimed=dict(kind=LINEAR),
    controls={"all softmax": dict(kind=SOFTMAX)},
)
def delta_branch_with_linear_chunks(kind) -> None:
    """Against the definition of the gated delta rule."""
    for length in range(1, LENGTH + 1):
        for chunk in range(1, 5):
            tokens = _tokens(length)
            _, delta = _layer(*tokens, types=[kind] * length, chunk=chunk)
            stated, _ = gated_delta_rule(*tokens)
            refute_unless(
                bool((delta == stated).all()), "the branch is another rule", L=length, C=chunk
            )


@check(
    EXTREMES_BY_BRANCH,
    part="all softmax",
    establishes=exact(bound="lengths 1 to 8, chunks of 1 to 4"),
    claimed=dict(kind=SOFTMAX),
    controls={"all linear": dict(kind=LINEAR)},
)
def softmax_branch_with_softmax_chunks(kind) -> None:
    """Against the definition of causal softmax attention, to the base 2."""
    for length in range(1, LENGTH + 1):
        for chunk in range(1, 5):
            tokens = _tokens(length)
            softmax, _ = _layer(*tokens, types=[kind] * length, chunk=chunk)
            stated = causal_softmax_attention(*tokens[:3], power=power_of_two)
            refute_unless(
                bool((softmax == stated).all()), "the branch is another map", L=length, C=chunk
            )


@check(
    EXTREMES_BY_BRANCH,
    part="other branch",
    establishes=exact(bound="lengths 1 to 8, chunks of 1 to 4"),
    claimed=dict(kind=LINEAR),
    controls={"all softmax": dict(kind=SOFTMAX)},
)
def softmax_branch_with_linear_chunks(kind) -> None:
    """Against causal softmax attention chunk by chunk."""
    for length in range(1, LENGTH + 1):
        for chunk in range(1, 5):
            tokens = _tokens(length)
            softmax, _ = _layer(*tokens, types=[kind] * length, chunk=chunk)
            stated = np.concatenate(
                [
                    causal_softmax_attention(
                        *(x[start : start + chunk] for x in tokens[:3]), power=power_of_two
                    )
                    for start in range(0, length, chunk)
                ]
            )
            refute_unless(
                bool((softmax == stated).all()), "the branch is another map", L=length, C=chunk
            )


def _prefix(*tokens, types):
    return _layer(*tokens, types=types)


def _fresh_state(*tokens, types):
    """The state at the start of an incomplete chunk is dropped."""
    length = len(tokens[0])
    whole = length // CHUNK * CHUNK
    if whole == length or not whole:
        return _layer(*tokens, types=types)
    softmax, delta = _layer(*tokens, types=types)
    rest = gated_delta_rule(*(x[whole:] for x in tokens))[0]
    return softmax, np.concatenate([delta[:whole], rest])


@check(
    PREFIX,
    establishes=exact(bound="8 tokens in chunks of 3, all patterns of types, all prefixes"),
    claimed=dict(layer=_prefix),
    controls={"state dropped at an incomplete chunk": dict(layer=_fresh_state)},
)
def prefixes_agree(layer) -> None:
    """The layer on the first m tokens against the first m outputs of the whole."""
    for types in _patterns():
        whole = _layer(*_tokens(), types=types)
        for length in range(1, LENGTH + 1):
            found = layer(*_tokens(length), types=types)
            for branch in range(2):
                refute_unless(
                    bool((found[branch] == whole[branch][:length]).all()),
                    "decoding and prefilling differ",
                    types=list(types),
                    tokens=length,
                    decoded=found[branch][-1],
                    prefilled=whole[branch][length - 1],
                )
