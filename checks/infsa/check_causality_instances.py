"""Causal attention maps on exact instances: prefixes alone, and derivatives that vanish."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from attnproof.theory.algebra.dual import derivative_of, dual_array
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.paper.infsa.attention_map import (
    CAUSALITY_PREFIX_POOLED,
    CAUSALITY_ROW,
    CAUSALITY_RUNNING,
)
from attnproof.theory.paper.infsa.causal_attention_map import (
    causal_attention,
    causal_linear_attention,
    column_sums,
    frobenius_norms,
    masked,
    pooled_over_all,
    pooled_over_prefix,
    row_norms,
    row_sums,
    running_frobenius_norms,
)
from attnproof.theory.paper.infsa.rational_frobenius import (
    queries_for_logits,
    regular_keys,
    running_norm_logits,
)
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows

OVER = "rational instances of 2 to 4 tokens"
GAMMA = rational("19/20")


def _unmasked(matrix: np.ndarray) -> np.ndarray:
    return matrix


def _triangular_instances(count: int) -> Iterator[tuple]:
    for draw in independent_draws(count, seed=61):
        tokens = int(draw.random.integers(2, 5))
        key = regular_keys(draw.random, tokens)
        value = rational_array(draw.random.integers(-3, 4, (tokens, 1)).tolist())
        yield queries_for_logits(running_norm_logits(draw.random, tokens), key), key, value


def _pooled_instances(count: int) -> Iterator[tuple]:
    for draw in independent_draws(count, seed=67):
        tokens = int(draw.random.integers(2, 5))
        query = rational_norm_rows(draw.random, tokens, 3, non_negative=True)
        key = rational_array(draw.random.integers(-2, 4, (tokens, 3)).tolist())
        value = rational_array(draw.random.integers(-3, 4, (tokens, 1)).tolist())
        scores = pooled_over_prefix(query) @ key.T
        others = pooled_over_all(query) @ key.T
        # A score of zero is a kink; a row without positive scores has no output.
        smooth = bool(scores.all() and others.all())
        if smooth and (masked(scores) > 0).any(axis=1).all() and others[0, 0] > 0:
            yield query, key, value
        else:
            draw.discard()


def _refute_unless_prefixes_stand_alone(operator: Callable, instances: Iterator) -> None:
    for query, key, value in instances:
        output = operator(query, key, value, GAMMA)
        for prefix in range(1, len(query)):
            alone = operator(query[:prefix], key[:prefix], value[:prefix], GAMMA)
            refute_unless(
                bool((output[:prefix] == alone).all()),
                "the outputs of a prefix are not those of the prefix alone",
                query=query,
                key=key,
                value=value,
                gamma=GAMMA,
                prefix=prefix,
                outputs=output,
                outputs_alone=alone,
            )


def _refute_unless_blind_to_later_tokens(operator: Callable, instances: Iterator) -> None:
    """Derivatives in every entry of every token, which must vanish for the tokens before it."""
    for given in instances:
        for place, name in enumerate(("query", "key", "value")):
            for token, column in np.ndindex(*given[place].shape):
                inputs = list(given)
                direction = inputs[place] * 0
                direction[token, column] = rational(1)
                inputs[place] = dual_array(inputs[place], direction)
                slope = derivative_of(operator(*inputs, GAMMA))
                refute_unless(
                    not slope[:token].any(),
                    f"outputs of earlier tokens have a derivative in a later {name}",
                    query=given[0],
                    key=given[1],
                    value=given[2],
                    gamma=GAMMA,
                    entry=[token, column],
                    derivative=slope,
                )


def _map(normaliser: Callable, mask: Callable) -> Callable:
    return lambda query, key, value, gamma: causal_attention(
        query, key, value, gamma, normaliser, mask
    )


def _both(operator: Callable, instances: Callable) -> None:
    _refute_unless_prefixes_stand_alone(operator, instances(30))
    _refute_unless_blind_to_later_tokens(operator, instances(8))


@check(
    CAUSALITY_ROW,
    part="any function of the row",
    establishes=sampled(over=OVER + ", row sums and row norms", by="exact rationals, exact duals"),
    claimed=dict(normalisers=(row_sums, row_norms), mask=masked),
    controls={
        "norm of the whole map": dict(normalisers=(frobenius_norms,)),
        "column sums": dict(normalisers=(column_sums,)),
        "row sums without the mask": dict(normalisers=(row_sums,), mask=_unmasked),
    },
)
def rows_on_instances(normalisers, mask) -> None:
    """Every prefix, and the Jacobian above the diagonal."""
    for normaliser in normalisers:
        _both(_map(normaliser, mask), _triangular_instances)


@check(
    CAUSALITY_RUNNING,
    part="prefix",
    establishes=sampled(over=OVER, by="exact rationals, exact duals"),
    claimed=dict(normaliser=running_frobenius_norms),
    controls={
        "norm of the whole map": dict(normaliser=frobenius_norms),
        "norms of the trailing blocks": dict(
            normaliser=lambda affinities: running_frobenius_norms(affinities[::-1, ::-1])[::-1]
        ),
    },
)
def running_norms_on_instances(normaliser) -> None:
    """Every prefix, and the Jacobian above the diagonal."""
    _both(_map(normaliser, masked), _triangular_instances)


@check(
    CAUSALITY_PREFIX_POOLED,
    establishes=sampled(over=OVER, by="exact rationals, exact duals"),
    claimed=dict(pooled=pooled_over_prefix, mask=masked),
    controls={
        "pooled over all": dict(pooled=pooled_over_all),
        "no mask": dict(mask=_unmasked),
    },
)
def prefix_pooling_on_instances(pooled, mask) -> None:
    """Every prefix, and the Jacobian above the diagonal."""
    _both(
        lambda query, key, value, gamma: causal_linear_attention(
            query, key, value, gamma, pooled, mask
        ),
        _pooled_instances,
    )
