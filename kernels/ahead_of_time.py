"""Compiles the Triton kernels for GPUs that need not be present.

``python -m attnproof.kernels.ahead_of_time [OPERATOR]`` prints a JSON line per kernel and target:
registers, spilled bytes, shared memory, matrix instructions. What is compiled is what
`recorded_launches` sees launched.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attnproof.kernels.recorded_launches import Launch

TARGETS = {
    "sm_80": ("cuda", 80, 32),
    "sm_90": ("cuda", 90, 32),
    "sm_100": ("cuda", 100, 32),
    "gfx942": ("hip", "gfx942", 64),
}

# Shared memory that one block may use, in bytes (vendors' programming guides).
SHARED_BUDGET = {"sm_80": 163 << 10, "sm_90": 227 << 10, "sm_100": 227 << 10, "gfx942": 64 << 10}

MATRIX_INSTRUCTIONS = {
    "sm_80": r"mma\.sync",
    "sm_90": r"wgmma\.mma_async|mma\.sync",
    "sm_100": r"tcgen05\.mma|mma\.sync",
    "gfx942": r"v_mfma",
}


def compile_all(
    *, only: str = "", aligned: bool = True, warps: int = 0, block: int = 0, timeout: float = 600
) -> list[dict]:
    """Compile every program for every target, the targets shared among child processes.

    A process either interprets or compiles, so that this one stays free to interpret.

    Args:
        only: an operator, or the name of one launch; all of them by default.
        aligned: tell the compiler which arguments are multiples of 16, as a real launch does.
        warps, block: override what was launched (0: leave it).

    Raises:
        RuntimeError: a child failed; its last words are in the message.
    """
    workers = min(len(TARGETS), os.cpu_count() or 1)
    shares = [list(TARGETS)[start::workers] for start in range(workers)]
    command = [sys.executable, "-m", "attnproof.kernels.ahead_of_time", only]
    command += ["--warps", str(warps), "--block", str(block)]
    command += [] if aligned else ["--unaligned"]
    environment = {**os.environ, "TRITON_INTERPRET": "0"}

    def run(share: list[str]) -> list[dict]:
        done = subprocess.run(
            [*command, "--targets", *share],
            capture_output=True, text=True, timeout=timeout, env=environment,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"compiling ahead of time failed: {done.stderr[-800:]}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    with ThreadPoolExecutor(workers) as pool:
        found = [report for part in pool.map(run, shares) for report in part]
    return sorted(found, key=lambda report: (report["kernel"], list(TARGETS).index(report["gpu"])))


def compiled(launch: Launch, name: str, *, aligned: bool = True, **changes: int) -> dict:
    """One program for one target, in this process; what was found, or the compiler's error.

    Args:
        changes: ``num_warps``, or compile-time constants, in place of what was launched.
    """
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    report = {"kernel": launch.name, "gpu": name, "wants_matrix": launch.wants_matrix}
    options = launch.options | {key: changes[key] for key in changes if key.startswith("num_")}
    constants = launch.constants | {key: changes[key] for key in changes if key not in options}
    names = launch.function.arg_names
    attributes = {
        (names.index(argument),): [["tt.divisibility", 16]]
        for argument in (launch.aligned if aligned else ())
    }
    try:
        source = ASTSource(launch.function, launch.types, constants, attributes)
        found = triton.compile(source, target=GPUTarget(*TARGETS[name]), options=options)
    except Exception as error:
        return report | {"error": f"{type(error).__name__}: {str(error)[-200:]}"}
    text = found.asm.get("ptx") or found.asm.get("amdgcn")
    return report | {
        "shared": found.metadata.shared,
        "matrix_instructions": len(re.findall(MATRIX_INSTRUCTIONS[name], text)),
        **_resources(found, name),
    }


def _resources(found, name: str) -> dict:
    if name.startswith("gfx"):
        text = found.asm["amdgcn"]
        registers = re.search(r"\.vgpr_count:\s*(\d+)", text)
        spilled = re.search(r"\.vgpr_spill_count:\s*(\d+)", text)
        return {
            "registers": int(registers.group(1)) if registers else -1,
            "spilled": 4 * int(spilled.group(1)) if spilled else -1,
        }
    import tempfile

    import triton

    tool = Path(triton.__file__).parent / "backends" / "nvidia" / "bin" / "cuobjdump"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(found.asm["cubin"])
        file.flush()
        done = subprocess.run(
            [str(tool), "--dump-resource-usage", file.name],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    registers = re.search(r"REG:(\d+)", done.stdout)
    stack = re.search(r"STACK:(\d+)", done.stdout)
    return {
        "registers": int(registers.group(1)) if registers else -1,
        "spilled": int(stack.group(1)) if stack else -1,
    }


def main(words: list[str]) -> int:
    """Print a line per kernel and target."""
    parser = argparse.ArgumentParser(prog="attnproof.kernels.ahead_of_time")
    parser.add_argument("only", nargs="?", default="", help="an operator, or one launch by name")
    parser.add_argument("--targets", nargs="+", default=list(TARGETS), choices=list(TARGETS))
    parser.add_argument("--warps", type=int, default=0, help="in place of what was launched")
    parser.add_argument("--block", type=int, default=0, help="in place of what was launched")
    parser.add_argument("--unaligned", action="store_true", help="pointers may lie anywhere")
    asked = parser.parse_args(words)
    # Triton's default until 3.10: fused multiply-adds, which round once.
    os.environ.setdefault("TRITON_DEFAULT_FP_FUSION", "1")
    from attnproof.kernels.recorded_launches import recorded

    changes = {"num_warps": asked.warps, "BLOCK": asked.block}
    changes = {name: value for name, value in changes.items() if value}
    for launch in recorded(asked.only):
        for name in asked.targets:
            report = compiled(launch, name, aligned=not asked.unaligned, **changes)
            print(json.dumps(report), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
