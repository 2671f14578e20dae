"""Gated linear attention and its peers under pytest-benchmark: ``make bench``.

No part of the tests: times depend on the machine. For comparing two states of this repository,
``make bench BENCH="--benchmark-save=before"`` and later ``BENCH="--benchmark-compare"``. What is
claimed of speed is measured in turns by `attnproof.kernels.benchmark` instead.
"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the kernels need the extra 'kernels'")

from attnproof.kernels.benchmark import HEADS, LONGEST, WIDTH, contestants  # noqa: E402
from attnproof.kernels.gated_linear_attention.blocked import (  # noqa: E402
    gated_linear_attention,
)

LENGTHS = (256, 4096, 65_536)
# Another operator, or the operator without its gates.
OTHERS = ("scaled_dot_product_attention (softmax)", "fla, naive chunks without gates")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("one", contestants(), ids=lambda one: one.name)
def test_time(benchmark, one, length):
    if length > LONGEST.get(one.name, length):
        pytest.skip("takes too long at this length")
    benchmark.group = f"N = {length}, {HEADS} heads, width {WIDTH}, one thread"
    generator = torch.Generator().manual_seed(length)
    given = [torch.randn(1, HEADS, length, WIDTH, generator=generator) for _ in range(3)]
    given.append(torch.full((1, HEADS, length), 0.99))
    output = benchmark(one.run, *given)
    if one.name not in OTHERS:
        # Sums of some hundred terms that count, in float32: a race of wrong answers is no race.
        expected = gated_linear_attention(*given)
        assert float((output - expected).abs().max() / expected.abs().max()) < 1e-4
