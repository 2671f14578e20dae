"""The dependency graph as a browser sees it: the focus lives in the address and on the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnproof.reports.render.site import build
from attnproof.theory.core import Ledger
from attnproof.theory.core.records import ClaimLine

CHAIN = "abcde"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """e → d → c → b → a, and y amends x."""
    folder = tmp_path_factory.mktemp("graph")
    ledger = Ledger(folder / "ledger.jsonl")
    given = {"paper": "p", "statement": "a", "parts": {"statement": "a"}, "hypotheses": {}}
    for before, key in zip(" " + CHAIN, CHAIN, strict=False):
        uses = [f"p/{before}"] if before != " " else []
        ledger.append(ClaimLine(id=f"p/{key}", title=f"Claim {key}", uses=uses, **given))
    ledger.append(ClaimLine(id="p/x", title="Claim x", **given))
    ledger.append(ClaimLine(id="p/y", title="Claim y", amends="p/x", **given))
    ledger.append(ClaimLine(id="p/alone", title="Claim alone", **given))
    ledger.close()
    return build([folder / "ledger.jsonl"], folder / "site").parent / "graph.html"


def seen(browser) -> str:
    nodes = "Array.from(document.querySelectorAll('[data-node]'))"
    visible = f"{nodes}.filter(n => n.getBoundingClientRect().width > 0)"
    return "".join(sorted(browser.ask(f"{visible}.map(n => n.dataset.node.slice(2)).join('')")))


def press(browser, key: str, code: int) -> None:
    text = {"text": key} if len(key) == 1 else {}
    browser.call(
        "Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text
    )
    browser.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", "abcdexy"),
        ("#focus=p/a&depth=1", "ab"),
        ("#focus=p/c&depth=1", "bcd"),
        ("#focus=p%2Fa&depth=2", "abc"),
        ("#focus=p/a", "abc"),
        ("#focus=p/a&depth=all", "abcde"),
        ("#focus=p/a&depth=many", "abc"),
        ("#focus=p/y&depth=4", "xy"),
        ("#focus=p/alone", "abcdexy"),
        ("#focus=nobody/nothing", "abcdexy"),
        ("#%E0%A4%A", "abcdexy"),
        ("#listed", "abcdexy"),
    ],
)
def test_the_address_says_what_is_in_focus(browser, graph, fragment, expected):
    browser.open(graph, fragment=fragment)
    assert seen(browser) == expected
    assert browser.complaints == []


def test_a_claim_without_neighbours_is_explained(browser, graph):
    browser.open(graph, fragment="#focus=p/alone")
    assert "p/alone uses and amends no claim" in browser.ask("shown.textContent")


def test_what_is_chosen_becomes_the_address(browser, graph):
    browser.open(graph)
    browser.ask(
        "claim.value = 'p/b'; depth.value = '1'; "
        "claim.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    assert seen(browser) == "abc"
    assert browser.ask("location.hash") == "#focus=p/b&depth=1"
    assert browser.ask("shown.textContent") == "3 of 7 claims shown"
    rows = "document.querySelectorAll('.edges > li:not([hidden])').length"
    assert browser.ask(rows) == 2, "the words follow the drawing"


def test_the_drawing_shrinks_to_what_is_in_focus(browser, graph):
    browser.open(graph)
    width = "document.getElementById('graph').getBoundingClientRect().width"
    whole = browser.ask(width)
    browser.open(graph, fragment="#focus=p/a&depth=1")
    assert browser.ask(width) < whole
    browser.ask("document.querySelector('#focus [type=reset]').click()")
    browser.ask("new Promise(done => setTimeout(done, 50))")
    assert (browser.ask(width), seen(browser)) == (whole, "abcdexy")


def test_the_keyboard_moves_the_focus(browser, graph):
    browser.open(graph)
    browser.ask("document.querySelector('[data-node=\"p/d\"]').focus()")
    press(browser, "f", 70)
    assert seen(browser) == "bcde"
    assert browser.ask("location.hash") == "#focus=p/d&depth=2"
    assert browser.ask("document.activeElement.dataset.node") == "p/d"
    press(browser, "Escape", 27)
    assert seen(browser) == "abcdexy"


def test_without_scripts_a_link_leads_to_the_node(browser, graph):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(graph, fragment="#focus=p/y")
        tree = browser.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        for selector in (
            "#graph .node:target",
            "#focus[hidden]",
            "#graph a[href='claim/p/e.html']",
        ):
            found = browser.call("DOM.querySelector", nodeId=tree, selector=selector)
            assert found["nodeId"], selector
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
