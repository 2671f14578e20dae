"""A run killed half-way loses nothing that had ended, and can be resumed."""

from __future__ import annotations

import re
import signal
import subprocess
import time

from attnproof.reports.render.site import build
from attnproof.theory.core.records import RunFinished

SLOW_IN_THE_MIDDLE = """
import os, pathlib, time

GOOD = dict(establishes=proof(over="all"), claimed=dict(a=2), controls={"odd": dict(a=3)})


@check(claim("first"), **GOOD)
def first(a):
    refute_unless(a % 2 == 0, a=a)


@check(claim("second"), **GOOD)
def second(a):
    if os.environ.get("STALL"):
        pathlib.Path(os.environ["STALL"]).write_text("here")
        time.sleep(60)
    refute_unless(a % 2 == 0, a=a)


@check(claim("third"), **GOOD)
def third(a):
    refute_unless(a % 2 == 0, a=a)
"""


def killed_half_way(lab):
    lab.write(SLOW_IN_THE_MIDDLE)
    mark = lab.folder / "stalled"
    process = subprocess.Popen(
        lab.command(),
        cwd=lab.folder,
        env=lab.environment | {"STALL": str(mark)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 30
        while not mark.exists() and time.monotonic() < until:
            time.sleep(0.05)
        assert mark.exists(), "the run never came to its second check"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return lab.read()


def test_what_had_ended_is_kept_and_resume_completes_it(lab):
    run = killed_half_way(lab)
    assert not run.damage
    assert not [one for one in run.records if isinstance(one, RunFinished)]
    assert run.verdict("test/first") == "VERIFIED"
    assert run.verdict("test/second") == "UNDECIDED"
    assert "began and never ended" in run.reasons("test/second")
    assert run.verdict("test/third") == "NOT RUN"

    resumed = lab.run("--resume")
    assert resumed.status == 0
    assert "2 deselected" in resumed.output
    assert "verdicts of every run in ledger/" in resumed.output
    for key in ("first", "second", "third"):
        assert resumed.verdict(f"test/{key}") == "VERIFIED"
    # The summary of the resumed run shows what the run alone could not: first, too, is verified.
    assert "     3  VERIFIED" in resumed.output

    again = lab.run("--resume")
    assert again.status == 0, "nothing left to do is success"
    assert "6 deselected" in again.output
    assert "     3  VERIFIED" in again.output


def test_a_line_cut_short_is_reported_and_only_its_item_runs_again(lab):
    lab.write(SLOW_IN_THE_MIDDLE)
    assert lab.run().status == 0
    (ledger,) = lab.ledger.glob("*.jsonl")
    lines = ledger.read_bytes().splitlines(keepends=True)
    ended = [index for index, line in enumerate(lines) if b'"kind":"ended"' in line]
    cut = ended[-1]
    ledger.write_bytes(b"".join(lines[:cut]) + lines[cut][:40])
    run = lab.read()
    (damage,) = run.damage
    assert (damage.line, damage.path) == (cut + 1, str(ledger))
    assert "skipped; the other lines are used" in str(damage)
    assert run.verdict("test/third") == "UNDECIDED", "it began, and its end is lost"
    resumed = lab.run("--resume")
    assert "5 deselected" in resumed.output
    assert f"line {cut + 1}" in resumed.output
    assert resumed.verdict("test/third") == "VERIFIED"


def test_a_damaged_line_in_the_middle_costs_that_line_only(lab):
    lab.write(SLOW_IN_THE_MIDDLE)
    lab.run()
    (ledger,) = lab.ledger.glob("*.jsonl")
    lines = ledger.read_bytes().splitlines(keepends=True)
    for index, line in enumerate(lines):
        if b'"kind":"ended"' in line and b'"variant":"control:odd"' in line:
            lines[index] = b"\xff\x00 not json \n"
            break
    ledger.write_bytes(b"".join(lines))
    run = lab.read()
    assert [damage.line for damage in run.damage] == [index + 1]
    assert run.verdict("test/first") == "UNDECIDED"
    assert run.verdict("test/second") == run.verdict("test/third") == "VERIFIED"


def test_a_surviving_control_is_not_settled(lab):
    lab.write(
        """
        @check(claim("loose"), establishes=proof(over="all"), claimed=dict(a=2),
               controls={"survives": dict(a=3), "refuted": dict(a=-1)})
        def loose(a):
            refute_unless(a > 0, a=a)
        """
    )
    lab.run()
    resumed = lab.run("--resume")
    assert "2 deselected" in resumed.output
    assert resumed.status == 1
    assert "control 'survives' survived" in resumed.output
    assert resumed.verdict("test/loose") == "BROKEN"


def shown(lab) -> dict[str, str]:
    """Page → what it shows, but for the past and for when and how fast it was run."""
    site = build(lab.ledger.glob("*.jsonl"), lab.folder / "site").parent
    pages = {}
    for path in sorted(site.glob("claim/test/*.html")):
        text = path.read_text(encoding="utf-8").partition("<main")[2].partition("</main>")[0]
        text = text.partition('<h2 id="history">')[0]
        text = re.sub(r"[\d.]+ (?:ms|s)\b", "– s", re.sub(r"<[^>]+>", " ", text))
        pages[path.name] = " ".join(text.split())
    return pages


def test_the_report_of_a_resumed_run_is_that_of_an_uninterrupted_one(lab, shared_lab):
    killed_half_way(lab)
    assert lab.run("--resume").status == 0
    whole = shared_lab()
    whole.write(SLOW_IN_THE_MIDDLE)
    assert whole.run().status == 0
    assert list(shown(lab)) == ["first.html", "second.html", "third.html"]
    assert shown(lab) == shown(whole)
