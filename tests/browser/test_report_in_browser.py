"""The report as a browser sees it: it fits, filters, follows the theme and asks for nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from attnproof.reports.render.site import build
from attnproof.theory.core import Ledger, Plot, Series, certificate, counterexample
from attnproof.theory.core.records import (
    CheckLine,
    ClaimLine,
    ControlLine,
    Ended,
    PaperLine,
    PlotLine,
    RunStarted,
)

LONG_WORD = "Anextremelylongword" * 12
LONG_FORMULA = r"\sum_{i=1}^{n} x_i = " + " + ".join(f"x_{{{k}}}" for k in range(60))
WIDE = {"array": [[{"rational": f"{k}/7919"} for k in range(8)]] * 8, "shape": [8, 8]}
MACHINE = {"python": "3", "platform": "p", "versions": {LONG_WORD: "1", "z3": "2" * 60}}
PAGES = ["index.html", "errata.html", "graph.html", "kernels.html", "engines.html", "wanted.html"]
PAGES += ["paper/demo.html", "paper/lab-kernels.html", "claim/lab-kernels/soft.html"]
PAGES += [f"claim/demo/{key}.html" for key in ("alpha", "beta", "gamma")]

# Every text whose contrast with the ground behind it is below 4.5 to 1.
FAINT = Path(__file__).with_name("faint.js").read_text(encoding="utf-8")

# What cannot be reached by keyboard although it scrolls sideways.
UNREACHABLE = """
Array.from(document.querySelectorAll(".scroll, .formula, pre")).filter(function (e) {
  return e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0 &&
    !e.classList.contains("command");
}).length
"""


def _claim(key: str, **more: object) -> ClaimLine:
    given = {"statement": LONG_FORMULA, "parts": {"statement": LONG_FORMULA}}
    given["hypotheses"] = {"small": LONG_FORMULA}
    return ClaimLine(id=f"demo/{key}", paper="demo", title=f"The {key} claim", **{**given, **more})


def _evidence(key: str, refutes: bool) -> list[CheckLine | Ended]:
    establishes = (counterexample if refutes else certificate)(over="every a " * 20, by="squares")
    names = ["scale " * 12, LONG_WORD, "sign"]
    check = CheckLine(
        check=f"checks/demo/check_{key}.py::{key}",
        claim=f"demo/{key}",
        part="statement",
        establishes=establishes,
        controls=[
            *(
                ControlLine(kind="control", name=name, alters=["a"], drops="small")
                for name in names
            ),
            ControlLine(kind="repair", name="half", alters=["a"]),
        ],
        parameters=[""],
        path=f"checks/demo/check_{key}.py",
        line=1,
        source="def f(a):\n    # why\n    return 'text', 1, f'{a}'" + " + 1" * 60,
        doc="Says.\n\n    x = " + "y + " * 60 + "1",
        code_hash="00",
    )

    def ended(variant: str, outcome: str) -> Ended:
        return Ended(
            node=f"{check.check}[{variant}]", check=check.check, claim=check.claim,
            part="statement", parameter="", variant=variant, outcome=outcome, assertions=1,
            code_hash="00", reason=LONG_WORD, witness={"A": WIDE, "long": "7" * 150},
            figures={"row": ["1/3"] * 40},
        )  # fmt: skip

    # In the check that does not refute, a control survives.
    outcome = "refuted" if refutes else "holds"
    return [
        check,
        ended("claimed", outcome),
        ended(f"control:{names[0]}", "refuted"),
        ended(f"control:{names[1]}", outcome),
        ended("repair:half", "holds"),
    ]


def _kernel() -> list[ClaimLine | CheckLine | Ended]:
    claim = ClaimLine(
        id="lab-kernels/soft", paper="lab-kernels", title="Soft", statement="x",
        parts={"statement": "x"}, hypotheses={}, uses=["demo/alpha"],
    )  # fmt: skip
    check = CheckLine(
        check="checks/k.py::soft_torch", claim=claim.id, part="statement", code_hash="0",
        establishes=certificate(over="all", by="hand"), path="checks/k.py", line=1, source="",
        doc="", controls=[ControlLine(kind="control", name="c", alters=["a"])],
        parameters=["", LONG_WORD],
    )  # fmt: skip
    systems = ("float32", "float16", "bfloat16", LONG_WORD)
    figures = {f"observed_over_bound_{name}": "0.5" for name in systems}
    ended = Ended(
        node="k", check=check.check, claim=claim.id, part="statement", parameter="",
        variant="claimed", outcome="undecided", assertions=1, code_hash="0", reason=LONG_WORD,
        figures={**figures, LONG_WORD: LONG_WORD}, engines={LONG_WORD: "1" * 80, "z3": "4"},
        fault=True,
    )  # fmt: skip
    return [claim, check, ended]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    path = folder / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append(
        RunStarted(run="r", started="now", command="pytest", commit="c" * 40, **MACHINE),
        PaperLine(
            key="demo", title=LONG_WORD, authors="", year=2026, arxiv="", family="f",
            contribution="",
        ),
        PaperLine(
            key="other", title="Another", authors="", year=2026, arxiv="", family="f",
            contribution="",
        ),
        _claim("alpha"),
        *_evidence("alpha", refutes=False),
        _claim("beta"),
        _claim("gamma", amends="demo/beta"),
        PlotLine(
            node="p",
            claim="demo/alpha",
            plot=Plot(
                title="t",
                x_label="x",
                y_label="y",
                series=[Series(label=s, x=[1, 2], y=[1.0, 2.0]) for s in "abcdef"],
            ),
        ),
    )  # fmt: skip
    beta = _evidence("beta", refutes=True)
    # The third control of "beta" runs as well, so that the claim is refuted rather than not run.
    last = Ended(
        node="n", check=beta[0].check, claim="demo/beta", part="statement", parameter="",
        variant="control:sign", outcome="refuted", assertions=1, code_hash="00",
        witness={"a": {"rational": "1/2"}},
    )  # fmt: skip
    again = RunStarted(run="s", started="later", command="pytest " + "x" * 300, **MACHINE)
    ledger.append(*beta, last, *_kernel(), again)
    ledger.close()
    return build([path], folder / "site").parent


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_is_legible_and_asks_for_nothing(browser, site, name, width, dark):
    browser.open(site / name, width=width, dark=dark)
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
