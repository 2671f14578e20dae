"""Whether very large and very small numbers are handled as the operator says."""

from __future__ import annotations

import numpy as np
import torch

from attnproof.kernels.bounds import whole_bound
from attnproof.kernels.specification import Specification
from attnproof.kernels.verification.draws import DTYPES, HEADS, Draw, head, tensors

from .asking import Call, Report, refute

# As powers of two: far from one, and far from where the dtype ends, so that nothing underflows
# that would count.
FACTORS = {"float16": (6, -4), "bfloat16": (60, -60), "float32": (60, -60), "float64": (300, -300)}
LARGEST = {"float16": 12, "bfloat16": 20, "float32": 20, "float64": 40}


def extreme_magnitudes(specification: Specification, call: Call, dtype: str) -> Report:
    """Values times 2^±k give the output times 2^±k, within twice the bound; queries and keys that
    are large still give numbers, and right ones where the bound promises any."""
    looked = 0
    for length in (1, 17, 40):
        draw = Draw(23, length, 8, 5, dtype)
        inputs = tensors(specification, draw)
        if specification.values:
            for power in FACTORS[dtype]:
                _scaled_values(specification, call, draw, inputs, power)
                looked += 1
        for name in specification.extremes:
            larger = dict(inputs)
            # The largest entries are near one to four.
            larger[name] = inputs[name] * 2.0 ** LARGEST[dtype]
            _right_where_promised(specification, call, draw, larger, name)
            looked += 1
    return {"instances": looked} if looked else {"skipped": "nothing may be scaled"}


def _scaled_values(specification, call, draw, inputs, power: int) -> None:
    scaled = dict(inputs)
    factor = 2.0**power
    scaled[specification.values] = inputs[specification.values] * factor
    one, two = call(inputs).double(), call(scaled).double() / factor
    for index in range(HEADS):
        exact = head(inputs, index)
        allowed = 2 * whole_bound(specification, exact, draw.dtype)
        # What underflows below the scaled values is lost to them.
        smallest = torch.finfo(DTYPES[draw.dtype]).tiny / min(factor, 1.0)
        allowed = allowed + 2 * smallest
        _compare(
            one[0, index].numpy(), two[0, index].numpy(), allowed, draw,
            message="scaled values do not give a scaled output", index=index, power_of_two=power,
        )  # fmt: skip


def _right_where_promised(specification, call, draw, inputs, name: str) -> None:
    output = call(inputs).double()
    for index in range(HEADS):
        exact = head(inputs, index)
        with np.errstate(over="ignore", invalid="ignore"):
            expected = specification.expected(exact)
            bound = whole_bound(specification, exact, draw.dtype)
        room = np.abs(expected) < torch.finfo(DTYPES[draw.dtype]).max / 4
        found = output[0, index].numpy()
        bound = np.where(room, bound, np.inf)
        lost = np.argwhere(room & ~np.isfinite(found))
        if len(lost):
            row, column = map(int, lost[0])
            refute(
                "large inputs give no number where the operator has one",
                **draw.words(), scaled=name, head=index, row=row, column=column,
                computed=float(found[row, column]), expected=float(expected[row, column]),
            )  # fmt: skip
        found = np.where(room, found, expected)
        _compare(
            expected, found, bound, draw,
            message="an entry is farther off than rounding explains", index=index, scaled=name,
        )  # fmt: skip


def _compare(expected, found, bound, draw, *, message, index, **how) -> None:
    bad = np.argwhere(~(np.abs(found - expected) <= bound))
    if len(bad):
        row, column = map(int, bad[0])
        refute(
            message,
            **draw.words(),
            **how,
            head=index,
            row=row,
            column=column,
            computed=float(found[row, column]),
            expected=float(expected[row, column]),
            bound=float(bound[row, column]),
        )
