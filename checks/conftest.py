"""One thread per worker: two workers with a pool of threads each only wait for one another."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
