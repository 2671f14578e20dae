"""What every implementation is put through. Each question says no with the offending numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from attnproof.kernels.bounds import error_bound
from attnproof.kernels.exact_cases import CASES, DECAY
from attnproof.theory.core import note, refute_unless

Kernel = Callable[..., torch.Tensor]
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
TAIL = 2.0**-20


def definition(operator: str) -> Callable[..., np.ndarray]:
    """The operator as `theory.operator` defines it."""
    import importlib

    return getattr(importlib.import_module(f"attnproof.theory.operator.{operator}"), operator)


def _head(array: np.ndarray, dtype: torch.dtype) -> torch.Tensor:
    return torch.from_numpy(array)[None, None].to(dtype)


def _options(operator: str, block: int) -> dict[str, object]:
    return {"block": block} | ({"tail": TAIL} if operator == "resolvent_attention" else {})


def exact_cases(
    operator: str, kernel: Kernel, lengths: Sequence[int], blocks: Sequence[int]
) -> None:
    """Bitwise equality on `exact_cases`, in every dtype.

    Raises:
        Refuted: with the case, the dtype, the row and both values.
    """
    seen = 0
    for case in CASES[operator](lengths):
        for name, dtype in DTYPES.items():
            for block in blocks:
                inputs = [_head(x, dtype) for x in (case.query, case.key, case.value)]
                before = [x.clone() for x in inputs]
                got = kernel(*inputs, gamma=DECAY, epsilon=0.0, **_options(operator, block))
                refute_unless(
                    all(torch.equal(x, y) for x, y in zip(inputs, before)),
                    "the kernel changed its inputs",
                    case=case.name,
                    dtype=name,
                )
                _same_shape(got, inputs[2], case.name)
                found = got[0, 0].double().numpy()
                wrong = np.argwhere(~(found == case.output))
                row = int(wrong[0][0]) if len(wrong) else 0
                refute_unless(
                    not len(wrong),
                    "a case without rounding comes out wrong",
                    case=case.name,
                    dtype=name,
                    block=block,
                    row=row,
                    computed=found[row],
                    exact=case.output[row],
                )
                seen += 1
    note(cases=seen)


def within_bound(
    operator: str,
    kernel: Kernel,
    additions: Callable[[int, int], int],
    random: np.random.Generator,
    *,
    length: int,
    block: int,
    dtype: str,
    decay: float = 0.5,
) -> float:
    """One random instance within the a-priori bound; returns the largest observed/bound.

    Widths, signs, scales and ε vary with the draw: only an ε of the size of the norms shows where
    it is added. Token and head axes are stored the other way round, and there are two heads, so
    that heads cannot be exchanged unnoticed.

    Raises:
        Refuted: with the row, the values, the bound and what was drawn.
    """
    width, columns = int(random.integers(1, 40)), int(random.integers(1, 24))
    scale = float(2.0 ** random.integers(-3, 3))
    shift = float(random.choice([0.0, 0.0, 1.0]))
    epsilon = float(random.choice([1e-6, 0.5]))
    shapes = [(2, length, width)] * 2 + [(2, length, columns)]
    drawn = [scale * (random.standard_normal(shape) + shift) for shape in shapes]
    inputs = [_strided(torch.from_numpy(x)[None].to(DTYPES[dtype])) for x in drawn]
    options = {"gamma": decay, "epsilon": epsilon, **_options(operator, block)}
    output = kernel(*inputs, **options)
    _same_shape(output, inputs[2], f"N={length}")
    worst = 0.0
    for head in range(2):
        exact = [x[0, head].double().numpy() for x in inputs]
        expected = definition(operator)(*exact, decay, epsilon)
        bound = error_bound(
            operator,
            *exact,
            decay=decay,
            epsilon=epsilon,
            dtype=dtype,
            additions=additions(length, block),
            tail=TAIL if operator == "resolvent_attention" else 0.0,
        )
        found = output[0, head].double().numpy()
        error = np.abs(found - expected)
        bad = np.argwhere(~(error <= bound))
        row, column = map(int, bad[0]) if len(bad) else (0, 0)
        refute_unless(
            not len(bad),
            "the error exceeds its a-priori bound",
            length=length,
            width=width,
            block=block,
            dtype=dtype,
            epsilon=epsilon,
            head=head,
            row=row,
            column=column,
            computed=float(found[row, column]),
            expected=float(expected[row, column]),
            bound=float(bound[row, column]),
        )
        finite = np.isfinite(bound) & (bound > 0)
        if finite.any():
            worst = max(worst, float((error[finite] / bound[finite]).max()))
    return worst


def _strided(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers behind other strides: token and head axes stored the other way round."""
    return tensor.transpose(1, 2).contiguous().transpose(1, 2)


def _same_shape(output: torch.Tensor, value: torch.Tensor, where: str) -> None:
    refute_unless(
        output.shape == value.shape and output.dtype == value.dtype,
        "shape or dtype of the output differ from those of the values",
        where=where,
        output=[*output.shape, str(output.dtype)],
        values=[*value.shape, str(value.dtype)],
    )
