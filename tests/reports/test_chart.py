"""Charts survive whatever data a check hands them."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from attnproof.reports.render.chart import chart
from attnproof.theory.core import Plot, Series


def draw(*series: Series, **more: object) -> ElementTree.Element:
    plot = Plot(title="t & <t>", x_label="x", y_label="y", series=list(series), **more)
    return ElementTree.fromstring(str(chart(plot, "p")))


def test_it_has_a_title_and_a_description():
    svg = draw(Series(label="a", x=[0, 1], y=[0.0, 1.0]))
    assert svg.find("title").text == "t & <t>"
    assert svg.get("role") == "img"


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize(
    "ys", [[], [None], [math.nan], [1.0], [5.0, 5.0], [0.0, -1.0], [1e-300, 1e300], [math.inf, 1.0]]
)
@pytest.mark.parametrize("style", ["line", "points", "bars", "guide"])
def test_awkward_data(scale, ys, style):
    svg = draw(Series(label="a", x=list(range(1, len(ys) + 1)), y=ys, style=style), y_scale=scale)
    text = ElementTree.tostring(svg, encoding="unicode")
    assert "nan" not in text and "inf" not in text


def test_a_gap_breaks_the_line():
    svg = draw(Series(label="a", x=[0, 1, 2, 3, 4], y=[0.0, 1.0, None, 1.0, 0.0]))
    assert len(svg.findall("path[@class='line s0']")) == 2


def test_categories_become_labels():
    svg = draw(
        Series(label="a", x=["one", "two"], y=[1.0, 2.0], style="bars"),
        Series(label="b", x=["one", "two"], y=[2.0, 1.0], style="bars"),
    )
    labels = {text.text for text in svg.findall("text")}
    assert {"one", "two"} <= labels
    assert len(svg.findall("rect")) == 4
    assert all(float(rect.get("height")) > 0 for rect in svg.findall("rect"))
