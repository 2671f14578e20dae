"""The launches of the Triton kernels, recorded rather than run: what to compile ahead of time.

Every registered Triton implementation is called once per dtype, forward and backward, on 300 tokens
of width 64, in a process in which Triton compiles rather than interprets. A launch is intercepted
before it asks for a GPU, so that what is compiled is what is launched, by construction: block
sizes, warps, argument types, the alignment of pointers, and integers that are multiples of 16.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from attnproof.kernels.registry import Implementation, implementations
from attnproof.kernels.specification import specification

LENGTH, WIDTH = 300, 64
# float16 is computed in float32 after loading.
DTYPES = ("bfloat16", "float32")
# What a launch takes besides the arguments of the kernel.
OPTIONS = ("num_warps", "num_stages", "num_ctas", "maxnreg")


@dataclass(frozen=True)
class Launch:
    """One launch: the kernel, what it was given, and how.

    Attributes:
        name: operator, kernel and dtype of the inputs.
        function: the jitted function.
        types: argument → ``*bf16``, ``i32``, ``fp32``, or ``constexpr``.
        constants: compile-time constants, among them integers equal to one.
        aligned: arguments that are multiples of 16 (for pointers: bytes).
        options: warps and stages, where given.
    """

    name: str
    function: object
    types: dict[str, str]
    constants: dict[str, object]
    aligned: tuple[str, ...]
    options: dict[str, int] = field(default_factory=dict)

    @property
    def kernel(self) -> str:
        """``module:function``."""
        return f"{self.function.fn.__module__}:{self.function.fn.__name__}"

    @property
    def wants_matrix(self) -> bool:
        """Whether it multiplies in half precision, for which GPUs have matrix units."""
        return any(str(value) in ("bf16", "fp16") for value in self.constants.values())

    def key(self) -> tuple[object, ...]:
        """Two launches with the same key compile to the same program."""
        constants = sorted((name, str(value)) for name, value in self.constants.items())
        options = sorted(self.options.items())
        return self.kernel, *self.types.items(), *constants, self.aligned, *options


def recorded(only: str = "") -> list[Launch]:
    """What all registered Triton implementations launch, each program once.

    Args:
        only: an operator, or the name of one launch; everything by default.

    Raises:
        RuntimeError: Triton interprets in this process, where nothing can be compiled.
    """
    if os.environ.get("TRITON_INTERPRET") == "1":
        raise RuntimeError("TRITON_INTERPRET=1 is set: compiling needs a process without it")
    os.environ["TRITON_INTERPRET"] = "0"
    programs: dict[tuple[object, ...], Launch] = {}
    names: dict[str, int] = {}
    for one in implementations():
        if one.needs != "triton" or one.operator != (only.partition(":")[0] or one.operator):
            continue
        for dtype in DTYPES:
            for launch in _launches(one, dtype):
                if launch.key() in programs:
                    continue
                name = f"{one.operator}: {launch.function.fn.__name__} {dtype}"
                names[name] = names.get(name, 0) + 1
                if names[name] > 1:
                    name += f" ({names[name]})"
                programs[launch.key()] = replace(launch, name=name)
    return [one for one in programs.values() if ":" not in only or one.name == only]


def _launches(one: Implementation, dtype: str) -> list[Launch]:
    import torch

    spec = specification(one.operator)
    sizes = {"n": (LENGTH,), "nd": (LENGTH, WIDTH), "ne": (LENGTH, WIDTH), "nn": (LENGTH, LENGTH)}
    given = {
        name: torch.ones(1, 1, *sizes[axes], dtype=getattr(torch, dtype))
        for name, axes in spec.inputs.items()
    }
    if one.backward:
        given = {name: tensor.requires_grad_() for name, tensor in given.items()}
    with _recording() as found:
        output = one.load()(**given, **spec.parameters)
        if one.backward and output.requires_grad:
            output.sum().backward()
    return found


@contextmanager
def _recording() -> Iterator[list[Launch]]:
    from triton.runtime.jit import JITFunction

    found: list[Launch] = []

    def record(function, *given, grid, warmup, **named):
        options = {name: named.pop(name) for name in OPTIONS if name in named}
        arguments = dict(zip(function.arg_names, given)) | named
        constant = {one.name for one in function.params if one.is_constexpr}
        types, constants, aligned = {}, {}, []
        for name in function.arg_names:
            value = arguments[name]
            types[name] = kind = "constexpr" if name in constant else _type(value)
            if kind == "constexpr":
                constants[name] = value
            elif (value.data_ptr() if kind.startswith("*") else value) % 16 == 0:
                aligned.append(name)
            _compute_nothing(value)
        found.append(Launch("", function, types, constants, tuple(aligned), options))

    kept = JITFunction.run
    JITFunction.run = record
    try:
        yield found
    finally:
        JITFunction.run = kept


def _type(value: object) -> str:
    """As Triton types an argument; it compiles an integer of one into the kernel."""
    import torch

    if isinstance(value, torch.Tensor):
        words = {"float": "fp", "bfloat": "bf", "int": "i", "uint": "u"}
        name = str(value.dtype).removeprefix("torch.")
        kind = name.rstrip("0123456789")
        return "*i1" if kind == "bool" else f"*{words[kind]}{name.removeprefix(kind)}"
    if value is None or isinstance(value, bool) or (isinstance(value, int) and value == 1):
        return "constexpr"
    if isinstance(value, int):
        return "i32" if -(2**31) <= value < 2**31 else "i64"
    if isinstance(value, float):
        return "fp32"
    raise TypeError(f"a kernel was launched with {value!r}, of a type that Triton does not take")


def _compute_nothing(value: object) -> None:
    """Unwritten buffers hold NaN, which what follows a launch may take for a failure."""
    import torch

    if isinstance(value, torch.Tensor) and value.is_floating_point():
        value.data.nan_to_num_(nan=1.0)  # .data: autograd is not to count this as a change
