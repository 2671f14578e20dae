"""Whether the gradient is the derivative of the operator."""

from __future__ import annotations

import numpy as np
import torch

from attnproof.kernels.specification import Specification
from attnproof.kernels.verification.draws import Draw, head, tensors, unit_roundoff_of

from .asking import Call, Report, refute

# Differences (f(x + h) − f(x − h))/2h in float64: some h² of truncation, 2⁻⁵³/h of rounding, both
# far below a rounding of float32.
STEP = 2.0**-16
# In units of u, relative to the largest derivative in the same input, or to ⟨|G|, |Y|⟩/|x| where
# derivatives cancel to less. Guessed: an operator's condition does not enter, so that an answer to
# this question is at best supported.
TYPICAL, LARGEST = 64.0, 1024.0
SHAPES = ((1, 2, 3), (5, 3, 2), (18, 2, 2))
ALONE = 5


def gradient(specification: Specification, call: Call, dtype: str) -> Report:
    """``∂⟨G, Y⟩/∂x`` for every entry x of every input against differences of the definition in
    float64, for a cotangent G of small integers."""
    worst, seen = 0.0, 0
    inner, outer = unit_roundoff_of(dtype)
    for number, (length, width, columns) in enumerate(SHAPES):
        draw = Draw(29 + number, length, width, columns, dtype)
        inputs = tensors(specification, draw)
        # An input of which one value is asked for has no derivative to ask for.
        fixed = {name for name, (low, high) in specification.clamped.items() if low == high}
        names = [name for name in inputs if name not in {*specification.constant, *fixed}]
        found = _gradients(call, inputs, names)
        if found is None:
            return {"skipped": "the output has no gradient"}
        exact = head(inputs, 0)
        weighed = specification.weighed(exact)
        size = float((np.abs(cotangent(weighed)) * weighed).max())
        for name in names:
            expected = _differences(specification, exact, name)
            computed = found[name][0, 0].double().numpy()
            scale = max(np.abs(expected).max(), size / (np.abs(exact[name]).max() or 1.0)) or 1.0
            error = np.abs(computed - expected) / scale / max(inner, outer, STEP**2)
            typical = float(np.sqrt((error**2).mean()))
            seen, worst = seen + expected.size, max(worst, typical)
            if not (typical <= TYPICAL and error.max() <= LARGEST):
                at = np.unravel_index(np.argmax(np.nan_to_num(error, nan=np.inf)), error.shape)
                refute(
                    "a derivative is off",
                    **draw.words(),
                    input=name,
                    entry=[int(i) for i in at],
                    computed=float(computed[at]),
                    expected=float(expected[at]),
                    in_units_of_u=float(error[at]),
                )
        if length == ALONE:
            _one_alone(call, inputs, found, names, draw)
    return {"derivatives": seen, "root mean square error in u": round(worst, 3)}


def cotangent(like: np.ndarray | torch.Tensor) -> np.ndarray:
    """Small integers that differ from row to row."""
    row, column = np.arange(like.shape[-2])[:, None], np.arange(like.shape[-1])[None, :]
    return (3 * row + 2 * column + row // 3) % 5 - 2.0


def _gradients(call: Call, inputs: dict[str, torch.Tensor], names: list[str]):
    leaves = {name: tensor.detach().clone() for name, tensor in inputs.items()}
    for name in names:
        leaves[name].requires_grad_()
    with torch.enable_grad():
        output = call(leaves)
    if not output.requires_grad:
        return None
    weights = torch.from_numpy(cotangent(output)).to(output.dtype).expand(output.shape)
    found = torch.autograd.grad(output, [leaves[name] for name in names], weights)
    return dict(zip(names, found))


def _differences(specification: Specification, exact: dict[str, np.ndarray], name: str):
    result = np.empty_like(exact[name])
    flat, into = exact[name].ravel(), result.ravel()
    for at in range(flat.size):
        ends = []
        for sign in (1, -1):
            moved = flat.copy()
            moved[at] += sign * STEP
            output = specification.expected({**exact, name: moved.reshape(result.shape)})
            ends.append((output * cotangent(output)).sum())
        into[at] = (ends[0] - ends[1]) / (2 * STEP)
    return into.reshape(result.shape)


def _one_alone(call, inputs, found, names, draw: Draw) -> None:
    """Asked for one input only, the gradient is the same, bit for bit."""
    for name in names:
        alone = _gradients(call, inputs, [name])[name]
        if not torch.equal(alone, found[name]):
            refute("a gradient asked for alone comes out differently", input=name, **draw.words())
