"""The Triton kernels, compiled for GPUs that are not there."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from attnproof.theory.core import Undecided, check, exact, note, refute_unless
from attnproof.theory.paper import lab_kernels


@pytest.mark.slow
@check(
    lab_kernels.TRITON_COMPILES,
    establishes=exact(
        bound="every launch of the registered kernels on sm_80, sm_90, sm_100 and gfx942",
        by="ahead-of-time compilation",
    ),
    claimed=dict(only="", warps=0, block=0),
    controls={
        "one warp": dict(
            only="infinite_self_attention: affinity_times_kernel bfloat16", warps=1, block=128
        ),
        "tiles of 256": dict(
            only="infinite_self_attention: affinity_times_kernel bfloat16", block=256
        ),
    },
    timeout=900,
)
def compiles_without_spilling(only, warps, block):
    """Registers and stack are read from the binary itself (cuobjdump, or the metadata of the
    AMD object), matrix instructions from the assembly. What is compiled is what the kernels launch
    forward and backward, recorded at 300 tokens and width 64."""
    if find_spec("triton") is None:
        raise Undecided("triton is not installed: pip install 'attnproof[kernels]'")
    from attnproof.kernels.ahead_of_time import SHARED_BUDGET, compile_all

    reports = compile_all(only=only, warps=warps, block=block)
    refute_unless(len(reports) > 0, "nothing was compiled", only=only)
    for report in reports:
        name = f"{report['kernel']} on {report['gpu']}"
        refute_unless("error" not in report, "does not compile", **report)
        refute_unless(report["spilled"] == 0, "spills registers", **report)
        refute_unless(
            report["shared"] <= SHARED_BUDGET[report["gpu"]], "too much shared memory", **report
        )
        refute_unless(
            report["matrix_instructions"] > 0 or not report["wants_matrix"],
            "uses no matrix instructions",
            **report,
        )
        note(
            **{
                name: f"{report['registers']} registers, {report['shared'] / 1024:.1f} KiB, "
                f"{report['matrix_instructions']} matrix"
            }
        )
