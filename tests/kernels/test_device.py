"""The script for a GPU: every step of it on a processor, with a clock that does not measure."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest

torch = pytest.importorskip("torch", reason="the kernels need the extra 'kernels'")
if find_spec("triton") is None:
    pytest.skip("needs triton ([kernels])", allow_module_level=True)

from attnproof.kernels import device  # noqa: E402
from attnproof.kernels.registry import implementation  # noqa: E402
from attnproof.kernels.triton_runtime import triton  # noqa: E402


@pytest.fixture
def without_gpu(monkeypatch):
    """One torch form and one in Triton, on the processor, at small sizes."""

    def ran_once(function, quantiles=(), **_):
        function()
        return [1.0] * len(quantiles) or 1.0

    monkeypatch.setattr(triton.testing, "do_bench", ran_once)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(device, "_machine", dict)
    monkeypatch.setattr(device, "DEVICE", "cpu")
    monkeypatch.setattr(device, "LENGTHS", (20, 40))
    monkeypatch.setattr(device, "SQUARE", 64)
    monkeypatch.setattr(device, "COPIED", 1 << 12)
    chosen = [implementation("linear_attention", name) for name in ("torch", "triton")]
    monkeypatch.setattr(device, "_on_the_device", lambda: chosen)
    return chosen


def test_every_step_writes_a_line(without_gpu, tmp_path, monkeypatch):
    from attnproof.kernels.verification.questions import QUESTIONS

    for name in [*QUESTIONS][1:-1]:
        monkeypatch.delitem(QUESTIONS, name)
    assert device.main([str(tmp_path / "device.jsonl")]) == 0
    lines = [json.loads(line) for line in (tmp_path / "device.jsonl").read_text().splitlines()]
    counted = {step: sum(line["step"] == step for line in lines) for step in device_steps(lines)}
    # Two questions, three dtypes, two forms; two lengths of the Triton form; products in two
    # dtypes and a copy; three contestants at two lengths in two dtypes.
    assert counted == {"machine": 1, "battery": 12, "long sequence": 2, "limit": 3, "time": 12}
    assert all("error" not in line for line in lines)
    assert all(line["outcome"] == "holds" for line in lines if line["step"] == "battery")
    differences = [x["largest_relative_difference"] for x in lines if x["step"] == "long sequence"]
    # 40 tokens of width 64 in float32: sums of some 2 500 terms of one sign.
    assert all(0 < off < 2600 * 2.0**-24 for off in differences)


def device_steps(lines) -> list[str]:
    return list(dict.fromkeys(line["step"] for line in lines))


def test_a_wrong_kernel_is_reported_and_the_rest_goes_on(without_gpu, tmp_path, monkeypatch):
    from attnproof.kernels.verification.questions import QUESTIONS

    for name in [*QUESTIONS][1:]:
        monkeypatch.delitem(QUESTIONS, name)

    def wrong(*_):
        raise OSError("no such thing")

    monkeypatch.setitem(QUESTIONS, "another", wrong)
    monkeypatch.setattr(device, "_long_sequences", lambda write: None)
    monkeypatch.setattr(device, "_times", lambda write: None)
    assert device.main([str(tmp_path / "device.jsonl")]) == 1
    text = (tmp_path / "device.jsonl").read_text()
    assert "OSError: no such thing" in text and '"step": "limit"' in text
