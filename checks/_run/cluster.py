"""The checks on a Dask cluster: a file of checks is a task, and the evidence comes back as lines.

A worker that dies takes nothing with it: its tasks are given to others by the scheduler, and what
other tasks have found is already in the ledger. A task that takes down every worker it meets is
reported as interrupted, with the reason, and the rest goes on.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from attnproof.theory.core import Ledger, judge
from attnproof.theory.core.records import (
    AnyRecord,
    CheckLine,
    Interrupted,
    RunFinished,
    RunStarted,
)

from .code_hash import LAB

_DECODER = msgspec.json.Decoder(AnyRecord)
# Pytest's exit status where nothing in a file was selected.
_NOTHING = 5


def run_file(path: str, arguments: Sequence[str]) -> tuple[int, str, list[bytes]]:
    """Runs on a worker: pytest over one file, in a process of its own.

    Args:
        path: below the root of the lab, which the worker has installed in the same version.
        arguments: further ones for pytest.

    Returns:
        Exit status, the last of the output, and the lines of the ledger.
    """
    with tempfile.TemporaryDirectory(prefix="attnproof-") as folder:
        command = [sys.executable, "-P", "-m", "pytest", str(LAB / path), "-q"]
        command += ["--import-mode=importlib", "-o", "python_files=check_*.py"]
        command += ["--rootdir", str(LAB), "-p", "no:cacheprovider", "--ledger", folder]
        done = subprocess.run(
            [*command, *arguments], capture_output=True, text=True, cwd=LAB, check=False
        )
        lines = [
            line
            for ledger in sorted(Path(folder).glob("*.jsonl"))
            for line in ledger.read_bytes().splitlines()
        ]
    return done.returncode, (done.stdout + done.stderr)[-2000:], lines


def run_on_cluster(
    address: str, files: Iterable[Path], arguments: Sequence[str], folder: Path
) -> tuple[int, list[AnyRecord], Path]:
    """Every file as a task of the cluster at ``address``; one ledger below ``folder``.

    Args:
        address: ``tcp://host:port`` of a scheduler.
        files: files of checks, below the root of the lab.
        arguments: for pytest, such as ``-k`` and a selection, or ``--slow``.

    Returns:
        0 if every file passed, else 1; the records; and the path of the ledger.

    Raises:
        ModuleNotFoundError: Dask is not installed; it is in the extra ``cluster``.
        OSError: nobody answers at ``address``.
    """
    from distributed import Client, as_completed
    from tqdm import tqdm

    from .recorder import commit_of, versions_of

    started = time.monotonic()
    now = datetime.now(UTC)
    run = f"{now:%Y-%m-%dT%H-%M-%S-%f}-cluster"
    records: list[AnyRecord] = []
    seen: set[bytes] = set()
    status = 0
    ledger = Ledger(folder / f"{run}.jsonl")

    def append(record: AnyRecord) -> None:
        ledger.append(record)
        records.append(record)

    with Client(address, timeout=10) as client:
        import platform

        append(
            RunStarted(
                run=run,
                started=now.isoformat(timespec="seconds"),
                command=f"attnproof run --cluster {address} {' '.join(arguments)}".rstrip(),
                python=platform.python_version(),
                platform=f"{platform.system()} {platform.machine()}",
                commit=commit_of(LAB),
                versions=versions_of(),
            )
        )
        names = [file.resolve().relative_to(LAB).as_posix() for file in files]
        tasks = {
            client.submit(run_file, name, list(arguments), pure=False, key=f"{run}:{name}"): name
            for name in names
        }
        finished = as_completed(tasks)
        for task in tqdm(finished, total=len(tasks), unit="file", disable=None):
            try:
                code, said, lines = task.result()
            except Exception as error:
                # KilledWorker after several workers, or an error of the cluster itself.
                append(Interrupted(node=tasks[task], reason=f"{type(error).__name__}: {error}"))
                print(f"{tasks[task]}: {type(error).__name__}: {error}")
                status = 1
                continue
            for line in lines:
                if line in seen:
                    continue
                seen.add(line)
                record = _DECODER.decode(line)
                if not isinstance(record, RunStarted | RunFinished):
                    append(record)
            if code not in (0, _NOTHING):
                status = 1
                print(f"{tasks[task]}: exit status {code}\n{said}")
    seconds = round(time.monotonic() - started, 3)
    append(
        RunFinished(
            run=run,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=seconds,
            exit_status=status,
        )
    )
    ledger.close()
    return status, records, ledger.path


def summary(records: list[AnyRecord]) -> list[str]:
    """The verdicts of this run, as at the end of a run of pytest."""
    from .summary import summary_lines

    named = {record.claim for record in records if isinstance(record, CheckLine)}
    return [text for text, _ in summary_lines(judge(records), named, "this run")]
