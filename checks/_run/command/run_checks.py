"""Run the checks of claims, papers or files. What follows ``--`` goes to pytest."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from .lookup import NotFound, add_ledger_argument, advice, checks_folder, ledger_folder
from .lookup import paper_folder as folder_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``[CLAIM|PAPER|PATH …] [-n N] [--slow] [--resume] [--ledger FOLDER] [-- …]``."""
    parser.add_argument(
        "target", nargs="*", help="paper/claim, paper, or a path of checks (default: all)"
    )
    parser.add_argument("-n", type=int, default=0, metavar="N", help="worker processes")
    parser.add_argument("--slow", action="store_true", help="run the checks marked slow too")
    parser.add_argument(
        "--resume", action="store_true", help="skip what the ledger already settles"
    )
    parser.add_argument(
        "--cluster", metavar="tcp://HOST:PORT", help="run on a Dask cluster, a file per task"
    )
    add_ledger_argument(parser)


def act(options: argparse.Namespace) -> int:
    """Run them; the exit status is pytest's."""
    if options.cluster:
        return _on_cluster(options)
    arguments = [
        *_selection(options.target),
        "--import-mode=importlib",
        "-o",
        "python_files=check_*.py",
    ]
    arguments += ["--ledger", str(ledger_folder(options.ledger).absolute())]
    if options.n:
        arguments += ["-n", str(options.n)]
    arguments += ["--slow"] * options.slow + ["--resume"] * options.resume
    # A process of its own, which has imported nothing yet; -P keeps the current folder, where
    # a kernels/ may lie, off its path.
    command = [sys.executable, "-P", "-m", "pytest", *arguments, *options.passed_on]
    return subprocess.call(command)


def _on_cluster(options: argparse.Namespace) -> int:
    from attnproof.checks._run.cluster import run_on_cluster, summary

    if options.n or options.resume:
        raise NotFound("--cluster goes without -n (the cluster has its workers) and --resume")
    selected = _selection(options.target)
    paths = [word for word in selected if Path(word.partition("::")[0]).exists()]
    files = sorted(
        {
            file
            for path in paths
            for file in ([Path(path)] if Path(path).is_file() else Path(path).rglob("check_*.py"))
        }
    )
    arguments = [word for word in selected if word not in paths]
    arguments += ["--slow"] * options.slow + options.passed_on
    try:
        status, records, ledger = run_on_cluster(
            options.cluster, files, arguments, ledger_folder(options.ledger).absolute()
        )
    except ModuleNotFoundError as error:
        raise NotFound(f"{error.name} is missing: pip install 'attnproof[cluster]'") from error
    except OSError as error:
        raise NotFound(f"no scheduler answers at {options.cluster}: {error}") from error
    print("\n".join(summary(records)))
    print(f"ledger: {ledger}")
    return status


def _selection(targets: list[str]) -> list[str]:
    """Pytest's arguments that select exactly the targets.

    Claims and papers are selected by the beginning of their variants' ids: ``[infsa/tail:`` is in
    no id but those of ``infsa/tail``, whatever other claims are called.
    """
    from attnproof.theory.paper import load

    root = checks_folder()
    paths = [one for one in targets if Path(one.partition("::")[0]).exists()]
    named = [one for one in targets if one not in paths]
    if not named:
        return paths or [str(root)]
    if paths:
        raise NotFound(
            f"{paths[0]!r} is a path and {named[0]!r} a claim or paper: run them one after the "
            "other"
        )
    register = load()
    claims = {claim.id for paper in register.values() for claim in paper.claims.values()}
    folders: dict[str, None] = {}
    beginnings = []
    for name in named:
        paper, slash, _ = name.partition("/")
        if name not in claims and name not in register:
            raise NotFound(advice("claim or paper", name, [*claims, *register]))
        folder = folder_of(root, paper)
        if not folder.is_dir():
            raise NotFound(f"{paper} has no checks yet: there is no folder {folder}")
        folders[str(folder)] = None
        beginnings.append(f"[{name}:" if slash else f"[{name}/")
    return [*folders, "-k", " or ".join(beginnings)]
