"""Evidence of other code, of deleted checks, and of runs repeated until one is green."""

from __future__ import annotations

HONEST = """
@check(claim("it"), establishes=proof(over="all"), claimed=dict(a=2), controls={"odd": dict(a=3)})
def it(a):
    refute_unless(a % 2 == 0, a=a)
"""

PARAMETRISED = """
@check(claim("it"), establishes=proof(over="all"), claimed=dict(a=2), controls={"odd": dict(a=3)})
@pytest.mark.parametrize("k", [1, 2])
def it(a, k):
    refute_unless(a % 2 == 0 and not (a == 2 and k == 2), a=a, k=k)
"""


def test_evidence_of_older_code_counts_as_not_run(lab):
    lab.write(HONEST)
    assert lab.run().verdict("test/it") == "VERIFIED"
    lab.write(HONEST.replace("a % 2 == 0", "(a + 2) % 2 == 0"))
    partial = lab.run("-k", "control")
    assert partial.verdict("test/it") == "NOT RUN"
    assert "the claimed variant has not run" in partial.reasons("test/it")
    assert lab.run().verdict("test/it") == "VERIFIED"


def test_a_check_that_was_deleted_no_longer_counts(lab):
    other = HONEST.replace("def it(", "def other(").replace('claim("it")', 'PAPER["it"]')
    lab.write(HONEST + other.replace("proof(", "sampled("))
    assert lab.run().verdict("test/it") == "VERIFIED"
    lab.write('claim("it")\n' + other.replace("proof(", "sampled("))
    assert lab.run().verdict("test/it") == "SUPPORTED"


def test_selecting_one_parameter_does_not_make_the_others_unneeded(lab):
    lab.write(PARAMETRISED)
    for selected in ("claimed-1", "control:odd-1"):
        run = lab.run(f"check_it.py::it[test/it:{selected}]")
        assert run.status == 0, run.output
    assert run.verdict("test/it") == "NOT RUN"
    assert "the claimed variant has not run [2]" in run.reasons("test/it")
    assert lab.run().verdict("test/it") == "REFUTED"
    assert lab.run("-k", "claimed-1").verdict("test/it") == "REFUTED"


def test_running_until_it_is_green_does_not_make_it_green(lab):
    lab.write(
        """
        import pathlib

        TRIES = pathlib.Path(__file__).with_name("tries")


        @check(claim("flaky"), establishes=proof(over="all"), claimed=dict(a=2),
               controls={"odd": dict(a=3)})
        def flaky(a):
            tries = len(TRIES.read_text()) if TRIES.exists() else 0
            if a == 2:
                TRIES.write_text("x" * (tries + 1))
            refute_unless(a % 2 == 0 and tries > 0, a=a)
        """
    )
    assert lab.run().verdict("test/flaky") == "REFUTED"
    again = lab.run()
    assert again.status == 0, "this run alone has nothing to complain about"
    assert again.verdict("test/flaky") == "BROKEN"
    assert "held in one run and was refuted in another" in again.reasons("test/flaky")


def test_hypothesis_meets_the_same_examples_in_every_run(lab):
    lab.write(
        """
        import pathlib

        SEEN = pathlib.Path(__file__).with_name("seen")


        @check(claim("drawn"), establishes=sampled(over="integers"), claimed=dict(a=2),
               controls={"odd": dict(a=3)})
        @settings(max_examples=20)
        @given(k=st.integers())
        def drawn(a, k):
            if a == 2:
                with SEEN.open("a") as file:
                    file.write(f"{k}\\n")
            refute_unless(a * k % 2 == 0, a=a)
        """
    )
    runs = []
    for _ in range(2):
        (run,) = lab.run("-k", "claimed").ended("claimed")[-1:]
        assert run.samples == 20
        runs.append((lab.folder / "seen").read_text())
        (lab.folder / "seen").unlink()
    assert runs[0] == runs[1]
