"""Several processes of torch.distributed on this machine, which end together."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TASK, RESULT, ERRORS = "task.pickle", "result{}.pickle", "errors{}.txt"


class RankFailed(RuntimeError):
    """A rank ended before it had a result; the others have been ended as well.

    Attributes:
        rank: which one was seen first.
        status: its exit status, negative for a signal.
    """

    def __init__(self, message: str, rank: int, status: int | None):
        super().__init__(message)
        self.rank = rank
        self.status = status


def run(task: str, ranks: int, *, timeout: float = 60.0, **arguments: object) -> list[object]:
    """What ``task(rank, ranks, **arguments)`` returns on each of ``ranks`` processes.

    The processes form a gloo process group before the task begins. However this function is left,
    none of them is running any more; should this process be killed, they end by themselves.

    Args:
        task: ``"package.module:function"``, importable in a new process.
        timeout: seconds, for everything.
        arguments: what pickle accepts.

    Raises:
        RankFailed: a rank raised, was killed or exited; with its exit status and last words.
        TimeoutError: not all ranks had a result in time.
        ValueError: ``task`` does not name a function, or ``ranks`` is below one.
    """
    if ":" not in task or ranks < 1:
        raise ValueError(
            f"run({task!r}, {ranks}): name a task 'package.module:function' and at least one rank"
        )
    with tempfile.TemporaryDirectory(prefix="attnproof-ranks-") as name:
        folder = Path(name)
        (folder / TASK).write_bytes(pickle.dumps((task, ranks, timeout, arguments)))
        processes: list[subprocess.Popen] = []
        try:
            for rank in range(ranks):
                processes.append(_start(folder, rank))
            _wait(processes, folder, time.monotonic() + timeout, timeout)
        finally:
            _end(processes)
        return [pickle.loads((folder / RESULT.format(r)).read_bytes()) for r in range(ranks)]


def _start(folder: Path, rank: int) -> subprocess.Popen:
    # Standard input stays open, empty, as long as this process lives: its end tells a rank that
    # nobody is waiting any more.
    with (folder / ERRORS.format(rank)).open("wb") as errors:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "attnproof.kernels.distributed.one_rank",
                str(folder),
                str(rank),
            ],
            stdin=subprocess.PIPE,
            stdout=errors,
            stderr=errors,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )


def _wait(processes, folder: Path, deadline: float, timeout: float) -> None:
    while True:
        states = [process.poll() for process in processes]
        failed = [rank for rank, status in enumerate(states) if status not in (None, 0)]
        if failed:
            # Those that lose their partner fail soon after; the one that was killed by a signal,
            # or else failed first, says more.
            time.sleep(0.2)
            states = [process.poll() for process in processes]
            _report(states, failed[0], folder)
        if all(status == 0 for status in states):
            return
        if time.monotonic() > deadline:
            late = [rank for rank, status in enumerate(states) if status is None]
            raise TimeoutError(
                f"rank {late[0]} and {len(late) - 1} others had no result after {timeout:g} s; all "
                "were ended. Give a larger timeout, or look for a rank that waits for a message "
                "nobody sends"
            )
        time.sleep(0.01)


def _report(states, first: int, folder: Path) -> None:
    killed = [rank for rank, status in enumerate(states) if status is not None and status < 0]
    rank = killed[0] if killed else first
    status = states[rank]
    if status < 0:
        how = f"was killed by {signal.Signals(-status).name}"
    else:
        how = f"exited with status {status}"
    said = (folder / ERRORS.format(rank)).read_text(errors="replace").strip().splitlines()
    raise RankFailed(
        f"rank {rank} of {len(states)} {how}; the other ranks were ended. It said: "
        + (said[-1] if said else "nothing"),
        rank,
        status,
    )


def _end(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        if process.poll() is None:
            process.kill()
    for process in processes:
        process.wait()
        process.stdin.close()
