"""Verdicts are a pure function of the records, and bad news wins."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from attnproof.theory.core import Establishes, Verdict, exact, judge, proof, sampled
from attnproof.theory.core.evidence import counterexample
from attnproof.theory.core.records import (
    Began,
    CheckLine,
    ClaimLine,
    ControlLine,
    Ended,
    RunStarted,
)


def claim(identifier="p/c", parts=("statement",), uses=()):
    return ClaimLine(
        id=identifier,
        paper="p",
        title="t",
        statement="x",
        parts={part: "x" for part in parts},
        hypotheses={},
        uses=list(uses),
    )


def check(
    name="f.py::f",
    identifier="p/c",
    establishes: Establishes | None = None,
    part="statement",
    controls=("a",),
    repairs=(),
    parameters=("",),
    code="1",
):
    return CheckLine(
        check=name,
        claim=identifier,
        part=part,
        establishes=establishes or proof(over="all"),
        controls=[
            *(ControlLine(kind="control", name=one, alters=["x"]) for one in controls),
            *(ControlLine(kind="repair", name=one, alters=["x"]) for one in repairs),
        ],
        parameters=list(parameters),
        path=name.partition("::")[0],
        line=1,
        source="",
        doc="",
        code_hash=code,
    )


def ended(variant="claimed", outcome="holds", name="f.py::f", parameter="", code="1", **more):
    return Ended(
        node=f"{name}[p/c:{variant}-{parameter}]",
        check=name,
        claim="p/c",
        part="statement",
        parameter=parameter,
        variant=variant,
        outcome=outcome,
        code_hash=code,
        **({"assertions": 1} | more),
    )


def started(run="r", **versions):
    return RunStarted(
        run=run, started="", command="", python="3.11", platform="x", versions=versions
    )


GOOD = [claim(), check(), ended(), ended("control:a", "refuted")]


def verdict(records, identifier="p/c"):
    return judge(records)[identifier].verdict


def test_bad_news_wins():
    order = ["BROKEN", "REFUTED", "UNDECIDED", "NOT RUN", "SUPPORTED", "VERIFIED ≤ N", "VERIFIED"]
    assert [one.label for one in sorted(Verdict)] == order
    assert all(one.meaning for one in Verdict)


def test_the_ordinary_case():
    assert verdict(GOOD) == Verdict.VERIFIED


@pytest.mark.parametrize("missing", [2, 3])
def test_a_missing_record_is_not_run(missing):
    assert verdict(GOOD[:missing] + GOOD[missing + 1 :]) == Verdict.NOT_RUN


def test_the_order_of_declarations_and_of_items_plays_no_part():
    for order in itertools.permutations(GOOD):
        assert verdict(order) == Verdict.VERIFIED


def test_judging_does_not_alter_the_records_and_can_be_repeated():
    before = msgspec.json.encode(GOOD)
    first, second = judge(GOOD), judge(GOOD)
    assert first == second
    assert msgspec.json.encode(GOOD) == before


OUTCOMES = ["holds", "refuted", "undecided", "error"]


@pytest.mark.parametrize("refutes", [False, True])
@pytest.mark.parametrize("assertions", [0, 1])
@pytest.mark.parametrize("repair_assertions", [0, 1])
def test_nothing_is_settled_unless_every_item_did_what_it_must(
    refutes, assertions, repair_assertions
):
    aim = counterexample(over="one") if refutes else proof(over="all")
    for claimed, control, repair in itertools.product(OUTCOMES, repeat=3):
        found = verdict(
            [
                claim(),
                check(establishes=aim, repairs=("r",)),
                ended("claimed", claimed, assertions=assertions),
                ended("control:a", control),
                ended("repair:r", repair, assertions=repair_assertions),
            ]
        )
        as_it_must = control == "refuted" and repair == "holds" and repair_assertions
        verified = as_it_must and claimed == "holds" and assertions and not refutes
        assert (found == Verdict.VERIFIED) == bool(verified)
        assert found == Verdict.VERIFIED or found < Verdict.SUPPORTED
        if found == Verdict.REFUTED:
            assert claimed == "refuted" and control in ("refuted", "undecided")
            assert repair == "holds" and repair_assertions
        if claimed == "refuted" and as_it_must:
            assert found == Verdict.REFUTED


def test_evidence_of_other_code_is_no_evidence():
    assert verdict([claim(), check(code="2"), *GOOD[2:]]) == Verdict.NOT_RUN


def test_the_newest_record_of_an_item_counts():
    assert verdict([*GOOD, ended(outcome="undecided")]) == Verdict.UNDECIDED
    assert verdict([*GOOD[:2], ended(outcome="undecided"), *GOOD[2:]]) == Verdict.VERIFIED


@pytest.mark.parametrize("changed", ["claimed", "control:a"])
@pytest.mark.parametrize("swapped", [False, True])
def test_an_outcome_that_changes_with_the_same_code_is_broken(changed, swapped):
    runs = [
        [started("1", numpy="2"), *GOOD],
        [started("2", numpy="2"), ended(changed, "holds"), ended(changed, "refuted")],
    ]
    records = runs[swapped] + runs[not swapped]
    judged = judge(records)["p/c"]
    assert judged.verdict == Verdict.BROKEN
    assert "held in one run and was refuted in another" in " ".join(judged.reasons)


def test_an_outcome_that_changes_with_a_library_is_not_held_against_the_check():
    bad = [ended(outcome="refuted")]
    records = [started("1", numpy="1"), *GOOD, *bad, started("2", numpy="2"), *GOOD]
    assert verdict([started("1", numpy="1"), *GOOD[:2], *bad, *records[-5:]]) == Verdict.VERIFIED


def test_a_check_that_its_file_no_longer_has_does_not_count():
    second = check("f.py::g", establishes=sampled(over="some"))
    g = [ended(name="f.py::g"), ended("control:a", "refuted", name="f.py::g")]
    first_run = [started("1"), *GOOD, second, *g]
    assert verdict(first_run) == Verdict.VERIFIED
    assert verdict([*first_run, started("2"), claim(), second, *g]) == Verdict.SUPPORTED
    # Another file says nothing about this one.
    other = check("g.py::g", establishes=sampled(over="some"))
    assert verdict([*first_run, started("2"), claim(), other]) == Verdict.VERIFIED


def test_an_interruption_counts_only_for_the_code_it_happened_in():
    began = Began(node="f.py::f[p/c:claimed]")
    assert verdict([started("1"), *GOOD, began]) == Verdict.UNDECIDED
    newer = [claim(), check(code="2"), ended(code="2"), ended("control:a", "refuted", code="2")]
    records = [started("1"), claim(), check(), began, started("2"), *newer]
    assert verdict(records) == Verdict.VERIFIED


def test_every_parameter_must_have_run():
    records = [claim(), check(parameters=("1", "2"))]
    records += [ended(parameter="1"), ended("control:a", "refuted", parameter="1")]
    assert verdict(records) == Verdict.NOT_RUN
    records += [ended(parameter="2"), ended("control:a", "refuted", parameter="2")]
    assert verdict(records) == Verdict.VERIFIED
    assert verdict([claim(), check(parameters=())]) == Verdict.NOT_RUN


def test_a_check_line_without_a_control_is_broken():
    assert verdict([claim(), check(controls=()), ended()]) == Verdict.BROKEN


def test_every_part_must_hold_and_the_strongest_check_of_each_counts():
    records = [
        claim(parts=("x", "y")),
        check("f.py::f", part="x", establishes=sampled(over="some")),
        check("f.py::g", part="x"),
        check("f.py::h", part="y", establishes=exact(bound="n ≤ 3")),
    ]
    for name in ("f.py::f", "f.py::g", "f.py::h"):
        records += [ended(name=name), ended("control:a", "refuted", name=name)]
    judged = judge(records)["p/c"]
    assert judged.parts == {"x": Verdict.VERIFIED, "y": Verdict.VERIFIED_UP_TO}
    assert judged.verdict == Verdict.VERIFIED_UP_TO
    assert judged.bound == "n ≤ 3"


@pytest.mark.parametrize("bad", [None, -1.0, 2.0**-39, float("nan"), 1.0])
def test_a_randomised_test_without_a_negligible_error_is_only_supported(bad):
    aim = Establishes(method="m", coverage="bounded", certainty="error", over="n = 2")
    records = [
        claim(),
        check(establishes=aim),
        ended(error_probability=bad),
        ended("control:a", "refuted"),
    ]
    assert verdict(records) == Verdict.SUPPORTED


@pytest.mark.parametrize("bad", [-1.0, 2.0**-39, float("nan"), 1.0])
def test_a_proof_that_used_a_doubtful_randomised_test_is_only_supported(bad):
    records = [claim(), check(), ended(error_probability=bad), ended("control:a", "refuted")]
    assert verdict(records) == Verdict.SUPPORTED
