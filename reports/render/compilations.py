"""What compiling ahead of time found, as a table of kernels and GPUs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# As the check of compilation notes it: "operator: kernel dtype on sm_90".
NOTED = re.compile(r"(?P<kernel>.+) on (?P<gpu>sm_\d+|gfx\w+)")


def is_compilation(note: str) -> bool:
    """Whether a figure's name says which kernel was compiled for which GPU."""
    return NOTED.fullmatch(note) is not None


def compilations(
    notes: Iterable[Mapping[str, object]],
) -> tuple[list[str], dict[str, dict[str, object]]]:
    """The GPUs in the order noted, and kernel → GPU → what was found."""
    table: dict[str, dict[str, object]] = {}
    gpus: dict[str, None] = {}
    for figures in notes:
        for name, value in figures.items():
            if found := NOTED.fullmatch(name):
                gpus[found["gpu"]] = None
                table.setdefault(found["kernel"], {})[found["gpu"]] = value
    return list(gpus), table
