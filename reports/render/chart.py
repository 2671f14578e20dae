"""A plot as inline SVG that follows the theme of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from attnproof.theory.core import Plot, Series

from .axis import Axis, category_axis, number_axis, show_number
from .prose import inline

WIDTH, HEIGHT = 600, 350
RIGHT, TOP, BOTTOM = 14, 12, 52
# Width of a character at the size of the tick labels.
CHARACTER = 6.6
COLOURS = 6
FEW_POINTS = 24


def chart(plot: Plot, identifier: str) -> Markup:
    """The SVG of ``plot``: axes, curves and a description for screen readers.

    Points that are missing, not finite, or not positive on a logarithmic axis leave a gap.
    """
    canvas = _canvas(plot)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{identifier}-t {identifier}-d">',
        f'<title id="{identifier}-t">{escape(plot.title)}</title>',
        f'<desc id="{identifier}-d">{escape(_described(plot))}</desc>',
    ]
    if canvas is None:
        parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT / 2}" class="label">no data</text></svg>')
        return Markup("".join(parts))
    parts += _frame(plot, canvas)
    bars = [series for series in plot.series if series.style == "bars"]
    for number, series in enumerate(plot.series):
        if series.style == "bars":
            parts += _bars(series, number, bars, canvas)
    for number, series in enumerate(plot.series):
        if series.style != "bars":
            parts += _curve(series, number, canvas)
    parts.append("</svg>")
    return Markup("".join(parts))


def key(series: Series, number: int) -> Markup:
    """A sample of how the series is drawn, for the legend."""
    colour = f"s{number % COLOURS}"
    parts = ['<svg class="chart key" viewBox="0 0 30 12" aria-hidden="true">']
    if series.style == "bars":
        parts.append(f'<rect class="{colour}" x="8" y="1" width="14" height="10"/>')
    else:
        if series.style != "points":
            parts.append(f'<path class="{series.style} {colour}" d="M1 6H29"/>')
        if series.style == "points" or (series.style == "line" and len(series.x) <= FEW_POINTS):
            parts.append(_marker(15, 6, number))
    return Markup("".join(parts) + "</svg>")


@dataclass(frozen=True)
class _Canvas:
    across: Axis
    up: Axis
    categories: list[str]

    def x(self, value: float | str) -> float | None:
        """The pixel, or ``None`` where there is no place for it."""
        if self.categories:
            return self.across.place(self.categories.index(_name(value)))
        return self.across.place(float(value)) if self.across.usable(float(value)) else None

    def y(self, value: float | None) -> float | None:
        """The pixel, or ``None`` where there is no place for it."""
        return self.up.place(float(value)) if self.up.usable(value) else None


def _canvas(plot: Plot) -> _Canvas | None:
    ys = [y for series in plot.series for y in series.y]
    if plot.y_scale == "linear" and any(series.style == "bars" for series in plot.series):
        ys.append(0.0)
    up = number_axis(ys, plot.y_scale, HEIGHT - BOTTOM, TOP)
    if up is None:
        return None
    left = 34 + CHARACTER * max((len(text) for _, text in up.ticks), default=1)
    categories = _categories(plot.series)
    if categories:
        across = category_axis(categories, left, WIDTH - RIGHT, CHARACTER)
    else:
        xs = [float(x) for series in plot.series for x in series.x]
        across = number_axis(xs, plot.x_scale, left, WIDTH - RIGHT)
    return None if across is None else _Canvas(across, up, categories)


def _categories(series: Sequence[Series]) -> list[str]:
    xs = [x for one in series for x in one.x]
    bars = any(one.style == "bars" and one.x for one in series)
    if not bars and not any(isinstance(x, str) for x in xs):
        return []
    return list(dict.fromkeys(map(_name, xs)))


def _name(x: float | str) -> str:
    return x if isinstance(x, str) else show_number(x)


def _described(plot: Plot) -> str:
    caption = plot.caption.strip()
    if caption and caption[-1] not in ".!?":
        caption += "."
    names = ", ".join(f"{series.label} ({len(series.x)} values)" for series in plot.series)
    axes = f"{plot.y_label} against {plot.x_label}"
    return f"{caption} {axes}: {names}. The numbers are in the table below.".strip()


def _frame(plot: Plot, canvas: _Canvas) -> list[str]:
    parts = []
    left, right, bottom = canvas.across.start, canvas.across.end, HEIGHT - BOTTOM
    for tick, text in canvas.up.ticks:
        y = canvas.up.place(tick)
        parts.append(f'<path class="grid" d="M{left:.1f} {y:.1f}H{right:.1f}"/>')
        parts.append(f'<text class="tick left" x="{left - 7:.1f}" y="{y + 4:.1f}">{text}</text>')
    spacing = float("-inf")
    for tick, text in canvas.across.ticks:
        x = canvas.across.place(tick)
        parts.append(f'<path class="notch" d="M{x:.1f} {bottom}v5"/>')
        half = len(text) * CHARACTER / 2
        if x - half > spacing:
            parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 19}">{escape(text)}</text>')
            spacing = x + half + 4
    parts.append(f'<path class="axis" d="M{left:.1f} {bottom}H{right:.1f}"/>')
    if canvas.up.usable(0.0) and canvas.up.low < 0 < canvas.up.high and canvas.up.scale != "log":
        parts.append(f'<path class="axis" d="M{left:.1f} {canvas.up.place(0.0):.1f}H{right:.1f}"/>')
    parts.append(
        f'<text class="label" x="{(left + right) / 2:.1f}" y="{HEIGHT - 9}">'
        f"{_label(plot.x_label)}{_scale_note(plot.x_scale, canvas.categories)}</text>"
        f'<text class="label" transform="rotate(-90)" x="{-(TOP + bottom) / 2:.1f}" y="14">'
        f"{_label(plot.y_label)}{_scale_note(plot.y_scale, [])}</text>"
    )
    return parts


def _label(text: str) -> str:
    """Sub- and superscripts as SVG has them: shifted, and shifted back for what follows."""
    shown = str(inline(text)).replace("<code>", "").replace("</code>", "")
    for tag, shift in (("sup", -4), ("sub", 3)):
        shown = shown.replace(f"<{tag}>", f'<tspan class="tiny" dy="{shift}">')
        shown = shown.replace(f"</{tag}>", f'</tspan><tspan dy="{-shift}">\u200b</tspan>')
    return shown


def _scale_note(scale: str, categories: list[str]) -> str:
    return " (log scale)" if scale == "log" and not categories else ""


def _curve(series: Series, number: int, canvas: _Canvas) -> list[str]:
    colour = f"s{number % COLOURS}"
    runs: list[list[tuple[float, float]]] = [[]]
    for at, value in zip(series.x, series.y, strict=False):
        x, y = canvas.x(at), canvas.y(value)
        if x is not None and y is not None:
            runs[-1].append((x, y))
        elif runs[-1]:
            runs.append([])
    parts = []
    few = sum(map(len, runs)) <= FEW_POINTS
    for run in runs:
        if series.style != "points" and len(run) > 1:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in run)
            parts.append(f'<path class="{series.style} {colour}" d="M{path}"/>')
        lone = len(run) == 1 and series.style != "points"
        if series.style == "points" or lone or (series.style == "line" and few):
            parts += [_marker(x, y, number, faint=not few) for x, y in run]
    return parts


def _marker(x: float, y: float, number: int, *, faint: bool = False) -> str:
    """Series differ in shape as well as in colour."""
    names = f"s{number % COLOURS}{' faint' if faint else ''}"
    r = 2.6 if faint else 3.4
    shape = number % 4
    if shape == 0:
        return f'<circle class="{names}" cx="{x:.1f}" cy="{y:.1f}" r="{r}"/>'
    if shape == 1:
        return (
            f'<rect class="{names}" x="{x - r:.1f}" y="{y - r:.1f}" '
            f'width="{2 * r:.1f}" height="{2 * r:.1f}"/>'
        )
    if shape == 2:
        h = 1.25 * r
        return (
            f'<path class="mark {names}" '
            f'd="M{x:.1f} {y - h:.1f}l{h:.1f} {2 * h:.1f}h{-2 * h:.1f}z"/>'
        )
    h = 1.35 * r
    return (
        f'<path class="mark {names}" '
        f'd="M{x:.1f} {y - h:.1f}l{h:.1f} {h:.1f}l{-h:.1f} {h:.1f}l{-h:.1f} {-h:.1f}z"/>'
    )


def _bars(series: Series, number: int, bars: list[Series], canvas: _Canvas) -> list[str]:
    step = (canvas.across.end - canvas.across.start) / len(canvas.categories)
    width = min(0.8 * step / len(bars), 60.0)
    offset = (bars.index(series) - (len(bars) - 1) / 2) * width
    floor = canvas.y(0.0) if canvas.up.scale == "linear" else None
    floor = HEIGHT - BOTTOM if floor is None else floor
    parts = []
    for at, value in zip(series.x, series.y, strict=False):
        x, y = canvas.x(at), canvas.y(value)
        if x is None or y is None:
            continue
        parts.append(
            f'<rect class="s{number % COLOURS}" x="{x + offset - width / 2:.1f}" '
            f'y="{min(y, floor):.1f}" width="{width * 0.9:.1f}" height="{abs(floor - y):.1f}"/>'
        )
    return parts
