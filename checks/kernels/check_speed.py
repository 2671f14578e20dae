"""Time against length for gated linear attention on the processor."""

from __future__ import annotations

import time

import pytest

from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.paper import lab_kernels

LENGTHS = (1024, 2048, 4096, 8192, 16_384, 32_768, 65_536)


def _times(run, lengths, rounds: int) -> list[float]:
    """The least of rounds in which every length has its turn: other work only ever adds time."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        given = {n: [*torch.randn(3, 1, 2, n, 64), torch.full((1, 2, n), 0.99)] for n in lengths}
        spent: dict[int, list[float]] = {n: [] for n in lengths}
        for n in lengths:
            run(*given[n])
        for _ in range(rounds):
            for n in lengths:
                started = time.perf_counter()
                run(*given[n])
                spent[n].append(time.perf_counter() - started)
    finally:
        torch.set_num_threads(before)
    return [min(spent[n]) for n in lengths]


def _slope(lengths, times) -> float:
    import numpy as np

    return float(np.polyfit(np.log(lengths), np.log(times), 1)[0])


def _dispatched():
    from attnproof.kernels.dispatch import run

    return lambda *tensors: run("gated_linear_attention", *tensors)


def _quadratic():
    from attnproof.kernels.benchmark import quadratic

    return quadratic


@pytest.mark.slow
@check(
    lab_kernels.CONSTANT_SPEED,
    establishes=measured(over="the least of five interleaved rounds on this machine", by="timing"),
    claimed=dict(kernel=_dispatched, lengths=LENGTHS),
    controls={"whole matrix": dict(kernel=_quadratic, lengths=(512, 1024, 2048, 4096))},
    timeout=200,
)
def slope_of_the_time(kernel, lengths) -> None:
    """The least-squares slope in logarithms; one is time linear in the length."""
    times = _times(kernel(), lengths, rounds=5)
    slope = _slope(lengths, times)
    shown = {n: round(1e9 * spent / (2 * n)) for n, spent in zip(lengths, times)}
    note(slope=f"{slope:.3f}", nanoseconds_per_token=str(shown))
    refute_unless(slope <= 1.15, "the time per token grows", slope=slope, times=times)


@pytest.mark.slow
@plot(lab_kernels.CONSTANT_SPEED)
def time_per_token() -> Plot:
    """Nanoseconds per token and head, one thread."""
    import torch

    from attnproof.kernels.gated_linear_attention.blocked import gated_linear_attention

    softmax = lambda q, k, v, a: torch.nn.functional.scaled_dot_product_attention(
        q, k, v, is_causal=True
    )
    entrants = {
        "compiled recurrence": (_dispatched(), LENGTHS),
        "torch, chunks": (gated_linear_attention, LENGTHS[:5]),
        "whole matrix": (_quadratic(), LENGTHS[:3]),
        "softmax (torch)": (softmax, LENGTHS[:4]),
    }
    series = []
    for name, (run, lengths) in entrants.items():
        times = _times(run, lengths, rounds=3)
        per_token = [1e9 * spent / (2 * n) for n, spent in zip(lengths, times)]
        series.append(Series(label=name, x=list(lengths), y=per_token))
    return Plot(
        title="Time per token and head on one thread",
        x_label="tokens",
        y_label="nanoseconds",
        series=series,
        caption="Recurrent forms stay level; quadratic ones grow in proportion to the length.",
        x_scale="log",
        y_scale="log",
    )
