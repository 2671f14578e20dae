"""Compiles the Triton kernels for GPUs that need not be present.

``python -m attnproof.kernels.ahead_of_time`` prints a JSON line per kernel and target: registers,
spilled bytes, shared memory, matrix instructions. It needs a process in which Triton compiles
rather than interprets, so the lab runs it as a child.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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

_AFFINITY = "attnproof.kernels.infinite_self_attention.triton_kernel:affinity_times_kernel"
_LINEAR = "attnproof.kernels.linear_infinite_self_attention.triton_kernel"


def configurations() -> Iterator[dict]:
    """What is compiled, as it is launched: argument types, compile-time constants, warps."""
    import torch

    from attnproof.kernels.infinite_self_attention.triton_kernel import BLOCK, PRECISION

    # float16 is computed in float32 after loading, and so are all hops of the resolvent.
    for dtype, short in (("bfloat16", "bf16"), ("float32", "fp32")):
        yield {
            "name": f"affinity_times {dtype}",
            "target": _AFFINITY,
            "pointers": {"query": short, "key": short, "value": short,
                         "product": "fp32", "squares": "fp32"},
            "scalars": {"length": "i32", "width": "i32", "columns": "i32", "inverse_width": "fp32"},
            "constants": {"BLOCK": BLOCK[getattr(torch, dtype)], "WIDTH": 64, "COLUMNS": 64,
                          "COMPUTE": dtype, "PRECISION": PRECISION},
            "warps": 4,
            "matrix": dtype == "bfloat16",
        }  # fmt: skip
    yield {
        "name": "pool bfloat16",
        "target": f"{_LINEAR}:pool_kernel",
        "pointers": {"query": "bf16", "pooled": "fp32", "norms": "fp32"},
        "scalars": {"length": "i32", "width": "i32", "chunk": "i32"},
        "constants": {"BLOCK": 256, "WIDTH": 64},
        "warps": 4,
        "matrix": False,
    }
    yield {
        "name": "score bfloat16",
        "target": f"{_LINEAR}:score_kernel",
        "pointers": {"pooled": "fp32", "key": "bf16", "value": "bf16",
                     "numerator": "fp32", "totals": "fp32"},
        "scalars": {"length": "i32", "width": "i32", "columns": "i32", "chunk": "i32",
                    "inverse_width": "fp32"},
        "constants": {"BLOCK": 256, "WIDTH": 64, "COLUMNS": 64},
        "warps": 4,
        "matrix": False,
    }  # fmt: skip

    yield from _recurrences()


def _recurrences() -> Iterator[dict]:
    """The gated recurrences and causal softmax, as launched at d = e = 64."""
    import torch

    from attnproof.kernels.causal_softmax_attention import triton_kernel as softmax
    from attnproof.kernels.channel_gated_linear_attention import triton_kernel as channels
    from attnproof.kernels.gated_delta_rule import triton_kernel as delta
    from attnproof.kernels.gated_linear_attention import triton_kernel as linear
    from attnproof.kernels.linear_attention import triton_kernel as forms
    from attnproof.kernels.softmax_attention import stream_k_triton as split
    from attnproof.kernels.tensor_attention import triton_kernel as tensor

    sizes = {"length": "i32", "width": "i32", "columns": "i32"}
    for dtype, short in (("bfloat16", "bf16"), ("float32", "fp32")):
        tensors = {"query": short, "key": short, "value": short}
        common = {"WIDTH": 64, "COMPUTE": dtype}
        matrix = dtype == "bfloat16"
        for module, name, numbers in (
            (linear, "gated_linear_attention", {"decay": short}),
            (delta, "gated_delta_rule", {"step_size": short, "decay": short}),
        ):
            yield {
                "name": f"{name} {dtype}",
                "target": f"attnproof.kernels.{name}.triton_kernel:chunk_kernel",
                "pointers": {**tensors, **numbers, "output": "fp32"},
                "scalars": sizes,
                "constants": {
                    "BLOCK": _block(module, dtype),
                    "SLICE": module.SLICE[getattr(torch, dtype)], **common,
                    "PRECISION": module.PRECISION,
                },
                "warps": 4,
                "matrix": matrix,
            }  # fmt: skip
        for causal in (True, False):
            yield {
                "name": f"{'causal_' if causal else ''}softmax_attention {dtype}",
                "target": "attnproof.kernels.causal_softmax_attention.triton_kernel:tile_kernel",
                "pointers": {**tensors, "output": "fp32"},
                "scalars": {**sizes, "scale": "fp32"},
                "constants": {
                    "BLOCK": _block(softmax, dtype), "COLUMNS": 64, **common,
                    "PRECISION": softmax.PRECISION, "CAUSAL": causal,
                },
                "warps": 4,
                "matrix": matrix,
            }  # fmt: skip
        yield {
            "name": f"share of keys {dtype}",
            "target": "attnproof.kernels.softmax_attention.stream_k_triton:share_kernel",
            "pointers": {**tensors, "largest_of": "fp32", "total_of": "fp32", "summed_of": "fp32"},
            "scalars": {**sizes, "workers": "i32", "scale": "fp32"},
            "constants": {
                "BLOCK": _block(split, dtype), "COLUMNS": 64, **common,
                "PRECISION": split.PRECISION,
            },
            "warps": split.WARPS[getattr(torch, dtype)],
            "matrix": matrix,
        }  # fmt: skip
        yield {
            "name": f"merge of shares {dtype}",
            "target": "attnproof.kernels.softmax_attention.stream_k_triton:merge_kernel",
            "pointers": {"largest_of": "fp32", "total_of": "fp32", "summed_of": "fp32",
                         "output": "fp32"},
            "scalars": {"length": "i32", "columns": "i32", "workers": "i32"},
            "constants": {"BLOCK": _block(split, dtype), "COLUMNS": 64},
            "warps": split.MERGE_WARPS,
            "matrix": False,
        }  # fmt: skip
        yield {
            "name": f"moments {dtype}",
            "target": "attnproof.kernels.linear_attention.triton_kernel:moments_kernel",
            "pointers": {"key": short, "value": short,
                         "state": "fp32", "keys": "fp32", "values": "fp32"},
            "scalars": sizes,
            "constants": {"BLOCK": _block(forms, dtype), "COLUMNS": 64, **common,
                          "PRECISION": forms.PRECISION},
            "warps": forms.WARPS[getattr(torch, dtype)],
            "matrix": matrix,
        }  # fmt: skip
    yield {
        "name": "channel_gated_linear_attention bfloat16",
        "target": "attnproof.kernels.channel_gated_linear_attention.triton_kernel"
        ":recurrence_kernel",
        "pointers": {"query": "bf16", "key": "bf16", "value": "bf16", "decay": "bf16",
                     "output": "fp32"},
        "scalars": sizes,
        "constants": {"WIDTH": 64, "SLICE": channels.SLICE},
        "warps": 4,
        "matrix": False,
    }  # fmt: skip
    yield {
        "name": "tensor_attention bfloat16",
        "target": "attnproof.kernels.tensor_attention.triton_kernel:pairs_kernel",
        "pointers": {"query": "bf16", "key_one": "bf16", "key_two": "bf16", "value_one": "bf16",
                     "value_two": "bf16", "output": "fp32"},
        "scalars": {**sizes, "scale": "fp32"},
        "constants": {"BLOCK": tensor.BLOCK, "WIDTH": 64, "COLUMNS": 64,
                      "PRECISION": tensor.PRECISION},
        "warps": tensor.WARPS,
        "matrix": False,
    }  # fmt: skip
    for kind, name in enumerate(("linear", "inline", "magnitude_aware_linear")):
        yield {
            "name": f"{name}_attention bfloat16",
            "target": "attnproof.kernels.linear_attention.triton_kernel:rows_kernel",
            "pointers": {"query": "bf16", "state": "fp32", "keys": "fp32", "values": "fp32",
                         "output": "fp32"},
            "scalars": {**sizes, "epsilon": "fp32"},
            "constants": {"BLOCK": forms.ROWS, "WIDTH": 64, "COLUMNS": 64,
                          "KIND": kind, "PRECISION": forms.PRECISION},
            "warps": forms.ROW_WARPS,
            "matrix": False,
        }  # fmt: skip


def _block(module, dtype: str) -> int:
    import torch

    return module.BLOCK if isinstance(module.BLOCK, int) else module.BLOCK[getattr(torch, dtype)]


def compile_all(
    *, only: str = "", aligned: bool = True, warps: int = 0, block: int = 0, timeout: float = 300
) -> list[dict]:
    """Compile every configuration for every target in a child process.

    Args:
        only: the name of one configuration, all of them by default.
        aligned: tell the compiler that pointers are multiples of 16 bytes, as in a real launch.
        warps, block: override the registered configuration (0: leave it).

    Raises:
        RuntimeError: the child failed; its last words are in the message.
    """
    environment = {name: text for name, text in os.environ.items() if name != "TRITON_INTERPRET"}
    environment["TRITON_INTERPRET"] = "0"
    command = [sys.executable, "-m", "attnproof.kernels.ahead_of_time"]
    command += ["aligned" if aligned else "unaligned", str(warps), str(block), only]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment)
    if done.returncode:
        raise RuntimeError(f"compiling ahead of time failed: {done.stderr[-800:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _compile(configuration: dict, name: str, aligned: bool) -> dict:
    import importlib

    import triton
    import triton.language as tl
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    module, _, attribute = configuration["target"].partition(":")
    function = getattr(importlib.import_module(module), attribute)
    constants = dict(configuration["constants"])
    if "COMPUTE" in constants:
        constants["COMPUTE"] = getattr(tl, constants["COMPUTE"])
    signature = {
        key: f"*{kind}" for key, kind in configuration["pointers"].items()
    } | configuration["scalars"]
    signature |= dict.fromkeys(constants, "constexpr")
    hinted = [*configuration["pointers"], "width", "columns"] if aligned else []
    attributes = {
        (position,): [["tt.divisibility", 16]]
        for position, argument in enumerate(function.arg_names)
        if argument in hinted
    }
    source = ASTSource(function, signature, constants, attributes)
    target = GPUTarget(*TARGETS[name])
    compiled = triton.compile(source, target=target, options={"num_warps": configuration["warps"]})
    report = {"kernel": configuration["name"], "gpu": name, "shared": compiled.metadata.shared}
    report |= _resources(compiled, name)
    text = compiled.asm.get("ptx") or compiled.asm.get("amdgcn")
    report["matrix_instructions"] = len(re.findall(MATRIX_INSTRUCTIONS[name], text))
    report["wants_matrix"] = configuration["matrix"]
    return report


def _resources(compiled, name: str) -> dict:
    if name.startswith("gfx"):
        text = compiled.asm["amdgcn"]
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
        file.write(compiled.asm["cubin"])
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


def _main(arguments: list[str]) -> None:
    aligned, warps, block = arguments[0] == "aligned", int(arguments[1]), int(arguments[2])
    for configuration in configurations():
        if arguments[3] not in ("", configuration["name"]):
            continue
        configuration["warps"] = warps or configuration["warps"]
        if block:
            configuration["constants"]["BLOCK"] = block
        for name in TARGETS:
            try:
                report = _compile(configuration, name, aligned)
            except Exception as error:
                words = f"{type(error).__name__}: {str(error)[-200:]}"
                report = {"kernel": configuration["name"], "gpu": name, "error": words}
            print(json.dumps(report), flush=True)


if __name__ == "__main__":
    _main(sys.argv[1:] or ["aligned", "0", "0", ""])
