"""Functions of published packages, each in the version that the claims are about."""

from __future__ import annotations

import importlib
import math
import os
from collections.abc import Callable
from functools import cache
from importlib.metadata import version

import torch

from attnproof.kernels.interpreted_without_gpu import interpreted_without_gpu
from attnproof.theory.core import Undecided

# Module → distribution and version. Another version is another subject.
VERSIONS = {
    "agent_attention_pytorch": ("agent-attention-pytorch", "0.1.7"),
    "fla": ("fla-core", "0.6.0"),
    "memory_efficient_attention_pytorch": ("memory-efficient-attention-pytorch", "0.1.6"),
    "opengdn": ("opengdn", "0.1.0"),
    "performer_pytorch": ("performer-pytorch", "1.1.4"),
    "ring_attention_pytorch": ("ring-attention-pytorch", "0.5.20"),
    "torch": ("torch", "2.13.0"),
    "yet_another_retnet": ("yet-another-retnet", "0.5.1"),
}


@cache
def published(target: str) -> Callable[..., object]:
    """The function ``package.module:name`` of a published package.

    Raises:
        Undecided: the package is not installed, or in another version.
    """
    module, _, name = target.partition(":")
    first = module.partition(".")[0]
    distribution, wanted = VERSIONS[first]
    interpreted_without_gpu()
    try:
        function = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as missing:
        if first == "torch":
            raise
        raise Undecided(
            f"{missing.name} is not installed: pip install 'attnproof[peers]'"
        ) from missing
    found = version(distribution).partition("+")[0]
    if found != wanted:
        raise Undecided(
            f"{distribution} {found} is installed, but this is about {wanted}: "
            f"pip install {distribution}=={wanted}"
        )
    return function


@cache
def interpreted(target: str) -> Callable[..., object]:
    """A published function that launches Triton kernels, for tensors on the CPU.

    Raises:
        Undecided: as for `published`, or Triton compiles for a GPU in this process.
    """
    function = published(target)
    if os.environ.get("TRITON_INTERPRET") != "1":
        raise Undecided(
            f"{target} launches Triton kernels, which take tensors on the CPU only from Triton's "
            "interpreter: set TRITON_INTERPRET=1 before anything imports triton"
        )
    return function


def first(result: object) -> torch.Tensor:
    """The output, of whatever is returned beside it."""
    return result[0] if isinstance(result, tuple | list) else result


def swap(tensor: torch.Tensor) -> torch.Tensor:
    """[batch, heads, tokens, …] ↔ [batch, tokens, heads, …]."""
    return tensor.transpose(1, 2)


def by_root(query: torch.Tensor, scale: float = 1.0) -> torch.Tensor:
    """Queries times ``scale √d``, for a function that multiplies scores by ``d^{−1/2}`` and takes
    no scale. Two roundings where d is no power of four."""
    return query * (scale * math.sqrt(query.shape[-1]))


def logarithm(gates: torch.Tensor) -> torch.Tensor:
    """In float32 at least: a logarithm rounded to half precision is another gate."""
    return torch.log(gates if gates.dtype == torch.float64 else gates.float())


def padded(function: Callable[..., torch.Tensor], multiple: int) -> Callable[..., torch.Tensor]:
    """A causal function that wants a multiple of ``multiple`` tokens, at every length: zeros after
    the last token (gates one), and their outputs cut off."""

    def call(**inputs: torch.Tensor) -> torch.Tensor:
        length = inputs["value"].shape[2]
        more = -length % multiple
        longer = {
            name: torch.nn.functional.pad(
                tensor, (0, more) if tensor.ndim == 3 else (0, 0, 0, more), value=name == "decay"
            )
            for name, tensor in inputs.items()
        }
        return function(**longer)[:, :, :length]

    return call


def heads_as_batches(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """For a function whose gate depends on the number of the head: every head is the only one."""

    def call(query, key, value, decay):
        fold = lambda tensor: tensor.flatten(0, 1)[:, None]
        return function(fold(query), fold(key), fold(value))[:, 0].reshape(value.shape)

    return call


def equal_widths(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """For a function ``(query, key, value)`` that wants values as wide as keys and multiplies
    scores by ``width^{−1/2}``: all are made as wide by zeros, which change no score."""

    def call(query, key, value, *, scale):
        width = max(query.shape[-1], value.shape[-1])
        wide = lambda tensor: torch.nn.functional.pad(tensor, (0, width - tensor.shape[-1]))
        output = function(wide(query) * (scale * math.sqrt(width)), wide(key), wide(value))
        return output[..., : value.shape[-1]]

    return call
