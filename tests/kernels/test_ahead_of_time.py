"""What is compiled ahead of time is all there is to compile, with the arguments it takes."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from pathlib import Path

import pytest

from attnproof.kernels.ahead_of_time import MATRIX_INSTRUCTIONS, SHARED_BUDGET, TARGETS
from attnproof.kernels.ahead_of_time import configurations as all_configurations
from attnproof.kernels.specification import names, specification

KERNELS = Path(importlib.util.find_spec("attnproof.kernels.registry").origin).parent


def jitted() -> dict[str, tuple[list[str], set[str]]]:
    """module:function → arguments, and those of them that are compile-time constants."""
    found = {}
    for path in KERNELS.rglob("*/*triton*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            # What is launched is named …_kernel; other jitted functions are inlined into those.
            if isinstance(node, ast.FunctionDef) and node.name.endswith("_kernel"):
                assert any(ast.unparse(one) == "triton.jit" for one in node.decorator_list)
                module = f"attnproof.kernels.{path.parent.name}.{path.stem}"
                constant = {
                    one.arg
                    for one in node.args.args
                    if one.annotation and "constexpr" in ast.unparse(one.annotation)
                }
                names = [one.arg for one in node.args.args]
                found[f"{module}:{node.name}"] = (names, constant)
    return found


def test_every_kernel_is_compiled():
    assert {one["target"] for one in all_configurations()} == set(jitted())


def test_every_argument_has_a_type_or_a_value():
    kernels = jitted()
    for one in all_configurations():
        arguments, constant = kernels[one["target"]]
        assert set(one["constants"]) == constant, one["name"]
        assert [*one["pointers"], *one["scalars"]] == [x for x in arguments if x not in constant]


def test_every_target_has_a_budget_and_a_pattern():
    assert set(TARGETS) == set(SHARED_BUDGET) == set(MATRIX_INSTRUCTIONS)


class Spy:
    """Stands in for a kernel and remembers the compile-time constants of its launch."""

    def __init__(self):
        self.constants: dict[str, object] = {}

    def __getitem__(self, grid):
        return lambda *_, **constants: self.constants.update(constants)


def test_what_is_compiled_is_what_is_launched(monkeypatch):
    """Block size and precision of a launch at 300 tokens, per dtype of the inputs."""
    torch = pytest.importorskip("torch")
    if importlib.util.find_spec("triton") is None:
        pytest.skip("triton is not installed")
    for one in all_configurations():
        module_name, _, attribute = one["target"].partition(":")
        module = importlib.import_module(module_name)
        spy = Spy()
        for name in [name for name in vars(module) if name.endswith("_kernel")]:
            monkeypatch.setattr(module, name, spy if name == attribute else Spy())
        operator = module_name.split(".")[-2]
        dtype = getattr(torch, one["name"].split()[-1])
        tensors, options = list(torch.ones(3, 1, 1, 300, 64, dtype=dtype)), {"gamma": 0.5}
        if operator in names():
            spec = specification(operator)
            sizes = {"n": (1, 1, 300), "nd": (1, 1, 300, 64), "ne": (1, 1, 300, 64)}
            tensors = [torch.ones(sizes[axes], dtype=dtype) for axes in spec.inputs.values()]
            options = dict(spec.parameters)
        getattr(module, operator)(*tensors, **options)
        for name in ("BLOCK", "WIDTH", "COLUMNS", "SLICE", "PRECISION"):
            assert spy.constants.get(name) == one["constants"].get(name), (one["name"], name)
        # Triton's own default is 4.
        assert spy.constants.get("num_warps", 4) == one["warps"], one["name"]
        monkeypatch.undo()
