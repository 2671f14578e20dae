"""Ranks in a ring, simulated exactly, against attention by its definition."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.attention_mask import (
    causal,
    causal_documents,
    causal_window,
    full,
    window,
)
from attnproof.theory.operator.online_softmax import (
    OnlineSoftmaxState,
    online_softmax_identity,
    online_softmax_merge,
    online_softmax_output,
    online_softmax_state,
)
from attnproof.theory.operator.sequence_partition import contiguous, striped, zigzag
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.longca_bench.ring_attention import RING_EXACT

# E = b^m of the states merged so far, F = b^{m_B} of the next block, W = b^M of the larger maximum;
# e = b^{m − M}, f = b^{m_B − M}; o and p numerators; t what the keys so far sum to.
E, F, W, e, f = scalars("E F W e f")
o, p, t = letters("o p t")
MODEL = {
    **{name: rational(value) for name, value in dict(E=2, F=8, W=8, e="1/4", f=1).items()},
    **{name: rational_array([[value]]) for name, value in dict(o=3, p=5, t=6).items()},
}


@check(
    RING_EXACT,
    establishes=proof(over="every number and order of blocks (induction), every width"),
    claimed=dict(merged=e * o + f * p, base=W * 0 * o),
    controls={
        "not rescaled": dict(merged=o + p),
        "only the new block rescaled": dict(merged=o + f * p),
        "average of the blocks": dict(merged=(o + p) / 2),
        "starts from a value": dict(base=W * o),
    },
)
def another_block(merged, base) -> None:
    """Base: no block, and a sum of nothing. Step: if ``b^m o = t`` for the blocks so far, then
    ``b^M`` times the merged numerator is ``t + b^{m_B} p``. So in the end ``b^m o`` is the sum of
    ``b^s v`` over all allowed keys, and ``b^m l`` that of ``b^s``, the case of the value 1.
    An order of blocks is an order of addition. A block without a key changes nothing; the
    quotient is defined once some key is allowed."""
    follows(base, models=[MODEL], message="the empty fold is not zero")
    follows(
        W * merged - (t + F * p),
        using=[(1, W * e - E, o), (1, W * f - F, p), (1, E * o - t, 1)],
        models=[MODEL],
        message="a block more does not add its keys",
    )


def average(first, second, power):
    """Average of the normalised outputs."""
    if first.maximum is None or second.maximum is None:
        return second if first.maximum is None else first
    both = online_softmax_output(first) + online_softmax_output(second)
    return OnlineSoftmaxState(rational(0), rational(1), both / 2)


def not_rescaled(first, second, power):
    """Sums of states with different maxima."""
    merged = online_softmax_merge(first, second, power)
    return OnlineSoftmaxState(
        merged.maximum,
        first.denominator + second.denominator,
        first.numerator + second.numerator,
    )


def ring_order(rank: int, ranks: int) -> list[int]:
    """Rank r meets the keys of r, r − 1, r − 2, …"""
    return [(rank - step) % ranks for step in range(ranks)]


def double_ring_order(rank: int, ranks: int) -> list[int]:
    """Two rings of half the ranks: first one's own, then the other."""
    half = max(1, ranks // 2)
    mine = rank // half
    return [
        ((mine - outer) % (ranks // half)) * half + (rank - inner) % half
        for outer in range(ranks // half)
        for inner in range(half)
    ]


def one_block_missed(rank: int, ranks: int) -> list[int]:
    """The ring stops a step early."""
    return ring_order(rank, ranks)[:-1] if ranks > 1 else [0]


def from_positions(held, P):
    """The positions that a rank holds."""
    return held


def positions_forgotten(held, P):
    """As if every rank held consecutive tokens."""
    return contiguous(sum(map(len, held)), P)


def ring(scores, value, mask, held, stated, order, merge) -> np.ndarray:
    """What every rank ends up with, put back in place; ``stated`` are the positions used for the
    mask. Rows without a key stay ``None``."""
    output = np.full(value.shape, None, dtype=object)
    for rank in range(len(held)):
        for query, position in zip(held[rank], stated[rank]):
            state = online_softmax_identity(value.shape[1])
            for block in order(rank, len(held)):
                seen = held[block][mask(position, stated[block])]
                part = online_softmax_state(scores[query, seen], value[seen], power_of_two)
                state = merge(state, part, power_of_two)
            if state.maximum is not None:
                output[query] = online_softmax_output(state)
    return output


def by_definition(scores, value, mask) -> np.ndarray:
    """``Σ_j M_ij 2^{s_ij} v_j / Σ_j M_ij 2^{s_ij}``, without maxima and blocks."""
    positions = np.arange(len(scores))
    allowed = mask(positions[:, None], positions)
    weights = np.where(allowed, power_of_two(scores), rational(0))
    return (weights @ value) / weights.sum(axis=1)[:, None]


def no_key_for_the_first(i, j):
    """``j < i``."""
    return j < i


MASKS = (full, causal, causal_window(3), window(2), causal_documents((9, 2, 5)))


@check(
    RING_EXACT,
    establishes=sampled(
        over="16 tokens on 1, 2, 4 and 8 ranks, 5 masks, 3 partitions, 2 orders, base two",
        by="exact rationals",
    ),
    claimed=dict(merge=online_softmax_merge, order=ring_order, stated=from_positions, masks=MASKS),
    controls={
        "average of the blocks": dict(merge=average),
        "maxima not rescaled": dict(merge=not_rescaled),
        "one block missed": dict(order=one_block_missed),
        "positions forgotten": dict(stated=positions_forgotten),
        "a query without a key": dict(masks=(no_key_for_the_first,), drops="a key for every query"),
    },
)
def every_rank_has_its_rows(merge, order, stated, masks) -> None:
    """Whole scores and values; equality without a tolerance. The double ring is run as well."""
    for draw in independent_draws(3, seed=29):
        scores, value = _draw(draw.random, 16)
        for mask in masks:
            _need_keys(mask, 16)
            expected = by_definition(scores, value, mask)
            for ranks in (1, 2, 4, 8):
                for partition in (contiguous, zigzag, striped):
                    held = partition(16, ranks)
                    for taken in {order, double_ring_order} if order is ring_order else {order}:
                        found = ring(scores, value, mask, held, stated(held, ranks), taken, merge)
                        _same(found, expected, mask, ranks, partition)


def _draw(random, tokens):
    scores = rational_array(random.integers(-6, 7, (tokens, tokens)).tolist())
    return scores, rational_array(random.integers(-4, 5, (tokens, 1)).tolist())


def _need_keys(mask, tokens) -> None:
    positions = np.arange(tokens)
    allowed = np.array(mask(positions[:, None], positions))
    refute_unless(
        bool(allowed.any(axis=1).all()),
        "attention of a query that sees no key is undefined",
        allowed=[row.tolist() for row in allowed[:2]],
    )


def _same(found, expected, mask, ranks, partition) -> None:
    for row, (one, other) in enumerate(zip(found, expected)):
        if one[0] is None or one[0] != other[0]:
            refute_unless(
                False,
                "a row is not that of attention",
                ranks=ranks,
                partition=partition.__name__,
                row=row,
                found="none" if one[0] is None else one[0],
                expected=other[0],
            )
    refute_unless(True, rows=len(expected))


@check(
    RING_EXACT,
    establishes=sampled(over="6 tokens on 3 ranks of 2, 15 assignments, 6 orders, causal mask"),
    claimed=dict(merge=online_softmax_merge, known=True),
    controls={
        "average of the blocks": dict(merge=average),
        "positions forgotten": dict(known=False),
    },
)
def any_assignment_and_order(merge, known) -> None:
    """Ranks that hold any two of the tokens, and blocks in any order."""
    for draw in independent_draws(2, seed=31):
        scores, value = _draw(draw.random, 6)
        expected = by_definition(scores, value, causal)
        for held in _assignments():
            stated = held if known else contiguous(6, 3)
            for taken in permutations(range(3)):
                order = lambda rank, ranks, taken=taken: [(rank + b) % ranks for b in taken]
                found = ring(scores, value, causal, held, stated, order, merge)
                _same(found, expected, causal, 3, contiguous)


def _assignments():
    for first in range(1, 6):
        rest = [token for token in range(1, 6) if token != first]
        for other in rest[1:]:
            last = [token for token in rest[1:] if token != other]
            yield [np.array(pair) for pair in ((0, first), (rest[0], other), tuple(last))]
