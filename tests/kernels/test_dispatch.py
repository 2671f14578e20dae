"""Which implementation is called."""

from __future__ import annotations

from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from attnproof.kernels.dispatch import choose

GPU, CPU = SimpleNamespace(is_cuda=True), SimpleNamespace(is_cuda=False)
COMPILED = "compiled" if find_spec("numba") else "torch"


@pytest.mark.parametrize(
    ("operator", "query", "gradient", "backend"),
    [
        ("gated_linear_attention", GPU, False, "triton"),
        ("gated_linear_attention", GPU, True, "triton"),
        # The compiled recurrence has no backward pass.
        ("gated_linear_attention", CPU, True, "torch"),
        ("gated_linear_attention", CPU, False, COMPILED),
        ("softmax_attention", CPU, False, "torch"),
    ],
)
def test_what_there_is_decides(operator, query, gradient, backend):
    assert choose(operator, query, gradient=gradient).backend == backend


def test_an_operator_without_implementation_is_advice():
    with pytest.raises(LookupError, match="there are"):
        choose("no_such_operator", CPU, gradient=False)
