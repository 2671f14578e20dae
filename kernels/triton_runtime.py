"""Triton, interpreted where there is no GPU.

``TRITON_INTERPRET`` is read when triton is first imported, so this module sets it before that and
is the only one that imports triton. A process either interprets or compiles, never both.
"""

from __future__ import annotations

import os
import sys

import torch

if not torch.cuda.is_available():
    if "triton" not in sys.modules:
        os.environ.setdefault("TRITON_INTERPRET", "1")
    elif "TRITON_INTERPRET" not in os.environ:
        raise ImportError(
            "triton was imported before attnproof.kernels.triton_runtime, and without "
            "TRITON_INTERPRET=1 it looks for a GPU that is not there: set that variable, or import "
            "the kernels first"
        )

import triton
import triton.language as tl

__all__ = ["compute_dtype", "interpreted", "tl", "triton"]


def interpreted() -> bool:
    """Whether kernels run in the interpreter."""
    return os.environ.get("TRITON_INTERPRET") == "1"


def compute_dtype(dtype: torch.dtype) -> tl.dtype:
    """What products are formed in after loading.

    The interpreter adds bfloat16 numbers as if they were integers, so that there everything is
    converted to float32 on load; a GPU multiplies bfloat16 with float32 accumulation. float16 is
    converted everywhere: an affinity above 65504 would overflow on its way to the values.
    """
    return tl.bfloat16 if dtype == torch.bfloat16 and not interpreted() else tl.float32
