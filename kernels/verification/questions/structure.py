"""Whether the output depends on what it should, and on nothing else."""

from __future__ import annotations

import numpy as np
import torch

from attnproof.kernels.bounds import whole_bound
from attnproof.kernels.specification import Specification
from attnproof.kernels.verification.draws import DTYPES, HEADS, Draw, head, tensors

from .asking import Call, Report, differing, refute


def shape_and_dtype(specification: Specification, call: Call, dtype: str) -> Report:
    """One entry per token and value channel, in the dtype of the values."""
    for length, width, columns in ((1, 4, 4), (5, 8, 4), (17, 16, 16)):
        inputs = tensors(specification, Draw(0, length, width, columns, dtype))
        output = call(inputs)
        wanted = (1, HEADS, length, columns)
        if tuple(output.shape) != wanted:
            refute("the output has another shape", shape=list(output.shape), expected=list(wanted))
        if output.dtype != DTYPES[dtype]:
            refute("the output has another dtype", dtype=str(output.dtype), expected=dtype)
    return {"shapes": 3}


def causality(specification: Specification, call: Call, dtype: str) -> Report:
    """Changing later tokens changes no earlier output, bitwise."""
    if not specification.causal:
        return {"skipped": "the operator is not causal"}
    for length in (2, 17, 33, 65, 130):
        draw, other = Draw(7, length, 8, 5, dtype), Draw(8, length, 8, 5, dtype)
        inputs, later = tensors(specification, draw), tensors(specification, other)
        before = call(inputs)
        for cut in {1, length // 2, length - 1}:
            after = call(_changed_from(inputs, later, cut))
            changed = differing(before[:, :, :cut], after[:, :, :cut])
            if len(changed):
                _, index, row, column = map(int, changed[0])
                refute(
                    "an output depends on later tokens",
                    **draw.words(),
                    changed_from=cut,
                    head=index,
                    row=row,
                    before=float(before[0, index, row, column]),
                    after=float(after[0, index, row, column]),
                )
    return {"lengths": 5}


def _changed_from(inputs, later, cut: int) -> dict[str, torch.Tensor]:
    """The inputs with other tokens from ``cut`` on, behind the same strides: a matrix product may
    sum another layout in another order, which is no dependence on later tokens."""
    mixed = {n: tensor.clone(memory_format=torch.preserve_format) for n, tensor in inputs.items()}
    for name, tensor in mixed.items():
        tensor[:, :, cut:] = later[name][:, :, cut:]
    return mixed


def determinism(specification: Specification, call: Call, dtype: str) -> Report:
    """The same call gives the same bits, and leaves its inputs alone."""
    for length in (17, 100):
        draw = Draw(3, length, 8, 5, dtype)
        inputs = tensors(specification, draw)
        kept = {name: tensor.clone() for name, tensor in inputs.items()}
        first = call(inputs)
        for name, tensor in inputs.items():
            if len(differing(tensor, kept[name])):
                refute("the kernel changed its input", input=name, **draw.words())
        for _ in range(5):
            again = call(inputs)
            changed = differing(first, again)
            if len(changed):
                at = [int(i) for i in changed[0]]
                refute("two equal calls give different bits", entry=at, **draw.words())
    return {"repeats": 5}


def linearity(specification: Specification, call: Call, dtype: str) -> Report:
    """Doubling the values doubles the output bitwise: a power of two does not round, but for
    outputs below the normal numbers, which are left to the other questions."""
    if not specification.values:
        return {"skipped": "the operator is not linear in its values"}
    for length in (17, 65):
        draw = Draw(11, length, 8, 5, dtype)
        inputs = tensors(specification, draw)
        doubled = dict(inputs)
        doubled[specification.values] = 2 * inputs[specification.values]
        one, two = call(inputs), call(doubled)
        normal = ~(two.abs() < 2 * torch.finfo(DTYPES[dtype]).tiny)
        wrong = differing(torch.where(normal, 2 * one, two), two)
        if len(wrong):
            at = tuple(int(i) for i in wrong[0])
            refute(
                "twice the values do not give twice the output",
                entry=list(at),
                once=float(one[at]),
                twice=float(two[at]),
                **draw.words(),
            )
    return {"lengths": 2}


def agree(specification: Specification, draw: Draw, one: torch.Tensor, two: torch.Tensor, **how):
    """Two evaluations of the same heads may round differently, but not beyond twice the bound.

    Raises:
        Refuted: where they differ by more, with ``how`` in the witness.
    """
    inputs = tensors(specification, draw)
    for index in range(HEADS):
        bound = 2 * whole_bound(specification, head(inputs, index), draw.dtype)
        gap = (one[0, index].double() - two[0, index].double()).abs().numpy()
        # NaN in both is the same answer; other questions say that it is no number.
        both = torch.isnan(one[0, index]) & torch.isnan(two[0, index])
        bad = np.argwhere(~((gap <= bound) | both.numpy()))
        if len(bad):
            row, column = map(int, bad[0])
            refute(
                "the same head comes out differently",
                **how,
                **draw.words(),
                head=index,
                row=row,
                column=column,
                one=float(one[0, index, row, column]),
                other=float(two[0, index, row, column]),
            )


def heads_are_independent(specification: Specification, call: Call, dtype: str) -> Report:
    """A head alone gives what it gives beside others; a batch is a batch."""
    draw = Draw(13, 33, 8, 5, dtype)
    inputs = tensors(specification, draw)
    together = call(inputs)
    alone = [
        call({name: tensor[:, index : index + 1] for name, tensor in inputs.items()})
        for index in range(HEADS)
    ]
    agree(specification, draw, together, torch.cat(alone, 1), how="heads one by one")
    batched = call({name: tensor.transpose(0, 1) for name, tensor in inputs.items()})
    agree(specification, draw, together, batched.transpose(0, 1), how="heads as batches")
    return {"heads": HEADS}
