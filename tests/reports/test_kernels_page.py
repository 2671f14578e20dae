"""The kernels' page: one row for every check and parameter, run or not."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from attnproof.reports.render.kernels import (
    by_implementation,
    compiled_for,
    kernel_rows,
    loose,
    systems,
)
from attnproof.reports.render.site import build
from attnproof.theory.core import Ledger, judge, measured
from attnproof.theory.core.records import CheckLine, ClaimLine, ControlLine, Ended


def records(hostile: str) -> list:
    claims = [
        ClaimLine(
            id=f"{paper}/soft", paper=paper, title="Soft", statement="x",
            parts={"error bound": "x"}, hypotheses={},
        )
        for paper in ("lab-kernels", "other")
    ]  # fmt: skip
    checks = [
        CheckLine(
            check=f"checks/{paper}.py::{name}", claim=f"{paper}/soft", part="error bound",
            establishes=measured(over="o"), parameters=parameters, path=f"checks/{paper}.py",
            controls=[ControlLine(kind="control", name="c", alters=["a"])], line=1, source="",
            doc="", code_hash="0", slow=name == "slow_one",
        )
        for paper, name, parameters in (
            ("lab-kernels", "soft_torch", ["a", "b"]),
            ("lab-kernels", "slow_one", [""]),
            ("other", "no_kernel", [""]),
        )
    ]  # fmt: skip
    figures = {
        "seed": "11",
        "observed_over_bound_float16": "0.96",
        "observed_over_bound": "0.5",
        "slope": "0.01",
        f"kernel {hostile}": "32 registers",
        "softmax: tile_kernel float32 on sm_90": "213 registers",
        "softmax: tile_kernel float32 on gfx942": "99 registers",
        "traceback": "secret",
    }
    ended = Ended(
        node="n", check=checks[0].check, claim="lab-kernels/soft", part="error bound",
        parameter="a", variant="claimed", outcome="holds", assertions=1, code_hash="0",
        figures=figures,
    )  # fmt: skip
    return [*claims, *checks, ended]


def test_ratios_and_notes_are_told_apart(hostile):
    rows = kernel_rows(judge(records(hostile)))
    assert [(row.implementation, row.parameter) for row in rows] == [
        ("slow one", ""),
        ("soft torch", "a"),
        ("soft torch", "b"),
    ]
    assert rows[1].ratios == {"float16": "0.96", "": "0.5"}
    assert rows[1].notes == {"slope": "0.01", f"kernel {hostile}": "32 registers"}
    assert systems(rows) == ["float16", ""]
    gpus, compiled = compiled_for(rows)
    assert gpus == ["sm_90", "gfx942"]
    assert compiled["softmax: tile_kernel float32"]["gfx942"] == "99 registers"
    assert rows[2].record is None


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [("0.0009", True), ("0", True), ("0.001", False), ("nan", False), ("–", False)],
)
def test_a_bound_far_above_what_was_seen_is_loose(ratio, expected):
    assert loose(ratio) is expected


@pytest.fixture
def kernels(tmp_path: Path, hostile: str) -> str:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append(*records(hostile))
    ledger.close()
    return (
        build([tmp_path / "ledger.jsonl"], tmp_path / "site").parent / "kernels.html"
    ).read_text()


def test_the_table(kernels):
    found = re.findall(r"<tr>.*?</tr>", kernels, re.S)
    words = [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]
    assert any("Observed / bound, float16 Observed / bound Other notes" in row for row in words)
    assert any("soft torch [a] error bound 0.96 0.5 slope: 0.01" in row for row in words)
    assert any("soft torch [b] error bound – – not run" in row for row in words)
    assert any("slow one error bound – – not run; runs with --slow" in row for row in words)
    assert not any("no kernel" in row for row in words)


def test_checks_of_one_implementation_share_a_row(tmp_path):
    """Exact cases, bound and gradient, told by how their checks are named."""
    claim = ClaimLine(
        id="lab-kernels/soft", paper="lab-kernels", title="Soft", statement="x",
        parts={"error bound": "x"}, hypotheses={},
    )  # fmt: skip
    checks = [
        CheckLine(
            check=f"checks/k.py::{name}", claim=claim.id, part="error bound",
            establishes=measured(over="o"), parameters=[""], path="checks/k.py",
            controls=[ControlLine(kind="control", name="c", alters=["a"])], line=1, source="",
            doc="", code_hash="0", slow=False,
        )
        for name in ("soft_torch_exact", "soft_torch_bound", "soft_triton_bound", "speed")
    ]  # fmt: skip
    found, others = by_implementation(kernel_rows(judge([claim, *checks])))
    assert {one.name: set(one.parts) for one in found} == {
        "soft torch": {"exact", "bound"},
        "soft triton": {"bound"},
    }
    assert [row.implementation for row in others] == ["speed"]
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append(claim, *checks)
    ledger.close()
    page = build([tmp_path / "ledger.jsonl"], tmp_path / "site").parent / "kernels.html"
    words = " ".join(re.sub(r"<[^>]+>", " ", page.read_text()).split())
    assert re.search(r"soft triton has none \S+ NOT RUN not run has none", words)


def test_what_was_compiled_has_a_table_of_its_own(kernels):
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", kernels)).split())
    assert "Kernel sm_90 gfx942 softmax: tile_kernel float32 213 registers 99 registers" in words


def test_a_foreign_kernel_is_shown_and_not_obeyed(kernels, hostile):
    assert hostile in html.unescape(kernels)
    assert "<img" not in kernels and kernels.count("<script") == 1


def test_without_kernels_it_says_not_run(page):
    assert "No check of a kernel has been collected" in page("kernels.html")
