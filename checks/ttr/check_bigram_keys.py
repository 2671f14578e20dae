"""Shifted keys: recall becomes counting pairs of neighbours."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, product

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.gated_linear_attention import gated_linear_attention
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.ttr.crosstalk import BIGRAM_KEYS

S, e, e_row, other, v, counts = letters("S e et other v counts")


def _one_hot(symbols, size: int) -> np.ndarray:
    return rational_array(np.eye(size, dtype=int)[list(symbols)])


def _keys(sequence, size: int, shift: int) -> np.ndarray:
    """``e_{x_{t−shift}}``, zero before the start."""
    embedded = _one_hot(sequence, size)
    padding = 0 * embedded[:1]
    return np.concatenate([padding] * shift + [embedded])[: len(sequence)]


def _counts(sequence, size: int, last: int) -> np.ndarray:
    """``N(last, b)`` by counting neighbours, without any matrix."""
    seen = Counter(pairwise(sequence))
    return rational_array([seen[last, symbol] for symbol in range(size)])


def _sequences():
    for length in (2, 3, 4, 5):
        yield from product(range(3), repeat=length)


@check(
    BIGRAM_KEYS,
    part="counts",
    establishes=proof(over="every sequence (induction over the tokens), every alphabet"),
    claimed=dict(overlap=1, gained=counts + v),
    controls={
        "embeddings of length two": dict(overlap=4),
        "counted twice": dict(gained=counts + 2 * v),
    },
)
def a_token_adds_its_pair(overlap, gained) -> None:
    """Let ``Se`` be the vector of counts after the symbol e. A token with key e and value v makes
    it ``(S + veᵀ)e = counts + v``, one more at v; one with an orthogonal key changes nothing.
    Base: S = 0 and no pair."""
    root = 2 if overlap == 4 else 1
    symbol = rational_array([[root], [0]])
    value = rational_array([[0], [1]])
    model = {
        **{"e": symbol, "et": symbol.T, "other": rational_array([[0, root]]), "v": value},
        **{"S": (3 * value + symbol) @ symbol.T / root**2, "counts": 3 * value + symbol},
    }
    follows(
        (S + v @ e_row) @ e - gained,
        using=[(1, S @ e - counts, 1), (v, e_row @ e - overlap, 1)],
        models=[model],
        message="the pair is not counted once",
    )
    follows(
        (S + v @ other) @ e - counts,
        using=[(1, S @ e - counts, 1), (v, other @ e, 1)],
        models=[model],
        message="a pair of another symbol is counted",
    )


@check(
    BIGRAM_KEYS,
    part="counts",
    establishes=exact(bound="all sequences of 2 to 5 symbols over an alphabet of 3"),
    claimed=dict(shift=1),
    controls={"keys two tokens back": dict(shift=2), "no shift": dict(shift=0)},
)
def counts_of_the_definition(shift) -> None:
    """Linear attention itself, asked at the last token, against the counted neighbours."""
    for sequence in _sequences():
        embedded = _one_hot(sequence, 3)
        outputs, _ = gated_linear_attention(embedded, _keys(sequence, 3, shift), embedded)
        stated = _counts(sequence, 3, sequence[-1])
        refute_unless(
            bool((outputs[-1] == stated).all()),
            "the output is not the vector of counts",
            sequence=list(sequence),
            output=outputs[-1],
            counts=stated,
        )


def _least_squares(keys, values, query):
    """The least-norm solution with one-hot keys: its normal matrix is diagonal, and a symbol that
    never was a key gets zero."""
    occurrences = keys.sum(axis=0)
    weights = rational_array([0 if n == 0 else rational(1) / n for n in occurrences])
    return values.T @ keys @ (weights * query)


def _hard_softmax(keys, values, query):
    """Softmax to the base 2 with scores 0 and 200: the limit τ → 0 up to 2^{−190}."""
    weights = softmax_weights((200 * (keys @ query))[None, :], power_of_two)
    return (weights @ values)[0]


def _softmax_at_temperature_one(keys, values, query):
    return (softmax_weights((keys @ query)[None, :], power_of_two) @ values)[0]


def _state(keys, values, query):
    return values.T @ keys @ query


@check(
    BIGRAM_KEYS,
    part="frequencies",
    establishes=exact(
        bound="all sequences of 2 to 5 symbols over an alphabet of 3 in which the last symbol has "
        "occurred before"
    ),
    claimed=dict(layers=(_least_squares, _hard_softmax)),
    controls={
        "counts instead": dict(layers=(_state,)),
        "softmax at temperature one": dict(layers=(_softmax_at_temperature_one,)),
    },
)
def frequencies_of_the_layers(layers) -> None:
    """Where the last symbol has occurred before: counted frequencies against both layers. The
    normal equations of the least-norm solution are checked as well; softmax is within 2^{−190}."""
    for sequence in _sequences():
        counts = _counts(sequence, 3, sequence[-1])
        total = counts.sum()
        if total == 0:
            continue
        embedded = _one_hot(sequence, 3)
        keys = _keys(sequence, 3, 1)
        for layer in layers:
            output = layer(keys, embedded, embedded[-1])
            refute_unless(
                max(abs(entry) for entry in output - counts / total) < rational(1) / 2**190,
                "the output is not the vector of frequencies",
                sequence=list(sequence),
                output=output,
                frequencies=counts / total,
            )
        fitted = np.stack([_least_squares(keys, embedded, unit) for unit in np.eye(3, dtype=int)]).T
        refute_unless(
            not (fitted @ keys.T @ keys - embedded.T @ keys).any(),
            "the normal equations fail",
            sequence=list(sequence),
            solution=fitted,
        )
    example = (0, 1, 2, 0, 1, 1, 2, 1)
    counts_after_one = _counts(example, 3, 1)
    note(
        example=list(example),
        counts=list(counts_after_one),
        frequencies=list(counts_after_one / counts_after_one.sum()),
    )


@check(
    BIGRAM_KEYS,
    part="without the shift",
    establishes=exact(bound="all sequences of 2 to 5 symbols over an alphabet of 3"),
    claimed=dict(shift=0),
    controls={"shift by one": dict(shift=1)},
)
def unshifted_keys_return_the_query(shift) -> None:
    """The exact layer of least norm with k_t = v_t, asked at the last token."""
    for sequence in _sequences():
        embedded = _one_hot(sequence, 3)
        output = _least_squares(_keys(sequence, 3, shift), embedded, embedded[-1])
        refute_unless(
            bool((output == embedded[-1]).all()),
            "the output is not the query symbol",
            sequence=list(sequence),
            output=output,
        )
