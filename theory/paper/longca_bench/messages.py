"""Who sends what to whom, as sets of tokens and heads."""

from __future__ import annotations

from collections.abc import Iterator

# A message: sender, receiver, the elements sent as a set of (kind, token, head).
Message = tuple[int, int, set]


def ring_messages(tokens, ranks, heads, key_heads, steps=None) -> Iterator[Message]:
    """At every step every rank hands the block it holds to the next one."""
    size = tokens // ranks
    for step in range(ranks - 1 if steps is None else steps(ranks)):
        for rank in range(ranks):
            block = (rank - step) % ranks
            yield (
                rank,
                (rank + 1) % ranks,
                {
                    (kind, token, head)
                    for kind in "KV"
                    for token in range(block * size, (block + 1) * size)
                    for head in range(key_heads)
                },
            )


def ulysses_messages(tokens, ranks, heads, key_heads) -> Iterator[Message]:
    """From tokens of all heads to all tokens of some heads, and back for the output."""
    size = tokens // ranks
    owner = {"Q": heads, "K": key_heads, "V": key_heads, "O": heads}
    for kind, count in owner.items():
        for rank in range(ranks):
            for other in range(ranks):
                if other == rank:
                    continue
                # `sender` holds the tokens, or for the output the heads.
                tokens_of, heads_of = (other, rank) if kind == "O" else (rank, other)
                yield (
                    rank,
                    other,
                    {
                        (kind, token, head)
                        for token in range(tokens_of * size, (tokens_of + 1) * size)
                        for head in range(count)
                        if head * ranks // count == heads_of
                    },
                )


def ulysses_within_rings(tokens, ulysses, rings, heads, key_heads) -> dict[int, int]:
    """Groups of P_u ranks exchange heads over T/P_r tokens; then P_r ranks with the same heads form
    a ring."""
    sent: dict[int, int] = {}
    for group in range(rings):
        within = ulysses_messages(tokens // rings, ulysses, heads, key_heads)
        for sender, _, what in within:
            rank = group * ulysses + sender
            sent[rank] = sent.get(rank, 0) + len(what)
    for member in range(ulysses):
        for sender, _, what in ring_messages(tokens, rings, heads, key_heads // ulysses):
            rank = sender * ulysses + member
            sent[rank] = sent.get(rank, 0) + len(what)
    return sent


def sent_by_rank(messages, ranks) -> list[int]:
    """Elements that each rank sends, for width 1."""
    sent = [0] * ranks
    for sender, _, what in messages:
        sent[sender] += len(what)
    return sent
