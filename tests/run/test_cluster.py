"""A real Dask cluster of processes: the same verdicts as pytest, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("distributed", reason="Dask is in the extra 'cluster'")

from attnproof.checks._run.cluster import run_on_cluster
from attnproof.checks._run.command_line import main
from attnproof.theory.core import judge, read_ledgers


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as made:
        yield made


def _files(root, *names):
    return [root / "checks" / name for name in names]


FEW = ("inline/check_weight_rank.py", "inline/check_local_residual.py", "mala/check_injective.py")


def verdicts(records):
    return {name: one.verdict.label for name, one in judge(records).items()}


def test_the_verdicts_are_those_of_pytest(cluster, tmp_path, pytestconfig):
    root = pytestconfig.rootpath
    files = _files(root, *FEW)
    status, records, ledger = run_on_cluster(cluster.scheduler_address, files, [], tmp_path / "a")
    assert status == 0
    command = [sys.executable, "-m", "pytest", "-q", "--ledger", str(tmp_path / "b")]
    subprocess.run([*command, *map(str, files)], cwd=root, check=True, capture_output=True)
    there, damage = read_ledgers((tmp_path / "b").glob("*.jsonl"))
    assert not damage
    assert verdicts(records) == verdicts(there)
    again, damage = read_ledgers([ledger])
    assert not damage and verdicts(again) == verdicts(there)


def test_a_killed_worker_loses_nothing(cluster, tmp_path, pytestconfig):
    """One of two workers is killed while both are at work; its task goes to the next."""
    files = _files(pytestconfig.rootpath, *FEW, "inline/check_softmax_injective.py")
    killed = []

    def kill():
        for _ in range(200):
            info = cluster.scheduler.workers.values()
            busy = [worker for worker in info if worker.processing]
            if len(busy) == 2:
                victim = cluster.workers[busy[0].name]
                os.kill(victim.pid, signal.SIGKILL)
                killed.append(victim.pid)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=kill)
    thread.start()
    status, records, _ = run_on_cluster(cluster.scheduler_address, files, [], tmp_path)
    thread.join()
    assert killed, "no worker was killed in time"
    assert status == 0
    kinds = {type(one).__name__ for one in records}
    assert "Interrupted" not in kinds
    began = {one.node for one in records if type(one).__name__ == "Began"}
    ended = {one.node for one in records if type(one).__name__ == "Ended"}
    assert began and began <= ended | {node for node in began if "[" not in node}
    declared = {one.path for one in records if type(one).__name__ == "CheckLine"}
    assert declared == {file.relative_to(pytestconfig.rootpath).as_posix() for file in files}


def test_an_address_without_a_scheduler_is_advice(tmp_path, capsys):
    command = ["run", "mala", "--cluster", "tcp://127.0.0.1:9", "--ledger", str(tmp_path)]
    assert main(command) == 2
    assert "no scheduler answers" in capsys.readouterr().err


def test_cluster_and_processes_exclude_each_other(capsys):
    assert main(["run", "mala", "--cluster", "tcp://x:1", "-n", "2"]) == 2
    assert "goes without -n" in capsys.readouterr().err
