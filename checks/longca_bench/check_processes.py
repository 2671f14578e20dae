"""Ring and Ulysses attention on processes that exchange messages."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from attnproof.theory.core import check, exact, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator import attention_mask
from attnproof.theory.operator.sequence_partition import contiguous, striped, zigzag
from attnproof.theory.paper.longca_bench.communication import COUNTED
from attnproof.theory.paper.longca_bench.ring_attention import ON_PROCESSES

TOKENS, HEADS, KEY_HEADS, WIDTH = 64, 8, 4, 8
MASKS = (
    ("full",),
    ("causal",),
    ("causal_window", 9),
    ("causal_documents", (48, 8, 8)),
)
PARTITIONS = (contiguous, zigzag, striped)
SCALE = 0.25


def known(held):
    """The mask is that of the positions held."""
    return held


def forgotten(held):
    """The mask is that of consecutive positions."""
    return contiguous(TOKENS, len(held))


def keys_shifted(tensors):
    """Every key is that of the token before."""
    return {**tensors, "key": np.roll(tensors["key"], 1, axis=0)}


def unchanged(tensors):
    """What was drawn."""
    return tensors


def _drawn(random, whole: bool) -> dict[str, np.ndarray]:
    heads = {"query": HEADS, "key": KEY_HEADS, "value": KEY_HEADS}
    if whole:
        shape = lambda count: random.integers(-1, 2, (TOKENS, count, WIDTH)).astype(float)
    else:
        shape = lambda count: random.standard_normal((TOKENS, count, WIDTH))
    return {name: shape(count) for name, count in heads.items()}


def _cases(tensors, algorithm, ranks, stated, base_two):
    return [
        dict(
            tensors,
            algorithm=algorithm,
            held=partition(TOKENS, ranks),
            stated=stated(partition(TOKENS, ranks)),
            mask=mask,
            scale=1.0 if base_two else SCALE,
            base_two=base_two,
        )
        for mask in MASKS
        for partition in PARTITIONS
    ]


def _run(cases, ranks):
    """Whole outputs, and elements sent by each rank, per case."""
    from attnproof.kernels.distributed.process_group import run

    by_rank = run("attnproof.kernels.distributed.tasks:attend", ranks, cases=cases, timeout=110)
    for number, case in enumerate(cases):
        whole = np.empty((TOKENS, HEADS, WIDTH))
        for rank, held in enumerate(case["held"]):
            whole[held] = by_rank[rank][number][0]
        yield case, whole, [by_rank[rank][number][1] for rank in range(ranks)]


def _allowed(mask) -> np.ndarray:
    name, *arguments = mask
    chosen = getattr(attention_mask, name)
    chosen = chosen(*arguments) if arguments else chosen
    positions = np.arange(TOKENS)
    return np.array(chosen(positions[:, None], positions))


def _rounded_once(query, key, value, allowed) -> np.ndarray:
    """``Σ 2^s v / Σ 2^s`` in whole numbers, rounded to float64 at the end."""
    scores = (query @ key.T).astype(int)
    lowest = int(scores.min())
    weights = np.array([[1 << (s - lowest) for s in row] for row in scores.tolist()], dtype=object)
    weights = np.where(allowed, weights, 0)
    numerator, denominator = weights @ value.astype(int).astype(object), weights.sum(axis=1)
    return np.array(
        [
            [float(Fraction(int(top), int(below))) for top in row]
            for row, below in zip(numerator, denominator)
        ]
    )


def _heads(tensors):
    for head in range(HEADS):
        shared = head // (HEADS // KEY_HEADS)
        yield (
            head,
            tensors["query"][:, head],
            tensors["key"][:, shared],
            tensors["value"][:, shared],
        )


@pytest.mark.slow
@check(
    ON_PROCESSES,
    part="ring, nothing rounded",
    establishes=sampled(over="4 masks, 3 partitions, 2 and 4 processes, entries −1, 0, 1"),
    claimed=dict(stated=known, received=unchanged),
    controls={
        "positions forgotten": dict(stated=forgotten),
        "keys of a neighbour": dict(received=keys_shifted),
    },
    timeout=120,
)
def bits_of_whole_scores(stated, received) -> None:
    """Scores are whole and at most 8, so weights, sums and numerators are exact in float64; the
    quotient is the only rounding. The reference has whole numbers of any length. Bits agree."""
    for draw, ranks in zip(independent_draws(2, seed=37), (2, 4)):
        tensors = _drawn(draw.random, whole=True)
        cases = _cases(received(tensors), "ring", ranks, stated, base_two=True)
        for case, whole, _ in _run(cases, ranks):
            for head, query, key, value in _heads(tensors):
                expected = _rounded_once(query, key, value, _allowed(case["mask"]))
                refute_unless(
                    bool((whole[:, head] == expected).all()),
                    "a bit differs",
                    mask=str(case["mask"]),
                    ranks=ranks,
                    head=head,
                    largest_difference=float(np.abs(whole[:, head] - expected).max()),
                )


@pytest.mark.slow
@check(
    ON_PROCESSES,
    part="ring",
    establishes=sampled(over="4 masks, 3 partitions, 2 and 4 processes, normal entries"),
    claimed=dict(stated=known, received=unchanged),
    controls={
        "positions forgotten": dict(stated=forgotten),
        "keys of a neighbour": dict(received=keys_shifted),
    },
    timeout=120,
)
def error_within_its_bound(stated, received) -> None:
    """Float64 against float64 by the definition; either side is allowed its derived bound."""
    from attnproof.kernels.distributed.error_bound import attention_bound

    largest, share = 0.0, 0.0
    for draw, ranks in zip(independent_draws(2, seed=41), (2, 4)):
        tensors = _drawn(draw.random, whole=False)
        cases = _cases(received(tensors), "ring", ranks, stated, base_two=False)
        for case, whole, _ in _run(cases, ranks):
            allowed = _allowed(case["mask"])
            for head, query, key, value in _heads(tensors):
                bound = sum(
                    attention_bound(query, key, value, allowed, scale=SCALE, merges=merges)
                    for merges in (ranks, 0)
                )
                error = np.abs(whole[:, head] - _definition(query, key, value, allowed))
                largest = max(largest, float(error.max()))
                share = max(share, float((error / bound).max()))
                refute_unless(
                    bool((error <= bound).all()),
                    "the error exceeds its bound",
                    mask=str(case["mask"]),
                    ranks=ranks,
                    head=head,
                    error=float(error.max()),
                    bound=float(bound.max()),
                )
    note(largest_error=f"{largest:.1e}", largest_error_over_bound=f"{share:.3f}")


def _definition(query, key, value, allowed) -> np.ndarray:
    scores = np.where(allowed, SCALE * (query @ key.T), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (weights @ value) / weights.sum(axis=1, keepdims=True)


@pytest.mark.slow
@check(
    ON_PROCESSES,
    part="Ulysses",
    establishes=sampled(over="4 masks, 3 partitions, 2 and 4 processes, normal entries"),
    claimed=dict(stated=known, received=unchanged),
    controls={
        "positions forgotten": dict(stated=forgotten),
        "keys of a neighbour": dict(received=keys_shifted),
    },
    timeout=120,
)
def same_bits_as_one_process(stated, received) -> None:
    """Heads are independent, so each is computed by the very call that one process makes. That call
    is held against the definition too, within its bound."""
    import torch

    from attnproof.kernels.distributed.error_bound import attention_bound
    from attnproof.kernels.distributed.tasks import named_mask
    from attnproof.kernels.distributed.ulysses_attention import one_process

    torch.set_num_threads(1)
    for draw, ranks in zip(independent_draws(2, seed=43), (2, 4)):
        tensors = _drawn(draw.random, whole=False)
        alone = [torch.tensor(tensors[name]) for name in ("query", "key", "value")]
        cases = _cases(received(tensors), "ulysses", ranks, stated, base_two=False)
        for case, whole, _ in _run(cases, ranks):
            expected = one_process(*alone, mask=named_mask(*case["mask"]), scale=SCALE).numpy()
            refute_unless(
                bool((whole == expected).all()),
                "a bit differs",
                mask=str(case["mask"]),
                ranks=ranks,
                largest_difference=float(np.abs(whole - expected).max()),
            )
            allowed = _allowed(case["mask"])
            for head, query, key, value in _heads(tensors):
                bound = 2 * attention_bound(query, key, value, allowed, scale=SCALE, merges=0)
                error = np.abs(whole[:, head] - _definition(query, key, value, allowed))
                refute_unless(
                    bool((error <= bound).all()),
                    "the error exceeds its bound",
                    head=head,
                    error=float(error.max()),
                )


def _counted(algorithm, ranks, stated) -> None:
    zeros = {
        name: np.zeros((TOKENS, count, WIDTH))
        for name, count in (("query", HEADS), ("key", KEY_HEADS), ("value", KEY_HEADS))
    }
    for case, _, sent in _run(_cases(zeros, algorithm, ranks, known, base_two=True), ranks):
        refute_unless(
            sent == [stated] * ranks,
            "a rank sends another number of elements",
            mask=str(case["mask"]),
            sent=sent,
            stated=stated,
        )


@pytest.mark.slow
@check(
    COUNTED,
    part="ring",
    establishes=exact(bound="these sizes, 4 masks, 3 partitions", by="counted by the backend"),
    claimed=dict(algorithm="ring", ranks=4, stated=3072),
    controls={
        "a step for every rank": dict(stated=4096),
        "two processes": dict(ranks=2),
        "Ulysses": dict(algorithm="ulysses"),
    },
    timeout=120,
)
def ring_counted(algorithm, ranks, stated) -> None:
    """Also under the causal mask and in zig-zag: nothing is left out."""
    _counted(algorithm, ranks, stated)


@pytest.mark.slow
@check(
    COUNTED,
    part="Ulysses",
    establishes=exact(bound="these sizes, 4 masks, 3 partitions", by="counted by the backend"),
    claimed=dict(algorithm="ulysses", ranks=4, stated=2304),
    controls={
        "own share counted as sent": dict(stated=3072),
        "two processes": dict(ranks=2),
        "ring": dict(algorithm="ring"),
    },
    timeout=120,
)
def ulysses_counted(algorithm, ranks, stated) -> None:
    """Numbers do not depend on the mask."""
    _counted(algorithm, ranks, stated)
