"""A headless Chromium driven over its DevTools pipe, or a skip that says so."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attnproof.reports.render.site import build
from attnproof.theory.core import Ledger, Plot, Series, certificate, counterexample
from attnproof.theory.core.records import (
    CheckLine,
    ClaimLine,
    ControlLine,
    Ended,
    PaperLine,
    PlotLine,
    RunStarted,
)

LONG_WORD = "Anextremelylongword" * 12
LONG_FORMULA = r"\sum_{i=1}^{n} x_i = " + " + ".join(f"x_{{{k}}}" for k in range(60))
WIDE = {"array": [[{"rational": f"{k}/7919"} for k in range(8)]] * 8, "shape": [8, 8]}
MACHINE = {"python": "3", "platform": "p", "versions": {LONG_WORD: "1", "z3": "2" * 60}}
PAGES = ["index.html", "errata.html", "graph.html", "kernels.html", "engines.html", "wanted.html"]
PAGES += ["paper/demo.html", "paper/lab-kernels.html", "claim/lab-kernels/soft.html"]
PAGES += [f"claim/demo/{key}.html" for key in ("alpha", "beta", "gamma")]


BINARY = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Any name lookup fails: a page that asks for something would be seen to.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
]

# Chromium reads commands from descriptor 3 and answers on 4.
LAUNCH = """
import fcntl, os, sys
commands, answers = (fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3])
os.dup2(commands, 3)
os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One tab. ``complaints`` holds console errors, exceptions, refusals and foreign requests."""

    def __init__(self, profile: Path):
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        command = [sys.executable, "-c", LAUNCH, str(to_read), str(to_write), BINARY, *FLAGS]
        self._process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._number = 0
        self._rest = b""
        self._session = ""
        self._events: list[dict] = []
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict:
        """Send one command and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next(30.0)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self._keep(answer)

    def open(
        self, page: Path, *, width: int = 1280, dark: bool = False, fragment: str = ""
    ) -> None:
        """Load ``page`` from the disk at that width and theme, and wait until it has loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        # A blank page between, so that a mere change of the fragment loads the page again.
        self._load("about:blank")
        self.complaints.clear()
        self._load(page.resolve().as_uri() + fragment)

    def _load(self, url: str) -> None:
        self._events.clear()
        self.call("Page.navigate", url=url)
        deadline = time.monotonic() + 30
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            assert time.monotonic() < deadline, f"{url} did not load"
            self._keep(self._next(30.0))

    def ask(self, expression: str) -> object:
        """The value of a JavaScript expression on the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """A screenshot, of the whole page or of what is in view."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def close(self) -> None:
        """End the browser that this object started, and nothing else."""
        os.close(self._write)
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)

    def _keep(self, event: dict) -> None:
        self._events.append(event)
        method, about = event.get("method", ""), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(str(about["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(about["args"]))
        elif method == "Log.entryAdded":
            self.complaints.append(about["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            url = about["request"]["url"]
            if not url.startswith(("file:", "about:", "data:")):
                self.complaints.append(f"asked for {url}")

    def _next(self, seconds: float) -> dict:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], seconds)
            assert ready, f"the browser did not answer within {seconds} s"
            part = os.read(self._read, 1 << 20)
            assert part, "the browser ended"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all tests; a fresh profile."""
    if not BINARY:
        pytest.skip("no Chromium on this machine: install the package chromium to run this")
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``page_name`` runs for each page of the sample report."""
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", PAGES)


def _claim(key: str, **more: object) -> ClaimLine:
    given = {"statement": LONG_FORMULA, "parts": {"statement": LONG_FORMULA}}
    given["hypotheses"] = {"small": LONG_FORMULA}
    return ClaimLine(id=f"demo/{key}", paper="demo", title=f"The {key} claim", **{**given, **more})


def _evidence(key: str, refutes: bool) -> list[CheckLine | Ended]:
    establishes = (counterexample if refutes else certificate)(over="every a " * 20, by="squares")
    names = ["scale " * 12, LONG_WORD, "sign"]
    check = CheckLine(
        check=f"checks/demo/check_{key}.py::{key}",
        claim=f"demo/{key}",
        part="statement",
        establishes=establishes,
        controls=[
            *(
                ControlLine(kind="control", name=name, alters=["a"], drops="small")
                for name in names
            ),
            ControlLine(kind="repair", name="half", alters=["a"]),
        ],
        parameters=[""],
        path=f"checks/demo/check_{key}.py",
        line=1,
        source="def f(a):\n    # why\n    return 'text', 1, f'{a}'" + " + 1" * 60,
        doc="Says.\n\n    x = " + "y + " * 60 + "1",
        code_hash="00",
    )

    def ended(variant: str, outcome: str) -> Ended:
        return Ended(
            node=f"{check.check}[{variant}]", check=check.check, claim=check.claim,
            part="statement", parameter="", variant=variant, outcome=outcome, assertions=1,
            code_hash="00", reason=LONG_WORD, witness={"A": WIDE, "long": "7" * 150},
            figures={"row": ["1/3"] * 40},
        )  # fmt: skip

    # In the check that does not refute, a control survives.
    outcome = "refuted" if refutes else "holds"
    return [
        check,
        ended("claimed", outcome),
        ended(f"control:{names[0]}", "refuted"),
        ended(f"control:{names[1]}", outcome),
        ended("repair:half", "holds"),
    ]


def _kernel() -> list[ClaimLine | CheckLine | Ended]:
    claim = ClaimLine(
        id="lab-kernels/soft", paper="lab-kernels", title="Soft", statement="x",
        parts={"statement": "x"}, hypotheses={}, uses=["demo/alpha"],
    )  # fmt: skip
    check = CheckLine(
        check="checks/k.py::soft_torch", claim=claim.id, part="statement", code_hash="0",
        establishes=certificate(over="all", by="hand"), path="checks/k.py", line=1, source="",
        doc="", controls=[ControlLine(kind="control", name="c", alters=["a"])],
        parameters=["", LONG_WORD],
    )  # fmt: skip
    systems = ("float32", "float16", "bfloat16", LONG_WORD)
    figures = {f"observed_over_bound_{name}": "0.5" for name in systems}
    ended = Ended(
        node="k", check=check.check, claim=claim.id, part="statement", parameter="",
        variant="claimed", outcome="undecided", assertions=1, code_hash="0", reason=LONG_WORD,
        figures={**figures, LONG_WORD: LONG_WORD}, engines={LONG_WORD: "1" * 80, "z3": "4"},
        fault=True,
    )  # fmt: skip
    return [claim, check, ended]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a page of each kind and with texts that are hard to fit."""
    folder = tmp_path_factory.mktemp("report")
    path = folder / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append(
        RunStarted(run="r", started="now", command="pytest", commit="c" * 40, **MACHINE),
        PaperLine(
            key="demo", title=LONG_WORD, authors="", year=2026, arxiv="", family="f",
            contribution="",
        ),
        PaperLine(
            key="other", title="Another", authors="", year=2026, arxiv="", family="f",
            contribution="",
        ),
        _claim("alpha"),
        *_evidence("alpha", refutes=False),
        _claim("beta"),
        _claim("gamma", amends="demo/beta"),
        PlotLine(
            node="p",
            claim="demo/alpha",
            plot=Plot(
                title="t",
                x_label="x",
                y_label="y",
                series=[Series(label=s, x=[1, 2], y=[1.0, 2.0]) for s in "abcdef"],
            ),
        ),
    )  # fmt: skip
    beta = _evidence("beta", refutes=True)
    # The third control of "beta" runs as well, so that the claim is refuted rather than not run.
    last = Ended(
        node="n", check=beta[0].check, claim="demo/beta", part="statement", parameter="",
        variant="control:sign", outcome="refuted", assertions=1, code_hash="00",
        witness={"a": {"rational": "1/2"}},
    )  # fmt: skip
    again = RunStarted(run="s", started="later", command="pytest " + "x" * 300, **MACHINE)
    ledger.append(*beta, last, *_kernel(), again)
    ledger.close()
    return build([path], folder / "site").parent
