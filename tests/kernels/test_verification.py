"""Foreign kernels: the right ones pass, each planted bug is caught by the question it concerns."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the kernels need the extra 'kernels'")

from attnproof.checks._run.command_line import main
from attnproof.kernels.verification.verify import QUESTIONS, script, verify

SOURCE = Path(__file__).with_name("foreign_kernels.py")
GATED = "gated_linear_attention"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A stranger's module on the path."""
    (tmp_path / "stranger.py").write_text(SOURCE.read_text())
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_the_questions_are_listed_without_loading_torch():
    from attnproof.kernels.verification import questions

    assert list(questions.QUESTIONS) == list(QUESTIONS)


def ask(function, operator=GATED, *, questions=QUESTIONS, dtypes=("float32",), **more):
    adapter = {"target": f"stranger:{function}", **more.pop("adapter", {})}
    found = verify(operator, adapter, dtypes, questions=questions, **more)
    return {(answer.question, answer.dtype): answer for answer in found}


@pytest.mark.parametrize(
    ("function", "operator"),
    [("recurrence", GATED), ("softmax_in_blocks", "causal_softmax_attention")],
)
def test_a_right_kernel_passes_in_every_dtype(package, function, operator):
    answers = ask(function, operator, dtypes=("float32", "float16", "bfloat16"))
    assert len(answers) == 3 * len(QUESTIONS)
    wrong = {key: answer.reason for key, answer in answers.items() if answer.outcome != "holds"}
    assert not wrong


@pytest.mark.parametrize("operator", ["softmax_attention", "causal_softmax_attention"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_exact_cases_of_softmax_have_weights_zero_in_every_dtype(operator, dtype):
    """With e^{−256} for a zero weight a right kernel in float64 would be refuted."""
    import torch

    from attnproof.kernels.specification import specification
    from attnproof.kernels.verification.questions import exact_cases

    seen = []

    def plain(inputs):
        q, k, v = (inputs[name].double() for name in ("query", "key", "value"))
        scores = q @ k.transpose(-1, -2) / 8
        if operator.startswith("causal"):
            later = torch.ones(scores.shape[-2:]).triu(1).bool()
            scores = scores.masked_fill(later, -torch.inf)
        seen.append(len(v))
        return (torch.softmax(scores, -1) @ v).to(inputs["value"].dtype)

    report = exact_cases(specification(operator), plain, dtype)
    assert report["cases"] == len(seen) > 10


@pytest.mark.parametrize(
    ("function", "question", "dtype"),
    [
        ("wrong_decay_power", "exact cases", "float32"),
        ("wrong_decay_power", "rounding bound", "float32"),
        ("block_boundary_off_by_one", "exact cases", "float32"),
        ("block_boundary_off_by_one", "rounding bound", "float32"),
        ("future_leak", "causality", "float32"),
        ("future_leak", "rounding bound", "float32"),
        ("unwritten_tail", "every entry written", "float32"),
        ("swapped_strides", "strides", "float32"),
        ("narrow_accumulator", "exact cases", "bfloat16"),
        ("tensor_core_accumulator", "rounding bound", "float32"),
        ("tensor_core_accumulator", "typical error", "float32"),
        ("reads_beside", "guard bands", "float32"),
        ("overflows", "extreme magnitudes", "float32"),
        ("off", "gradient", "float32"),
        ("off", "gradient", "bfloat16"),
    ],
)
def test_a_planted_bug_is_caught(package, function, question, dtype):
    (answer,) = ask(function, questions=[question], dtypes=[dtype]).values()
    assert answer.outcome == "refuted", answer
    assert answer.witness


def test_a_missing_rescale_is_caught(package):
    answers = ask("missing_rescale", "causal_softmax_attention", questions=["rounding bound"])
    assert [answer.outcome for answer in answers.values()] == ["refuted"]


def test_an_inverse_by_doubling_is_caught_by_repeated_keys(package):
    answers = ask("delta_rule_by_doubling", "gated_delta_rule", questions=["rounding bound"])
    (answer,) = answers.values()
    assert answer.outcome == "refuted"


def test_what_takes_the_process_down_is_reported_and_the_rest_is_asked(package):
    few = ["shape and dtype", "exact cases", "determinism", "independent heads"]
    hung = ask("hang", questions=few, timeout=8)
    assert [answer.outcome for answer in hung.values()] == [
        "holds",
        "timed out",
        "timed out",
        "holds",
    ]
    crashed = ask("crash", questions=few)
    outcomes = [answer.outcome for answer in crashed.values()]
    assert outcomes == ["holds", "crashed", "crashed", "holds"]
    assert "SIGABRT" in crashed["exact cases", "float32"].reason


def test_other_faults_are_named_as_what_they_are(package):
    questions = ["shape and dtype", "every entry written", "determinism"]
    raised = ask("raise_an_error", questions=questions)["shape and dtype", "float32"]
    assert raised.outcome == "raised" and "multiple of 16" in raised.reason
    nan = ask("not_a_number", questions=["exact cases"])["exact cases", "float32"]
    assert nan.outcome == "refuted" and "nan" in str(nan.witness)
    shape = ask("wrong_shape", questions=questions)["shape and dtype", "float32"]
    assert "another shape" in shape.reason
    bits = ask("random_bits", questions=questions)["determinism", "float32"]
    assert "different bits" in bits.reason


def test_a_missing_module_is_advice(package):
    adapter = {"target": "no_such_package:function"}
    answers = list(verify(GATED, adapter, ["float32"], questions=["exact cases", "strides"]))
    assert len(answers) == 2
    assert all("is it installed" in answer.reason for answer in answers)


def test_a_smaller_domain_can_be_asked_for(package):
    answers = ask("not_a_number", clamped={"decay": (0.01, 1.0)})
    assert {answer.outcome for answer in answers.values()} == {"holds"}


def test_another_layout_other_names_and_logarithms(package):
    adapter = {
        "layout": "bnhd",
        "call": {"q": "query", "k": "key", "v": "value", "g": "log(decay)"},
        "constants": {"scale": 1.0},
    }
    values = [question for question in QUESTIONS if question != "gradient"]
    answers = ask("heads_last", adapter=adapter, questions=values)
    assert {answer.outcome for answer in answers.values()} == {"holds"}
    # The derivative of a logarithm at a gate of zero is none.
    for domain, outcome in (({}, "refuted"), ({"decay": (0.01, 1.0)}, "holds")):
        found = ask("heads_last", adapter=adapter, questions=["gradient"], clamped=domain)
        assert [answer.outcome for answer in found.values()] == [outcome]


def test_the_script_shows_the_counterexample_again(package):
    adapter = {"target": "stranger:wrong_decay_power"}
    (answer,) = verify(GATED, adapter, ["float32"], questions=["rounding bound"])
    text = script(GATED, adapter, answer)
    assert len(text.splitlines()) <= 12
    done = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        check=True,
        cwd=package,
    )
    computed, defined = (float(line.split()[-1]) for line in done.stdout.splitlines())
    witness = answer.witness
    assert computed == float.fromhex(witness["computed"]["float"])
    assert defined == float.fromhex(witness["expected"]["float"])


@pytest.mark.parametrize(
    ("function", "question"), [("unwritten_tail", "every entry written"), ("off", "gradient")]
)
def test_the_script_asks_again_where_one_entry_says_nothing(package, function, question):
    """With the allowances of the command: a smaller domain is another draw."""
    adapter, domain = {"target": f"stranger:{function}"}, {"decay": (0.5, 1.0)}
    (answer,) = verify(GATED, adapter, ["float32"], questions=[question], clamped=domain)
    text = script(GATED, adapter, answer, clamped=domain)
    assert len(text.splitlines()) <= 12 and "'clamped': {'decay': (0.5, 1.0)}" in text
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, cwd=package)
    assert f"Refuted: {answer.reason}" in done.stderr


class TestCommand:
    def run(self, *words):
        return main(["verify", *words])

    def test_a_good_kernel(self, package, capsys):
        arguments = ["--as", GATED, "--question", "exact cases", "--question", "causality"]
        assert self.run("stranger:recurrence", *arguments) == 0
        said = capsys.readouterr().out
        assert "✓ exact cases (float32)" in said and "2 of 2 answers hold" in said
        assert max(map(len, said.splitlines())) <= 80

    def test_a_bad_kernel_with_a_script(self, package, capsys):
        target = package / "again.py"
        arguments = ["--as", GATED, "--question", "rounding bound", "--script", str(target)]
        assert self.run("stranger:future_leak", *arguments) == 1
        assert "✗ rounding bound" in capsys.readouterr().out
        assert "spec.expected" in target.read_text()

    @pytest.mark.parametrize(
        ("words", "advice"),
        [
            (["--as", "gated_delta"], "gated_delta_rule"),
            (["--as", GATED, "--question", "rounding"], "rounding bound"),
            (["--as", GATED, "--call", "q"], "write parameter=input"),
            (["--as", GATED, "--set", "scale"], "write name=value"),
            (["--as", GATED, "--clamp", "gate=0:1"], "decay"),
            (["--as", GATED, "--clamp", "decay=0"], "write input=low:high"),
        ],
    )
    def test_advice(self, package, capsys, words, advice):
        assert self.run("stranger:recurrence", *words) == 2
        assert advice in capsys.readouterr().err


def test_as_pytest_items(package, pytestconfig):
    root = pytestconfig.rootpath
    command = [sys.executable, "-m", "pytest", "checks/kernels/check_your_kernel.py", "-q"]
    command += ["--ledger", str(package / "ledger"), "-p", "no:cacheprovider"]
    asked = [*command, "--kernel", "stranger:future_leak", "--as", GATED]
    environment = {**os.environ, "PYTHONPATH": str(package)}
    done = subprocess.run(asked, capture_output=True, text=True, cwd=root, env=environment)
    assert done.returncode == 1
    assert "an output depends on later tokens" in done.stdout
    assert "test_your_kernel[causality]" in done.stdout
    command[3] = "checks/kernels"
    command.append("--collect-only")
    silent = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment)
    assert "test_your_kernel" not in silent.stdout
