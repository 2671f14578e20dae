"""What an extra would bring is missing: undecided with advice, not an error and not a pass."""

from __future__ import annotations

CHECKS = """
def needs(module, a):
    if module:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)
    refute_unless(a % 2 == 0, a=a)


EVEN = dict(establishes=proof(over="2"), controls={"odd": dict(a=3)})


@check(claim("needs-z3"), claimed=dict(module="z3", a=2), **EVEN)
def needs_z3(module, a):
    needs(module, a)


@check(claim("needs-a-part-of-torch"), claimed=dict(module="torch.nn", a=2), **EVEN)
def needs_torch(module, a):
    needs(module, a)


@check(claim("needs-a-typo"), claimed=dict(module="nmupy", a=2), **EVEN)
def needs_a_typo(module, a):
    needs(module, a)
"""


def test_an_extra_that_is_not_installed_is_undecided_and_a_typo_is_an_error(lab):
    lab.write(CHECKS)
    run = lab.run()
    assert run.verdict("test/needs-z3") == "UNDECIDED"
    assert "z3 is not installed: pip install 'attnproof[smt]'" in run.reasons("test/needs-z3")
    assert "attnproof[kernels]" in run.reasons("test/needs-a-part-of-torch")
    outcomes = {(one.claim, one.outcome) for one in run.ended("claimed")}
    assert ("test/needs-z3", "undecided") in outcomes
    assert ("test/needs-a-typo", "error") in outcomes
    # Neither is ever a pass, and only the typo is a failure.
    assert run.verdict("test/needs-a-typo") in ("BROKEN", "UNDECIDED")
    failed = [line for line in run.output.splitlines() if line.startswith("FAILED")]
    assert failed and all("needs_a_typo" in line for line in failed)
