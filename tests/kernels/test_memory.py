"""Memory is measured in a child, and the size of its parent must not hide what it uses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

MEASURE = """
import sys
ballast = bytearray(int(sys.argv[1]) << 20)
for at in range(0, len(ballast), 4096):
    ballast[at] = 1
from attnproof.kernels.memory import peak_beyond_inputs
print(peak_beyond_inputs("infinite_self_attention", 2048, form="unblocked")["extra"])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the VmHWM of Linux")
def test_a_large_parent_does_not_hide_an_n_by_n_matrix():
    """4 · 2048² bytes = 16 MiB at least; ru_maxrss would be inherited and show none of it."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, "700"],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    assert int(re.search(r"-?\d+", done.stdout).group()) >= 4 * 2048**2
