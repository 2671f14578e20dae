"""Whether the numbers are right: bitwise where nothing rounds, within a bound elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from attnproof.kernels.bounds import whole_bound
from attnproof.kernels.specification import Specification
from attnproof.kernels.verification.draws import (
    DTYPES,
    HEADS,
    Draw,
    head,
    tensors,
    unit_roundoff_of,
)

from .asking import LENGTHS, Call, Report, refute


def exact_cases(
    specification: Specification,
    call: Call,
    dtype: str,
    lengths: tuple[int, ...] = LENGTHS,
) -> Report:
    """Bitwise equality where no intermediate number needs rounding."""
    seen = skipped = outside = 0
    for case in specification.exact(lengths):
        if any(
            (case.inputs[name] < low).any() or (case.inputs[name] > high).any()
            for name, (low, high) in specification.clamped.items()
        ):
            outside += 1
            continue
        cast = {
            n: torch.from_numpy(a)[None, None].to(DTYPES[dtype]) for n, a in case.inputs.items()
        }
        same = (bool((t[0, 0].double().numpy() == case.inputs[n]).all()) for n, t in cast.items())
        if not all(same):
            skipped += 1
            continue
        output = call(cast)[0, 0]
        rounded = torch.from_numpy(case.output).to(DTYPES[dtype])
        wrong = (~(output == rounded)).nonzero()
        if len(wrong):
            row, column = map(int, wrong[0])
            refute(
                "a case without rounding comes out wrong",
                case=case.name,
                dtype=dtype,
                row=row,
                column=column,
                computed=float(output[row, column]),
                exact=float(rounded[row, column]),
            )
        seen += 1
    if not seen:
        why = f"{outside} cases lie outside the domain, {skipped} are not representable"
        return {"cases": 0, "skipped": why}
    return {"cases": seen, "not representable": skipped, "outside the domain": outside}


def draws(dtype: str, lengths: tuple[int, ...] = LENGTHS, seed: int = 0) -> Iterator[Draw]:
    """Smallest first, so that a counterexample comes out small."""
    for index, length in enumerate(lengths):
        for repeat, (width, columns) in enumerate(((1, 1), (4, 3), (16, 16), (33, 20))):
            yield Draw(seed + 16 * index + repeat, length, width, columns, dtype)


def error_of(specification: Specification, call: Call, draw: Draw) -> tuple[Report, float]:
    """The first entry beyond its bound, or nothing; and the largest share of the bound.

    Raises:
        ArithmeticError: no entry at all has a finite bound, so that nothing was asked.
    """
    inputs = tensors(specification, draw)
    output, worst, promised = call(inputs), 0.0, 0
    for index in range(HEADS):
        exact = head(inputs, index)
        expected = specification.expected(exact)
        bound = whole_bound(specification, exact, draw.dtype)
        found = output[0, index].double().numpy()
        error = np.abs(found - expected)
        bad = np.argwhere(~(error <= bound))
        if len(bad):
            row, column = map(int, bad[0])
            return {
                **draw.words(),
                "head": index,
                "row": row,
                "column": column,
                "computed": float(found[row, column]),
                "expected": float(expected[row, column]),
                "bound": float(bound[row, column]),
            }, worst
        promised += int(np.isfinite(bound).sum())
        finite = np.isfinite(bound) & (bound > 0)
        if finite.any():
            worst = max(worst, float((error[finite] / bound[finite]).max()))
    if not promised:
        raise ArithmeticError(f"the bound is infinite everywhere, with {draw.words()}")
    return {}, worst


def within_bound(specification: Specification, call: Call, dtype: str) -> Report:
    """Every entry within its a-priori rounding bound, on random instances."""
    worst, count = 0.0, 0
    for draw in draws(dtype):
        wrong, share = error_of(specification, call, draw)
        if wrong:
            refute("an entry is farther off than rounding explains", **wrong)
        worst, count = max(worst, share), count + 1
    return {"instances": count, "largest share of the bound": round(worst, 6)}


def small_errors(specification: Specification, call: Call, dtype: str) -> Report:
    """Against a float64 run of the definition: the mean error stays near one rounding.

    A guessed limit, unlike the bound: 64 u, relative to the largest entry. It notices what a
    worst-case bound must let pass, and an answer to it is at best supported.
    """
    worst = 0.0
    inner, outer = unit_roundoff_of(dtype)
    for number, asked in enumerate((64, 200, 500)):
        draw = Draw(90 + number, min(asked, specification.longest), 32, 16, dtype)
        inputs = tensors(specification, draw)
        output = call(inputs)
        for index in range(HEADS):
            expected = specification.expected(head(inputs, index))
            error = np.abs(output[0, index].double().numpy() - expected)
            scale = np.abs(expected).max() or 1.0
            share = float(np.sqrt((error**2).mean()) / scale / max(inner, outer))
            worst = max(worst, share)
            if not share <= 64.0:
                refute(
                    "the root mean square error is many roundings",
                    **draw.words(),
                    head=index,
                    in_units_of_u=share,
                )
    return {"root mean square error in u": round(worst, 3)}
