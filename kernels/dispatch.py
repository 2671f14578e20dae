"""One door to the kernels: the form that suits device, size and what is installed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import torch

from attnproof.kernels.registry import SPECIFIED, Implementation, implementation


def choose(operator: str, query: torch.Tensor, *, gradient: bool) -> Implementation:
    """The implementation that `run` calls.

    On a GPU the Triton kernel, where the operator has one; for a gradient the torch form; on a CPU
    the compiled recurrence, where there is one and numba is installed; the torch form otherwise.

    Raises:
        LookupError: no implementation of that operator; the message lists what there is.
    """
    fallback = implementation(operator, "torch")
    if gradient:
        return fallback
    wanted = "triton" if query.is_cuda else "compiled"
    return _if_registered(operator, wanted) or fallback


@cache
def _if_registered(operator: str, backend: str) -> Implementation | None:
    if backend == "compiled" and find_spec("numba") is None:
        return None
    if (operator, backend) not in {(one.operator, one.backend) for one in SPECIFIED}:
        return None
    return implementation(operator, backend)


def run(operator: str, query: torch.Tensor, *tensors: torch.Tensor, **options: object):
    """``operator`` on [batch, heads, tokens, width] tensors, by whatever computes it fastest here.

    Args:
        tensors: the other inputs in the order of the specification.
        options: the operator's parameters.

    Raises:
        LookupError: as for `choose`; ValueError: as the implementation has it.
    """
    asked = torch.is_grad_enabled() and any(x.requires_grad for x in (query, *tensors))
    return choose(operator, query, gradient=asked).load()(query, *tensors, **options)
