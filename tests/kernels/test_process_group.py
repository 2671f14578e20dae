"""However a group of processes ends, none of them is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attnproof.kernels.distributed.process_group import RankFailed, run

TASKS = "attnproof.kernels.distributed.tasks"


def numbers(folder: Path, ranks: int) -> list[int]:
    found = sorted(folder.glob("*.pid"))
    assert len(found) == ranks
    return [int(path.read_text()) for path in found]


def running(process: int) -> bool:
    """Zombies do not count: they only wait to be asked how they ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def all_gone(processes: list[int], within: float = 10.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not any(map(running, processes)):
            return True
        time.sleep(0.05)
    return False


pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ("killed", -signal.SIGKILL, "rank 1 of 3 was killed by SIGKILL"),
        ("raises", 1, "this rank was told to fail"),
        ("exits", 7, "rank 1 of 3 exited with status 7"),
    ],
)
def test_a_rank_that_dies_takes_the_others_along(tmp_path, how, status, words):
    with pytest.raises(RankFailed) as caught:
        run(f"{TASKS}:die", 3, victim=1, how=how, folder=str(tmp_path))
    assert words in str(caught.value)
    assert (caught.value.rank, caught.value.status) == (1, status)
    assert not any(map(running, numbers(tmp_path, 3)))


def test_a_rank_that_waits_for_ever_runs_into_the_time_limit(tmp_path):
    with pytest.raises(TimeoutError, match="no result after 8 s"):
        run(f"{TASKS}:die", 2, victim=1, how="sleeps", folder=str(tmp_path), timeout=8)
    # On a busy machine a rank may not even have begun.
    assert not any(running(int(path.read_text())) for path in tmp_path.glob("*.pid"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_ranks_end_when_nobody_waits_for_them(tmp_path, number):
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from attnproof.kernels.distributed.process_group import run\n"
            f"run('{TASKS}:die', 2, victim=1, how='sleeps', folder={str(tmp_path)!r})",
        ],
        stderr=subprocess.DEVNULL,
        # Nobody tidies up after a process that was killed; pytest does this folder.
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    deadline = time.monotonic() + 40
    while len(list(tmp_path.glob("*.pid"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    os.kill(parent.pid, number)
    assert parent.wait(20) != 0
    assert all_gone(numbers(tmp_path, 2))


def test_results_come_in_the_order_of_ranks():
    found = run(f"{TASKS}:process_number", 2)
    assert len(set(found)) == 2 and not any(map(running, found))


def test_an_unknown_task_is_said_by_the_rank():
    with pytest.raises(RankFailed, match="no_such_task"):
        run(f"{TASKS}:no_such_task", 1)


@pytest.mark.parametrize(("task", "ranks"), [("no_function", 2), (f"{TASKS}:attend", 0)])
def test_senseless_requests_are_refused(task, ranks):
    with pytest.raises(ValueError, match="name a task"):
        run(task, ranks)
