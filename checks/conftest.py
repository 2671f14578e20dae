"""What has to be settled before the first check is imported."""

from __future__ import annotations

import os

from attnproof.kernels.interpreted_without_gpu import interpreted_without_gpu

# One thread per worker: two workers with a pool of threads each only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A check that trains with torch imports triton, and a kernel's check may follow it.
interpreted_without_gpu()
