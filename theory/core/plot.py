"""A plot is data in the ledger; the report draws it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from .claim import Claim

Scale = Literal["linear", "log"]


class Series(msgspec.Struct, kw_only=True):
    """One curve, set of points or set of bars.

    Attributes:
        label: shown in the legend.
        x, y: the data, equally long; ``None`` leaves a gap.
        style: how it is drawn; ``guide`` is a thin dashed reference.
    """

    label: str
    x: Sequence[float | str]
    y: Sequence[float | None]
    style: Literal["line", "points", "bars", "guide"] = "line"


class Plot(msgspec.Struct, kw_only=True):
    """What a function marked with `plot` returns.

    Attributes:
        title, x_label, y_label: plain text.
        caption: what to see in it, in a sentence.
    """

    title: str
    x_label: str
    y_label: str
    series: list[Series]
    caption: str = ""
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"


def plot(claim: Claim) -> Callable[[Callable[[], Plot]], Callable[[], Plot]]:
    """Mark a function without arguments as the maker of a plot for ``claim``."""

    def mark(function: Callable[[], Plot]) -> Callable[[], Plot]:
        function.__attnproof_plot__ = claim  # type: ignore[attr-defined]
        return function

    return mark


def plot_of(thing: object) -> Claim | None:
    """The claim that ``thing`` makes a plot for, if it was marked with `plot`."""
    return vars(thing).get("__attnproof_plot__") if hasattr(thing, "__dict__") else None
