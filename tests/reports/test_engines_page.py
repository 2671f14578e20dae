"""The engines' page: versions, items without a conclusion, the slowest, and the runs."""

from __future__ import annotations

import html
import re

import msgspec

from attnproof.reports.render.engines import disagreements, engines_view, versions
from attnproof.reports.render.site import build
from attnproof.theory.core import Ledger, certificate, judge
from attnproof.theory.core.records import Began, CheckLine, ClaimLine, ControlLine, Ended

CLAIM = ClaimLine(
    id="p/a", paper="p", title="a", statement="x", parts={"statement": "x"}, hypotheses={}
)
CHECK = CheckLine(
    check="checks/f.py::f",
    claim="p/a",
    part="statement",
    establishes=certificate(over="all", by="hand"),
    controls=[ControlLine(kind="control", name="c", alters=["a"])],
    parameters=["1", "2"],
    path="checks/f.py",
    line=1,
    source="",
    doc="",
    code_hash="new",
)


def ended(variant: str, parameter: str, **more: object) -> Ended:
    given = {"node": f"f[{variant}{parameter}]", "outcome": "holds", "code_hash": "new"}
    return Ended(
        check=CHECK.check, claim="p/a", part="statement", parameter=parameter, variant=variant,
        assertions=1, **{**given, **more},
    )  # fmt: skip


def rows(text: str) -> list[str]:
    found = re.findall(r"<tr>.*?</tr>", text.partition("<main")[2], re.S)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


def test_items_are_counted_per_engine_and_version():
    records = [
        CLAIM,
        CHECK,
        # Older code: no evidence, and its version is only seen.
        ended("claimed", "1", engines={"z3": "3"}, seconds=90.0, code_hash="old"),
        ended("claimed", "1", engines={"z3": "4", "balls": "1"}, seconds=2.0),
        ended("claimed", "2", engines={"z3": "5"}, seconds=1.0, outcome="undecided"),
        ended("control:c", "1", engines={"z3": "4"}, outcome="refuted", seconds=3.0),
        ended("control:c", "2", outcome="undecided", fault=True, seconds=60.0),
        Began(node="checks/f.py::f[x]"),
    ]
    found = engines_view(judge(records), [("z3", "3"), ("z3", "4")])
    counted = [
        (one.name, one.version, one.items, one.seconds, one.undecided, one.faults)
        for one in found.engines
    ]
    assert counted == [
        ("balls", "1", 1, 2.0, 0, 0),
        ("z3", "3", 0, 0.0, 0, 0),
        ("z3", "4", 2, 5.0, 0, 0),
        ("z3", "5", 1, 1.0, 1, 0),
        ("", "", 1, 60.0, 0, 1),
    ]
    assert [one.seconds for one in found.slowest] == [60.0, 3.0, 2.0, 1.0]
    assert [one.parameter for one in found.unsettled] == ["2", "2"]
    assert found.interrupted == [("p/a", "checks/f.py::f[x]: began and never ended")]


def test_the_same_code_that_ends_differently_is_a_disagreement():
    holds, refuted = (ended("control:c", "1", outcome=one) for one in ("holds", "refuted"))
    assert disagreements([holds, refuted]) == [(holds, refuted)]
    assert disagreements([refuted, refuted]) == []
    # Other code, another parameter, and a run without a conclusion contradict nothing.
    for other in (
        ended("control:c", "1", outcome="holds", code_hash="old"),
        ended("control:c", "2", outcome="holds"),
        ended("control:c", "1", outcome="undecided"),
    ):
        assert disagreements([other, refuted]) == []


def test_two_checks_of_a_part_that_contradict_one_another_are_a_disagreement():
    one = ended("claimed", "")
    other = msgspec.structs.replace(one, check="checks/g.py::g", node="g", outcome="refuted")
    assert disagreements([one, other]) == [(one, other)]
    mended = msgspec.structs.replace(other, outcome="holds", code_hash="newer")
    assert disagreements([one, other, mended]) == []
    assert disagreements([one, msgspec.structs.replace(other, part="another")]) == []


def test_disagreements_are_on_the_page(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append(CLAIM, CHECK, ended("claimed", "1", engines={"z3": "3"}))
    ledger.append(ended("claimed", "1", engines={"z3": "4"}, outcome="refuted"))
    ledger.close()
    index = build([tmp_path / "ledger.jsonl"], tmp_path / "site")
    found = rows((index.parent / "engines.html").read_text())
    assert any("f, claimed [1] z3 3" in row and "f, claimed [1] z3 4" in row for row in found)


def test_a_version_that_a_run_does_not_name_is_empty():
    table = versions([{"numpy": "2", "z3": "4"}, {"numpy": "1"}])
    assert table == [("numpy", ["2", "1"]), ("z3", ["4", ""])]


def test_the_page_names_engine_version_and_what_did_not_end(page):
    found = rows(page("engines.html"))
    assert any(row.startswith("field flint 0.9 1 – – –") for row in found)
    assert any("demo/undecided" in row and "undecided: no time" in row for row in found)
    assert any("interrupted:" in row and "killed" in row for row in found)
    assert any(row.startswith("Python 3") for row in found)


def test_no_run_at_all(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_text("")
    text = (build([path], tmp_path / "site").parent / "engines.html").read_text()
    assert "No item has run" in text and 'id="versions"' not in text
