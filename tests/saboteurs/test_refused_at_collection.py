"""What could not be trusted, or would silently never run, is refused with advice."""

from __future__ import annotations

import pytest

GOOD = 'establishes=proof(over="all"), claimed=dict(a=2), controls={"odd": dict(a=3)}'

BODY = """
def it(a):
    refute_unless(a % 2 == 0, a=a)
"""


def checked(arguments: str, claim: str = 'claim("it")') -> str:
    return f"@check({claim}, {arguments}){BODY}"


REFUSED = {
    "no_control": (
        checked('establishes=proof(over="all"), claimed=dict(a=2), controls={}'),
        "a check without a control cannot be told from one that never fails. Add controls=",
    ),
    "alters_nothing": (
        checked('establishes=proof(over="all"), claimed=dict(a=2), controls={"same": dict(a=2)}'),
        "control 'same' alters nothing; change an ingredient",
    ),
    "empty_alteration": (
        checked('establishes=proof(over="all"), claimed=dict(a=2), controls={"none": dict()}'),
        "control 'none' alters nothing; change an ingredient",
    ),
    "unknown_ingredient": (
        checked('establishes=proof(over="all"), claimed=dict(a=2), controls={"odd": dict(b=3)}'),
        "alters 'b', which is no ingredient; the ingredients are ['a']",
    ),
    "unknown_hypothesis": (
        checked(
            'establishes=proof(over="all"), claimed=dict(a=2), '
            'controls={"odd": dict(a=3, drops="contraction")}'
        ),
        "drops the hypothesis 'contraction'; the claim has []",
    ),
    "unknown_part": (checked(GOOD + ', part="b"'), "has no part 'b'; it has ['statement']"),
    "part_not_said": (
        checked(GOOD, 'claim("it", statement="", parts={"x": "1", "y": "2"})'),
        "has the parts ['x', 'y']: say part=… which is tested",
    ),
    "no_repair": (
        checked(GOOD.replace("proof(", "counterexample(")),
        "a check that refutes the statement needs repairs=",
    ),
    "ingredient_not_taken": (
        checked(GOOD.replace("dict(a=2)", "dict(a=2, b=1)")),
        "it does not take the ingredient 'b'; it takes ['a']",
    ),
    "no_claim": (checked(GOOD, '"test/it"'), "@check needs a Claim as its first argument"),
    "no_time_limit": (checked(GOOD + ", timeout=0"), "timeout=0 sets no limit"),
    "below_given": (
        f'@given(k=st.integers())\n@check(claim("it"), {GOOD})\n'
        "def it(a, k):\n    refute_unless(a % 2 == 0, a=a)\n",
        "it: @check stands below @given, where nobody sees it; put @check on top",
    ),
    "method": (
        f'class TestIt:\n    @check(claim("it"), {GOOD})\n    def it(self, a):\n        pass\n',
        "TestIt.it: a check is a plain function, not a method; move it out of the class",
    ),
    "method_of_other_class": (
        f'class Group:\n    @staticmethod\n    @check(claim("it"), {GOOD})\n    def it(a):\n'
        "        pass\n",
        "Group.it: a check is a plain function, not a method",
    ),
    "defined_twice": (
        checked(GOOD) + checked(GOOD, 'claim("other")'),
        "it is defined twice in check_defined_twice.py",
    ),
    "expected_to_fail": (
        f"@pytest.mark.xfail\n{checked(GOOD)}",
        "a check is never expected to fail; where the statement is false, establish counterexample",
    ),
    "predicate_without_instance": (
        'claim("it", hypotheses={"h": Hypothesis("x>0", lambda x: x > 0)})',
        "hypothesis 'h' has a predicate, so give instance=lambda: dict(…)",
    ),
    "no_statement": ('claim("it", statement="")', "give either statement=… or parts="),
    "bad_key": ('claim("Not A Key")', "use lower-case words joined by hyphens"),
    "twice": ('claim("it")\nclaim("it")', "claim twice/it is declared twice"),
}


@pytest.fixture(scope="module")
def run(shared_lab):
    laboratory = shared_lab()
    for name, (text, _) in REFUSED.items():
        laboratory.write(text, f"check_{name}.py", paper=name.replace("_", "-"))
    laboratory.write(checked(GOOD), "check_good.py", paper="good")
    return laboratory.run("--continue-on-collection-errors")


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_advice(run, name):
    # Pytest wraps what it prints; compare without the line breaks.
    _, _, rest = run.output.partition(f"ERROR collecting check_{name}.py")
    assert rest, run.output
    found = " ".join(rest.partition("ERROR collecting")[0].split())
    assert REFUSED[name][1] in found


def test_the_others_are_run_and_the_session_fails(run):
    assert run.status == 1
    assert run.verdict("good/it") == "VERIFIED"
    assert not [one for one in run.ended() if not one.claim.startswith("good/")]
