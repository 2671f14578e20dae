"""Which implementations there are. Importing this loads neither torch nor triton.

Every operator's folder says in its ``registration.py`` what it holds; whoever registers there
receives the whole battery, is compiled ahead of time if it is a Triton kernel, and stands in the
report.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NARROW = ("float32", "float16", "bfloat16")
# Around one, two and more blocks of 16, 32 and 64, and lengths that no block divides.
LENGTHS = (1, 2, 15, 16, 17, 63, 64, 65, 130)
# The interpreter of Triton takes milliseconds per tile.
FEW_LENGTHS = (2, 16, 17, 67)


@dataclass(frozen=True)
class Implementation:
    """One implementation of one operator.

    Attributes:
        operator: name of the operator, which is the name of its specification.
        backend: ``torch``, ``triton``, ``compiled`` (numba, on a CPU), or another word for a
            further form, such as ``split``.
        target: ``module:function``, imported on use.
        dtypes: what it accepts.
        backward: where its gradient comes from; empty if it has none.
        blocks: sizes of a tile that it is tried with; empty if it has no argument ``block``.
        keeps_state: whether it takes ``state`` and ``return_state``.
        lengths: tokens of the cases that its checks try.
        draws: how many random instances its checks draw.
        slow: whether its checks take longer than five seconds.
    """

    operator: str
    backend: str
    target: str
    dtypes: tuple[str, ...] = NARROW
    backward: str = ""
    blocks: tuple[int, ...] = ()
    keeps_state: bool = False
    lengths: tuple[int, ...] = LENGTHS
    draws: int = 60
    slow: bool = False

    @property
    def name(self) -> str:
        """``operator, backend`` in words."""
        return f"{self.operator} ({self.backend})"

    @property
    def needs(self) -> str:
        """The optional module without which it cannot run, besides torch; may be empty."""
        if self.backend == "compiled":
            return "numba"
        return "triton" if "triton" in self.target.rpartition(":")[0].split(".")[-1] else ""

    def load(self) -> Callable[..., object]:
        """The function itself."""
        return _load(self.target)


@cache
def _load(target: str) -> Callable[..., object]:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _target(operator: str, module: str) -> str:
    return f"attnproof.kernels.{operator}.{module}:{operator}"


def torch_form(
    operator: str, *, module: str = "blocked", backend: str = "torch", **more: object
) -> Implementation:
    """A form in torch, in tiles of any size, with autograd's gradient."""
    given = {
        "dtypes": ("float64", *NARROW),
        "backward": "autograd through the blocked form",
        "blocks": (2, 16, 64),
    }
    return Implementation(operator, backend, _target(operator, module), **(given | more))


def triton_form(
    operator: str, *, module: str = "triton_kernel", backend: str = "triton", **more: object
) -> Implementation:
    """A form in Triton; its module's name contains ``triton``."""
    given = {"blocks": (16, 32), "lengths": FEW_LENGTHS, "draws": 18}
    return Implementation(operator, backend, _target(operator, module), **(given | more))


def compiled_form(operator: str, **more: object) -> Implementation:
    """A recurrence compiled by numba, for a CPU."""
    given = {"dtypes": ("float64", *NARROW), "keeps_state": True}
    return Implementation(operator, "compiled", _target(operator, "compiled"), **(given | more))


@cache
def implementations() -> tuple[Implementation, ...]:
    """All of them, by operator in alphabetical order and as registered."""
    folder = Path(importlib.util.find_spec("attnproof.kernels.registry").origin).parent
    found = []
    for path in sorted(folder.glob("*/registration.py")):
        module = importlib.import_module(f"attnproof.kernels.{path.parent.name}.registration")
        found.extend(module.IMPLEMENTATIONS)
    return tuple(found)


def implementation(operator: str, backend: str) -> Implementation:
    """The registered implementation.

    Raises:
        LookupError: there is none; the message lists what there is.
    """
    for one in implementations():
        if (one.operator, one.backend) == (operator, backend):
            return one
    known = ", ".join(one.name for one in implementations())
    raise LookupError(f"no {backend} implementation of {operator!r}; there are {known}")
