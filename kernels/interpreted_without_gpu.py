"""Triton's interpreter, chosen before anything can import triton.

Parts of torch (``torch._dynamo``, which ``torch.optim`` loads) import triton on their own, and
whether triton interprets is settled by its first import. A process that may use a kernel later
therefore decides at its start, and without the seconds that importing torch takes.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# The device files of the drivers of NVIDIA and AMD.
DRIVERS = (Path("/dev/nvidiactl"), Path("/dev/kfd"))


def interpreted_without_gpu() -> None:
    """Set ``TRITON_INTERPRET=1`` where torch can use no GPU, unless it is set to something."""
    if not any(driver.exists() for driver in DRIVERS) or _built_for_cpu():
        os.environ.setdefault("TRITON_INTERPRET", "1")


def _built_for_cpu() -> bool:
    try:
        return version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return True
