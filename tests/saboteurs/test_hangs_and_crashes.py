"""A worker that dies takes one item with it; the ledger says which, and the rest survives."""

from __future__ import annotations

FATAL = """
GOOD = dict(establishes=proof(over="all"), claimed=dict(a=2), controls={"odd": dict(a=3)})


@check(claim("bystander"), **GOOD)
@pytest.mark.parametrize("k", range(6))
def bystander(a, k):
    refute_unless(a % 2 == 0, a=a)


@check(claim("hangs-in-c"), timeout=0.5, **GOOD)
def hangs_in_c(a):
    import itertools
    if a == 2:
        sum(itertools.repeat(0))  # one call into C: no Python code runs, so no signal handler does
    refute_unless(a % 2 == 0, a=a)


@check(claim("aborts"), **GOOD)
def aborts(a):
    import os
    if a == 2:
        os.abort()
    refute_unless(a % 2 == 0, a=a)


@check(claim("crashes"), **GOOD)
def crashes(a):
    import os, signal
    if a == 2:
        os.kill(os.getpid(), signal.SIGSEGV)
    refute_unless(a % 2 == 0, a=a)


@check(claim("leaves"), **GOOD)
def leaves(a):
    import os
    if a == 2:
        os._exit(0)
    refute_unless(a % 2 == 0, a=a)


@check(claim("control-crashes"), **GOOD)
def control_crashes(a):
    import os
    if a == 3:
        os.abort()
    refute_unless(a % 2 == 0, a=a)
"""


def test_a_dead_worker_costs_one_item(lab):
    lab.write(FATAL)
    run = lab.run("-n", "2", environment={"ATTNPROOF_GRACE_SECONDS": "0.5"})
    for key in ("hangs-in-c", "aborts", "crashes", "leaves", "control-crashes"):
        assert run.verdict(f"test/{key}") == "UNDECIDED", key
        assert "the process crashed or was killed" in run.reasons(f"test/{key}"), key
    assert run.verdict("test/bystander") == "VERIFIED"
    assert run.status == 1
    assert not run.damage
    assert "INTERNALERROR" not in run.output


def test_without_workers_the_ledger_still_names_the_item_that_crashed(lab):
    lab.write(FATAL)
    run = lab.run("-k", "bystander or aborts")
    assert run.status != 0
    assert run.verdict("test/bystander") == "VERIFIED"
    assert run.verdict("test/aborts") == "UNDECIDED"
    assert "began and never ended" in run.reasons("test/aborts")
