"""The report as a browser sees it: it fits, filters, follows the theme and asks for nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from attnproof.reports.render.site import build
from attnproof.theory.core import Ledger, Plot, Series
from attnproof.theory.core.records import ClaimLine, PaperLine, PlotLine, RunStarted

PROBE = """
<script>
addEventListener("load", function () {
  var root = document.documentElement;
  root.setAttribute("data-overflow", root.scrollWidth - root.clientWidth);
  root.setAttribute("data-background", getComputedStyle(document.body).backgroundColor);
  root.setAttribute("data-shown", document.querySelectorAll("[data-claim]:not([hidden])").length);
});
</script>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append(
        RunStarted(run="r", started="now", command="pytest " + "x" * 300, python="3", platform="p"),
        PaperLine(
            key="demo",
            title="Anextremelylongword" * 12,
            authors="",
            year=2026,
            arxiv="",
            family="f",
            contribution="",
        ),
    )
    long = r"\sum_{i=1}^{n} x_i = " + " + ".join(f"x_{{{k}}}" for k in range(60))
    for key in ("alpha", "beta"):
        ledger.append(
            ClaimLine(
                id=f"demo/{key}",
                paper="demo",
                title=f"The {key} claim",
                statement=long,
                parts={"statement": long},
                hypotheses={},
            ),
            PlotLine(
                node=key,
                claim=f"demo/{key}",
                plot=Plot(
                    title="t",
                    x_label="x",
                    y_label="y",
                    series=[Series(label="s", x=[1, 2], y=[1.0, 2.0])],
                ),
            ),
        )
    ledger.close()
    return build([path], tmp_path / "site").parent


def probed(page: Path) -> str:
    """A copy of the page that reports what the browser made of it, as a file URL."""
    copy = page.with_name("probe-" + page.name)
    text = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", page.read_text())
    copy.write_text(text.replace("</body>", PROBE + "</body>"))
    return copy.as_uri()


def attribute(text: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', text[:5000])
    assert found, f"the page did not report data-{name}"
    return found.group(1)


@pytest.mark.parametrize("name", ["index.html", "claim/demo/alpha.html", "errata.html"])
@pytest.mark.parametrize("width", [1280, 500])
def test_nothing_sticks_out(chromium, site, name, width):
    seen = chromium(probed(site / name), f"--window-size={width},900", "--dump-dom")
    assert int(attribute(seen.stdout, "overflow")) <= 0


def test_light_and_dark(chromium, site):
    url = probed(site / "index.html")
    light = chromium(url, "--blink-settings=preferredColorScheme=1", "--dump-dom").stdout
    dark = chromium(url, "--blink-settings=preferredColorScheme=0", "--dump-dom").stdout
    assert sum(map(int, re.findall(r"\d+", attribute(light, "background"))[:3])) > 600
    assert sum(map(int, re.findall(r"\d+", attribute(dark, "background"))[:3])) < 150


def test_the_search_lives_in_the_address(chromium, site):
    url = probed(site / "index.html")
    assert attribute(chromium(url, "--dump-dom").stdout, "shown") == "2"
    assert attribute(chromium(url + "#q=beta", "--dump-dom").stdout, "shown") == "1"
    assert attribute(chromium(url + "#verdict=NOT_RUN", "--dump-dom").stdout, "shown") == "2"


def test_the_policy_lets_the_page_work_and_nothing_is_refused(chromium, site):
    for name in ("index.html", "claim/demo/alpha.html"):
        seen = chromium((site / name).as_uri(), "--dump-dom")
        assert "Content Security Policy" not in seen.stderr
        assert "Refused to" not in seen.stderr
        assert "CONSOLE" not in seen.stderr
    # The filter form is hidden until the script has run: the policy admits that script.
    index = chromium((site / "index.html").as_uri(), "--dump-dom").stdout
    assert "2 of 2 claims" in index


def test_it_opens_from_anywhere(chromium, site, tmp_path):
    stick = tmp_path / "a stick with spaces & signs"
    shutil.copytree(site, stick)
    seen = chromium((stick / "index.html").as_uri(), "--dump-dom")
    assert "Claims about attention" in seen.stdout
