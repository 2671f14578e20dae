"""What the saboteurs share: an honest check that holds for even numbers."""

from __future__ import annotations

import pytest

HEADER = """\
GOOD = dict(establishes=proof(over="all"), claimed=dict(a=2), controls={"odd": dict(a=3)})


def holds_for_even(a):
    refute_unless(a % 2 == 0, a=a)


"""


@pytest.fixture(scope="module")
def run(request, shared_lab):
    """One run over the saboteurs of the test's file."""
    laboratory = shared_lab()
    laboratory.write(HEADER + request.module.SABOTEURS)
    return laboratory.run("-W", "ignore")


@pytest.fixture(scope="module")
def agrees(run):
    """Whether a claim has the verdict and, among its reasons, the words expected of it."""

    def agrees(key, verdict, words):
        assert run.verdict(f"test/{key}") == verdict, run.reasons(f"test/{key}")
        assert words in run.reasons(f"test/{key}")

    return agrees
