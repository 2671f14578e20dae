"""The command line answers at once, in 80 columns, and says what was meant."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

import pytest

from attnproof.checks._run.command.lookup import ledger_folder
from attnproof.checks._run.command.run_checks import _selection
from attnproof.checks._run.command_line import COMMANDS
from attnproof.theory.paper import load

HEAVY = {"numpy", "sympy", "flint", "torch", "cvxpy", "scipy", "z3", "hypothesis", "pytest"}

CHECKS = """
BASE = claim(
    "base",
    statement="",
    parts={"one": "x", "two": "y"},
    scope="every integer",
    not_covered="rounding",
    hypotheses={"odd": "a odd"},
    locus="Eq. (1)",
)
TOP = claim("top", uses=[BASE], deviation="reads 'even' as 2k")


@check(
    BASE,
    part="one",
    establishes=exact(bound="a = 2"),
    claimed=dict(a=2),
    controls={"odd": dict(a=3), "γ ≤ 1/√N": dict(a=5)},
)
def base_one(a):
    refute_unless(a % 2 == 0, "a is even", a=Fraction(a, 7))


@check(
    BASE,
    part="two",
    establishes=proof(over="all"),
    claimed=dict(a=2),
    controls={"loose": dict(a=4)},
)
@pytest.mark.parametrize("k", [1, 2])
def base_two(a, k):
    refute_unless(a % 2 == 0, a=a)


@check(TOP, establishes=proof(over="all"), claimed=dict(a=2), controls={"odd": dict(a=3)})
@given(x=st.fractions(max_denominator=9), row=st.lists(st.floats(0, 1), min_size=1), word=st.text())
def top(a, x, row, word):
    refute_unless(a % 2 == 0 or abs(x) < 3 or len(row) < 2, "small", x=x)
"""


@pytest.fixture(scope="module")
def ran(shared_lab):
    laboratory = shared_lab()
    laboratory.write(CHECKS)
    laboratory.run()
    return laboratory


def fits(text: str) -> bool:
    return all(len(line) <= 80 for line in text.splitlines())


def ask(laboratory, *arguments, file=False):
    extra = ["--file", "check_it.py"] if file else []
    return laboratory.attnproof(*arguments, "--ledger", str(laboratory.ledger), *extra)


def test_list_loads_nothing_heavy_and_is_quick():
    code = (
        "import sys, json\n"
        "from attnproof.checks._run.command_line import main\n"
        "status = main(['list'])\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
        "sys.exit(status)"
    )
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        seconds.append(time.perf_counter() - started)
        assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & HEAVY
    assert fits("\n".join(done.stdout.splitlines()[:-1]))
    # 0.12 s where nothing else runs; the limit leaves room for a loaded machine.
    assert statistics.median(seconds) < 1.5


def test_declaring_every_claim_loads_nothing_heavy():
    code = (
        "import sys, json, attnproof.theory.paper as paper\n"
        "assert len(paper.load()) > 30\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not set(json.loads(done.stdout)) & HEAVY


def test_list_shows_verdicts_and_can_be_narrowed(ran):
    everything = ask(ran, "list").stdout
    assert "BROKEN        test/base" in everything
    assert "infsa:" in everything
    one = ask(ran, "list", "test")
    assert "infsa" not in one.stdout
    assert fits(everything)
    broken = ask(ran, "list", "--verdict", "broken").stdout
    assert "test/base" in broken and "test/top" not in broken
    wrong = ask(ran, "list", "tset")
    assert wrong.returncode == 2 and "did you mean test" in wrong.stderr
    assert ask(ran, "list", "--verdict", "VERIFED").returncode == 2


def test_show(ran):
    said = ask(ran, "show", "test/base").stdout
    assert fits(said)
    for words in (
        "one [VERIFIED ≤ N]: x",
        "two [BROKEN]: y",
        "odd: a odd (necessity not shown)",
        "every integer",
        "rounding",
        "Eq. (1)",
        "control:γ ≤ 1/√N: refuted; a is even",
        "control:loose [1]: holds",
        "control 'loose' [2] survived",
    ):
        assert words in said, said


def test_show_says_when_the_code_has_changed(lab):
    lab.write(CHECKS)
    lab.run("-k", "base_one")
    assert "code has changed" not in ask(lab, "show", "test/base").stdout
    lab.write(CHECKS + "\n# changed\n")
    assert "the code has changed since" in ask(lab, "show", "test/base").stdout


def test_why_names_the_part_the_check_and_the_premise(ran):
    said = ask(ran, "why", "test/top").stdout
    assert fits(said)
    assert "test/top: UNDECIDED" in said
    assert "rests on test/base, which is BROKEN" in said
    assert "weakest part: two" in said
    assert "decided by base_two: BROKEN" in said


def test_unknown_claims_get_advice(ran):
    for command in ("show", "why", "replay"):
        done = ask(ran, command, "test/bas")
        assert done.returncode == 2
        assert "no claim 'test/bas'; did you mean test/base" in done.stderr


def test_a_damaged_ledger_is_reported_and_prevents_nothing(lab):
    lab.write(CHECKS)
    lab.run()
    (ledger,) = lab.ledger.glob("*.jsonl")
    with ledger.open("ab") as file:
        file.write(b'{"kind":"nonsense"}\n' + b"[" * 100_000 + b'\n{"kind":')
    for command in (["list"], ["show", "test/base"], ["why", "test/base"]):
        done = ask(lab, *command)
        assert done.returncode == 0
        assert done.stderr.count("damaged ledger") == 3
        assert "BROKEN" in done.stdout


def test_replay_finds_the_recorded_witness(ran):
    done = ask(ran, "replay", "test/base:odd", file=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a = 3/7" in done.stdout
    assert "same witness as in the ledger" in done.stdout
    assert fits(done.stdout)


def test_replay_feeds_a_recorded_instance_back_without_searching(ran):
    done = ask(ran, "replay", "test/top:odd", file=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "from the recorded instance, without a search" in done.stdout
    assert "same witness as in the ledger" in done.stdout


def test_replay_searches_where_no_instance_was_recorded(lab):
    lab.write(CHECKS)
    done = lab.attnproof("replay", "test/top:odd", "--file", "check_it.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "after a search (no instance" in done.stdout
    assert "no record of it; expected: refuted" in done.stdout


def test_replay_as_claimed_runs_every_parameter(ran):
    done = ask(ran, "replay", "test/base", file=True)
    assert done.returncode == 0
    assert "base_two [1], claimed" in done.stdout and "base_two [2], claimed" in done.stdout
    assert done.stdout.count("same outcome as in the ledger") == 3


def test_replay_of_a_file_that_lies_elsewhere(ran, tmp_path):
    path = str(ran.folder / "check_it.py")
    arguments = ["replay", "test/base:odd", "--ledger", str(ran.ledger), "--file", path]
    done = type(ran)(tmp_path).attnproof(*arguments)
    assert done.returncode == 0
    assert "same witness as in the ledger" in done.stdout


def test_replay_of_an_unknown_control(ran):
    done = ask(ran, "replay", "test/base:od", file=True)
    assert done.returncode == 2
    assert "no control 'od'; did you mean odd?" in done.stderr


def test_replay_says_when_the_outcome_is_another(lab):
    lab.write(CHECKS)
    lab.run()
    lab.write(CHECKS.replace('"a is even", a=Fraction(a, 7)', '"a is even", a=Fraction(a, 9)'))
    done = ask(lab, "replay", "test/base:odd", file=True)
    assert "the witness differs; the ledger has a = 3/7" in done.stdout.replace("\n", " ")
    assert "its record was made by other code; expected: refuted" in done.stdout
    lab.write(CHECKS.replace("a % 2 == 0", "a > 0"))
    done = ask(lab, "replay", "test/base:odd", file=True)
    assert done.returncode == 1
    assert "another outcome: the ledger has refuted" in done.stdout


def test_run_selects_exactly_the_claim():
    claims = [claim.id for paper in load().values() for claim in paper.claims.values()]
    if not claims:
        pytest.skip("no claim is declared yet")
    folder, flag, expression = _selection(claims[:1])
    assert folder.endswith("infsa") and flag == "-k"
    assert expression == f"[{claims[0]}:"
    assert _selection(["infsa"])[-1] == "[infsa/"


def test_run_runs_paths_and_passes_on_what_follows_the_dashes(lab):
    lab.write(CHECKS)
    done = lab.attnproof(
        "run", "check_it.py", "--ledger", str(lab.ledger), "--", "-k", "base_one", "-q"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {one.check.rpartition("::")[2] for one in lab.read().ended()} == {"base_one"}


def test_run_gives_advice(lab):
    done = lab.attnproof("run", "infsa/no-such-claim-at-all")
    assert done.returncode == 2
    assert "no claim or paper 'infsa/no-such-claim-at-all'" in done.stderr
    done = lab.attnproof("run", "heads-ssm", ".")
    assert done.returncode == 2 and "run them one after the other" in done.stderr


def test_new_writes_a_check_that_is_collected_and_says_what_to_do(lab):
    done = lab.attnproof("new", "infsa/made-up-claim", "--checks", str(lab.folder))
    assert done.returncode == 0, done.stderr
    file = lab.folder / "infsa" / "check_made_up_claim.py"
    assert len(file.read_text().splitlines()) <= 30
    assert 'MADE_UP_CLAIM = PAPER.claim(\n    "made-up-claim",' in done.stdout
    assert "theory/paper/infsa" in done.stdout

    missing = lab.run(str(file))
    assert "infsa has no claim 'made-up-claim' yet: declare it" in missing.output

    snippet = done.stdout.partition("run:\n\n")[2].rpartition("  attnproof run")[0]
    (lab.folder / "conftest.py").write_text(
        "from attnproof.theory.paper.infsa import PAPER\n\n" + snippet
    )
    unfilled = lab.run(str(file))
    assert unfilled.status == 1
    assert "replace this example by the check of the claim" in unfilled.output
    assert unfilled.verdict("infsa/made-up-claim") == "UNDECIDED"

    again = lab.attnproof("new", "infsa/made-up-claim", "--checks", str(lab.folder))
    assert again.returncode == 2
    assert "exists already and is left alone" in again.stderr


def test_new_gives_advice(lab):
    for given, words in (
        ("infsa", "write PAPER/CLAIM in lower-case words"),
        ("infsa/Not_A_Key", "write PAPER/CLAIM in lower-case words"),
        ("infas/claim", "no paper 'infas'; did you mean infsa"),
    ):
        done = lab.attnproof("new", given, "--checks", str(lab.folder))
        assert done.returncode == 2 and words in done.stderr
    done = lab.attnproof("new", "softmax-rnn/made-up-claim", "--checks", str(lab.folder))
    assert "paste into theory/paper/softmax_rnn and fill in" in done.stdout
    assert (lab.folder / "softmax_rnn" / "check_made_up_claim.py").exists()
    # A paper of the register of which nothing is declared yet.
    done = lab.attnproof("new", "landmark/made-up-claim", "--checks", str(lab.folder))
    assert "paste into theory/paper/landmark.py (a new file)" in done.stdout


def test_the_default_ledger_is_that_of_the_checkout_one_stands_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ledger_folder(None) != tmp_path / "reports" / "ledger"
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "checks").mkdir()
    assert ledger_folder(None) == tmp_path / "reports" / "ledger"
    assert ledger_folder(tmp_path) == tmp_path


def test_report_without_a_ledger_says_what_to_do(lab):
    lab.ledger.mkdir()
    done = ask(lab, "report")
    assert done.returncode == 2
    assert "run `attnproof run` or `pytest checks/` first" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(lab, command):
    done = lab.attnproof(command, "--help")
    assert done.returncode == 0
    assert "usage: attnproof" in done.stdout
