"""Each kind of page through axe-core, the rules that accessibility audits use."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

# The package holds axe-core's script; of its Playwright side nothing is used.
FOUND = find_spec("axe_playwright_python")
if FOUND is None:
    pytest.skip("axe-playwright-python is not installed ([dev])", allow_module_level=True)
AXE = (Path(FOUND.origin).parent / "axe.min.js").read_text(encoding="utf-8")

# The frame of the page is not there to be embedded, so no rule about frames applies.
RUN = """
axe.run(document, {resultTypes: ["violations"], iframes: false}).then(function (result) {
  return JSON.stringify(result.violations.map(function (one) {
    return [one.impact, one.id, one.nodes.slice(0, 3).map(function (n) { return n.html; })];
  }));
})
"""


def violations(browser) -> list[list[object]]:
    """What axe-core finds on the page that is open: impact, rule, examples."""
    browser.ask(AXE + "\n;0")
    return json.loads(browser.ask(RUN))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_has_a_finding(browser, site, page_name, dark):
    browser.open(site / page_name, dark=dark)
    browser.ask("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert violations(browser) == []


def test_a_finding_would_be_noticed(browser, site):
    browser.open(site / "index.html")
    browser.ask("document.querySelector('h1').outerHTML = '<h1></h1><img src=\"data:,\">'")
    found = {rule for _, rule, _ in violations(browser)}
    assert "image-alt" in found and "empty-heading" in found
