"""One axis of a chart: from data to coordinates, and where its ticks are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Axis:
    """A scale from data to pixels.

    Attributes:
        low, high: ends of the scale, as exponents of ten where it is logarithmic.
        start, end: the pixels of ``low`` and ``high``.
        ticks: values with the text beside them.
    """

    scale: str
    low: float
    high: float
    start: float
    end: float
    ticks: list[tuple[float, str]]

    def place(self, value: float) -> float:
        """The pixel of ``value``."""
        at = math.log10(value) if self.scale == "log" else value
        return self.start + (at - self.low) / (self.high - self.low) * (self.end - self.start)

    def usable(self, value: float | None) -> bool:
        """Whether ``value`` has a place: a finite number, and positive on a logarithmic axis."""
        return usable(value, self.scale)


def usable(value: float | None, scale: str) -> bool:
    """Whether ``value`` has a place on such an axis."""
    return value is not None and math.isfinite(value) and (scale == "linear" or value > 0)


def number_axis(
    values: Iterable[float | None], scale: str, start: float, end: float, *, margin: float = 0.04
) -> Axis | None:
    """An axis that spans the usable ``values``; ``None`` if there are none."""
    found = [float(value) for value in values if usable(value, scale)]
    if not found:
        return None
    low, high = min(found), max(found)
    if scale == "log":
        low, high = math.log10(low), math.log10(high)
    # Half of each, so that the span of the largest floats does not overflow.
    if high / 2 - low / 2 <= 1e-12 * max(abs(low), abs(high), 1e-300):
        pad = 0.5 if scale == "log" else abs(low) / 2 or 0.5
        low, high = low - pad, high + pad
    else:
        pad = margin * (high / 2 - low / 2) * 2
        # A scale that starts or ends at nought stays there.
        low, high = low - (pad if low or scale == "log" else 0), high + (pad if high else 0)
    limit = 1e300
    low, high = max(low, -limit), min(high, limit)
    ticks = _log_ticks(low, high) if scale == "log" else _linear_ticks(low, high)
    # Powers of ten throughout, or nowhere.
    powers = scale == "log" and (low < -3 or high > 4) and all(map(_is_power, ticks))
    show = _show_power if powers else show_number
    return Axis(scale, low, high, start, end, [(tick, show(tick)) for tick in ticks])


def category_axis(names: Sequence[str], start: float, end: float, character: float) -> Axis:
    """An axis with a place for each name; names are left out evenly where they would collide."""
    step = (end - start) / len(names)
    widest = max(map(len, names)) * character + 8
    every = max(1, math.ceil(widest / step))
    if every > 1 and len(names) <= 3:
        every = 1
    ticks = [(float(k), name) for k, name in enumerate(names) if k % every == 0]
    return Axis("linear", -0.5, len(names) - 0.5, start, end, ticks)


def show_number(value: float) -> str:
    """A short number: ``0.25``, ``331 776``, ``10⁻⁴``, ``3.3·10⁷``."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return "–"
    if abs(value) >= 999_999.5 or abs(value) < 1e-3:
        mantissa, _, exponent = f"{value:.2e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".").replace("-", "−")
        power = f"10{str(int(exponent)).translate(_SUPERSCRIPT)}"
        return mantissa[:-1] + power if mantissa in ("1", "−1") else f"{mantissa}·{power}"
    whole, point, rest = f"{value:.6g}".replace("-", "−").partition(".")
    if abs(value) >= 1e4:
        whole = f"{whole[:-3]}\u202f{whole[-3:]}"
    return whole + point + rest


def _is_power(value: float) -> bool:
    return math.isclose(math.log10(value), round(math.log10(value)), abs_tol=1e-9)


def _show_power(value: float) -> str:
    exponent = round(math.log10(value))
    return "1" if exponent == 0 else f"10{str(exponent).translate(_SUPERSCRIPT)}"


def _linear_ticks(low: float, high: float) -> list[float]:
    raw = high / 6 - low / 6
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if high - low >= 2.2:
        every = math.ceil((last - first) / 7)
        return [10.0**k for k in range(first, last + 1, every) if -323 < k < 309]
    if high - low < 0.4:
        return [tick for tick in _linear_ticks(10.0**low, 10.0**high) if tick > 0]
    steps = (1, 2, 5) if high - low > 0.8 else (1, 1.5, 2, 3, 4, 5, 7)
    fine = [m * 10.0**k for k in range(first - 1, last + 1) for m in steps if -323 < k < 308]
    return [tick for tick in fine if low - 1e-9 <= math.log10(tick) <= high + 1e-9]
