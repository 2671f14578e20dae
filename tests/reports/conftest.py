"""A small ledger that shows every verdict, every kind of evidence, and hostile text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from attnproof.reports.render.site import build
from attnproof.theory.core import (
    Entry,
    Establishes,
    Ledger,
    Plot,
    Series,
    Table,
    certificate,
    counterexample,
    prime_field,
    sampled,
)
from attnproof.theory.core.records import (
    Began,
    CheckLine,
    ClaimLine,
    ControlLine,
    Ended,
    Interrupted,
    PaperLine,
    PlotLine,
    RunFinished,
    RunStarted,
)
from attnproof.theory.core.table import Row

HOSTILE = "</title></style></script><script>alert('x')</script><img src=x onerror=alert(1)>&\"'"

PROVED = certificate(over="every a", by="sum of squares")
REFUTED = {"outcome": "refuted", "reason": HOSTILE, "witness": {"a": {"rational": "-1/2"}}}
HOLDS = {"outcome": "holds"}


def _paper(key: str, **more: object) -> PaperLine:
    given = {"title": f"A paper {HOSTILE}", "authors": "Nobody", "year": 2026, "arxiv": ""}
    return PaperLine(key=key, **{**given, "family": "Spectral", "contribution": "", **more})


def _claim(key: str, **parts: object) -> ClaimLine:
    given = {
        "title": f"The {key} claim",
        "statement": "a^2",
        "parts": {"statement": r"a^2 \ge 0"},
        "hypotheses": {"real": r"a\in\mathbb R"},
    }
    return ClaimLine(id=f"demo/{key}", paper="demo", **{**given, **parts})


def _check(key: str, establishes: Establishes, **more: object) -> CheckLine:
    given = {
        "part": "statement",
        "controls": [ControlLine(kind="control", name="altered", alters=["a"], drops="real")],
        "parameters": [""],
        "source": f"def f():\n    return '{HOSTILE}'\n",
        "doc": HOSTILE,
    }
    return CheckLine(
        check=f"checks/demo/check_{key}.py::{more.pop('name', key)}",
        claim=f"demo/{key}",
        establishes=establishes,
        path=f"checks/demo/check_{key}.py",
        line=1,
        code_hash="00",
        **{**given, **more},
    )


def _ended(check: CheckLine, variant: str, parameter: str = "", **more: object) -> Ended:
    return Ended(
        node=f"{check.check}[{check.claim}:{variant}]",
        check=check.check,
        claim=check.claim,
        part=check.part,
        parameter=parameter,
        variant=variant,
        assertions=1,
        code_hash="00",
        **more,
    )


def _one_claim_per_verdict(ledger: Ledger) -> None:
    table = {
        "verified": (PROVED, HOLDS, REFUTED),
        "bounded": (
            prime_field(bound="n = 40"),
            {**HOLDS, "error_probability": 5.7e-27, "engines": {"field": "flint 0.9"}},
            REFUTED,
        ),
        "supported": (
            sampled(over="some a"),
            {**HOLDS, "samples": 30, "discarded": 10, "failure_bound": 0.095},
            REFUTED,
        ),
        "searched": (
            sampled(over="some a", by="property-based search"),
            {**HOLDS, "samples": 100, "independent": False},
            REFUTED,
        ),
        "undecided": (PROVED, {"outcome": "undecided", "reason": "no time"}, REFUTED),
        "broken": (PROVED, HOLDS, HOLDS),
    }
    for key, (establishes, claimed, control) in table.items():
        check = _check(key, establishes)
        ledger.append(
            _claim(key),
            check,
            _ended(check, "claimed", **claimed, figures={"worst_ratio": "0.64"}),
            _ended(check, "control:altered", **control, necessity={"real": False}),
        )


def _refuted_and_repaired(ledger: Ledger) -> None:
    controls = [
        ControlLine(kind="control", name="other sign; $(touch x)", alters=["sign"]),
        ControlLine(kind="repair", name="half", alters=["a"]),
    ]
    refuting = _check("refuted", counterexample(over="one a"), controls=controls)
    mending = _check("repair", PROVED)
    large = {"array": [[{"integer": "7"}] * 12] * 12, "shape": [12, 12]}
    witness = {"a": {"rational": "-1/2"}, "large": large, "x": {"float": (0.1).hex()}}
    ledger.append(
        _claim("refuted", locus="Theorem 1", reconstructed=True),
        refuting,
        _ended(refuting, "claimed", outcome="refuted", reason="it is −1/2", witness=witness),
        _ended(refuting, "control:other sign; $(touch x)", **REFUTED),
        _ended(refuting, "repair:half", **HOLDS),
        _claim("repair", amends="demo/refuted", parts={"statement": r"\lvert a\rvert \ge 0"}),
        mending,
        _ended(mending, "claimed", **HOLDS),
        _ended(mending, "control:altered", **REFUTED, necessity={"real": False}),
    )


def _several_parts(ledger: Ledger) -> None:
    parts = {"first": "a", "second": "b", "third": "c"}
    hypotheses = {"small": "a<1", "odd": r"2\nmid a", "big": "b>1"}
    # It drops "real", as if recorded before the claim was reworded.
    first = _check("parts", PROVED, name="one", part="first", parameters=["n1", "n2", "n3"])
    second = _check(
        "parts",
        PROVED,
        name="two",
        part="second",
        controls=[
            ControlLine(kind="control", name="without small", alters=["a"], drops="small"),
            ControlLine(kind="control", name="without odd", alters=["a"], drops="odd"),
            ControlLine(kind="control", name="never run", alters=["a"]),
        ],
    )
    ledger.append(
        _claim("parts", parts=parts, hypotheses=hypotheses, uses=["demo/broken", "demo/gone"]),
        first,
        second,
        *(_ended(first, "claimed", name, **HOLDS) for name in first.parameters),
        *(_ended(first, "control:altered", name, **REFUTED) for name in first.parameters),
        _ended(second, "claimed", **HOLDS, example={"a": {"rational": "3"}}),
        _ended(second, "control:without small", **REFUTED, necessity={"small": False, "odd": True}),
        _ended(second, "control:without odd", **REFUTED),
    )


def _table() -> Table:
    """One row: a proved case, a hostile one that was refuted, a part, and a claim that is gone."""
    cells = [
        [Entry(text="proved", claim="demo/bounded"), Entry(text=HOSTILE, claim="demo/refuted")],
        [Entry(text="one part", claim="demo/parts", part="first")],
        [],
        [Entry(text="gone", claim="demo/gone")],
    ]
    return Table(
        key="cases",
        title=HOSTILE,
        caption=HOSTILE,
        corner=["row"],
        columns=["a", "b", HOSTILE, "d"],
        rows=[Row(headings=[HOSTILE], cells=cells)],
    )


@pytest.fixture
def sample_ledger(tmp_path: Path) -> Path:
    """A ledger with every verdict, a plot, and hostile text wherever text goes."""
    path = tmp_path / "ledger" / "sample.jsonl"
    ledger = Ledger(path)
    ledger.append(
        RunStarted(
            run="r", started="2026-01-01T00:00:00", command=HOSTILE, python="3", platform="p"
        ),
        _paper("demo", arxiv="2603.00175v2", contribution=HOSTILE, tables=[_table()]),
        _paper("empty", title="A paper without claims"),
    )
    _one_claim_per_verdict(ledger)
    _refuted_and_repaired(ledger)
    _several_parts(ledger)
    plot = Plot(
        title=HOSTILE,
        x_label=HOSTILE,
        y_label="y",
        caption=HOSTILE,
        y_scale="log",
        series=[
            Series(label=HOSTILE, x=[1, 2, 3, 4], y=[1.0, None, 100.0, 1e4]),
            Series(label="b", x=[1, 4], y=[0.0, 10.0], style="guide"),
        ],
    )
    verified = "checks/demo/check_verified.py::verified[demo/verified:claimed]"
    ledger.append(
        _claim("waiting"),
        Began(node="checks/demo/check_verified.py::other[demo/verified:claimed]"),
        Interrupted(node=f"{verified}2", reason="killed"),
        PlotLine(node="p", claim="demo/verified", plot=plot),
        RunFinished(run="r", finished="2026-01-01T00:01:00", seconds=60.0, exit_status=0),
    )
    ledger.close()
    return path


@pytest.fixture
def site(sample_ledger: Path, tmp_path: Path) -> Path:
    """The folder of the site built from the sample."""
    return build([sample_ledger], tmp_path / "site").parent


@pytest.fixture
def page(site: Path) -> Callable[[str], str]:
    """The text of one page."""
    return lambda name: (site / name).read_text(encoding="utf-8")


@pytest.fixture
def hostile() -> str:
    """Text that would end the element it stands in, if it were not escaped."""
    return HOSTILE
