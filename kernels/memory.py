"""Peak memory of one call, in a fresh process: ``python -m attnproof.kernels.memory OPERATOR N``.

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


def peak_beyond_inputs(operator: str, length: int, width: int = 64, timeout: float = 120) -> dict:
    """Bytes of the inputs, of the output, and of the peak beyond both, for one head in float32.

    Raises:
        ModuleNotFoundError: torch is not installed.
        RuntimeError: the child failed; its last words are in the message.
    """
    if find_spec("torch") is None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")
    command = [sys.executable, "-m", "attnproof.kernels.memory", operator, str(length), str(width)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise RuntimeError(f"measuring {operator} at N={length} failed: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def _measure(operator: str, length: int, width: int) -> dict:
    import torch

    from attnproof.kernels.registry import implementation

    torch.set_num_threads(1)
    unblocked = operator == "unblocked"
    kernel = _unblocked if unblocked else implementation(operator, "torch").load()
    # A small call first, so that libraries are loaded and their workspaces exist.
    small = [torch.empty(1, 1, 64, width).normal_() for _ in range(3)]
    kernel(*small, gamma=0.5)
    inputs = [torch.empty(1, 1, length, width).normal_() for _ in range(3)]
    before = _high_water()
    output = kernel(*inputs, gamma=0.95)
    after = _high_water()
    size = output.numel() * output.element_size()
    return {
        "length": length,
        "inputs": sum(x.numel() * x.element_size() for x in inputs),
        "output": size,
        "extra": after - before - size,
    }


def _unblocked(query, key, value, *, gamma):
    """The map as one N × N matrix: what the blocked forms avoid, for comparison."""
    scores = (query @ key.transpose(-1, -2)).relu()
    return gamma * (scores / scores.norm()) @ value


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
    print(json.dumps(_measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
