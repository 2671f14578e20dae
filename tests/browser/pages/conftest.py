"""A report with a page of each kind, for the tests that look at all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from attnproof.reports.render.difference import write_difference
from attnproof.reports.render.site import build
from attnproof.theory.core import (
    Change,
    Entry,
    Ledger,
    Plot,
    Series,
    Table,
    certificate,
    counterexample,
)
from attnproof.theory.core.changes import ORDER
from attnproof.theory.core.records import (
    CheckLine,
    ClaimLine,
    ControlLine,
    Ended,
    PaperLine,
    PlotLine,
    RunStarted,
)
from attnproof.theory.core.table import Row

LONG_WORD = "Anextremelylongword" * 12
LONG_FORMULA = r"\sum_{i=1}^{n} x_i = " + " + ".join(f"x_{{{k}}}" for k in range(60))
WIDE = {"array": [[{"rational": f"{k}/7919"} for k in range(8)]] * 8, "shape": [8, 8]}
MACHINE = {"python": "3", "platform": "p", "versions": {LONG_WORD: "1", "z3": "2" * 60}}
PAGES = ["index.html", "errata.html", "graph.html", "kernels.html", "engines.html", "wanted.html"]
PAGES += [
    "difference.html",
    "table/demo/cases.html",
    "paper/demo.html",
    "paper/lab-kernels.html",
    "claim/lab-kernels/soft.html",
]
PAGES += [f"claim/demo/{key}.html" for key in ("alpha", "beta", "gamma")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``page_name`` runs for each page of the sample report."""
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", PAGES)


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


def _table() -> Table:
    cells = [[Entry(text=LONG_WORD, claim="demo/alpha")], [], [Entry(text="b", claim="demo/beta")]]
    return Table(
        key="cases", title=LONG_WORD, caption=LONG_WORD, corner=["row"],
        columns=["a", LONG_WORD, "c"], rows=[Row(headings=[LONG_WORD], cells=cells)],
    )  # fmt: skip


def _changes() -> list[Change]:
    return [
        Change(
            claim="demo/alpha", title=LONG_WORD, kind=kind, before="VERIFIED", after="BROKEN",
            details=[LONG_WORD],
        )
        for kind in ORDER
    ]  # fmt: skip


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a page of each kind and with texts that are hard to fit."""
    folder = tmp_path_factory.mktemp("report")
    path = folder / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append(
        RunStarted(run="r", started="now", command="pytest", commit="c" * 40, **MACHINE),
        PaperLine(
            key="demo", title=LONG_WORD, authors="", year=2026, arxiv="", family="f",
            contribution="", tables=[_table()],
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
    pages = build([path], folder / "site").parent
    write_difference(_changes(), LONG_WORD, "new", pages / "difference.html")
    return pages
