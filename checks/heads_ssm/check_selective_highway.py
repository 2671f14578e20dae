"""Gradients through a selective recurrence: kept where steps are small, lost where they are not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import ball, ball_array, precision
from attnproof.theory.algebra.dual import derivative_of, dual_array
from attnproof.theory.algebra.free_algebra import FreeElement, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    enclosure,
    note,
    plot,
    proof,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.selective_state_space_model import selective_state_space_model
from attnproof.theory.paper.heads_ssm.gradient_highway import SELECTIVE_HIGHWAY

a, b, kept, rest, x, z, h = scalars("a b kept rest x z h")


@check(
    SELECTIVE_HIGHWAY,
    part="closed form",
    establishes=proof(over="every n (induction), every decay"),
    claimed=dict(step=a * kept, first=2, start=lambda step: step),
    controls={
        "no decay": dict(step=kept),
        "decay twice": dict(step=a * a * kept),
        "decay of the first token counted": dict(first=1),
        "first decay skipped": dict(first=3),
        "step size of the first token dropped": dict(start=lambda step: FreeElement.constant(1)),
    },
)
def derivative_by_induction(step, first, start) -> None:
    """Step: a state rest + kept · x becomes (a · rest + b z) + (a · kept) · x, where neither rest
    nor kept contains x. Definition: the operator on symbols, n = 1 … 6, differentiated by dual
    numbers, gives b_1 a_2 ⋯ a_n."""
    numbers = {name: rational(2 + k) for k, name in enumerate(["a", "b", "kept", "rest", "x", "z"])}
    follows(
        a * h + b * z - (a * rest + b * z) - step * x,
        using=[(a, h - rest - kept * x, 1)],
        models=[numbers | {"h": rational(4 + 1) + numbers["kept"] * numbers["x"]}],
        message="the derivative is not multiplied by the decay",
    )
    for n in range(1, 7):
        decay, steps = (scalars([f"{name}{t}" for t in range(1, n + 1)]) for name in "ab")
        moving = np.array([[1]] + [[0]] * (n - 1), dtype=object)
        ones = np.array([[1]] * n, dtype=object)
        output = selective_state_space_model(
            _column(decay)[:, :, None], _column(steps), ones, moving
        )
        stated = start(steps[0])
        for t in range(first, n + 1):
            stated = stated * decay[t - 1]
        # The operator is linear in the tokens, so its value on a unit input is the derivative.
        follows(output[-1, 0] - stated, message="the derivative is another product")


def _column(entries: list) -> np.ndarray:
    column = np.empty((len(entries), 1), dtype=object)
    column[:, 0] = entries
    return column


def _instances() -> Iterator[tuple]:
    for draw in independent_draws(30, seed=61):
        n = int(draw.random.integers(2, 12))
        decay = rational_array(draw.random.integers(1, 10, (n, 1, 1)).tolist()) / 10
        steps = rational_array(draw.random.integers(1, 10, (n, 1)).tolist()) / 3
        yield decay, steps, rational_array(draw.random.integers(-4, 5, (n, 1)).tolist())


@check(
    SELECTIVE_HIGHWAY,
    part="closed form",
    establishes=sampled(over="2 to 11 tokens, rational decays", by="exact dual numbers"),
    claimed=dict(product=lambda decay: np.prod(decay[1:])),
    controls={
        "decay of the first token counted": dict(product=np.prod),
        "last decay skipped": dict(product=lambda decay: np.prod(decay[1:-1])),
        "average decay": dict(product=lambda decay: (sum(decay) / len(decay)) ** (len(decay) - 1)),
    },
)
def derivative_on_instances(product) -> None:
    """The operator on dual numbers, the first token moving, against the product of the decays."""
    for decay, steps, tokens in _instances():
        direction = tokens * 0
        direction[0, 0] = rational(1)
        ones = tokens * 0 + 1
        output = selective_state_space_model(decay, steps, ones, dual_array(tokens, direction))
        derivative = derivative_of(output)[-1, 0]
        stated = steps[0, 0] * product(decay[:, 0, 0])
        refute_unless(
            derivative == stated,
            "the derivative is not the stated product",
            decay=decay[:, 0, 0],
            steps=steps[:, 0],
            tokens=tokens[:, 0],
            derivative=derivative,
            stated=stated,
        )


kept_so_far, lost, factor, scale = scalars("kept lost factor scale")


@check(
    SELECTIVE_HIGHWAY,
    part="highway",
    establishes=proof(over="every n ≥ 2 (induction), every δ ≥ 0", by="non-negative combination"),
    claimed=dict(next_loss=lambda lost, q: lost + q, share=1),
    controls={
        "loss of the last token only": dict(next_loss=lambda lost, q: q),
        "half the loss": dict(next_loss=lambda lost, q: lost + q / 2),
        "twice the path": dict(share=2),
    },
)
def losses_add_up(next_loss, share) -> None:
    """With q_t = 1 − e^{−δ} ∈ [0, 1], the product of m factors 1 − q_t lies in [0, 1] and is at
    least 1 − Σ q_t: from p ≥ 1 − s follows p(1 − q) ≥ 1 − (s + q), by induction from p = 1, s = 0.
    With q ≤ δ (classical: e^{−δ} ≥ 1 − δ) and m = n − 2, and δ m ≤ ε, the part follows.
    """
    q, p = factor, kept_so_far
    entails(
        share * p * (1 - q) - (1 - next_loss(lost, q)) * share - (share - 1),
        given={"so far": p - 1 + lost, "at most one": 1 - p, "q": q, "q at most one": 1 - q},
        certificate=[(1, ["so far"], []), (1, ["at most one", "q"], [])],
        message="the path loses more than stated",
    )
    entails(
        1 - p * (1 - q),
        given={"at most one": 1 - p, "q": q, "p": p},
        certificate=[(1, ["at most one"], []), (1, ["p", "q"], [])],
        message="the product exceeds one",
    )
    count, delta, epsilon = scalars("count delta epsilon")
    entails(
        p - (1 - epsilon),
        given={
            "loss": p - 1 + lost,
            "small steps": count * delta - lost,
            "budget": epsilon - count * delta,
        },
        certificate=[(1, ["loss"], []), (1, ["small steps"], []), (1, ["budget"], [])],
        message="the budget does not suffice",
    )


@check(
    SELECTIVE_HIGHWAY,
    part="steps bounded below",
    establishes=proof(over="every n ≥ 2 (induction)", by="non-negative combination"),
    claimed=dict(next_limit=lambda limit, r: r * limit, slack=lambda r, f: r - f),
    controls={
        "two factors a token": dict(next_limit=lambda limit, r: r * r * limit),
        "half the limit": dict(next_limit=lambda limit, r: r * limit / 2),
        "steps not bounded below": dict(slack=lambda r, f: 1 - f),
    },
)
def bounded_steps_decay(next_limit, slack) -> None:
    """Δ_t ≥ δ gives factors f_t = e^{−Δ_t} ≤ r = e^{−δ}. From 0 ≤ p ≤ L follows p f ≤ r L."""
    limit, r = scalars("limit r")
    p, f = kept_so_far, factor
    entails(
        next_limit(limit, r) - p * f,
        given={
            **{"p": p, "f": f, "r": r, "limit": limit},
            **{"so far": limit - p, "factor": slack(r, f)},
        },
        certificate=[(1, ["r", "so far"], []), (1, ["p", "factor"], [])],
        message="the product exceeds its limit",
    )


def _path(length: int, delta) -> arb:
    """``∂y_n/∂x_1`` by the operator, coefficients as balls."""
    steps = ball_array([[1]] + [[delta]] * (length - 2) + [[1]])
    decay = np.array([[[(-step).exp()]] for step in steps[:, 0]], dtype=object)
    tokens = ball_array([[1]] + [[0]] * (length - 1))
    ones = ball_array([[1]] * length)
    return selective_state_space_model(decay, steps, ones, tokens)[-1, 0]


FIGURES = {
    (10, "1/1000000"): ("0.36788", "1/100000"),
    (100, "1/1000000"): ("0.36784", "1/100000"),
    (1000, "1/1000000"): ("0.36751", "1/100000"),
    (10, "1"): ("0.00012", "1/100000"),
}


@check(
    SELECTIVE_HIGHWAY,
    part="closed form",
    establishes=enclosure(
        bound="end points at step 1; n = 10, 100, 1000 with steps 1e-6 and n = 10, 100 with steps 1"
    ),
    claimed=dict(delta=lambda text: text, power="0"),
    controls={
        "constant steps of a hundredth": dict(
            delta=lambda text: "1/100" if text == "1/1000000" else text
        ),
        "steps ten times as long": dict(
            delta=lambda text: "1/100000" if text == "1/1000000" else text
        ),
        "longest path short by a step": dict(power="1"),
    },
)
def values_of_the_path(delta, power) -> None:
    """The operator in ball arithmetic against five figures, to half a unit of the last place."""
    with precision(256):
        shown = {}
        for (length, step), (stated, unit) in FIGURES.items():
            found = _path(length, delta(step))
            shown[f"n={length}, delta={step}"] = float(found)
            distance = abs(found - ball(stated))
            at_most(distance, ball(unit) / 2, "another value", n=length, path=found)
        deep = _path(100, "1")
        closed = ball(-99 + int(power)).exp()
        at_most(abs(deep - closed), ball("1e-60"), "not e^{-99}", path=deep)
        at_most(abs(deep - ball("1.0e-43")), ball("0.05e-43"), "another value", path=deep)
        note(**shown, deep=float(deep))


@plot(SELECTIVE_HIGHWAY)
def paths_by_length() -> Plot:
    """∂y_n/∂x_1 over n for small, moderate and unit steps between the end points."""
    lengths = [2, 3, 5, 10, 20, 50, 100, 200, 500, 1000]
    curve = lambda delta: [float(np.exp(-1 - delta * (n - 2))) for n in lengths]
    return Plot(
        title="Gradient of the last output in the first token",
        x_label="length n",
        y_label="∂y_n/∂x_1",
        x_scale="log",
        y_scale="log",
        series=[
            Series(label="selective, δ = 1e-6", x=lengths, y=curve(1e-6)),
            Series(label="steps of 1/100", x=lengths, y=curve(0.01)),
            Series(label="steps of 1/10", x=lengths, y=curve(0.1)),
        ],
        caption="Where the step sizes between two tokens can be as small as one likes, the path "
        "between them stays open at every length.",
    )
