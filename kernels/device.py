"""For whoever has a GPU: ``python -m attnproof.kernels.device [OUTPUT.jsonl]``.

Correctness first, against the definitions; then times. A JSON line after each step, so that an
interrupted run keeps what it has. Without a GPU it says so and writes nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import torch

# Work that grows with the square of the length, or the cube, takes minutes beyond these.
LONGEST = {
    "agent_attention": 16_384,
    "causal_softmax_attention": 16_384,
    "local_linear_attention": 1024,
    "lucid_attention": 16_384,
    "softmax_attention": 16_384,
    "tensor_attention": 0,
}


def main(arguments: list[str]) -> int:
    """Run everything; exit status 0, or 1 if an implementation exceeds its bound."""
    if not torch.cuda.is_available():
        print("no GPU is visible to torch: nothing was run, and nothing was written")
        return 0
    output = Path(arguments[0]) if arguments else Path("device.jsonl")
    with output.open("a", encoding="utf-8") as file:

        def write(**line: object) -> None:
            file.write(json.dumps(line) + "\n")
            file.flush()
            print(line)

        write(step="machine", **_machine())
        correct = _correctness(write)
        _times(write)
    return 0 if correct else 1


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


def _correctness(write: Callable[..., None]) -> bool:
    """Every implementation in every dtype against the definition, N ragged; the bound decides."""
    import numpy as np

    from attnproof.kernels.battery import DTYPES, definition
    from attnproof.kernels.bounds import error_bound
    from attnproof.kernels.registry import IMPLEMENTATIONS
    from attnproof.theory.engine.rounding import unit_roundoff

    generator = torch.Generator().manual_seed(0)
    correct = True
    for one in IMPLEMENTATIONS:
        for name, dtype in DTYPES.items():
            for length in (1, 65, 300, 1024):
                drawn = torch.randn(3, 1, 1, length, 64, generator=generator).to(dtype)
                result = one.load()(*drawn.cuda(), gamma=0.5)[0, 0].cpu().double().numpy()
                exact = [x[0, 0].double().numpy() for x in drawn]
                expected = definition(one.operator)(*exact, 0.5, 1e-6)
                narrow = one.backend == "triton" and name == "bfloat16"
                bound = error_bound(
                    one.operator, *exact, decay=0.5, epsilon=1e-6, dtype=name,
                    additions=one.additions(length, 1024), tail=2.0**-26,
                    tile_roundoff=unit_roundoff(name) if narrow else 0.0,
                )  # fmt: skip
                ratio = float((np.abs(result - expected) / np.maximum(bound, 1e-300)).max())
                correct &= ratio <= 1.0
                write(
                    step="correctness",
                    operator=one.operator,
                    backend=one.backend,
                    dtype=name,
                    length=length,
                    observed_over_bound=ratio,
                )
    return _battery(write) and correct


def _battery(write: Callable[..., None]) -> bool:
    """Every specified implementation through the whole battery on the device. Weights may be
    rounded once to half precision on their way to the matrix units."""
    from dataclasses import replace

    from attnproof.kernels.registry import SPECIFIED
    from attnproof.kernels.specification import specification
    from attnproof.kernels.verification.questions import QUESTIONS
    from attnproof.theory.core import Refuted

    correct = True
    for one in SPECIFIED:
        if one.backend == "compiled":
            continue  # for processors
        spec = specification(one.operator)
        kernel = one.load()

        def call(inputs, kernel=kernel, spec=spec):
            return kernel(**{n: t.cuda() for n, t in inputs.items()}, **spec.parameters).cpu()

        for dtype in ("float32", "float16", "bfloat16"):
            asked = replace(spec, rounded_weights=dtype != "float32")
            for question, ask in QUESTIONS.items():
                line = {"operator": one.operator, "backend": one.backend, "dtype": dtype}
                try:
                    line |= {"outcome": "holds", "figures": ask(asked, call, dtype)}
                except Refuted as refuted:
                    line |= {"outcome": "refuted", "reason": str(refuted)}
                    correct = False
                write(step="battery", question=question, **line)
    return correct


def _times(write: Callable[..., None]) -> None:
    from triton.testing import do_bench

    from attnproof.kernels.registry import IMPLEMENTATIONS

    for one in IMPLEMENTATIONS:
        for length in (1024, 4096, 16_384, 331_776):
            if length > 16_384 and one.operator != "linear_infinite_self_attention":
                continue
            for dtype in (torch.float32, torch.bfloat16):
                drawn = torch.randn(3, 1, 4, length, 64, device="cuda").to(dtype)
                kernel = one.load()
                kernel(*drawn, gamma=0.5)
                low, middle, high = do_bench(
                    lambda kernel=kernel, drawn=drawn: kernel(*drawn, gamma=0.5),
                    warmup=25, rep=100, quantiles=(0.2, 0.5, 0.8),
                )  # fmt: skip
                write(
                    step="time",
                    operator=one.operator,
                    backend=one.backend,
                    length=length,
                    heads=4,
                    dtype=str(dtype),
                    milliseconds=[low, middle, high],
                )
    _times_of_recurrences(write)


def _times_of_recurrences(write: Callable[..., None]) -> None:
    """Specified implementations, with torch's own softmax beside them."""
    from triton.testing import do_bench

    from attnproof.kernels.registry import SPECIFIED
    from attnproof.kernels.specification import specification

    def peer(query, key, value, scale):
        return torch.nn.functional.scaled_dot_product_attention(
            query, key, value, is_causal=True, scale=scale
        )

    contestants = [
        (one.operator, one.backend, one.load()) for one in SPECIFIED if one.backend != "compiled"
    ]
    contestants.append(("causal_softmax_attention", "scaled_dot_product_attention", peer))
    for operator, backend, kernel in contestants:
        spec = specification(operator)
        for length in (1024, 4096, 16_384, 331_776):
            if length > LONGEST.get(operator, length):
                continue
            for dtype in (torch.float32, torch.bfloat16):
                given = {
                    name: torch.rand(1, 4, length, device="cuda").to(dtype)
                    if axes == "n"
                    else torch.randn(1, 4, length, 64, device="cuda").to(dtype) / 8
                    for name, axes in spec.inputs.items()
                }
                run = lambda kernel=kernel, given=given, spec=spec: kernel(
                    **given, **spec.parameters
                )
                run()
                low, middle, high = do_bench(run, warmup=25, rep=100, quantiles=(0.2, 0.5, 0.8))
                write(
                    step="time",
                    operator=operator,
                    backend=backend,
                    length=length,
                    heads=4,
                    dtype=str(dtype),
                    milliseconds=[low, middle, high],
                )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
