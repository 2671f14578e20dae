"""Elements sent, counted from a log of messages and compared with closed forms."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    exact,
    note,
    plot,
    refute_unless,
)
from attnproof.theory.paper.longca_bench.communication import (
    ULYSSES_LESS,
    VOLUME,
)
from attnproof.theory.paper.longca_bench.messages import (
    ring_messages,
    sent_by_rank,
    ulysses_messages,
    ulysses_within_rings,
)


def ring_volume(T, P, hq, hk):
    """``2(P − 1)(T/P)h_k``."""
    return 2 * (P - 1) * Fraction(T, P) * hk


def ulysses_volume(T, P, hq, hk):
    """``(2h_q + 2h_k)(T/P)(P − 1)/P``."""
    return (2 * hq + 2 * hk) * Fraction(T, P) * Fraction(P - 1, P)


SIZES = [(2 * P, P, hq * P, hk * P) for P in range(1, 7) for hk in (1, 2) for hq in (hk, 4 * hk)]
UP_TO = exact(bound="P ≤ 6, T = 2P, h_k = P or 2P, h_q = h_k or 4h_k, d = 1", by="counted messages")


def _compare(messages, volume) -> None:
    for T, P, hq, hk in SIZES:
        counted, stated = sent_by_rank(messages(T, P, hq, hk), P), volume(T, P, hq, hk)
        refute_unless(
            counted == [stated] * P,
            "a rank sends another number of elements",
            tokens=T,
            ranks=P,
            heads=hq,
            key_heads=hk,
            counted=counted,
            stated=stated,
        )


@check(
    VOLUME,
    part="ring",
    establishes=UP_TO,
    claimed=dict(messages=ring_messages, volume=ring_volume),
    controls={
        "a step for every rank": dict(volume=lambda T, P, hq, hk: 2 * T * hk),
        "query heads sent": dict(volume=lambda T, P, hq, hk: ring_volume(T, P, hq, hq)),
        "keys only": dict(volume=lambda T, P, hq, hk: ring_volume(T, P, hq, hk) / 2),
        "one more step in the ring": dict(
            messages=lambda T, P, hq, hk: ring_messages(T, P, hq, hk, steps=lambda P: P)
        ),
    },
)
def ring_sends(messages, volume) -> None:
    """Every message is a set of tokens and heads. In the end every rank has met every block."""
    _compare(messages, volume)
    for T, P, hq, hk in SIZES:
        met = {rank: {rank} for rank in range(P)}
        for _, receiver, what in messages(T, P, hq, hk):
            met[receiver] |= {token // (T // P) for _, token, _ in what}
        refute_unless(
            all(len(blocks) == P for blocks in met.values()), "a block is not met", ranks=P
        )


@check(
    VOLUME,
    part="Ulysses",
    establishes=UP_TO,
    claimed=dict(messages=ulysses_messages, volume=ulysses_volume),
    controls={
        "own share counted as sent": dict(
            volume=lambda T, P, hq, hk: (2 * hq + 2 * hk) * Fraction(T, P)
        ),
        "output not sent back": dict(
            volume=lambda T, P, hq, hk: (
                ulysses_volume(T, P, hq, hk) * (hq + 2 * hk) / (2 * hq + 2 * hk)
            )
        ),
        "as many key heads": dict(volume=lambda T, P, hq, hk: ulysses_volume(T, P, hq, hq)),
    },
)
def ulysses_sends(messages, volume) -> None:
    """Every message is a set of tokens and heads."""
    _compare(messages, volume)


def both_volume(T, Pu, Pr, hq, hk):
    """The sum of both terms, d = 1."""
    return (2 * hq + 2 * hk) * Fraction(T, Pu * Pr) * Fraction(Pu - 1, Pu) + 2 * (
        Pr - 1
    ) * Fraction(T, Pr) * Fraction(hk, Pu)


@check(
    VOLUME,
    part="both",
    establishes=exact(bound="P_u, P_r ≤ 4, T = 2P, h_k = P_u, h_q = 4P_u", by="counted messages"),
    claimed=dict(volume=both_volume),
    controls={
        "ring over all ranks": dict(volume=lambda T, u, r, hq, hk: ring_volume(T, u * r, hq, hk)),
        "keys of all heads in the ring": dict(
            volume=lambda T, u, r, hq, hk: (
                both_volume(T, u, r, hq, hk) + 2 * (r - 1) * Fraction(T, r) * (hk - Fraction(hk, u))
            )
        ),
        "orders exchanged": dict(volume=lambda T, u, r, hq, hk: both_volume(T, r, u, hq, hk)),
    },
)
def both_send(volume) -> None:
    """Counted; noted for 1024 tokens, 32 heads and 8 key heads on 8 ranks."""
    for Pu in range(1, 5):
        for Pr in range(1, 5):
            T, hq, hk = 2 * Pu * Pr, 4 * Pu, Pu
            counted = ulysses_within_rings(T, Pu, Pr, hq, hk)
            stated = volume(T, Pu, Pr, hq, hk)
            refute_unless(
                all(one == stated for one in counted.values()),
                "a rank sends another number of elements",
                ulysses=Pu,
                rings=Pr,
                counted=sorted(counted.values()),
                stated=stated,
            )
    figures = {f"{u} by {8 // u}": int(both_volume(1024, u, 8 // u, 32, 8)) for u in (1, 2, 4, 8)}
    note(on_eight_ranks=str(figures))


def node_by_node(nodes, each):
    """Source of the block each rank receives, and whether it came from another node: blocks circle
    within a node; between rounds whole nodes hand on what they hold."""
    received = {rank: [] for rank in range(nodes * each)}
    rounds = 0
    for outer in range(nodes):
        if outer:
            rounds += 1
        for inner in range(each):
            for rank in received:
                node = (rank // each - outer) % nodes
                block = node * each + (rank - inner) % each
                if block != rank:
                    received[rank].append(block)
    return received, rounds


def one_ring(nodes, each):
    """A flat ring: at every step some rank at the end of a node hands over to the next node."""
    ranks = nodes * each
    received = {rank: [(rank - step) % ranks for step in range(1, ranks)] for rank in range(ranks)}
    crossing = [
        step
        for step in range(1, ranks)
        if any(rank // each != (rank + 1) % ranks // each for rank in range(ranks))
    ]
    return received, len(crossing)


@check(
    VOLUME,
    part="double ring",
    establishes=exact(bound="2 ≤ W ≤ 8 nodes of w ≤ 8 ranks", by="counted rounds"),
    claimed=dict(schedule=node_by_node, rounds=lambda W, w: W - 1),
    controls={
        "a flat ring": dict(schedule=one_ring),
        "a round for each node": dict(rounds=lambda W, w: W),
    },
)
def rounds_between_nodes(schedule, rounds) -> None:
    """Every rank receives every other block once; rounds between nodes are counted. A flat ring
    has P − 1."""
    for W in range(2, 9):
        for w in range(1, 9):
            received, counted = schedule(W, w)
            others = [sorted(set(range(W * w)) - {rank}) for rank in range(W * w)]
            refute_unless(
                [sorted(received[rank]) for rank in range(W * w)] == others
                and one_ring(W, w)[1] == W * w - 1,
                "a block is missed, or received twice",
                nodes=W,
                ranks=w,
            )
            refute_unless(
                counted == rounds(W, w),
                "another number of rounds",
                nodes=W,
                ranks=w,
                counted=counted,
                stated=rounds(W, w),
            )


@check(
    ULYSSES_LESS,
    establishes=counterexample(over="64 heads, 8 key heads, 8 ranks", by="counted messages"),
    claimed=dict(ranks=8, heads=64, key_heads=8),
    controls={
        "32 and 8 heads, 4 ranks": dict(ranks=4, heads=32),
        "16 and 4 heads, 4 ranks": dict(ranks=4, heads=16, key_heads=4),
    },
    repairs={
        "equal heads": dict(heads=8),
        "32 and 8 heads, 8 ranks": dict(heads=32),
    },
)
def ulysses_against_ring(ranks, heads, key_heads) -> None:
    """Counted on as many tokens as ranks."""
    ring = max(sent_by_rank(ring_messages(ranks, ranks, heads, key_heads), ranks))
    ulysses = max(sent_by_rank(ulysses_messages(ranks, ranks, heads, key_heads), ranks))
    note(ring_over_ulysses=f"{ring / ulysses:.3f}")
    refute_unless(
        ulysses < ring,
        "Ulysses sends as much as a ring, or more",
        ranks=ranks,
        heads=heads,
        key_heads=key_heads,
        ring=ring,
        ulysses=ulysses,
    )


@plot(VOLUME)
def ring_over_ulysses() -> Plot:
    """The ratio by number of ranks."""
    ranks = [2, 4, 8, 16, 32]
    return Plot(
        title="Elements sent by a ring over those of Ulysses",
        x_label="ranks",
        y_label="ratio",
        series=[
            Series(
                label=f"{hq} heads, {hk} key heads",
                x=ranks,
                y=[float(ring_volume(1, P, hq, hk) / ulysses_volume(1, P, hq, hk)) for P in ranks],
            )
            for hq, hk in ((32, 32), (32, 8), (64, 8), (32, 1))
        ],
        caption="They send the same where P = (h_q + h_k)/h_k: 2, 5, 9 and 33 ranks. With fewer "
        "key heads than ranks Ulysses would have to copy keys, which is not counted.",
        x_scale="log",
        y_scale="log",
    )
