"""A headless Chromium, or a skip that says so."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

BROWSER = next(
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
    "--enable-logging=stderr",
    # Any name lookup fails: a page that asks for something would be seen to.
    "--host-resolver-rules=MAP * ~NOTFOUND",
]


@pytest.fixture
def chromium(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the browser on a page with further flags and returns what it printed."""
    if not BROWSER:
        pytest.skip("no Chromium on this machine: install the package chromium to run this")

    def run(url: str, *flags: str) -> subprocess.CompletedProcess[str]:
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        return subprocess.run(
            [BROWSER, *FLAGS, profile, *flags, url], capture_output=True, text=True, timeout=60
        )

    return run
