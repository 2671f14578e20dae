"""Whether the kernel reads its inputs where they lie, and writes all of its output."""

from __future__ import annotations

import torch

from attnproof.kernels.specification import Specification
from attnproof.kernels.verification.draws import Draw, tensors

from .asking import LENGTHS, Call, Report, differing, refute
from .structure import agree


def every_entry_written(specification: Specification, call: Call, dtype: str) -> Report:
    """No entry of the output is uninitialised memory: fresh memory is filled with NaN."""
    settings = torch.utils.deterministic
    before = torch.are_deterministic_algorithms_enabled(), settings.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    settings.fill_uninitialized_memory = True
    try:
        for length in LENGTHS:
            draw = Draw(5, length, 8, 5, dtype)
            output = call(tensors(specification, draw))
            missing = (~torch.isfinite(output)).nonzero()
            if len(missing):
                at = [int(i) for i in missing[0]]
                refute("an entry is not finite, as if never written", entry=at, **draw.words())
    finally:
        torch.use_deterministic_algorithms(before[0])
        settings.fill_uninitialized_memory = before[1]
    return {"lengths": len(LENGTHS)}


def strides(specification: Specification, call: Call, dtype: str) -> Report:
    """The same numbers behind other strides give the same output."""
    draw = Draw(17, 33, 8, 5, dtype)
    inputs = tensors(specification, draw)
    expected = call({name: tensor.contiguous() for name, tensor in inputs.items()})
    variants = {
        "token and head axes exchanged": inputs,
        "rows inside a wider buffer": {
            n: torch.nn.functional.pad(t, (3, 2))[..., 3:-2] for n, t in inputs.items()
        },
        "every second token of a longer buffer": {
            n: t.repeat_interleave(2, 2)[:, :, ::2] for n, t in inputs.items()
        },
    }
    for name, variant in variants.items():
        agree(specification, draw, expected, call(variant), how=name)
    return {"variants": len(variants)}


def guard_bands(specification: Specification, call: Call, dtype: str) -> Report:
    """Around every input lies NaN, before and after it along every axis: a read outside its own
    entries shows in the output, a write outside shows in the bands."""
    for length in (1, 17, 33):
        draw = Draw(19, length, 8, 5, dtype)
        inputs = tensors(specification, draw)
        expected = call({name: tensor.contiguous() for name, tensor in inputs.items()})
        buffers, within = {}, {}
        for name, tensor in inputs.items():
            buffer = torch.full([size + 6 for size in tensor.shape], torch.nan, dtype=tensor.dtype)
            inner = tuple(slice(3, size + 3) for size in tensor.shape)
            buffer[inner] = tensor
            buffers[name], within[name] = buffer, buffer[inner]
        kept = {name: buffer.clone() for name, buffer in buffers.items()}
        output = call(within)
        outside = (~torch.isfinite(output) & torch.isfinite(expected)).nonzero()
        if len(outside):
            at = [int(i) for i in outside[0]]
            refute("an output depends on what lies around an input", entry=at, **draw.words())
        for name, buffer in buffers.items():
            if len(differing(buffer, kept[name])):
                refute("the kernel wrote to an input or beside it", input=name, **draw.words())
        agree(specification, draw, expected, output, how="inputs between bands of NaN")
    return {"lengths": 3}
