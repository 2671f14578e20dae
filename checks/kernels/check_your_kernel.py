"""``pytest checks/kernels --kernel mypkg.mymod:fn --as gated_delta_rule``: the battery, as tests.

For another layout, other names or half precision use `attnproof verify`, which asks the same.
"""

from __future__ import annotations

import pytest

from attnproof.kernels.verification.verify import QUESTIONS, Answer, verify


@pytest.fixture(scope="module")
def answers(request: pytest.FixtureRequest) -> dict[str, Answer]:
    """Every question, asked once in a child process."""
    from attnproof.kernels.specification import names

    target, operator = (request.config.getoption(name) for name in ("--kernel", "operator"))
    if not target or operator not in names():
        pytest.fail(
            f"say --kernel package.module:function --as OPERATOR, one of {', '.join(names())}; "
            f"got --kernel {target} --as {operator}",
            pytrace=False,
        )
    found = verify(operator, {"target": target}, ["float32"])
    return {answer.question: answer for answer in found}


@pytest.mark.parametrize("question", QUESTIONS)
def test_your_kernel(answers: dict[str, Answer], question: str) -> None:
    """One of the questions of the battery."""
    answer = answers[question]
    if answer.outcome != "holds":
        pytest.fail(f"{answer.outcome}: {answer.reason}", pytrace=False)
