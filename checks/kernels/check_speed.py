"""Gated linear attention on the processor: time and memory against length, and against peers."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import pytest

from attnproof.theory.core import (
    Plot,
    Series,
    Undecided,
    check,
    measured,
    note,
    plot,
    refute_unless,
)
from attnproof.theory.paper import lab_kernels

LENGTHS = (128, 256, 1024, 4096, 16_384, 65_536, 331_776)
LINEAR = LENGTHS[2:]


@cache
def race(first: str, only: tuple[str, ...] = (), lengths: tuple[int, ...] = LENGTHS) -> dict:
    """Length → what `benchmark.compare` found, ``first`` being ours; once per process."""
    import torch

    from attnproof.kernels.benchmark import compare, contestants, rounds_for

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        entrants = [one for one in contestants() if not only or one.name in (first, *only)]
        entrants.sort(key=lambda one: one.name != first)
        return {n: compare(n, rounds_for(n), entrants) for n in lengths}
    finally:
        torch.set_num_threads(before)


def _slope(times: dict[int, float]) -> float:
    import numpy as np

    return float(np.polyfit(np.log(list(times)), np.log(list(times.values())), 1)[0])


@pytest.mark.slow
@check(
    lab_kernels.CONSTANT_SPEED,
    part="time",
    establishes=measured(over="the least of interleaved rounds on this machine", by="timing"),
    claimed=dict(first="dispatcher", lengths=LENGTHS),
    controls={"whole matrix": dict(first="quadratic", lengths=(256, 512, 1024, 4096))},
    timeout=500,
)
def slope_of_the_time(first, lengths) -> None:
    """The least-squares slope in logarithms; one is time linear in the length. Of several rounds
    the least counts, which other work on the machine can only raise."""
    raced = race(first, ("plain compiled recurrence",), lengths)
    times = {n: n * raced[n]["least"][first] for n in lengths if n >= 256}
    slope = _slope(times)
    note(
        slope=f"{slope:.3f}", nanoseconds_per_token=str({n: round(t / n) for n, t in times.items()})
    )
    refute_unless(
        slope <= 1.15, "the time per token grows", slope=slope, times=list(times.values())
    )


@pytest.mark.slow
@check(
    lab_kernels.CONSTANT_SPEED,
    part="memory",
    establishes=measured(over="N = 65 536 and 331 776, peak resident memory of a fresh process"),
    claimed=dict(form="compiled"),
    controls={
        "blocked torch, whose pieces are joined at the end": dict(form="torch"),
        "all chunks at once": dict(form="chunks at once"),
    },
    timeout=200,
)
def memory(form) -> None:
    """Beyond inputs and output the recurrence holds a state of d × e numbers; 8 MiB leave room for
    what the allocator keeps."""
    from attnproof.kernels.memory import peak_beyond_inputs

    if find_spec("numba") is None:
        raise Undecided("numba is not installed: pip install 'attnproof[compiled]'")
    for length in (65_536, 331_776) if form == "compiled" else (65_536,):
        extra = peak_beyond_inputs("gated_linear_attention", length, form=form)["extra"]
        note(**{f"extra_bytes_at_{length}": extra})
        refute_unless(
            extra <= 8 << 20,
            "memory beyond inputs and output is not constant",
            length=length,
            extra_bytes=extra,
        )


@pytest.mark.slow
@check(
    lab_kernels.NO_PEER_IS_FASTER,
    part="every peer",
    establishes=measured(over="interleaved rounds on this machine, one thread", by="timing"),
    claimed=dict(first="dispatcher", only=(), lengths=LENGTHS),
    controls={
        "blocked torch in place of the dispatcher": dict(
            first="torch, chunks", only=("plain compiled recurrence",), lengths=(1024, 4096)
        ),
    },
    timeout=500,
)
def no_peer_is_faster(first, only, lengths) -> None:
    """Ratios are taken within a round. A peer is faster where three quarters of its ratios say so
    by more than five per cent; it is not where half of them do not; in between this machine was
    too busy to tell."""
    raced, unclear = race(first, only, lengths), []
    note(share_of_the_limit=str({n: round(raced[n]["share_of_the_limit"], 2) for n in lengths}))
    for length in lengths:
        for name, (_, middle, high) in raced[length]["times_ours"].items():
            refute_unless(
                high >= 1 / 1.05, "a peer is faster", length=length, peer=name, times_ours=high
            )
            if middle < 1 / 1.05:
                unclear.append(f"{name} at N = {length}: {middle:.2f} times our time")
    if "plain compiled recurrence" not in raced[lengths[0]]["times_ours"]:
        raise Undecided("numba is not installed: pip install 'attnproof[compiled]'")
    if unclear:
        raise Undecided("; ".join(unclear))


@pytest.mark.slow
@check(
    lab_kernels.NO_PEER_IS_FASTER,
    part="three times",
    establishes=measured(over="interleaved rounds on this machine, one thread", by="timing"),
    claimed=dict(first="dispatcher", only=()),
    controls={
        "blocked torch in place of the dispatcher": dict(
            first="torch, chunks", only=("fla, naive chunks",)
        )
    },
    timeout=500,
)
def three_times_the_published_chunks(first, only) -> None:
    """The median of the ratios within a round, at 4 096 tokens and more."""
    lengths = LENGTHS if first == "dispatcher" else (4096, 16_384)
    raced, unclear = race(first, only, lengths), []
    for length in (n for n in lengths if n >= 4096):
        found = raced[length]["times_ours"].get("fla, naive chunks")
        if found is None:
            raise Undecided("fla-core is not installed: pip install 'attnproof[peers]'")
        low, middle, high = found
        note(**{f"times_ours_at_{length}": f"{middle:.2f} ({low:.2f} to {high:.2f})"})
        refute_unless(high >= 3.0, "not three times as fast", length=length, times_ours=high)
        if middle < 3.0:
            unclear.append(f"{middle:.2f} at N = {length}")
    if unclear:
        raise Undecided(f"medians below 3, upper quartiles above: {'; '.join(unclear)}")


@pytest.mark.slow
@plot(lab_kernels.NO_PEER_IS_FASTER)
def times_of_the_peers() -> Plot:
    """Nanoseconds per token and head, one thread, every contestant."""
    raced = race("dispatcher")
    names = dict.fromkeys(name for found in raced.values() for name in found["least"])
    series = []
    for name in names:
        lengths = [n for n in raced if name in raced[n]["least"]]
        per_token = [raced[n]["least"][name] for n in lengths]
        series.append(Series(label=name, x=lengths, y=per_token))
    return Plot(
        title="Time per token and head on one thread",
        x_label="tokens",
        y_label="nanoseconds",
        series=series,
        caption="The least of the rounds. Recurrent forms stay level; quadratic ones grow in "
        "proportion to the length.",
        x_scale="log",
        y_scale="log",
    )
