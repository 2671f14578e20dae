"""What changed between two states, and where evidence is wanted."""

from __future__ import annotations

from attnproof.theory.core import Judgement, Verdict, changes, most_wanted
from attnproof.theory.core.records import ClaimLine


def judged(key: str, verdict: Verdict, *, uses=(), parts=None, weakest="", own=None) -> Judgement:
    line = ClaimLine(
        id=f"p/{key}",
        paper="p",
        title=key,
        statement="x",
        parts=parts or {"statement": "x"},
        hypotheses={},
        uses=[f"p/{name}" for name in uses],
    )
    one = Judgement(claim=line, own=own or verdict, verdict=verdict, weakest=weakest)
    one.parts = dict.fromkeys(line.parts, one.own)
    one.reasons = ["because"]
    return one


def of(*judgements: Judgement) -> dict[str, Judgement]:
    return {one.claim.id: one for one in judgements}


def test_every_kind_of_change():
    old = of(
        judged("same", Verdict.VERIFIED),
        judged("lost", Verdict.VERIFIED),
        judged("won", Verdict.SUPPORTED),
        judged("gone", Verdict.VERIFIED),
        judged("reworded", Verdict.VERIFIED),
        judged("mind", Verdict.VERIFIED),
    )
    new = of(
        judged("same", Verdict.VERIFIED),
        judged("lost", Verdict.BROKEN),
        judged("won", Verdict.VERIFIED_UP_TO),
        judged("new", Verdict.VERIFIED),
        judged("reworded", Verdict.VERIFIED, parts={"statement": "y"}),
        judged("mind", Verdict.REFUTED),
    )
    found = [(one.claim, one.kind) for one in changes(old, new)]
    assert found == [
        ("p/lost", "worse"),
        ("p/mind", "worse"),
        ("p/gone", "gone"),
        ("p/won", "better"),
        ("p/new", "new"),
        ("p/reworded", "reworded"),
    ]
    assert changes(old, old) == []


def test_what_got_worse_says_why():
    (change,) = changes(of(judged("one", Verdict.VERIFIED)), of(judged("one", Verdict.UNDECIDED)))
    assert change.before == "VERIFIED" and change.after == "UNDECIDED"
    assert change.details[0] == "because"
    assert "part 'statement': VERIFIED → UNDECIDED" in change.details


def test_most_wanted_counts_what_rests_on_it_through_others():
    found = most_wanted(
        of(
            judged("proved", Verdict.VERIFIED),
            judged("refuted", Verdict.REFUTED),
            judged("base", Verdict.SUPPORTED),
            judged("middle", Verdict.SUPPORTED, uses=["base"], weakest="p/base"),
            judged("top", Verdict.SUPPORTED, uses=["middle"], own=Verdict.VERIFIED),
            judged("alone", Verdict.NOT_RUN),
            judged("broken", Verdict.BROKEN),
        )
    )
    assert [(one.claim, one.dependants) for one in found] == [
        ("p/broken", 0),
        ("p/base", 2),
        ("p/middle", 1),
        ("p/alone", 0),
    ]
    assert found[1].lowered == 1
