"""The history of verdicts: derived from the ledgers, and nothing is lost with its file."""

from __future__ import annotations

import sqlite3

import pytest

from attnproof.theory.core import Verdict, certificate, history
from attnproof.theory.core.records import (
    CheckLine,
    ClaimLine,
    ControlLine,
    Ended,
    RunFinished,
    RunStarted,
)

V = Verdict


def run(key: str, *more: object, finished: bool = True) -> list:
    started = RunStarted(
        run=key, started=f"2026-01-{key}", command="c", python="3", platform="p", commit=f"c{key}"
    )
    done = RunFinished(run=key, finished="x", seconds=1.0, exit_status=0)
    return [started, *more, *([done] if finished else [])]


CLAIM = ClaimLine(
    id="p/a", paper="p", title="a", statement="x", parts={"statement": "x"}, hypotheses={}
)
CHECK = CheckLine(
    check="checks/f.py::f",
    claim="p/a",
    part="statement",
    establishes=certificate(over="all", by="hand"),
    controls=[ControlLine(kind="control", name="c", alters=["a"])],
    parameters=[""],
    path="checks/f.py",
    line=1,
    source="",
    doc="",
    code_hash="0",
)


def ended(variant: str, outcome: str) -> Ended:
    return Ended(
        node=variant, check=CHECK.check, claim="p/a", part="statement", parameter="",
        variant=variant, outcome=outcome, assertions=1, code_hash="0",
    )  # fmt: skip


GOOD = [ended("claimed", "holds"), ended("control:c", "refuted")]
LEDGERS = [
    run("01", CLAIM),
    run("02", CLAIM, CHECK, *GOOD),
    # The control survives, in a file of two runs of which the second does not finish.
    [*run("03", ended("control:c", "holds")), *run("04", CLAIM, finished=False)],
]


def verdicts(found) -> list[Verdict]:
    return [one.verdict for one in found["p/a"]]


@pytest.mark.parametrize("database", [True, False], ids=["file", "memory"])
def test_every_run_is_judged_from_all_evidence_up_to_its_end(tmp_path, database):
    found = history(LEDGERS, tmp_path / "h.sqlite" if database else None)
    assert verdicts(found) == [V.NOT_RUN, V.VERIFIED, V.BROKEN, V.BROKEN]
    assert [one.run for one in found["p/a"]] == ["01", "02", "03", "04"]
    assert [one.finished for one in found["p/a"]] == [True, True, True, False]
    assert found["p/a"][1].commit == "c02" and found["p/a"][1].started == "2026-01-02"


def test_what_is_known_is_not_judged_again(tmp_path, monkeypatch):
    from attnproof.theory.core.judgement import judge

    calls = []

    def counted(records):
        calls.append(1)
        return judge(records)

    monkeypatch.setitem(history.__globals__, "judge", counted)
    path = tmp_path / "h.sqlite"
    first = history(LEDGERS, path)
    assert len(calls) == 4
    assert history(LEDGERS, path) == first
    assert len(calls) == 4
    # Only the new run, and a change at the front concerns everything after it.
    history([*LEDGERS, run("05", CLAIM)], path)
    assert len(calls) == 5
    history([run("00", CLAIM), *LEDGERS], path)
    assert len(calls) == 10


def test_a_ledger_that_grew_is_judged_again(tmp_path):
    path = tmp_path / "h.sqlite"
    assert verdicts(history([run("02", CLAIM, CHECK)], path)) == [V.NOT_RUN]
    assert verdicts(history([run("02", CLAIM, CHECK, *GOOD)], path)) == [V.VERIFIED]


def test_other_rules_judge_old_runs_anew(tmp_path, monkeypatch):
    path = tmp_path / "h.sqlite"
    history(LEDGERS, path)
    monkeypatch.setitem(history.__globals__, "_judges", lambda: "other rules")
    monkeypatch.setitem(history.__globals__, "judge", lambda records: {})
    assert history(LEDGERS, path) == {}


@pytest.mark.parametrize(
    "rubbish", [b"not a database" * 100, b"", b"SQLite format 3\0" + b"x" * 999]
)
def test_a_damaged_file_is_made_anew(tmp_path, rubbish):
    path = tmp_path / "h.sqlite"
    path.write_bytes(rubbish)
    expected = history(LEDGERS, None)
    assert history(LEDGERS, path) == expected
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM run").fetchone() == (4,)


def test_a_file_of_another_version_is_made_anew(tmp_path):
    path = tmp_path / "h.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE run (other)")
    assert verdicts(history(LEDGERS, path))[1] is V.VERIFIED


def test_without_a_place_to_write_it_is_done_in_memory(tmp_path):
    expected = history(LEDGERS, None)
    assert history(LEDGERS, tmp_path / "no" / "such" / "folder.sqlite") == expected
    (tmp_path / "folder").mkdir()
    assert history(LEDGERS, tmp_path / "folder") == expected


def test_a_locked_file_is_done_without(tmp_path, monkeypatch):
    path = tmp_path / "h.sqlite"
    expected = history(LEDGERS, path)
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda name, **more: connect(name, **{**more, "timeout": 0.05})
    )
    holder = connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert history(LEDGERS, path) == expected
    holder.close()


def test_runs_that_no_ledger_has_any_more_leave_the_file(tmp_path):
    path = tmp_path / "h.sqlite"
    history(LEDGERS, path)
    history(LEDGERS[:1], path)
    with sqlite3.connect(path) as connection:
        for table in ("run", "verdict", "ledger"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
