"""Files stay small enough to be read in one go."""

from __future__ import annotations

import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("theory", "kernels", "checks", "reports", "tests")

WANTED = 300
CAP = 400


def lengths(root: Path) -> dict[str, int]:
    """Lines of every Python file."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if not {"__pycache__", "vendor", "site"} & set(path.parts):
                found[str(path.relative_to(root))] = len(path.read_bytes().splitlines())
    return found


def test_no_file_is_longer_than_the_cap():
    sizes = lengths(ROOT)
    for name, lines in sizes.items():
        if lines > WANTED:
            warnings.warn(f"{name} has {lines} lines; split it before {CAP}", stacklevel=1)
    assert {name: lines for name, lines in sizes.items() if lines > CAP} == {}


def test_a_long_file_is_noticed(tmp_path):
    path = tmp_path / "theory" / "core" / "long.py"
    path.parent.mkdir(parents=True)
    path.write_text("x = 1\n" * (CAP + 1))
    assert lengths(tmp_path) == {"theory/core/long.py": CAP + 1}
