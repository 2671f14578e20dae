"""The report as a browser sees it: it fits, filters, follows the theme and asks for nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

# Every text whose contrast with the ground behind it is below 4.5 to 1.
FAINT = Path(__file__).with_name("faint.js").read_text(encoding="utf-8")

# What cannot be reached by keyboard although it scrolls sideways.
UNREACHABLE = """
Array.from(document.querySelectorAll(".scroll, .value, .formula, .inline-math, pre")).filter(
  function (e) {
    return e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0;
  }
).length
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_fits_is_legible_and_asks_for_nothing(browser, site, page_name, width, dark):
    browser.open(site / page_name, width=width, dark=dark)
    assert browser.complaints == []
    browser.ask("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    root = "document.documentElement"
    assert browser.ask(f"{root}.scrollWidth - {root}.clientWidth") <= 0
    assert browser.ask(FAINT) == []
    assert browser.ask(UNREACHABLE) == 0


def test_the_theme_is_that_of_the_system_until_it_is_chosen(browser, site):
    ground = "getComputedStyle(document.body).backgroundColor"
    browser.open(site / "index.html", dark=False)
    light = browser.ask(ground)
    browser.open(site / "index.html", dark=True)
    dark = browser.ask(ground)
    assert light != dark
    browser.ask("document.getElementById('theme').click()")
    assert browser.ask(ground) == light
    browser.open(site / "errata.html", dark=True)
    assert browser.ask(ground) == light, "the choice holds on the other pages too"
    browser.ask("localStorage.clear()")


def shown(browser) -> int:
    return browser.ask("document.querySelectorAll('[data-claim]:not([hidden])').length")


def test_the_search_lives_in_the_address(browser, site):
    index = site / "index.html"
    browser.open(index)
    assert shown(browser) == 4
    for fragment, count in (
        ("#q=beta", 1),
        ("#q=lab-kernels", 1),
        ("#q=claim%20the", 3),
        ("#verdict=NOT_RUN", 1),
        ("#verdict=REFUTED,NOT_RUN", 2),
        ("#q=alpha&verdict=REFUTED", 0),
        ("#papers", 4),
        ("#%E0%A4%A", 4),
    ):
        browser.open(index, fragment=fragment)
        assert shown(browser) == count, fragment
        assert browser.complaints == []


def test_what_is_typed_and_pressed_becomes_the_address(browser, site):
    browser.open(site / "index.html")
    browser.ask("document.querySelector('[data-filter=REFUTED]').click()")
    assert shown(browser) == 1
    assert browser.ask("location.hash") == "#verdict=REFUTED"
    browser.ask("words.value = 'zzz'; words.dispatchEvent(new Event('input', {bubbles: true}))")
    assert shown(browser) == 0
    assert browser.ask("location.hash") == "#q=zzz&verdict=REFUTED"
    assert browser.ask("document.getElementById('shown').textContent") == "0 of 4 claims"
    assert browser.ask("document.querySelector('[data-group]').hidden") is True


def test_a_count_in_the_headline_leads_to_its_claims(browser, site):
    browser.open(site / "index.html")
    browser.ask("document.querySelector('.counts a[href=\"#verdict=REFUTED\"]').click()")
    browser.ask("new Promise(done => setTimeout(done, 50))")
    assert shown(browser) == 1


def test_without_scripts_everything_is_there(browser, site):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(site / "index.html")
        tree = browser.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        rows = browser.call("DOM.querySelectorAll", nodeId=tree, selector="[data-claim]")
        assert len(rows["nodeIds"]) == 4
        form = browser.call("DOM.querySelector", nodeId=tree, selector="#filters[hidden]")
        assert form["nodeId"]
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_link_to_an_altered_claim_opens_it(browser, site):
    page = site / "claim" / "demo" / "alpha.html"
    browser.open(page)
    anchor = browser.ask("document.querySelector('.cells li').id")
    browser.open(page, fragment=f"#{anchor}")
    assert browser.ask("document.querySelector('.cells li details').open") is True


def test_the_skip_link_comes_first_and_is_seen(browser, site):
    browser.open(site / "index.html")
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", windowsVirtualKeyCode=9)
    assert browser.ask("document.activeElement.className") == "skip"
    assert browser.ask("document.activeElement.getBoundingClientRect().left") >= 0


def test_on_paper_what_was_folded_is_open(browser, site):
    browser.open(site / "claim" / "demo" / "alpha.html")
    source = "document.querySelector('.source pre.code').checkVisibility()"
    assert browser.ask(source) is False
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.ask(source) is True
    browser.call("Emulation.setEmulatedMedia", media="")


def test_it_opens_from_anywhere(browser, site, tmp_path):
    stick = tmp_path / "a stick with spaces & signs #1"
    shutil.copytree(site, stick)
    browser.open(stick / "index.html")
    assert shown(browser) == 4
    assert browser.complaints == []


def test_faint_text_would_be_noticed(browser, site):
    browser.open(site / "index.html")
    browser.ask("document.querySelector('h1').style.color = '#999'")
    # By WCAG 2: luminance 0.3185 of #999 on 0.9722 of #fcfcfa; 1.0222 / 0.3685 = 2.77.
    assert browser.ask(FAINT) == ["Claims about attention, execut 2.77"]


def test_a_page_that_asks_for_something_would_be_noticed(browser, site):
    page = site / "claim" / "asks.html"
    page.write_text((site / "errata.html").read_text().replace("<h1>", "<img src='x.png'><h1>"))
    browser.open(page)
    assert any("Content Security Policy" in complaint for complaint in browser.complaints)
    page.unlink()
