"""What the questions share: how they say no, and where they look."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import torch

from attnproof.theory.core import Refuted

# On [1, 2, N, …] tensors by name, the two heads as drawn.
Call = Callable[[dict[str, torch.Tensor]], torch.Tensor]
Report = dict[str, object]

# Around one, two and more blocks of 16, 32, 64, and lengths that no block divides.
LENGTHS = (1, 2, 3, 15, 16, 17, 31, 33, 63, 64, 65, 100, 130)


def refute(message: str, **witness: object) -> NoReturn:
    """Say no, with a counterexample.

    Raises:
        Refuted: always.
    """
    raise Refuted(message, witness)


def differing(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
    """Where two tensors differ in bits; NaN in both is no difference."""
    return (~((one == two) | (torch.isnan(one) & torch.isnan(two)))).nonzero()
