"""Random instances that can be drawn again from a few numbers, as tensors and as exact arrays."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch

from attnproof.kernels.specification import Specification

DTYPES = {
    "float64": torch.float64,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
HEADS = 2


@dataclass(frozen=True)
class Draw:
    """Two heads of one instance. Drawing it again gives the same bits."""

    seed: int
    length: int
    width: int
    columns: int
    dtype: str

    def words(self) -> dict[str, object]:
        """For a counterexample."""
        return asdict(self)


def tensors(specification: Specification, draw: Draw) -> dict[str, torch.Tensor]:
    """[1, 2, N, …] tensors of the drawn dtype, with the token and head axes stored the other way
    round, so that strides cannot be taken for granted."""
    random = np.random.default_rng(draw.seed)
    heads = [
        specification.draw(random, draw.length, draw.width, draw.columns) for _ in range(HEADS)
    ]
    made = {}
    for name in specification.inputs:
        stacked = torch.from_numpy(np.stack([head[name] for head in heads]))[None]
        if name in specification.clamped:
            stacked = stacked.clamp(*specification.clamped[name])
        cast = stacked.to(DTYPES[draw.dtype])
        made[name] = cast.transpose(1, 2).contiguous().transpose(1, 2)
    return made


def head(inputs: dict[str, torch.Tensor], index: int) -> dict[str, np.ndarray]:
    """One head as float64 arrays, exactly the numbers that the kernel was given."""
    return {name: tensor[0, index].double().numpy() for name, tensor in inputs.items()}


def unit_roundoff_of(dtype: str) -> tuple[float, float]:
    """(u of the accumulator, u of the output): narrow inputs must be summed in float32."""
    from attnproof.theory.engine.rounding import unit_roundoff

    inner = unit_roundoff("float64" if dtype == "float64" else "float32")
    return inner, unit_roundoff(dtype) if dtype in ("float16", "bfloat16") else 0.0
