"""Heads shared among threads, for compiled functions that let go of the interpreter."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import torch


def over_heads(function: Callable[..., None], *arrays: np.ndarray) -> None:
    """``function`` on slices of the first axis, as many at a time as torch uses threads.

    Args:
        function: writes its results into one of the arrays and releases the interpreter's lock.
        arrays: with the heads as their first axis.
    """
    heads = len(arrays[0])
    workers = min(heads, torch.get_num_threads())
    if workers == 1:
        function(*arrays)
        return
    edges = np.linspace(0, heads, workers + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        parts = [
            pool.submit(function, *(array[start:end] for array in arrays))
            for start, end in pairwise(edges)
        ]
    for part in parts:
        part.result()
