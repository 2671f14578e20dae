"""For whoever has a GPU: ``python -m attnproof.kernels.device [OUTPUT.jsonl]``.

The battery first, every question to every implementation in three dtypes; then long sequences
against the torch form in float64; then times beside what this machine can do at most. A JSON line
after each step, so that an interrupted run keeps what it has. Without a GPU it says so and writes
nothing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from attnproof.kernels.registry import NARROW, Implementation, implementations
from attnproof.kernels.specification import Specification, specification

DEVICE = "cuda"
WIDTH, HEADS = 64, 4
SQUARE, COPIED = 8192, 1 << 30
LENGTHS = (1024, 4096, 16_384, 331_776)
# Work that grows with the square of the length, or the cube, takes minutes beyond these.
LONGEST = {
    "agent_attention": 16_384,
    "causal_softmax_attention": 16_384,
    "channel_gated_linear_attention": 16_384,
    "infinite_self_attention": 16_384,
    "local_linear_attention": 1024,
    "lucid_attention": 4096,
    "masked_softmax_attention": 16_384,
    "resolvent_attention": 4096,
    "softmax_attention": 16_384,
    "tensor_attention": 0,
}
Write = Callable[..., None]


def main(arguments: list[str]) -> int:
    """Run everything; exit status 0, or 1 if an implementation fails a question."""
    if not torch.cuda.is_available():
        print("no GPU is visible to torch: nothing was run, and nothing was written")
        return 0
    output = Path(arguments[0]) if arguments else Path("device.jsonl")
    started = time.monotonic()
    with output.open("a", encoding="utf-8") as file:

        def write(**line: object) -> None:
            line["at"] = round(time.monotonic() - started, 1)
            file.write(json.dumps(line) + "\n")
            file.flush()
            print(line)

        write(step="machine", **_machine())
        correct = _battery(write)
        _long_sequences(write)
        _limits(write)
        _times(write)
    return 0 if correct else 1


def _on_the_device() -> list[Implementation]:
    """All but those for processors."""
    return [one for one in implementations() if one.backend != "compiled"]


def _machine() -> dict[str, object]:
    import triton

    properties = torch.cuda.get_device_properties(0)
    return {
        "gpu": properties.name,
        "multiprocessors": properties.multi_processor_count,
        "memory": properties.total_memory,
        "torch": torch.__version__,
        "triton": triton.__version__,
        "cuda": torch.version.cuda or torch.version.hip,
    }


def _battery(write: Write) -> bool:
    """Every implementation through the whole battery. Weights may be rounded once to half
    precision on their way to the matrix units."""
    from attnproof.kernels.verification.questions import QUESTIONS
    from attnproof.theory.core import Refuted

    correct = True
    for one in _on_the_device():
        spec, kernel = specification(one.operator), one.load()

        def call(inputs, kernel=kernel, spec=spec):
            return kernel(**{n: t.to(DEVICE) for n, t in inputs.items()}, **spec.parameters).cpu()

        for dtype in NARROW:
            asked = replace(spec, rounded_weights=dtype != "float32")
            for question, ask in QUESTIONS.items():
                line = {"operator": one.operator, "backend": one.backend, "dtype": dtype}
                try:
                    line |= {"outcome": "holds", "figures": ask(asked, call, dtype)}
                except Refuted as refuted:
                    line |= {"outcome": "refuted", "reason": str(refuted)}
                    correct = False
                except Exception as error:  # the next question is still of interest
                    line |= {"outcome": "raised", "reason": f"{type(error).__name__}: {error}"}
                    correct = False
                write(step="battery", question=question, **line)
    return correct


def _drawn(spec: Specification, length: int, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Inputs of size one or below on the device, inside every operator's domain."""
    sizes = {"n": (), "nd": (WIDTH,), "ne": (WIDTH,), "nn": (length,)}
    made = {}
    for name, axes in spec.inputs.items():
        shape = (1, HEADS, length, *sizes[axes])
        if axes == "nn":
            made[name] = torch.ones(shape, device=DEVICE, dtype=dtype).tril()
        elif name in ("decay", "step_size"):
            made[name] = (1 - torch.rand(shape, device=DEVICE) / 16).to(dtype)
        else:
            made[name] = (torch.rand(shape, device=DEVICE) / 8).to(dtype)
    return made


def _long_sequences(write: Write) -> None:
    """The largest difference from the torch form in float64, relative to its largest entry."""
    for one in _on_the_device():
        if one.needs != "triton":
            continue
        spec = specification(one.operator)
        reference = next(x for x in implementations() if x.operator == one.operator)
        for length in LENGTHS[:2]:
            if length > LONGEST.get(one.operator, length):
                continue
            given = _drawn(spec, length, torch.float32)
            exact = {name: tensor.double() for name, tensor in given.items()}
            found = one.load()(**given, **spec.parameters)
            expected = reference.load()(**exact, **spec.parameters)
            off = (found.double() - expected).abs().max() / expected.abs().max()
            write(
                step="long sequence",
                operator=one.operator,
                backend=one.backend,
                length=length,
                largest_relative_difference=float(off),
            )


def _limits(write: Write) -> None:
    """What this machine reaches: a large matrix product, and the copy of a gigabyte."""
    from triton.testing import do_bench

    for dtype in (torch.float32, torch.bfloat16):
        left, right = torch.randn(2, SQUARE, SQUARE, device=DEVICE).to(dtype)
        spent = do_bench(lambda left=left, right=right: left @ right, return_mode="median")
        write(step="limit", product=str(dtype), operations_per_second=2e3 * SQUARE**3 / spent)
    source = torch.ones(COPIED // 4, device=DEVICE)
    spent = do_bench(source.clone, return_mode="median")
    write(step="limit", bytes_per_second=2e3 * source.numel() * 4 / spent)


def _times(write: Write) -> None:
    """Forward, and forward with backward; torch's own softmax beside them."""

    def peer(query, key, value, scale):
        return torch.nn.functional.scaled_dot_product_attention(
            query, key, value, is_causal=True, scale=scale
        )

    contestants = [(one.operator, one.backend, one.load()) for one in _on_the_device()]
    contestants.append(("causal_softmax_attention", "scaled_dot_product_attention", peer))
    for operator, backend, kernel in contestants:
        spec = specification(operator)
        for length in LENGTHS:
            if length > LONGEST.get(operator, length):
                continue
            for dtype in (torch.float32, torch.bfloat16):
                line = {"operator": operator, "backend": backend, "length": length}
                try:
                    found = _time(kernel, spec, _drawn(spec, length, dtype))
                except (RuntimeError, ArithmeticError) as error:
                    found = {"error": f"{type(error).__name__}: {str(error)[:200]}"}
                write(step="time", **line, heads=HEADS, dtype=str(dtype), **found)


def _time(kernel, spec: Specification, given: dict[str, torch.Tensor]) -> dict[str, object]:
    from triton.testing import do_bench

    run = lambda: kernel(**given, **spec.parameters)
    run()
    how = {"warmup": 25, "rep": 100, "quantiles": (0.2, 0.5, 0.8)}
    found: dict[str, object] = {"milliseconds": do_bench(run, **how)}
    for name, tensor in given.items():
        tensor.requires_grad_(name not in spec.constant)
    output = run()
    if output.requires_grad:
        weights = torch.ones_like(output)
        leaves = [tensor for tensor in given.values() if tensor.requires_grad]
        both = lambda: torch.autograd.grad(run(), leaves, weights)
        found["milliseconds_with_gradient"] = do_bench(both, **how)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
