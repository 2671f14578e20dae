"""Templates, style and scripts, found beside the package in a checkout and in a wheel alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent

STYLES = ("theme", "page", "verdict", "index", "claim", "chart", "code", "table", "print")
# What the index shows: no evidence, chart or source, whose rules would be a tenth of the page.
INDEX_STYLES = ("theme", "page", "verdict", "index", "print")


@cache
def resource(name: str) -> str:
    """The text of ``reports/<name>``."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def style(names: tuple[str, ...] = STYLES) -> str:
    """The named parts of the style, in the order in which later rules win; all by default."""
    return "\n".join(resource(f"static/style/{name}.css").strip() for name in names)
