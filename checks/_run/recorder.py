"""The one writer of the ledger: lives in the controlling process only."""

from __future__ import annotations

import platform
import secrets
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime
from importlib import metadata

import msgspec
import pytest

from attnproof.theory.core import Ledger, LedgerDamage, Verdict, judge, read_ledgers
from attnproof.theory.core.records import (
    AnyRecord,
    Began,
    CheckLine,
    Ended,
    Interrupted,
    RunFinished,
    RunStarted,
)

from .declaration import register_lines
from .summary import summary_lines

PACKAGES = (
    "attnproof",
    "clarabel",
    "cvxpy",
    "hypothesis",
    "msgspec",
    "numba",
    "numpy",
    "python-flint",
    "scipy",
    "sympy",
    "torch",
    "triton",
    "z3-solver",
)


class Recorder:
    """Writes the ledger, prints a line as each claim is finished, and the summary at the end."""

    def __init__(self, config: pytest.Config):
        self.config = config
        self.records: list[AnyRecord] = []
        self._earlier = 0
        self._damage: list[LedgerDamage] = []
        self._ledger: Ledger | None = None
        self._seen: set[bytes] = set()
        self._left: Counter[str] = Counter()
        self._selected: set[str] = set()
        self._started = time.monotonic()
        self._run = ""

    # -- writing

    def append(self, record: AnyRecord) -> None:
        """Write a record, opening the ledger first if need be."""
        if self._ledger is None:
            self._open()
        self._ledger.append(record)
        self.records.append(record)

    def receive(self, raw: bytes) -> None:
        """Write an encoded record unless this run has it already (each worker declares all)."""
        if raw not in self._seen:
            if self._ledger is None:
                self._open()
            if raw not in self._seen:
                self._seen.add(raw)
                self.append(_DECODER.decode(raw))

    def _open(self) -> None:
        from attnproof.theory.paper import load

        from .plugin import ledger_folder

        now = datetime.now(UTC)
        # Names sort by time, to the microsecond: later evidence replaces earlier.
        self._run = f"{now:%Y-%m-%dT%H-%M-%S-%f}-{secrets.token_hex(2)}"
        folder = ledger_folder(self.config)
        if self.config.getoption("--resume"):
            self.records, self._damage = read_ledgers(folder.glob("*.jsonl"))
            self._earlier = len(self.records)
        self._ledger = Ledger(folder / f"{self._run}.jsonl")
        self.append(
            RunStarted(
                run=self._run,
                started=now.isoformat(timespec="seconds"),
                command=" ".join(["pytest", *self.config.invocation_params.args]),
                python=platform.python_version(),
                platform=f"{platform.system()} {platform.machine()}",
                commit=commit_of(self.config.rootpath),
                versions=versions_of(),
            )
        )
        for line in register_lines(load()):
            self.receive(msgspec.json.encode(line))

    # -- pytest and xdist

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: list[str]) -> None:
        if not self._left:
            self._expect(ids)

    def _expect(self, ids: object) -> None:
        for node in ids:
            claim = claim_in(node)
            if claim:
                self._left[claim] += 1
                self._selected.add(claim)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if claim_in(nodeid):
            self.append(Began(node=nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for line in getattr(report, "attnproof", ()):
            self.receive(line.encode())
        claim = claim_in(report.nodeid)
        if not claim:
            return
        if report.when in ("setup", "teardown") and report.failed:
            reason = f"{report.when} failed: {report.longreprtext[-500:]}"
            self.append(Interrupted(node=report.nodeid, reason=reason))
        if report.skipped and not getattr(report, "attnproof_ended", False):
            where = report.longrepr
            reason = where[2] if isinstance(where, tuple) else str(where)
            self.append(Interrupted(node=report.nodeid, reason=f"skipped: {reason}"))
        if report.when == "teardown" or (report.when == "???" and report.failed):
            self._finish(claim)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        if claim_in(crashitem):
            self.append(Interrupted(node=crashitem, reason="the process crashed or was killed"))

    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """No dots for checks and plots: their progress is a line per claim."""
        file = report.nodeid.partition("::")[0].rpartition("/")[2]
        if report.when == "call" and report.passed and file.startswith("check_"):
            return "passed", "", ("HOLDS", {"green": True})
        return None

    def _finish(self, claim: str) -> None:
        self._left[claim] -= 1
        if self._left[claim]:
            return
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or self.config.getoption("verbose") < 0:
            return
        judgement = judge(self._of_claim(claim)).get(claim)
        if judgement is not None:
            seconds = sum(
                record.seconds
                for record in self._own()
                if isinstance(record, Ended) and record.claim == claim
            )
            reporter.ensure_newline()
            reporter.write_line(
                f"{judgement.own.label:<13} {claim:<44} {seconds:7.2f} s",
                **colour(judgement.own),
            )

    def _own(self) -> list[AnyRecord]:
        """This run's records, without those that ``--resume`` took over."""
        return self.records[self._earlier :]

    def _of_claim(self, claim: str) -> list[AnyRecord]:
        keep = {
            record.check
            for record in self.records
            if isinstance(record, CheckLine) and record.claim == claim
        }
        return [
            record
            for record in self.records
            if getattr(record, "id", claim) == claim
            and getattr(record, "claim", claim) == claim
            and getattr(record, "check", None) in (*keep, None)
        ]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._ledger is None:
            return
        of, named = "this run", self._selected
        if self.config.getoption("--resume"):
            of = f"every run in {self._ledger.path.parent.name}/"
            named = {one.claim for one in self._own() if isinstance(one, CheckLine)}
        for text, verdict in summary_lines(judge(self.records), named, of):
            terminalreporter.write_line(text, **(colour(verdict) if verdict is not None else {}))
        for damaged in self._damage:
            terminalreporter.write_line(f"damaged: {damaged}", yellow=True)
        terminalreporter.write_line(f"ledger: {self._ledger.path}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        nothing_left = exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not self._selected
        if nothing_left and self._ledger is not None and self.config.getoption("--resume"):
            # Everything was settled before: that is success, not an empty selection.
            session.exitstatus = exitstatus = pytest.ExitCode.OK
        if self._ledger is not None:
            self.append(
                RunFinished(
                    run=self._run,
                    finished=datetime.now(UTC).isoformat(timespec="seconds"),
                    seconds=round(time.monotonic() - self._started, 2),
                    exit_status=int(exitstatus),
                )
            )

    def pytest_unconfigure(self) -> None:
        if self._ledger is not None:
            self._ledger.close()


def claim_in(node: str) -> str:
    """The claim id that the plugin put into a node id, or nothing."""
    inside = node.partition("[")[2]
    claim, colon, rest = inside.partition(":")
    is_variant = rest.startswith(("claimed", "control:", "repair:"))
    return claim if colon and is_variant and "/" in claim else ""


def colour(verdict: Verdict) -> dict[str, bool]:
    """Terminal markup of a verdict."""
    if verdict in (Verdict.VERIFIED, Verdict.VERIFIED_UP_TO):
        return {"green": True}
    if verdict is Verdict.BROKEN:
        return {"red": True, "bold": True}
    return {"yellow": True} if verdict is Verdict.SUPPORTED else {"cyan": True}


_DECODER = msgspec.json.Decoder(AnyRecord)


def versions_of() -> dict[str, str]:
    """Package → version, of those that evidence may depend on."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit_of(folder: object) -> str:
    """The commit that is checked out there, or nothing."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],
            cwd=str(folder),
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
