"""Which files hold the checks of a claim, and the functions in them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from attnproof.checks._run.code_hash import LAB
from attnproof.theory.core import Check, check_of

from .lookup import Lab, checks_folder, paper_folder


def file_of(path: str) -> Path | None:
    """The file that a ledger calls ``path``: below here, below the lab, or absolute."""
    for root in (Path.cwd(), LAB, Path("/")):
        candidate = root / path
        if candidate.is_file():
            return candidate.resolve()
    return None


def files_of(claim: str, lab: Lab) -> list[Path]:
    """Files that may hold checks of ``claim``: its paper's folder, and what the ledgers name."""
    paper = claim.partition("/")[0]
    files = set(paper_folder(checks_folder(), paper).glob("**/check_*.py"))
    judgement = lab.judgements.get(claim)
    for check in judgement.checks if judgement else ():
        file = file_of(check.line.path)
        if file is not None:
            files.add(file)
    return sorted({file.resolve() for file in files})


def checks_in(file: Path, claim: str) -> Iterator[tuple[str, Callable[..., object], Check]]:
    """Name, function and check of every check of ``claim`` in ``file``, which is imported."""
    name = "_attnproof_replay_" + "_".join(file.with_suffix("").parts[-2:]).replace("-", "_")
    specification = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    for key, thing in vars(module).items():
        check = check_of(thing)
        if check is not None and check.claim.id == claim and thing.__module__ == name:
            yield key, thing, check
