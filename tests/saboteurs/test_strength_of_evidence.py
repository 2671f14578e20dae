"""Sampling, guessing and randomised tests do not add up to a proof."""

from __future__ import annotations

import pytest

SABOTEURS = """
@check(
    claim("guessed-tolerance"),
    establishes=measured(over="guessed"),
    claimed=dict(a=2),
    controls={"odd": dict(a=3)},
)
def guessed_tolerance(a):
    holds_for_even(a)


@check(
    claim("sampled"),
    establishes=sampled(over="100 draws"),
    claimed=dict(a=2),
    controls={"odd": dict(a=3)},
)
def sampled_evidence(a):
    holds_for_even(a)


@check(claim("sampled-but-called-a-proof"), **GOOD)
def sampled_but_called_a_proof(a):
    for k in range(20):
        note_sample(independent=True)
        refute_unless(a * k % 2 == 0, a=a, k=k)


@check(claim("given-but-called-a-proof"), **GOOD)
@given(k=st.integers())
def given_but_called_a_proof(a, k):
    refute_unless(a * k % 2 == 0, a=a)


@check(
    claim("field-without-error"),
    establishes=prime_field(bound="n = 3"),
    claimed=dict(a=2),
    controls={"odd": dict(a=3)},
)
def field_without_error(a):
    holds_for_even(a)


@check(
    claim("field-with-large-error"),
    establishes=prime_field(bound="n = 3"),
    claimed=dict(a=2),
    controls={"odd": dict(a=3)},
)
def field_with_large_error(a):
    note_error_probability(0.5)
    holds_for_even(a)


@check(
    claim("field-with-tiny-error"),
    establishes=prime_field(bound="n = 3"),
    claimed=dict(a=2),
    controls={"odd": dict(a=3)},
)
def field_with_tiny_error(a):
    note_error_probability(2.0**-50)
    holds_for_even(a)


@check(claim("error-is-no-number"), **GOOD)
def error_is_no_number(a):
    note_error_probability(float("nan"))
    holds_for_even(a)


@check(
    claim("bounded"),
    establishes=exact(bound="n = 3"),
    claimed=dict(a=2),
    controls={"odd": dict(a=3)},
)
def bounded(a):
    holds_for_even(a)


HALF = claim("half-checked", statement="", parts={"one": "x", "two": "y"})


@check(HALF, part="one", **GOOD)
def half_checked(a):
    holds_for_even(a)
"""

EXPECTED = {
    "guessed-tolerance": ("SUPPORTED", ""),
    "sampled": ("SUPPORTED", ""),
    "sampled-but-called-a-proof": ("SUPPORTED", ""),
    "given-but-called-a-proof": ("SUPPORTED", ""),
    "field-without-error": ("SUPPORTED", ""),
    "field-with-large-error": ("SUPPORTED", ""),
    "field-with-tiny-error": ("VERIFIED ≤ N", ""),
    "error-is-no-number": ("BROKEN", "lies between 0 and 1; got nan"),
    "bounded": ("VERIFIED ≤ N", ""),
    "half-checked": ("NOT RUN", "no check has been collected for 'two'"),
}


@pytest.mark.parametrize("key", EXPECTED)
def test_verdict_and_reason(agrees, key):
    agrees(key, *EXPECTED[key])


def test_every_saboteur_has_an_expectation(run):
    judged = {claim.partition("/")[2] for claim in run.judgements if claim.startswith("test/")}
    assert judged == set(EXPECTED)
