"""A kernel of yours is asked only if there is one."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if collection_path.name == "check_your_kernel.py" and not config.getoption("--kernel"):
        return True
    return None
