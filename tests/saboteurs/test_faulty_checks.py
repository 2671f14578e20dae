"""A check that asserts nothing, hangs, exits, swallows or raises is found out."""

from __future__ import annotations

import pytest

SABOTEURS = """
@check(claim("honest"), **GOOD)
def honest(a):
    holds_for_even(a)


@check(claim("asserts-nothing"), **GOOD)
def asserts_nothing(a):
    a % 2 == 0


@check(claim("asserts-only-in-the-control"), **GOOD)
def asserts_only_in_the_control(a):
    if a == 3:
        refute_unless(False, a=a)


@check(claim("never-awaited"), **GOOD)
async def never_awaited(a):
    holds_for_even(a)


@check(claim("plain-assert"), **GOOD)
def plain_assert(a):
    refute_unless(True, a=a)
    assert a == 2


@check(claim("control-raises"), **GOOD)
def control_raises(a):
    refute_unless(True, a=a)
    if a == 3:
        raise ValueError("odd")


@check(claim("control-survives"), **GOOD)
def control_survives(a):
    refute_unless(a > 0, a=a)


@check(claim("refuted-without-witness"), **GOOD)
def refuted_without_witness(a):
    refute_unless(True, a=a)
    if a == 3:
        raise Refuted("because I say so", {})


@check(claim("calls-exit"), **GOOD)
def calls_exit(a):
    import sys

    sys.exit(0)


@check(claim("swallows-everything"), **(GOOD | dict(timeout=0.3)))
def swallows_everything(a):
    import time

    try:
        time.sleep(5)
    except:
        pass
    holds_for_even(a)


@check(claim("swallows-a-refutation"), **GOOD)
def swallows_a_refutation(a):
    for n in range(5):
        try:
            refute_unless(n < 3, n=n)
        except Exception:
            pass
    holds_for_even(a)


def forgiving(function):
    import functools

    @functools.wraps(function)
    def wrapped(a):
        try:
            function(a)
        except Refuted:
            if a == 3:
                raise

    return wrapped


@forgiving
@check(claim("wrapped-in-forgiveness"), **GOOD)
def wrapped_in_forgiveness(a):
    refute_unless(False, a=a)


@check(claim("hangs-in-python"), **(GOOD | dict(timeout=0.3)))
def hangs_in_python(a):
    while a == 2:
        pass
    holds_for_even(a)


@check(claim("eats-memory"), **GOOD)
def eats_memory(a):
    if a == 2:
        bytearray(2**62)
    holds_for_even(a)


@check(claim("recursion"), **GOOD)
def recursion(a):
    if a == 2:
        recursion(a)
    holds_for_even(a)


@check(claim("says-undecided"), **GOOD)
def says_undecided(a):
    if a == 2:
        raise Undecided("the ball straddles zero")
    holds_for_even(a)


@check(claim("skips-itself"), **GOOD)
def skips_itself(a):
    if a == 2:
        pytest.skip("not today")
    holds_for_even(a)


@check(
    claim("changes-its-ingredient"),
    establishes=proof(over="all"),
    claimed=dict(row=[2, 4], last=4),
    controls={"claims another end": dict(last=5)},
)
def changes_its_ingredient(row, last):
    refute_unless(row.pop() == last, last=last)
    refute_unless(len(row) == 1, row=row)


@check(
    claim("leaves-something-behind"),
    establishes=proof(over="all"),
    claimed=dict(row=[2, 4], label="x"),
    controls={"changes nothing that matters": dict(label="y")},
)
def leaves_something_behind(row, label):
    refute_unless(row.pop() == 4, label=label)


@check(claim("draws-conclusions-from-a-thread"), **GOOD)
def draws_conclusions_from_a_thread(a):
    import threading

    thread = threading.Thread(target=lambda: refute_unless(a > 100, a=a), daemon=True)
    thread.start()
    thread.join()


@check(claim("huge-witness"), **GOOD)
def huge_witness(a):
    refute_unless(a == 2, huge=10**6000, ratio=Fraction(10**6000, 7))


@check(claim("huge-figure"), **GOOD)
def huge_figure(a):
    note(huge=10**6000, infinite=float("inf"), thing=object())
    holds_for_even(a)


@check(claim("unprintable-witness"), **GOOD)
def unprintable_witness(a):
    class Odd:
        def __repr__(self):
            raise RuntimeError("no words")

    refute_unless(a == 2, a=a, thing=Odd())
"""

EXPECTED = {
    "honest": ("VERIFIED", ""),
    "asserts-nothing": ("BROKEN", "asserts nothing"),
    "asserts-only-in-the-control": ("BROKEN", "asserts nothing"),
    "never-awaited": ("BROKEN", "asserts nothing"),
    "plain-assert": ("BROKEN", "raised an error instead of a refutation: AssertionError"),
    "control-raises": ("BROKEN", "raised an error instead of a refutation: ValueError: odd"),
    "control-survives": ("BROKEN", "control 'odd' survived"),
    "refuted-without-witness": ("BROKEN", "Refuted without a witness"),
    "calls-exit": ("BROKEN", "the check called exit (0)"),
    "swallows-everything": ("UNDECIDED", "no answer within 0.3 s"),
    "swallows-a-refutation": ("UNDECIDED", "a refutation was swallowed"),
    "wrapped-in-forgiveness": ("UNDECIDED", "a refutation was swallowed"),
    "hangs-in-python": ("UNDECIDED", "no answer within 0.3 s"),
    "eats-memory": ("UNDECIDED", "ran out of memory"),
    "recursion": ("UNDECIDED", "recursion too deep"),
    "says-undecided": ("UNDECIDED", "the ball straddles zero"),
    "skips-itself": ("UNDECIDED", "skipped: Skipped: not today"),
    "changes-its-ingredient": ("VERIFIED", ""),
    "leaves-something-behind": ("BROKEN", "control 'changes nothing that matters' survived"),
    "draws-conclusions-from-a-thread": ("BROKEN", "asserts nothing"),
    "huge-witness": ("VERIFIED", ""),
    "huge-figure": ("VERIFIED", ""),
    "unprintable-witness": ("BROKEN", "a witness cannot hold"),
}


@pytest.mark.parametrize("key", EXPECTED)
def test_verdict_and_reason(agrees, key):
    agrees(key, *EXPECTED[key])


def test_every_saboteur_has_an_expectation(run):
    judged = {claim.partition("/")[2] for claim in run.judgements if claim.startswith("test/")}
    assert judged == set(EXPECTED)


def test_the_run_fails_and_says_why(run):
    assert run.status == 1
    assert "control 'odd' survived: the altered claim passes the same code" in run.output
    assert "the check asserts nothing: it never reached refute_unless(…)" in run.output
    assert "INTERNALERROR" not in run.output
