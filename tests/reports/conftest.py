"""A small ledger that shows every verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnproof.theory.core import Ledger, Plot, Series, certificate, counterexample, sampled
from attnproof.theory.core.records import (
    Began,
    CheckLine,
    ClaimLine,
    ControlLine,
    Ended,
    PaperLine,
    PlotLine,
    RunStarted,
)

HOSTILE = "</title><script>alert('x')</script>&\"'"


def _paper(key: str) -> PaperLine:
    return PaperLine(
        key=key,
        title=f"A paper {HOSTILE}",
        authors="Nobody",
        year=2026,
        arxiv="",
        family="Spectral",
        contribution="",
    )


def _claim(key: str, **parts: object) -> ClaimLine:
    return ClaimLine(
        id=f"demo/{key}",
        paper="demo",
        title=f"The {key} claim",
        statement="a^2",
        parts={"statement": r"a^2 \ge 0"},
        hypotheses={"real": r"a\in\mathbb R"},
        **parts,
    )


def _check(key: str, establishes) -> CheckLine:
    return CheckLine(
        check=f"checks/demo/check_{key}.py::{key}",
        claim=f"demo/{key}",
        part="statement",
        establishes=establishes,
        controls=[ControlLine(kind="control", name="altered", alters=["a"], drops="real")],
        parameters=[""],
        path=f"checks/demo/check_{key}.py",
        line=1,
        source=f"def f():\n    return '{HOSTILE}'\n",
        doc=HOSTILE,
        code_hash="00",
    )


def _ended(check: CheckLine, variant: str, outcome: str, **more: object) -> Ended:
    return Ended(
        node=f"{check.check}[{check.claim}:{variant}]",
        check=check.check,
        claim=check.claim,
        part="statement",
        parameter="",
        variant=variant,
        outcome=outcome,
        assertions=1,
        code_hash="00",
        **more,
    )


@pytest.fixture
def sample_ledger(tmp_path: Path) -> Path:
    """A ledger with one claim per verdict, a plot, and hostile text wherever text goes."""
    path = tmp_path / "ledger" / "sample.jsonl"
    ledger = Ledger(path)
    ledger.append(
        RunStarted(run="r", started="2026-01-01", command=HOSTILE, python="3", platform="p"),
        _paper("demo"),
        _paper("empty"),
    )
    proved = certificate(over="every a", by="sum of squares")
    refuted = {"outcome": "refuted", "reason": HOSTILE, "witness": {"a": {"rational": "-1/2"}}}
    table = {
        "verified": (proved, {"outcome": "holds"}, refuted),
        "supported": (
            sampled(over="some a"),
            {"outcome": "holds", "samples": 10, "failure_bound": 0.26},
            refuted,
        ),
        "refuted": (counterexample(over="one a"), refuted, refuted),
        "undecided": (proved, {"outcome": "undecided", "reason": "no time"}, refuted),
        "broken": (proved, {"outcome": "holds"}, {"outcome": "holds"}),
    }
    for key, (establishes, claimed, control) in table.items():
        check = _check(key, establishes)
        ledger.append(
            _claim(key),
            check,
            _ended(check, "claimed", **claimed),
            _ended(check, "control:altered", **control, necessity={"real": False}),
        )
    ledger.append(
        _claim("waiting"),
        _claim("repair", amends="demo/refuted", reconstructed=True),
        Began(node="checks/demo/check_verified.py::other[demo/verified:claimed]"),
        PlotLine(
            node="p",
            claim="demo/verified",
            plot=Plot(
                title=HOSTILE,
                x_label="x",
                y_label="y",
                y_scale="log",
                series=[
                    Series(label="a", x=[1, 2, 3, 4], y=[1.0, None, 100.0, 1e4]),
                    Series(label="b", x=[1, 4], y=[0.0, 10.0], style="guide"),
                ],
            ),
        ),
    )
    ledger.close()
    return path
