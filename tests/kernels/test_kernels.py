"""The kernels package: what it loads, what it refuses, and what its bounds promise."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

torch = pytest.importorskip("torch", reason="the kernels need the extra 'kernels'")

from attnproof.kernels import registry  # noqa: E402
from attnproof.kernels.resolvent_attention.neumann_sum import hops  # noqa: E402


def test_the_registry_loads_neither_torch_nor_triton():
    code = (
        "import sys\n"
        "import attnproof.kernels.registry, attnproof.theory.paper.lab_kernels\n"
        "print(sorted({'torch', 'triton', 'numpy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_implementation_is_refused_with_what_there_is():
    with pytest.raises(LookupError, match=r"no cuda implementation.*resolvent_attention \(torch\)"):
        registry.implementation("resolvent_attention", "cuda")


def test_the_number_of_hops_reaches_the_tail():
    for contraction in (0.1, 0.5, 0.9):
        for tail in (1e-3, 1e-9):
            count = hops(contraction, tail)
            assert contraction ** (count + 1) / (1 - contraction) <= tail
            assert count == 1 or contraction**count / (1 - contraction) > tail


def test_a_shorter_tail_takes_more_hops_and_comes_nearer():
    """What is left out stays below the tail, relative to the norm of each column; in float64 the
    default tail is 2^-55."""
    kernel = registry.implementation("resolvent_attention", "torch").load()
    torch.manual_seed(0)
    given = [torch.randn(1, 2, 9, width, dtype=torch.float64) for width in (3, 3, 2)]
    run = lambda **more: kernel(*given, gamma=0.5, **more)
    exact, size = run(), given[2].norm(dim=-2, keepdim=True)
    for tail in (2.0**-4, 2.0**-26):
        off = (run(tail=tail) - exact).norm(dim=-2, keepdim=True)
        assert bool((off > 0).all()) and bool((off <= tail * size).all())


def test_the_device_script_without_a_gpu(tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    done = subprocess.run(
        [sys.executable, "-m", "attnproof.kernels.device", str(tmp_path / "out.jsonl")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "no GPU" in done.stdout
    assert not (tmp_path / "out.jsonl").exists()


def test_triton_imported_too_early_is_explained():
    if find_spec("triton") is None or torch.cuda.is_available():
        pytest.skip("needs triton, and no GPU")
    code = "import triton\nimport attnproof.kernels.triton_runtime\n"
    clean = {name: text for name, text in os.environ.items() if name != "TRITON_INTERPRET"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean)
    assert "set that variable, or import the kernels first" in done.stderr
