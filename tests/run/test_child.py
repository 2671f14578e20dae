"""A child process that hangs, crashes or eats memory is an outcome, not an accident."""

from __future__ import annotations

import os
import signal
import textwrap
import time
from pathlib import Path

import pytest

from attnproof.theory.engine.child_process import run_in_child

FOREIGN = """
import itertools, os, signal, subprocess, sys, time


def double(x):
    print("doubling")
    return {"twice": 2 * x, "none": None, "text": "γ"}


def raises(**given):
    raise ValueError(f"cannot use {given}")


def exits():
    sys.exit(3)


def leaves():
    os._exit(0)


def aborts():
    os.abort()


def segfaults():
    os.kill(os.getpid(), signal.SIGSEGV)


def hangs():
    sum(itertools.repeat(0))


def hangs_with_offspring(path):
    child = subprocess.Popen(["sleep", "60"])
    open(path, "w").write(str(child.pid))
    time.sleep(60)


def eats():
    return len([bytearray(2**26) for _ in range(1000)])


def floods():
    for _ in range(300_000):
        print("x" * 1000)
    return "done"


def returns_object():
    return object()
"""


@pytest.fixture
def call(tmp_path, monkeypatch):
    (tmp_path / "foreign.py").write_text(textwrap.dedent(FOREIGN))
    monkeypatch.syspath_prepend(str(tmp_path))

    def call(name, *, timeout=30.0, memory_bytes=0, **arguments):
        return run_in_child(
            f"foreign:{name}", arguments, timeout=timeout, memory_bytes=memory_bytes
        )

    return call


def test_returned(call):
    result = call("double", x=21)
    assert (result.outcome, result.reason) == ("returned", "")
    assert result.value == {"twice": 42, "none": None, "text": "γ"}
    assert "doubling" in result.output


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("raises", "ValueError", "cannot use {'x': 1}"),
        ("missing", "AttributeError", "missing"),
    ],
)
def test_raised(call, name, kind, reason):
    result = call(name, x=1)
    assert (result.outcome, result.error_type) == ("raised", kind)
    assert reason in result.reason


def test_raised_what_is_no_exception(call):
    assert call("exits").error_type == "SystemExit"
    assert "must be JSON values" in call("returns_object").reason


@pytest.mark.parametrize(
    ("name", "number"), [("aborts", signal.SIGABRT), ("segfaults", signal.SIGSEGV)]
)
def test_crashed(call, name, number):
    result = call(name)
    assert (result.outcome, result.signal) == ("crashed", number)
    assert number.name in result.reason


def test_leaving_without_an_answer_is_a_crash(call):
    result = call("leaves")
    assert result.outcome == "crashed"
    assert "without an answer, exit status 0" in result.reason


def test_timed_out_in_code_that_never_returns(call):
    started = time.monotonic()
    result = call("hangs", timeout=0.7)
    assert result.outcome == "timed out"
    assert result.reason == "no answer within 0.7 s"
    assert time.monotonic() - started < 10


def test_what_it_started_is_killed_too(call, tmp_path):
    path = tmp_path / "pid"
    assert call("hangs_with_offspring", timeout=1.5, path=str(path)).outcome == "timed out"
    offspring = int(path.read_text())
    for _ in range(50):
        try:
            state = Path(f"/proc/{offspring}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.1)
    os.kill(offspring, signal.SIGKILL)
    pytest.fail("the process that the child had started survived")


def test_out_of_memory(call):
    result = call("eats", memory_bytes=2**30)
    assert result.outcome == "out of memory"


def test_a_flood_of_output_neither_fills_the_disk_nor_ours(call):
    result = call("floods")
    assert result.outcome in ("returned", "raised", "crashed")
    assert len(result.output) <= 4000


def test_advice():
    with pytest.raises(ValueError, match=r"write package\.module:function"):
        run_in_child("foreign", {}, timeout=1)
    with pytest.raises(ValueError, match="must be positive"):
        run_in_child("foreign:f", {}, timeout=0)
    with pytest.raises(TypeError):
        run_in_child("foreign:f", {"x": object()}, timeout=1)
