"""A claim is worth no more than what it rests on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnproof.theory.core import Verdict
from attnproof.theory.core.inherit import inherit
from attnproof.theory.core.judgement import Judgement
from attnproof.theory.core.records import ClaimLine


def claim(identifier, uses=(), own=Verdict.VERIFIED):
    line = ClaimLine(
        id=identifier,
        paper="p",
        title="t",
        statement="x",
        parts={"statement": "x"},
        hypotheses={},
        uses=list(uses),
    )
    return Judgement(claim=line, own=own, verdict=own)


def settled(*judgements):
    table = {one.claim.id: one for one in judgements}
    inherit(table)
    return {identifier: one.verdict for identifier, one in table.items()}


@pytest.mark.parametrize(
    ("premise", "conclusion"),
    [
        (Verdict.VERIFIED, Verdict.VERIFIED),
        (Verdict.VERIFIED_UP_TO, Verdict.VERIFIED_UP_TO),
        (Verdict.SUPPORTED, Verdict.SUPPORTED),
        (Verdict.NOT_RUN, Verdict.NOT_RUN),
        (Verdict.UNDECIDED, Verdict.UNDECIDED),
        (Verdict.REFUTED, Verdict.UNDECIDED),
        (Verdict.BROKEN, Verdict.UNDECIDED),
    ],
)
def test_the_weaker_verdict_is_inherited(premise, conclusion):
    verdicts = settled(
        claim("p/top", ["p/middle"]), claim("p/middle", ["p/base"]), claim("p/base", own=premise)
    )
    assert verdicts == {"p/top": conclusion, "p/middle": conclusion, "p/base": premise}


def test_a_claim_that_is_worse_by_itself_stays_worse():
    verdicts = settled(claim("p/top", ["p/base"], own=Verdict.REFUTED), claim("p/base"))
    assert verdicts["p/top"] == Verdict.REFUTED


def test_an_undeclared_premise_leaves_it_not_run():
    assert settled(claim("p/top", ["p/nowhere"]))["p/top"] == Verdict.NOT_RUN


def test_claims_that_rest_on_themselves_are_broken_and_those_above_undecided():
    table = {
        one.claim.id: one
        for one in (
            claim("p/above", ["p/a"]),
            claim("p/a", ["p/b"]),
            claim("p/b", ["p/a"]),
            claim("p/self", ["p/self"]),
            claim("p/aside"),
        )
    }
    inherit(table)
    verdicts = {key: one.verdict for key, one in table.items()}
    assert verdicts == {
        "p/above": Verdict.UNDECIDED,
        "p/a": Verdict.BROKEN,
        "p/b": Verdict.BROKEN,
        "p/self": Verdict.BROKEN,
        "p/aside": Verdict.VERIFIED,
    }
    assert table["p/a"].reasons == ["rests on itself: p/a → p/b → p/a"]
    assert table["p/above"].weakest == "p/a"


names = [f"p/{letter}" for letter in "abcdef"]
graphs = st.fixed_dictionaries(
    {
        name: st.tuples(st.lists(st.sampled_from(names), max_size=3), st.sampled_from(Verdict))
        for name in names
    }
)


@given(graph=graphs, order=st.permutations(names))
def test_the_order_of_claims_plays_no_part_and_nothing_rises(graph, order):
    one = settled(*(claim(name, *graph[name]) for name in names))
    other = settled(*(claim(name, *graph[name]) for name in order))
    assert one == other
    assert all(one[name] <= graph[name][1] for name in names)
    for name in names:
        for used in graph[name][0]:
            assert one[name] <= max(one[used], Verdict.UNDECIDED)


def test_a_deep_lattice_is_judged_at_once():
    levels = 60
    claims = [claim("p/l0-0"), claim("p/l0-1")]
    for level in range(1, levels):
        below = [f"p/l{level - 1}-0", f"p/l{level - 1}-1"]
        claims += [claim(f"p/l{level}-0", below), claim(f"p/l{level}-1", below)]
    assert set(settled(*claims).values()) == {Verdict.VERIFIED}
