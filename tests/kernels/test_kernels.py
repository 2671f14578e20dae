"""The kernels package: what it loads, what it refuses, and what its bounds promise."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the kernels need the extra 'kernels'")

from attnproof.kernels import registry  # noqa: E402
from attnproof.kernels.bounds import error_bound  # noqa: E402
from attnproof.kernels.resolvent_attention.neumann_sum import hops  # noqa: E402

OPERATORS = sorted({one.operator for one in registry.IMPLEMENTATIONS})


def inputs(length=5, width=3, columns=2, dtype=None):
    torch.manual_seed(0)
    shapes = [(1, 2, length, width)] * 2 + [(1, 2, length, columns)]
    return [torch.randn(shape).to(dtype or torch.float32) for shape in shapes]


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


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("backend", ["torch", "triton"])
class TestRefusals:
    def run(self, operator, backend, *tensors, **options):
        # Not importorskip: importing triton here would decide that it compiles.
        if backend == "triton" and find_spec("triton") is None:
            pytest.skip("triton is not installed")
        kernel = registry.implementation(operator, backend).load()
        return kernel(*tensors, **({"gamma": 0.5} | options))

    def test_layout(self, operator, backend):
        q, k, v = inputs()
        with pytest.raises(ValueError, match=r"query has shape \(2, 5, 3\).*unsqueeze"):
            self.run(operator, backend, q[0], k, v)

    def test_lengths(self, operator, backend):
        q, k, v = inputs()
        with pytest.raises(ValueError, match="differ in batch, heads or tokens"):
            self.run(operator, backend, q, k, v[:, :, :4])

    def test_dtypes(self, operator, backend):
        q, k, v = inputs()
        with pytest.raises(ValueError, match="convert them to one dtype"):
            self.run(operator, backend, q, k, v.half())

    def test_parameters(self, operator, backend):
        with pytest.raises(ValueError, match=r"gamma = 1.5 is outside \[0, 1\)"):
            self.run(operator, backend, *inputs(), gamma=1.5)
        with pytest.raises(ValueError, match="epsilon = -1 is negative"):
            self.run(operator, backend, *inputs(), epsilon=-1)


@pytest.mark.parametrize("operator", OPERATORS)
def test_gradients_of_the_blocked_forms(operator):
    kernel = registry.implementation(operator, "torch").load()
    tensors = [x.double().requires_grad_() for x in inputs()]
    assert torch.autograd.gradcheck(lambda *x: kernel(*x, gamma=0.5, block=2), tensors)


@pytest.mark.parametrize("operator", OPERATORS)
def test_nothing_to_attend_to_is_zero(operator):
    kernel = registry.implementation(operator, "torch").load()
    q, _, v = inputs()
    for epsilon in (0.0, 1e-6):
        assert (kernel(q.abs(), -q.abs(), v, gamma=0.5, epsilon=epsilon) == 0).all()


def test_large_halves_do_not_overflow():
    # Logits of 30 000² / 3: their squares are far beyond float16, and sums are held in float32.
    kernel = registry.implementation("infinite_self_attention", "torch").load()
    q, k, v = (x.half() for x in inputs())
    assert torch.isfinite(kernel(30_000 * q.sign(), 30_000 * k.sign(), v, gamma=0.5)).all()


def test_the_number_of_hops_reaches_the_tail():
    for contraction in (0.1, 0.5, 0.9):
        for tail in (1e-3, 1e-9):
            count = hops(contraction, tail)
            assert contraction ** (count + 1) / (1 - contraction) <= tail
            assert count == 1 or contraction**count / (1 - contraction) > tail


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_bound_promises_nothing_where_the_analysis_breaks_down(operator):
    q = np.array([[1.0, -1.0], [1.0, 1.0]])
    v = np.ones((2, 1))
    arguments = dict(decay=0.5, epsilon=0.0, dtype="bfloat16", tail=2.0**-20)
    huge = error_bound(operator, q, -q, v, additions=2**25, **arguments)
    assert np.isinf(huge).all()


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
