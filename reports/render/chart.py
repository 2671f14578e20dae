"""A plot as inline SVG that follows the theme of the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from attnproof.theory.core import Plot, Series

WIDTH, HEIGHT = 680, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 16, 14, 50
Place = Callable[[float], float]


def chart(plot: Plot, identifier: str) -> Markup:
    """The SVG of ``plot``: axes, curves and a description for screen readers.

    Points that are missing, not finite, or not positive on a logarithmic axis leave a gap.
    """
    categories = _categories(plot.series)
    xs = [_number(x, categories) for series in plot.series for x in series.x]
    ys = [y for series in plot.series for y in series.y]
    across = _axis(xs, plot.x_scale, LEFT, WIDTH - RIGHT, margin=0.5 if categories else 0.0)
    if any(series.style == "bars" for series in plot.series) and plot.y_scale == "linear":
        ys = [*ys, 0.0]
    up = _axis(ys, plot.y_scale, HEIGHT - BOTTOM, TOP, margin=0.0)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{identifier}-t {identifier}-d">',
        f'<title id="{identifier}-t">{escape(plot.title)}</title>',
        f'<desc id="{identifier}-d">{escape(plot.caption or plot.title)}</desc>',
    ]
    if across is None or up is None:
        parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT / 2}" class="label">no data</text></svg>')
        return Markup("".join(parts))
    parts += _grid(plot, across, up, categories)
    bars = [series for series in plot.series if series.style == "bars"]
    for number, series in enumerate(plot.series):
        if series.style == "bars":
            parts += _bars(series, number, bars, across[0], up[0], categories)
        else:
            parts += _curve(series, number, plot, across[0], up[0], categories)
    parts.append("</svg>")
    return Markup("".join(parts))


def _categories(series: Sequence[Series]) -> list[str]:
    names: list[str] = []
    for one in series:
        for x in one.x:
            if isinstance(x, str) and x not in names:
                names.append(x)
    return names


def _number(x: float | str, categories: list[str]) -> float:
    return float(categories.index(x)) if isinstance(x, str) else float(x)


def _axis(
    values: Sequence[float | None], scale: str, start: float, end: float, margin: float
) -> tuple[Place, list[float]] | None:
    """A function to coordinates, and the ticks."""
    usable = [v for v in values if _usable(v, scale)]
    if not usable:
        return None
    low, high = min(usable) - margin, max(usable) + margin
    if scale == "log":
        low, high = math.log10(low), math.log10(high)
    if high - low < 1e-12:
        low, high = low - 0.5, high + 0.5
    if scale == "linear" and not margin:
        high += 0.04 * (high - low)
        low -= 0.04 * (high - low) if low != 0 else 0.0

    def place(value: float) -> float:
        position = math.log10(value) if scale == "log" else value
        return start + (position - low) / (high - low) * (end - start)

    ticks = _log_ticks(low, high) if scale == "log" else _linear_ticks(low, high)
    return place, ticks


def _usable(value: float | None, scale: str) -> bool:
    return value is not None and math.isfinite(value) and (scale == "linear" or value > 0)


def _linear_ticks(low: float, high: float) -> list[float]:
    raw = (high - low) / 6
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if last - first >= 1:
        every = max(1, (last - first) // 7)
        return [10.0**k for k in range(first, last + 1, every)]
    fine = [m * 10.0**k for k in range(first - 1, last + 2) for m in (1, 2, 5)]
    return [tick for tick in fine if low - 1e-9 <= math.log10(tick) <= high + 1e-9]


def _show(value: float) -> str:
    if value == 0:
        return "0"
    if abs(value) >= 1e4 or abs(value) < 1e-3:
        mantissa, _, exponent = f"{value:.2e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        digits = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"10{digits}" if mantissa == "1" else f"{mantissa}·10{digits}"
    return f"{value:.6g}"


def _grid(
    plot: Plot,
    across: tuple[Place, list[float]],
    up: tuple[Place, list[float]],
    categories: list[str],
) -> list[str]:
    parts = []
    bottom = HEIGHT - BOTTOM
    x_ticks = [float(k) for k in range(len(categories))] if categories else across[1]
    for tick in x_ticks:
        x = across[0](tick)
        label = categories[int(tick)] if categories else _show(tick)
        if not categories:
            parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 18}">{escape(label)}</text>')
    for tick in up[1]:
        y = up[0](tick)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="tick left" x="{LEFT - 8}" y="{y + 4:.1f}">{_show(tick)}</text>')
    parts.append(f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}"/>')
    middle = (TOP + bottom) / 2
    parts.append(
        f'<text class="label" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}">'
        f"{escape(plot.x_label)}</text>"
        f'<text class="label" transform="rotate(-90)" x="{-middle}" y="16">'
        f"{escape(plot.y_label)}</text>"
    )
    return parts


def _curve(
    series: Series, number: int, plot: Plot, x_of: Place, y_of: Place, categories: list[str]
) -> list[str]:
    colour = f"s{number % 6}"
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(series.x, series.y, strict=False):
        at = _number(x, categories)
        if _usable(at, plot.x_scale) and _usable(y, plot.y_scale):
            runs[-1].append((x_of(at), y_of(float(y))))
        elif runs[-1]:
            runs.append([])
    parts = []
    for run in runs:
        if series.style != "points" and len(run) > 1:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in run)
            parts.append(f'<path class="{series.style} {colour}" d="M{path}"/>')
        if series.style == "points" or len(run) == 1:
            parts += [f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in run]
    return parts


def _bars(
    series: Series,
    number: int,
    bars: list[Series],
    x_of: Place,
    y_of: Place,
    categories: list[str],
) -> list[str]:
    step = abs(x_of(1.0) - x_of(0.0)) if categories else 40.0
    width = 0.8 * step / len(bars)
    offset = (bars.index(series) - (len(bars) - 1) / 2) * width
    floor = min(y_of(0.0), HEIGHT - BOTTOM) if categories else HEIGHT - BOTTOM
    parts = []
    for x, y in zip(series.x, series.y, strict=False):
        if y is None or not math.isfinite(y):
            continue
        left = x_of(_number(x, categories)) + offset - width / 2
        top = y_of(float(y))
        parts.append(
            f'<rect class="s{number % 6}" x="{left:.1f}" y="{min(top, floor):.1f}" '
            f'width="{width * 0.92:.1f}" height="{abs(floor - top):.1f}"/>'
        )
    return parts
