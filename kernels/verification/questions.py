"""The questions. Each raises `Refuted` with a counterexample, or returns what it has looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch

from attnproof.kernels.specification import Specification
from attnproof.theory.core import Refuted
from attnproof.theory.engine.rounding import HALF_SMALLEST, unit_roundoff

from .draws import DTYPES, HEADS, Draw, head, tensors, unit_roundoff_of

Call = Callable[[dict[str, torch.Tensor]], torch.Tensor]
Report = dict[str, object]

# Around one, two and more blocks of 16, 32, 64, and lengths that no block divides.
LENGTHS = (1, 2, 3, 15, 16, 17, 31, 33, 63, 64, 65, 100, 130)
# The float64 evaluation of definition and bound: a few thousand roundings of 2⁻⁵³.
EVALUATION = 1.0 + 2.0**-20


def _refute(message: str, **witness: object) -> None:
    raise Refuted(message, witness)


def _differing(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
    """Where two tensors differ in bits; NaN in both is no difference."""
    return (~((one == two) | (torch.isnan(one) & torch.isnan(two)))).nonzero()


def shape_and_dtype(specification: Specification, call: Call, dtype: str) -> Report:
    """One entry per token and value channel, in the dtype of the values."""
    for length, width, columns in ((1, 4, 4), (5, 8, 4), (17, 16, 16)):
        inputs = tensors(specification, Draw(0, length, width, columns, dtype))
        output = call(inputs)
        wanted = (1, HEADS, length, columns)
        if tuple(output.shape) != wanted:
            _refute("the output has another shape", shape=list(output.shape), expected=list(wanted))
        if output.dtype != DTYPES[dtype]:
            _refute("the output has another dtype", dtype=str(output.dtype), expected=dtype)
    return {"shapes": 3}


def exact_cases(specification: Specification, call: Call, dtype: str) -> Report:
    """Bitwise equality where no intermediate number needs rounding."""
    seen = skipped = outside = 0
    for case in specification.exact(LENGTHS):
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
            _refute(
                "a case without rounding comes out wrong",
                case=case.name,
                dtype=dtype,
                row=row,
                column=column,
                computed=float(output[row, column]),
                exact=float(case.output[row, column]),
            )
        seen += 1
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
    inner, outer = unit_roundoff_of(draw.dtype)
    output, worst, promised = call(inputs), 0.0, 0
    for index in range(HEADS):
        exact = head(inputs, index)
        expected = specification.expected(exact)
        reference = specification.allowed(exact, unit_roundoff("float64"))
        bound = specification.allowed(exact, inner) + reference
        if outer:
            if specification.rounded_weights:
                bound = bound + outer * specification.weighed(exact)
            bound = bound + outer * (np.abs(expected) + bound) + HALF_SMALLEST[draw.dtype]
        bound = bound * EVALUATION
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
            _refute("an entry is farther off than rounding explains", **wrong)
        worst, count = max(worst, share), count + 1
    return {"instances": count, "largest share of the bound": round(worst, 6)}


def small_errors(specification: Specification, call: Call, dtype: str) -> Report:
    """Against a float64 run of the definition: the mean error stays near one rounding.

    A guessed limit, unlike the bound: 64 u, relative to the largest entry. It notices what a
    worst-case bound must let pass, and an answer to it is at best supported.
    """
    worst = 0.0
    inner, outer = unit_roundoff_of(dtype)
    for draw in (Draw(90 + k, length, 32, 16, dtype) for k, length in enumerate((64, 200, 500))):
        inputs = tensors(specification, draw)
        output = call(inputs)
        for index in range(HEADS):
            expected = specification.expected(head(inputs, index))
            error = np.abs(output[0, index].double().numpy() - expected)
            scale = np.abs(expected).max() or 1.0
            share = float(np.sqrt((error**2).mean()) / scale / max(inner, outer))
            worst = max(worst, share)
            if not share <= 64.0:
                _refute(
                    "the root mean square error is many roundings",
                    **draw.words(),
                    head=index,
                    in_units_of_u=share,
                )
    return {"root mean square error in u": round(worst, 3)}


def causality(specification: Specification, call: Call, dtype: str) -> Report:
    """Changing later tokens changes no earlier output, bitwise."""
    if not specification.causal:
        return {"skipped": "the operator is not causal"}
    for length in (2, 17, 33, 65, 130):
        draw, other = Draw(7, length, 8, 5, dtype), Draw(8, length, 8, 5, dtype)
        inputs, later = tensors(specification, draw), tensors(specification, other)
        before = call(inputs)
        for cut in {1, length // 2, length - 1}:
            mixed = {
                n: torch.cat([t[:, :, :cut], later[n][:, :, cut:]], 2) for n, t in inputs.items()
            }
            after = call(mixed)
            changed = _differing(before[:, :, :cut], after[:, :, :cut])
            if len(changed):
                _, index, row, column = map(int, changed[0])
                _refute(
                    "an output depends on later tokens",
                    **draw.words(),
                    changed_from=cut,
                    head=index,
                    row=row,
                    before=float(before[0, index, row, column]),
                    after=float(after[0, index, row, column]),
                )
    return {"lengths": 5}


def determinism(specification: Specification, call: Call, dtype: str) -> Report:
    """The same call gives the same bits, and leaves its inputs alone."""
    for length in (17, 100):
        draw = Draw(3, length, 8, 5, dtype)
        inputs = tensors(specification, draw)
        kept = {name: tensor.clone() for name, tensor in inputs.items()}
        first = call(inputs)
        for name, tensor in inputs.items():
            if len(_differing(tensor, kept[name])):
                _refute("the kernel changed its input", input=name, **draw.words())
        for _ in range(5):
            again = call(inputs)
            changed = _differing(first, again)
            if len(changed):
                at = [int(i) for i in changed[0]]
                _refute("two equal calls give different bits", entry=at, **draw.words())
    return {"repeats": 5}


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
                _refute("an entry is not finite, as if never written", entry=at, **draw.words())
    finally:
        torch.use_deterministic_algorithms(before[0])
        settings.fill_uninitialized_memory = before[1]
    return {"lengths": len(LENGTHS)}


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
        wrong = _differing(torch.where(normal, 2 * one, two), two)
        if len(wrong):
            at = tuple(int(i) for i in wrong[0])
            _refute(
                "twice the values do not give twice the output",
                entry=list(at),
                once=float(one[at]),
                twice=float(two[at]),
                **draw.words(),
            )
    return {"lengths": 2}


def _agree(specification: Specification, draw: Draw, one: torch.Tensor, two: torch.Tensor, **how):
    """Two evaluations of the same heads may round differently, but not beyond twice the bound."""
    inputs = tensors(specification, draw)
    inner, outer = unit_roundoff_of(draw.dtype)
    for index in range(HEADS):
        exact = head(inputs, index)
        size = np.abs(specification.expected(exact))
        bound = specification.allowed(exact, inner)
        if specification.rounded_weights:
            bound = bound + outer * specification.weighed(exact)
        bound = 2 * (bound + outer * (size + bound) + HALF_SMALLEST[draw.dtype]) * EVALUATION
        gap = (one[0, index].double() - two[0, index].double()).abs().numpy()
        # NaN in both is the same answer; other questions say that it is no number.
        bad = np.argwhere(~((gap <= bound) | torch.isnan(one[0, index] + two[0, index]).numpy()))
        if len(bad):
            row, column = map(int, bad[0])
            _refute(
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
    _agree(specification, draw, together, torch.cat(alone, 1), how="heads one by one")
    batched = call({name: tensor.transpose(0, 1) for name, tensor in inputs.items()})
    _agree(specification, draw, together, batched.transpose(0, 1), how="heads as batches")
    return {"heads": HEADS}


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
        _agree(specification, draw, expected, call(variant), how=name)
    return {"variants": len(variants)}


QUESTIONS: dict[str, Callable[[Specification, Call, str], Report]] = {
    "shape and dtype": shape_and_dtype,
    "exact cases": exact_cases,
    "rounding bound": within_bound,
    "typical error": small_errors,
    "causality": causality,
    "every entry written": every_entry_written,
    "determinism": determinism,
    "linearity": linearity,
    "independent heads": heads_are_independent,
    "strides": strides,
}
