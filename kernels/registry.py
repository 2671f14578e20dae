"""Which implementations there are. Importing this loads neither torch nor triton."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache


@dataclass(frozen=True)
class Implementation:
    """One implementation of one operator.

    Attributes:
        operator: name of the operator, which is the name of its file in `theory.operator`.
        backend: ``torch``, ``triton``, ``compiled`` (numba, on a CPU), or ``split`` and
            ``triton-split`` (the keys dealt out among workers).
        target: ``module:function``, imported on use.
        dtypes: what it accepts.
        additions: (N, block) → the largest number of additions that one term of a reduction over
            N passes through; the error bounds need it.
        backward: where its gradient comes from.
    """

    operator: str
    backend: str
    target: str
    additions: Callable[[int, int], int]
    dtypes: tuple[str, ...] = ("float32", "float16", "bfloat16")
    backward: str = "none"

    def load(self) -> Callable[..., object]:
        """The function itself."""
        return _load(self.target)


@cache
def _load(target: str) -> Callable[..., object]:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _blocks(length: int, block: int) -> int:
    return -(-length // block)


def _two_level(length: int, block: int) -> int:
    """A block of terms, then the blocks one after another in the same precision."""
    return min(length, block) + _blocks(length, block)


IMPLEMENTATIONS: tuple[Implementation, ...] = tuple(
    Implementation(
        operator=operator,
        backend=backend,
        target=f"attnproof.kernels.{operator}.{module}:{operator}",
        additions=_two_level,
        dtypes=("float64", "float32", "float16", "bfloat16")
        if backend == "torch"
        else ("float32", "float16", "bfloat16"),
        backward="autograd through the blocked form" if backend == "torch" else "none",
    )
    for operator in (
        "infinite_self_attention",
        "resolvent_attention",
        "linear_infinite_self_attention",
    )
    for backend, module in (("torch", "blocked"), ("triton", "triton_kernel"))
)


def implementation(operator: str, backend: str) -> Implementation:
    """The registered implementation.

    Raises:
        LookupError: there is none; the message lists what there is.
    """
    for one in (*IMPLEMENTATIONS, *SPECIFIED):
        if (one.operator, one.backend) == (operator, backend):
            return one
    known = sorted(f"{one.operator} ({one.backend})" for one in (*IMPLEMENTATIONS, *SPECIFIED))
    raise LookupError(f"no {backend} implementation of {operator!r}; there are {known}")


# Implementations that are put through the battery of `kernels.verification`, from the operator's
# specification; those above have a battery of their own, written before it.
SPECIFIED: tuple[Implementation, ...] = tuple(
    Implementation(
        operator=operator,
        backend=backend,
        target=f"attnproof.kernels.{operator}.{module}:{operator}",
        additions=_two_level,
        dtypes=("float64", "float32", "float16", "bfloat16")
        if backend == "torch"
        else ("float32", "float16", "bfloat16"),
        backward="autograd through the blocked form" if backend == "torch" else "none",
    )
    for operator in (
        "agent_attention",
        "causal_softmax_attention",
        "gated_delta_rule",
        "gated_linear_attention",
        "inline_attention",
        "linear_attention",
        "magnitude_aware_linear_attention",
        "softmax_attention",
    )
    for backend, module in (("torch", "blocked"), ("triton", "triton_kernel"))
)
# Its gradient is three more passes of the same kernel.
SPECIFIED = tuple(
    replace(
        one,
        target="attnproof.kernels.gated_linear_attention.triton_gradient:gated_linear_attention",
        backward="three passes of the forward kernel",
    )
    if (one.operator, one.backend) == ("gated_linear_attention", "triton")
    else one
    for one in SPECIFIED
)
SPECIFIED += tuple(
    Implementation(
        operator=operator,
        backend="torch",
        target=f"attnproof.kernels.{operator}.blocked:{operator}",
        additions=_two_level,
        dtypes=("float64", "float32", "float16", "bfloat16"),
        backward="autograd through the blocked form",
    )
    for operator in (
        "channel_gated_linear_attention",
        "local_linear_attention",
        "lucid_attention",
        "tensor_attention",
    )
)
SPECIFIED += (
    Implementation(
        operator="softmax_attention",
        backend="split",
        target="attnproof.kernels.softmax_attention.stream_k:softmax_attention",
        additions=_two_level,
        dtypes=("float64", "float32", "float16", "bfloat16"),
        backward="autograd through the merged states",
    ),
    Implementation(
        operator="softmax_attention",
        backend="triton-split",
        target="attnproof.kernels.softmax_attention.stream_k_triton:softmax_attention",
        additions=_two_level,
    ),
)
SPECIFIED += tuple(
    Implementation(
        operator=operator,
        backend="triton",
        target=f"attnproof.kernels.{operator}.triton_kernel:{operator}",
        additions=_two_level,
    )
    for operator in ("channel_gated_linear_attention", "tensor_attention")
)
SPECIFIED += tuple(
    Implementation(
        operator=operator,
        backend="compiled",
        target=f"attnproof.kernels.{operator}.compiled:{operator}",
        additions=lambda length, block: length,
        dtypes=("float64", "float32", "float16", "bfloat16"),
    )
    for operator in ("gated_delta_rule", "gated_linear_attention")
)
