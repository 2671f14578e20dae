"""Numbers as the pages show them."""

from __future__ import annotations

from .axis import show_number

__all__ = ["percent", "probability", "seconds", "show_number"]


def seconds(value: float) -> str:
    """``< 0.01 s``, ``0.36 s``, ``12 s``, ``2 min 05 s``."""
    if value < 0.01:
        return "< 0.01 s"
    if value < 10:
        return f"{value:.2f} s"
    if value < 120:
        return f"{value:.0f} s"
    return f"{int(value) // 60} min {int(value) % 60:02d} s"


def probability(value: float) -> str:
    """``5.7·10⁻²⁷``, ``0.072``; never rounded to nought."""
    return show_number(float(f"{value:.2g}")) if value else "0"


def percent(part: int, whole: int) -> str:
    """``97 %``; 100 only where nothing is missing."""
    if not whole or part == whole:
        return "100 %"
    return f"{min(99.9, 100 * part / whole):.3g} %"
