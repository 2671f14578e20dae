"""Every registered kernel against the definition of its operator: values and gradients.

One check per implementation and part, made from the registry: whoever registers is checked.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from attnproof.kernels.registry import Implementation, implementations
from attnproof.kernels.specification import specification
from attnproof.kernels.verification.planted_bugs import (
    HIDDEN_IN_EXACT_CASES,
    WRONG_GRADIENTS,
    planted_bugs,
)
from attnproof.theory.core import check, exact, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.paper import lab_kernels

DTYPES = ("float32", "float16", "bfloat16")


def kernel(one: Implementation, bug: Callable[..., object] | None = None):
    """What loads the kernel on named tensors, with a planted bug or none."""

    def load():
        function, options = one.load(), specification(one.operator).parameters
        run = lambda inputs, given: function(**inputs, **given)
        if bug is None:
            return lambda inputs: run(inputs, options)
        return lambda inputs: bug(run, inputs, dict(options))

    return load


def ingredients(one: Implementation, bugs: dict[str, Callable[..., object]]) -> dict[str, object]:
    """The kernel as claimed, and with each planted bug as a control."""
    return {
        "claimed": dict(kernel=kernel(one)),
        "controls": {name: dict(kernel=kernel(one, bug)) for name, bug in bugs.items()},
    }


def exact_check(one: Implementation):
    """The check of the exact cases for one implementation."""
    bugs = planted_bugs(specification(one.operator))

    @check(
        lab_kernels.VALUES[one.operator],
        part="exact cases",
        establishes=exact(
            bound=f"{one.backend}: N ∈ {one.lengths}, three dtypes, bitwise",
            by="floats without rounding",
        ),
        **ingredients(one, {n: b for n, b in bugs.items() if n not in HIDDEN_IN_EXACT_CASES}),
    )
    def exact_cases(kernel):
        """Bitwise equality where every intermediate number is representable in float32, the output
        being rounded once to the dtype of the inputs."""
        from attnproof.kernels.verification.questions import exact_cases as ask

        function, spec = kernel(), specification(one.operator)
        seen = [ask(spec, function, dtype, one.lengths)["cases"] for dtype in DTYPES]
        refute_unless(min(seen) > 0, "no case is representable", cases=seen)
        note(cases=sum(seen))

    return exact_cases


def bound_check(one: Implementation):
    """The check of the rounding bound for one implementation."""

    @check(
        lab_kernels.VALUES[one.operator],
        part="error bound",
        establishes=sampled(
            over=f"{one.backend}: random inputs, N ≤ {max(one.lengths)}, three dtypes"
        ),
        **ingredients(one, planted_bugs(specification(one.operator))),
    )
    def error_bound(kernel):
        """Every entry within the a-priori bound of the specification, the definition evaluated
        in float64 on the very inputs."""
        from attnproof.kernels.verification.draws import Draw
        from attnproof.kernels.verification.questions import error_of

        function, spec = kernel(), specification(one.operator)
        worst = dict.fromkeys(DTYPES, 0.0)
        for number, draw in enumerate(independent_draws(one.draws, seed=12)):
            name = DTYPES[number % 3]
            shape = Draw(
                seed=int(draw.random.integers(2**31)),
                length=int(draw.random.choice(one.lengths)),
                width=int(draw.random.integers(1, 40)),
                columns=int(draw.random.integers(1, 24)),
                dtype=name,
            )
            wrong, share = error_of(spec, function, shape)
            refute_unless(
                not wrong, "an entry is farther off than rounding explains", **(wrong or {"n": 0})
            )
            worst[name] = max(worst[name], share)
        note(**{f"observed_over_bound_{name}": f"{share:.2g}" for name, share in worst.items()})

    return error_bound


def gradient_check(one: Implementation):
    """The check of the gradient for one implementation that has one."""

    @check(
        lab_kernels.VALUES[one.operator],
        part="gradient",
        establishes=sampled(
            over=f"{one.backend}: three instances in each of three dtypes, every derivative",
        ),
        **ingredients(one, dict(WRONG_GRADIENTS)),
        timeout=300 if one.needs == "triton" else 60,
    )
    def derivatives(kernel):
        """Against differences of the definition in float64. The limit, in units of u, is guessed:
        see `kernels/verification/questions/gradient.py`."""
        from attnproof.kernels.verification.questions import QUESTIONS

        function, spec = kernel(), specification(one.operator)
        for dtype in DTYPES:
            found = QUESTIONS["gradient"](spec, function, dtype)
            refute_unless("skipped" not in found, "the output has no gradient", dtype=dtype)
            note(
                derivatives=found["derivatives"],
                **{f"error_in_u_{dtype}": found["root mean square error in u"]},
            )

    return derivatives


MAKERS = {"exact": exact_check, "bound": bound_check, "gradient": gradient_check}
for _one in implementations():
    for _part, _maker in MAKERS.items():
        if _part != "gradient" or _one.backward:
            _check = _maker(_one)
            _name = f"{_one.operator}_{_one.backend.replace('-', '_')}_{_part}"
            # Interpreted, a backward pass takes seconds.
            _slow = _one.slow or (_part == "gradient" and _one.needs == "triton")
            globals()[_name] = pytest.mark.slow(_check) if _slow else _check
del _one, _part, _maker, _check, _name, _slow
