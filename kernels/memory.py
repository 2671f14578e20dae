"""Peak memory of one call: ``python -m attnproof.kernels.memory OPERATOR FORM TOKENS WIDTH``.

The high-water mark of a process never falls, so every measurement needs a process of its own, and
inputs are drawn in place: a temporary would raise the mark and hide what the kernel uses.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


def peak_beyond_inputs(
    operator: str, length: int, width: int = 64, *, form: str = "torch", timeout: float = 120
) -> dict:
    """Bytes of the inputs, of the output, and of the peak beyond both, for one head in float32.

    Args:
        form: a backend of the registry, ``unblocked`` for one N × N matrix, or ``chunks at once``
            for gated linear attention in one batch of products.

    Raises:
        ModuleNotFoundError: torch is not installed.
        RuntimeError: the child failed; its last words are in the message.
    """
    if find_spec("torch") is None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")
    command = [sys.executable, "-m", "attnproof.kernels.memory"]
    command += [operator, form, str(length), str(width)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise RuntimeError(f"measuring {operator} at N={length} failed: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def _measure(operator: str, form: str, length: int, width: int) -> dict:
    import torch

    from attnproof.kernels.specification import specification

    torch.set_num_threads(1)
    spec, kernel = specification(operator), _kernel(operator, form)

    def drawn(tokens: int) -> list[torch.Tensor]:
        sizes = {"n": (tokens,), "nd": (tokens, width), "ne": (tokens, width)}
        return [torch.empty(1, 1, *sizes[axes]).uniform_() for axes in spec.inputs.values()]

    # A small call first, so that libraries are loaded and their workspaces exist.
    kernel(*drawn(64), **spec.parameters)
    inputs = drawn(length)
    before = _high_water()
    output = kernel(*inputs, **spec.parameters)
    after = _high_water()
    size = output.numel() * output.element_size()
    return {
        "length": length,
        "inputs": sum(x.numel() * x.element_size() for x in inputs),
        "output": size,
        "extra": after - before - size,
    }


def _kernel(operator: str, form: str):
    from attnproof.kernels.benchmark import chunks_at_once
    from attnproof.kernels.registry import implementation

    others = {"unblocked": _unblocked, "chunks at once": chunks_at_once}
    return others[form] if form in others else implementation(operator, form).load()


def _unblocked(query, key, value, *, gamma, epsilon):
    """The map as one N × N matrix: what the blocked forms avoid, for comparison."""
    scores = (query @ key.transpose(-1, -2)).relu()
    return gamma * (scores / (scores.norm() + epsilon)) @ value


def _high_water() -> int:
    """The largest resident size so far, in bytes.

    Not getrusage on Linux: its mark survives exec, so that a child of a large process would start
    with its parent's.
    """
    try:
        status = Path("/proc/self/status").read_text()
        return 1024 * int(re.search(r"VmHWM:\s*(\d+) kB", status).group(1))
    except (OSError, AttributeError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
