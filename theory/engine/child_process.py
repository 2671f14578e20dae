"""A function called in a child process that may hang, crash or eat memory without harm to us.

Not a sandbox: what runs in the child may read and write whatever its user may.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Outcome = Literal["returned", "raised", "crashed", "timed out", "out of memory"]

# What a child may write to any one file; output beyond it is lost, and the disk stays usable.
FILE_LIMIT = 64 * 2**20
_SHORT_OF_MEMORY = ("std::bad_alloc", "Cannot allocate memory", "can't allocate memory")


@dataclass(frozen=True)
class ChildResult:
    """How a call in a child process ended.

    Attributes:
        value: what was returned, as JSON gives it back; ``None`` unless ``returned``.
        reason: one sentence; empty if it returned.
        error_type: class name of what was raised.
        signal: number of the signal that ended it, 0 if none did.
        output: the last of what it printed.
    """

    outcome: Outcome
    value: object = None
    reason: str = ""
    error_type: str = ""
    signal: int = 0
    output: str = ""
    seconds: float = 0.0


def run_in_child(
    target: str,
    arguments: Mapping[str, object],
    *,
    timeout: float,
    memory_bytes: int = 0,
) -> ChildResult:
    """Call ``module:function`` with ``arguments`` in a new process, and say how it ended.

    Args:
        target: ``package.module:function``, importable with our ``sys.path``.
        arguments: JSON values by name.
        timeout: seconds; then the child is killed with everything it started.
        memory_bytes: limit on its address space, 0 for none. Address space, not resident memory:
            importing torch alone takes several GiB of it.

    Raises:
        ValueError: ``target`` is not ``module:function``, or a limit is not positive.
        TypeError: the arguments are not JSON values.
    """
    if not all(target.partition(":")):
        raise ValueError(f"target {target!r}: write package.module:function")
    if not timeout > 0 or memory_bytes < 0:
        raise ValueError(f"timeout={timeout!r}, memory_bytes={memory_bytes!r}: must be positive")
    with tempfile.TemporaryDirectory(prefix="attnproof-") as folder:
        room = Path(folder)
        request = {
            "target": target,
            "arguments": dict(arguments),
            "memory_bytes": memory_bytes,
            # Threads share the account, so only all processors together can use it up in time.
            "processor_seconds": (int(timeout) + 2) * (os.cpu_count() or 1),
            "path": sys.path,
        }
        (room / "request").write_text(json.dumps(request), encoding="utf-8")
        started = time.monotonic()
        with (room / "output").open("wb") as output:
            child = subprocess.Popen(
                [sys.executable, "-P", os.path.abspath(__file__), folder],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status = child.wait(timeout)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                # The group, also after a regular end: it may have started processes of its own.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        said = (room / "output").read_bytes()[-4000:].decode("utf-8", "replace")
        answer = _answer(room / "answer")
        ended = _describe(status, answer, said, timeout)
        return ChildResult(**ended, output=said, seconds=round(time.monotonic() - started, 3))


def _answer(path: Path) -> dict[str, object] | None:
    try:
        answer = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    known = isinstance(answer, dict) and answer.get("outcome") in ("returned", "raised")
    return answer if known else None


def _describe(
    status: int | None, answer: dict[str, object] | None, said: str, timeout: float
) -> dict[str, object]:
    if status is None:
        return {"outcome": "timed out", "reason": f"no answer within {timeout:g} s"}
    if answer is not None and status == 0:
        if answer["outcome"] == "returned":
            return {"outcome": "returned", "value": answer.get("value")}
        kind, reason = str(answer.get("error_type")), str(answer.get("reason"))
        short = kind == "MemoryError" or any(words in reason for words in _SHORT_OF_MEMORY)
        outcome = "out of memory" if short else "raised"
        return {"outcome": outcome, "error_type": kind, "reason": reason}
    if status < 0 and -status == getattr(signal, "SIGXCPU", None):
        return {"outcome": "timed out", "reason": "used up its processor time"}
    if any(words in said for words in _SHORT_OF_MEMORY):
        return {
            "outcome": "out of memory",
            "reason": "ran out of memory",
            "signal": max(-status, 0),
        }
    if status < 0:
        name = signal.Signals(-status).name
        return {"outcome": "crashed", "reason": f"ended by {name}", "signal": -status}
    return {"outcome": "crashed", "reason": f"ended without an answer, exit status {status}"}


# --- in the child -------------------------------------------------------------------------------


def _serve(room: Path) -> None:
    import importlib

    request = json.loads((room / "request").read_text(encoding="utf-8"))
    sys.path[:] = request["path"]
    _limit(request)
    answer: dict[str, object]
    try:
        module, _, name = request["target"].partition(":")
        function = importlib.import_module(module)
        for part in name.split("."):
            function = getattr(function, part)
        answer = {"outcome": "returned", "value": function(**request["arguments"])}
        text = json.dumps(answer)
    except BaseException as error:
        reason = str(error)
        if type(error).__name__ == "TypeError" and "JSON" in reason:
            reason += " (what a child returns must be JSON values)"
        kind = type(error).__name__
        text = json.dumps({"outcome": "raised", "error_type": kind, "reason": reason})
    # Renamed into place: a child killed while writing leaves no half answer.
    (room / "answer.part").write_text(text, encoding="utf-8")
    (room / "answer.part").rename(room / "answer")
    sys.stdout.flush()
    sys.stderr.flush()
    # Not through the interpreter's shutdown, where foreign threads and destructors may hang.
    os._exit(0)


def _limit(request: dict[str, object]) -> None:
    import resource

    # A backstop for the case that our parent dies and nobody is left to kill us.
    seconds = request["processor_seconds"]
    for kind, most in (
        (resource.RLIMIT_AS, request["memory_bytes"]),
        (resource.RLIMIT_FSIZE, FILE_LIMIT),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        if most or kind == resource.RLIMIT_CORE:
            _, hard = resource.getrlimit(kind)
            ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (ceiling, hard))


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
