"""What is compiled ahead of time is all there is to compile, as it is launched."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from attnproof.kernels.ahead_of_time import MATRIX_INSTRUCTIONS, SHARED_BUDGET, TARGETS

KERNELS = Path(importlib.util.find_spec("attnproof.kernels.registry").origin).parent

RECORD = """
import json
from attnproof.kernels.recorded_launches import recorded
for one in recorded():
    given = {name: str(value) for name, value in one.constants.items()}
    print(json.dumps([one.kernel, one.name, one.types, given, one.options, one.wants_matrix]))
"""


@pytest.fixture(scope="module")
def launches() -> list[list]:
    """In a process that compiles; nothing is compiled."""
    for needed in ("torch", "triton"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", RECORD],
        capture_output=True, text=True, env={**os.environ, "TRITON_INTERPRET": "0"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def jitted() -> set[str]:
    """module:function of everything that is launched by name."""
    found = set()
    for path in KERNELS.rglob("*/*triton*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            # What is launched is named …_kernel; other jitted functions are inlined into those.
            if isinstance(node, ast.FunctionDef) and node.name.endswith("_kernel"):
                assert any(ast.unparse(one).startswith("triton.jit") for one in node.decorator_list)
                found.add(f"attnproof.kernels.{path.parent.name}.{path.stem}:{node.name}")
    return found


def test_every_kernel_is_compiled(launches):
    assert {kernel for kernel, *_ in launches} == jitted()


def test_names_tell_launches_apart(launches):
    names = [name for _, name, *_ in launches]
    assert len(names) == len(set(names))


def test_half_precision_meets_matrix_units(launches):
    """A kernel that is told to compute in bfloat16 is expected to use them; none in float32."""
    wanting = {name for _, name, *_, wants in launches if wants}
    assert wanting and all("bfloat16" in name for name in wanting)


def test_types_are_those_of_a_real_launch(launches):
    for _, name, types, constants, _, _ in launches:
        pointers = {kind for kind in types.values() if kind.startswith("*")}
        assert pointers and ("*bf16" in pointers or "*fp32" in pointers), name
        assert types["length"] == "i32", name  # 300: neither one nor a multiple of 16
        assert constants.get("PRECISION", "ieee") == "ieee", name


def test_every_target_has_a_budget_and_a_pattern():
    assert set(TARGETS) == set(SHARED_BUDGET) == set(MATRIX_INSTRUCTIONS)


def test_an_interpreting_process_is_told(monkeypatch):
    from attnproof.kernels.recorded_launches import recorded

    monkeypatch.setenv("TRITON_INTERPRET", "1")
    with pytest.raises(RuntimeError, match="needs a process without it"):
        recorded()
