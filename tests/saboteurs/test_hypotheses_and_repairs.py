"""Vacuous claims, witnesses that miss, and refutations that nothing backs."""

from __future__ import annotations

import pytest

SABOTEURS = """
CONTRADICTORY = claim(
    "contradictory",
    hypotheses={
        "big": Hypothesis("x>1", lambda x: x > 1),
        "small": Hypothesis("x<1", lambda x: x < 1),
    },
    instance=lambda: dict(x=2),
)


@check(CONTRADICTORY, **GOOD)
def contradictory(a):
    holds_for_even(a)


@check(
    claim(
        "lacking", hypotheses={"h": Hypothesis("x>1", lambda x: x > 1)}, instance=lambda: dict(y=2)
    ),
    **GOOD,
)
def lacking(a):
    holds_for_even(a)


@check(
    claim(
        "instance-raises",
        hypotheses={"h": Hypothesis("x>1", lambda x: x > 1)},
        instance=lambda: dict(x=1 / 0),
    ),
    **GOOD,
)
def instance_raises(a):
    holds_for_even(a)


POSITIVE = dict(
    hypotheses={"positive": Hypothesis("x>0", lambda x: x > 0)}, instance=lambda: dict(x=1)
)


@check(
    claim("necessity-misses", **POSITIVE),
    establishes=proof(over="all"),
    claimed=dict(x=1),
    controls={"drop": dict(x=5, drops="positive")},
)
def necessity_misses(x):
    refute_unless(x == 1, x=x)


@check(
    claim("necessity-shown", **POSITIVE),
    establishes=proof(over="all"),
    claimed=dict(x=1),
    controls={"drop": dict(x=-1, drops="positive")},
)
def necessity_shown(x):
    refute_unless(x > 0, x=x)


@check(
    claim("refuted-outside-hypotheses", **POSITIVE),
    establishes=proof(over="all"),
    claimed=dict(x=-2),
    controls={"other": dict(x=-1)},
)
def refuted_outside_hypotheses(x):
    refute_unless(x > 0, x=x)


REFUTES = dict(
    establishes=counterexample(over="one instance"), claimed=dict(a=3), controls={"five": dict(a=5)}
)


@check(claim("properly-refuted"), repairs={"even": dict(a=2)}, **REFUTES)
def properly_refuted(a):
    holds_for_even(a)


@check(claim("repair-refuted"), repairs={"seven": dict(a=7)}, **REFUTES)
def repair_refuted(a):
    holds_for_even(a)


@check(claim("repair-asserts-nothing"), repairs={"even": dict(a=2)}, **REFUTES)
def repair_asserts_nothing(a):
    if a != 2:
        refute_unless(False, a=a)


@check(claim("repair-raises"), repairs={"even": dict(a=2)}, **REFUTES)
def repair_raises(a):
    if a == 2:
        raise ValueError("no repair")
    holds_for_even(a)


@check(claim("repair-hangs"), repairs={"even": dict(a=2)}, timeout=0.3, **REFUTES)
def repair_hangs(a):
    while a == 2:
        pass
    holds_for_even(a)


@check(
    claim("counterexample-lost"),
    establishes=counterexample(over="one"),
    claimed=dict(a=2),
    controls={"odd": dict(a=3)},
    repairs={"four": dict(a=4)},
)
def counterexample_lost(a):
    holds_for_even(a)


@check(
    claim("simply-false"),
    establishes=proof(over="all"),
    claimed=dict(a=5),
    controls={"odd": dict(a=3)},
)
def simply_false(a):
    holds_for_even(a)


BOTH = claim("proved-and-refuted")


@check(BOTH, **GOOD)
def proved(a):
    holds_for_even(a)


@check(
    BOTH,
    establishes=counterexample(over="one"),
    claimed=dict(a=3),
    controls={"five": dict(a=5)},
    repairs={"even": dict(a=2)},
)
def refuted(a):
    holds_for_even(a)
"""

EXPECTED = {
    "contradictory": ("BROKEN", "does not satisfy its hypothesis 'small'"),
    "lacking": ("BROKEN", "lacks ['x'], needed by hypothesis 'h'"),
    "instance-raises": ("BROKEN", "could not be examined (ZeroDivisionError"),
    "necessity-misses": ("BROKEN", "its witness still satisfies 'positive'"),
    "necessity-shown": ("VERIFIED", ""),
    "refuted-outside-hypotheses": ("BROKEN", "violates the hypothesis 'positive'"),
    "properly-refuted": ("REFUTED", "the stated relation fails"),
    "repair-refuted": ("BROKEN", "repair 'seven' was refuted too"),
    "repair-asserts-nothing": ("BROKEN", "repair 'even' asserts nothing"),
    "repair-raises": ("BROKEN", "raised an error instead of holding: ValueError: no repair"),
    "repair-hangs": ("UNDECIDED", "no answer within 0.3 s"),
    "counterexample-lost": ("BROKEN", "written to refute, but the statement held"),
    "simply-false": ("REFUTED", "the stated relation fails"),
    "proved-and-refuted": ("BROKEN", "both proved and refuted"),
}


@pytest.mark.parametrize("key", EXPECTED)
def test_verdict_and_reason(agrees, key):
    agrees(key, *EXPECTED[key])


def test_every_saboteur_has_an_expectation(run):
    judged = {claim.partition("/")[2] for claim in run.judgements if claim.startswith("test/")}
    assert judged == set(EXPECTED)


def test_necessity_is_shown_by_the_control_that_drops_the_hypothesis(run):
    necessity = run.judgements["test/necessity-shown"].necessity
    assert necessity == {"positive": ("necessary", "drop")}
    assert run.judgements["test/necessity-misses"].necessity["positive"][0] != "necessary"
    assert "its witness satisfies that hypothesis: the witness shows something else" in run.output
