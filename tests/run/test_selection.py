"""The ways people select what to run."""

from __future__ import annotations

import pytest

TWO = """
@check(claim("tail"), establishes=proof(over="all"), claimed=dict(a=2), controls={"odd": dict(a=3)})
def tail(a):
    refute_unless(a % 2 == 0, a=a)


@check(
    claim("tail-bound"),
    establishes=sampled(over="integers"),
    claimed=dict(a=2),
    controls={"γ ≤ 1/√N": dict(a=3), "two\\nlines [1]": dict(a=5)},
)
@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("name", ["x", "ß"])
@given(n=st.integers())
def tail_bound(a, n, k, name):
    refute_unless(a * (2 * n + 1) % 2 == 0, a=a)


@check(claim("loose"), establishes=proof(over="all"), claimed=dict(a=2), controls={"no": dict(a=4)})
def loose(a):
    refute_unless(a % 2 == 0, a=a)


def test_plain():
    pass


@plot(PAPER["tail"])
def picture():
    return Plot(title="t", x_label="x", y_label="y", series=[Series(label="s", x=[1], y=[2])])
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_parameters_examples_plots_and_plain_tests_together(lab, workers):
    lab.write(TWO)
    run = lab.run(*workers)
    assert run.verdict("test/tail") == "VERIFIED"
    assert run.verdict("test/tail-bound") == "SUPPORTED", run.reasons("test/tail-bound")
    assert run.verdict("test/loose") == "BROKEN"
    assert "1 failed, 17 passed" in run.output
    (line,) = [check.line for check in run.judgements["test/tail-bound"].checks]
    assert len(line.parameters) == 4
    assert [type(one).__name__ for one in run.records].count("PlotLine") == 1
    assert "verdicts of this run:" in run.output
    assert "     1  BROKEN" in run.output


def test_a_plain_session_without_checks_writes_no_ledger(lab):
    (lab.folder / "test_plain.py").write_text("def test_plain():\n    pass\n")
    run = lab.run()
    assert run.status == 0
    assert not lab.ledger.exists()
    assert "verdicts" not in run.output


def test_by_claim_id(lab):
    lab.write(TWO)
    run = lab.run("-k", "[test/tail:")
    assert {one.claim for one in run.ended()} == {"test/tail"}
    assert ", 1 selected" in run.output
    assert run.verdict("test/loose") == "NOT RUN"


def test_one_node_from_an_editor(lab):
    lab.write(TWO)
    run = lab.run("check_it.py::tail[test/tail:control:odd]")
    assert run.status == 0
    assert [one.variant for one in run.ended()] == ["control:odd"]
    assert run.verdict("test/tail") == "NOT RUN"
    assert "the claimed variant has not run" in run.output


def test_one_function_from_an_editor(lab):
    lab.write(TWO)
    run = lab.run("check_it.py::tail")
    assert run.status == 0
    assert run.verdict("test/tail") == "VERIFIED"


def test_stop_at_the_first_failure_keeps_what_ended(lab):
    lab.write(TWO.replace("def tail(a):\n", "def tail(a):\n    assert a != 2\n"))
    run = lab.run("-x")
    assert run.status == 1
    assert len(run.ended()) == 1
    assert run.verdict("test/tail") == "UNDECIDED"


def test_last_failed_reruns_only_the_failing_variant(lab):
    lab.write(TWO)
    lab.run()
    before = len(lab.read().ended())
    run = lab.run("--lf")
    assert [one.variant for one in run.ended()[before:]] == ["control:no"]


def test_slow_checks_wait_to_be_asked_for(lab):
    lab.write(TWO.replace('@check(claim("tail")', '@pytest.mark.slow\n@check(claim("tail")'))
    run = lab.run("-k", "[test/tail:")
    assert run.verdict("test/tail") == "NOT RUN"
    assert lab.run("-k", "[test/tail:", "--slow").verdict("test/tail") == "VERIFIED"


def test_a_progress_line_per_claim_and_lines_that_fit(lab):
    lab.write(TWO)
    run = lab.run()
    assert "VERIFIED      test/tail " in run.output
    summary = run.output.partition("verdicts of this run")[2].partition("ledger:")[0]
    assert all(len(line) <= 80 for line in summary.splitlines())
