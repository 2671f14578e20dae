"""Times on this machine: ``python -m attnproof.kernels.benchmark [OUTPUT.jsonl] [LENGTH …]``.

All contestants run in turns within one process, so that whatever else the machine does falls on
all of them; what is reported is the median and the spread over rounds, and ratios within a round.
The limits are measured before and after the rounds: the rate of a matrix product, which no
recurrence can exceed, and that of a copy. The denominator is the recurrence's own work,
4de + de operations and the compulsory bytes per token, whatever a contestant does beyond it.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import torch

WIDTH = 64
HEADS = 2
LENGTHS = (128, 256, 512, 1024, 4096, 16_384, 65_536, 331_776)
# Quadratic forms beyond these take minutes or the machine's memory.
LONGEST = {
    "quadratic": 4096,
    "quadratic, torch.compile": 4096,
    "scaled_dot_product_attention (softmax)": 16_384,
    "chunks at once": 65_536,
    "chunks at once, torch.compile": 16_384,
}
OURS = "dispatcher"


@dataclass
class Contestant:
    """A function on (query, key, value, decay), with its times by length."""

    name: str
    run: Callable[..., torch.Tensor]
    seconds: dict[int, list[float]] = field(default_factory=dict)


def quadratic(query, key, value, decay):
    """``((QKᵀ) ⊙ Γ)V`` with the whole N × N matrix, for a constant decay."""
    length = query.shape[-2]
    place = torch.arange(length)
    lag = (place[:, None] - place[None, :]).clamp_min(0)
    weights = torch.where(place[:, None] >= place[None, :], decay[0, 0, 0] ** lag, 0.0)
    return (query @ key.transpose(-1, -2) * weights) @ value


def chunks_at_once(query, key, value, decay, block: int = 64):
    """All chunks in one batch of products, the states before them by a prefix of matrices, for a
    constant decay: what reaches a GPU's units best, and needs six times the output's memory."""
    length, width = query.shape[2:]
    short = -length % block
    q, k, v = (
        torch.nn.functional.pad(x, (0, 0, 0, short)).unflatten(2, (-1, block))
        for x in (query, key, value)
    )
    gate, place = decay[0, 0, 0], torch.arange(block)
    lag = (place[:, None] - place[None, :]).clamp_min(0)
    inside = torch.where(place[:, None] >= place[None, :], gate**lag, 0.0)
    written = (k * (gate ** (block - 1 - place))[:, None]).mT @ v
    count = q.shape[2]
    chunk = torch.arange(count)
    apart = (chunk[:, None] - chunk[None, :] - 1).clamp_min(0)
    prefix = torch.where(chunk[:, None] > chunk[None, :], gate ** (block * apart), 0.0)
    states = (prefix @ written.flatten(-2)).unflatten(-1, (width, -1))
    output = (q @ k.mT * inside) @ v + (gate ** (place + 1))[:, None] * (q @ states)
    return output.flatten(2, 3)[:, :, :length]


def plain_recurrence():
    """The recurrence as one writes it down, compiled: the peer that a compiled form must match."""
    import numba

    @numba.njit
    def recurrence(query, key, value, decay, output):
        heads, length, width = query.shape
        columns = value.shape[2]
        for head in range(heads):
            state = output[head, :width] * 0
            for t in range(length):
                for j in range(columns):
                    output[head, t, j] = 0
                for c in range(width):
                    for j in range(columns):
                        state[c, j] = (
                            decay[head, t] * state[c, j] + key[head, t, c] * value[head, t, j]
                        )
                        output[head, t, j] += query[head, t, c] * state[c, j]

    def run(query, key, value, decay):
        output = torch.zeros_like(value)
        arrays = [x[0].numpy() for x in (query, key, value, decay, output)]
        recurrence(*arrays)
        return output

    return run


def contestants() -> Iterator[Contestant]:
    """Ours first, then whoever is installed. ``torch.compile`` needs a C++ compiler."""
    from attnproof.kernels.dispatch import run
    from attnproof.kernels.gated_linear_attention.blocked import gated_linear_attention

    yield Contestant(OURS, lambda *x: run("gated_linear_attention", *x))
    yield Contestant("torch, chunks", gated_linear_attention)
    yield Contestant("chunks at once", chunks_at_once)
    yield Contestant("quadratic", quadratic)
    if which("g++") or which("c++") or which("clang++"):
        for name, function in (("quadratic", quadratic), ("chunks at once", chunks_at_once)):
            compiled = torch.compile(function, dynamic=True)
            yield Contestant(f"{name}, torch.compile", compiled)
    yield Contestant(
        "scaled_dot_product_attention (softmax)",
        lambda q, k, v, a: torch.nn.functional.scaled_dot_product_attention(
            q, k, v, is_causal=True
        ),
    )
    if find_spec("numba") is not None:
        yield Contestant("plain compiled recurrence", plain_recurrence())
    if find_spec("fla") is not None:
        from fla.ops.linear_attn.naive import naive_chunk_linear_attn
        from fla.ops.simple_gla.naive import naive_chunk_simple_gla

        heads_last = lambda *x: [one.transpose(1, 2) for one in x]
        ours = lambda found: (found[0] if isinstance(found, tuple) else found).transpose(1, 2)
        yield Contestant(
            "fla, naive chunks",
            lambda q, k, v, a: ours(
                naive_chunk_simple_gla(*heads_last(q, k, v, a.log()), scale=1.0)
            ),
        )
        # Without gates, and for lengths that are multiples of 64: less work than the others do.
        yield Contestant(
            "fla, naive chunks without gates",
            lambda q, k, v, a: ours(naive_chunk_linear_attn(*heads_last(q, k, v), scale=1.0)),
        )


def machine_rates() -> tuple[float, float]:
    """(operations per second of a matrix product, bytes per second of a copy), now."""
    left, right = torch.randn(2, 768, 768)
    source = torch.ones(1 << 24)
    left @ right
    started = time.perf_counter()
    left @ right
    operations = 2 * 768**3 / (time.perf_counter() - started)
    started = time.perf_counter()
    source.clone()
    return operations, 2 * source.numel() * 4 / (time.perf_counter() - started)


def compare(length: int, rounds: int, entrants: list[Contestant]) -> dict[str, object]:
    """One length: every contestant once per round, in turn."""
    generator = torch.Generator().manual_seed(length)
    shape = (1, HEADS, length, WIDTH)
    given = [torch.randn(shape, generator=generator) for _ in range(3)]
    given.append(torch.full((1, HEADS, length), 0.99))
    racing = [one for one in entrants if length <= LONGEST.get(one.name, length)]
    calls = {}
    for one in racing:
        # The second call shows how long one takes, after whatever the first had to set up.
        for _ in range(2):
            started = time.perf_counter()
            one.run(*given)
            spent = time.perf_counter() - started
            if spent > 0.5:
                break
        # Short calls are repeated until they fill two milliseconds.
        calls[one.name] = max(1, int(2e-3 / max(spent, 1e-6)))
        one.seconds[length] = []
    rates = [machine_rates() for _ in range(3)]
    for turn in range(rounds):
        # Another one goes first in every round, so that nobody always follows the same neighbour.
        for one in [*racing[turn % len(racing) :], *racing[: turn % len(racing)]]:
            started = time.perf_counter()
            for _ in range(calls[one.name]):
                one.run(*given)
            one.seconds[length].append((time.perf_counter() - started) / calls[one.name])
    rates += [machine_rates() for _ in range(3)]
    ours = racing[0].seconds[length]  # whoever stands first is ours
    operations = statistics.median(rate[0] for rate in rates)
    moved = statistics.median(rate[1] for rate in rates)
    tokens = HEADS * length
    least = tokens * max(5 * WIDTH * WIDTH / operations, 4 * 4 * WIDTH / moved)
    return {
        "length": length,
        "heads": HEADS,
        "width": WIDTH,
        "threads": torch.get_num_threads(),
        "rounds": rounds,
        "nanoseconds_per_token": {
            one.name: 1e9 * statistics.median(one.seconds[length]) / tokens for one in racing
        },
        # The least of the rounds: other work on the machine only ever adds time.
        "least": {one.name: 1e9 * min(one.seconds[length]) / tokens for one in racing},
        # Slower than ours by this factor, as quartiles of the ratios within each round.
        "times_ours": {
            one.name: [
                round(value, 3)
                for value in statistics.quantiles(
                    (theirs / own for theirs, own in zip(one.seconds[length], ours)), n=4
                )
            ]
            for one in racing[1:]
        },
        "machine": {"operations_per_second": operations, "bytes_per_second": moved},
        "share_of_the_limit": least / statistics.median(ours),
    }


def rounds_for(length: int) -> int:
    """Fewer where a round takes seconds."""
    return 9 if length <= 1024 else 5 if length <= 16_384 else 3


def main(arguments: list[str]) -> int:
    """Run every length and print a table; JSON lines go to the file, if one is named."""
    torch.set_num_threads(1)
    if find_spec("numba") is not None:
        import numba

        numba.set_num_threads(1)
    lengths = [int(word) for word in arguments if word.isdigit()] or list(LENGTHS)
    target = next((word for word in arguments if not word.isdigit()), "")
    entrants = list(contestants())
    for length in lengths:
        line = compare(length, rounds_for(length), entrants)
        if target:
            with Path(target).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        print(f"N = {length}, share of the machine's limit {line['share_of_the_limit']:.2f}")
        for name, spent in line["nanoseconds_per_token"].items():
            ratio = line["times_ours"].get(name)
            words = f"{ratio[1]:.2f} × ours ({ratio[0]:.2f} to {ratio[2]:.2f})" if ratio else ""
            print(f"  {name:<40} {spent:>10.0f} ns/token  {words}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
