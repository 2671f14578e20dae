"""One door to the kernels: the form that suits device, size and what is installed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import torch

from attnproof.kernels.registry import Implementation, implementation, implementations


def choose(operator: str, query: torch.Tensor, *, gradient: bool) -> Implementation:
    """The implementation that `run` calls.

    On a GPU the Triton kernel, where the operator has one, and for a gradient one with a backward
    pass; on a CPU the compiled recurrence, where there is one, numba is installed and no gradient
    is asked for; the torch form otherwise.

    Raises:
        LookupError: no implementation of that operator; the message lists what there is.
    """
    wanted = _if_registered(operator, "triton" if query.is_cuda else "compiled")
    if wanted is None or (gradient and not wanted.backward):
        return implementation(operator, "torch")
    return wanted


@cache
def _if_registered(operator: str, backend: str) -> Implementation | None:
    for one in implementations():
        if (one.operator, one.backend) == (operator, backend):
            return one if not one.needs or find_spec(one.needs) is not None else None
    return None


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
