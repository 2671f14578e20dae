"""Two tanh units that point at the next larger input."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import ball, ball_array, precision
from attnproof.theory.algebra.free_algebra import FreeElement, scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.algebra.uninterpreted_function import UninterpretedFunction, symbol_array
from attnproof.theory.core import Plot, Series, check, enclosure, note, plot, proof, refute_unless
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.pointer_attention import pointer_scores
from attnproof.theory.paper.pointer_net import ADDITIVE_SUCCESSOR

K, c, delta, q, z, T, kappa, u, w, rise = scalars("K c delta q z T kappa u w rise")


def _parameters(slope, gap, one):
    """W_1, W_2 and v of the construction, in the number system of ``one``."""
    return (
        np.array([[slope * one], [one]]),
        np.array([[-slope * one, -slope * gap / 2 * one], [-one, 0 * one]]),
        np.array([4 * one, -one]),
    )


@check(
    ADDITIVE_SUCCESSOR,
    part="form",
    establishes=proof(
        over="every n, x, c, K and δ, row by row; tanh any function",
        by="free algebra with uninterpreted functions",
    ),
    claimed=dict(shift=K * delta / 2, second=-1),
    controls={
        "shift by a whole gap": dict(shift=K * delta),
        "no shift": dict(shift=0 * K),
        "second unit added": dict(second=1),
    },
)
def the_scores_of_the_operator(shift, second) -> None:
    """The operator with these parameters against the formula of the score."""
    squash = UninterpretedFunction("tanh")
    one = FreeElement.one()
    inputs = symbol_array("x", 3)
    found = pointer_scores(inputs[:, None], np.array([c, one]), *_parameters(K, delta, one), squash)
    for x, score in zip(inputs, found, strict=True):
        terms = squash(np.array([K * (x - c) - shift, x - c], dtype=object))
        follows(score - (4 * terms[0] + second * terms[1]), message="the score is another")


SMALL = {"q": q, "T": T - (1 - 2 * q), "steep": kappa * delta - 8 * q, "one": 1 - kappa * delta}


def _points(**choices) -> list[dict[str, object]]:
    """q = 1/16, κδ = 1/2 and T = 7/8 with every choice of the others."""
    fixed = {"q": "1/16", "kappa": "1/2", "delta": 1, "T": "7/8"}
    rows = product(*choices.values())
    named = [fixed | dict(zip(choices, row, strict=True)) for row in rows]
    return [{name: rational(value) for name, value in row.items()} for row in named]


@check(
    ADDITIVE_SUCCESSOR,
    part="successor",
    establishes=proof(
        over="every n, every δ ≤ 1 and K with 8 e^{−Kδ} < δ/cosh² 2", by="non-negative combination"
    ),
    claimed=dict(first=4, second=1),
    controls={
        "units of equal weight": dict(first=1),
        "second unit four times": dict(second=4),
        "first unit with the other sign": dict(first=-4),
    },
)
def inputs_above_win(first, second) -> None:
    """Let q = e^{−Kδ}, κ = 1/cosh² 2, T = tanh(Kδ/2) = (1 − q)/(1 + q), so T ≥ 1 − 2q.

    For x ≤ c the argument of the first unit is at most −Kδ/2. For x > c it is at least Kδ/2,
    since x − c ≥ δ (if c = −1, x − c ≥ 1 ≥ δ). As tanh increases and is between −1 and 1,

        u(x) ≤ −4T + 1 for x ≤ c,  u(x) ≥ 4T − 1 for x > c,

    which differ by at least 6 − 16q ≥ 4, because 8q < κδ ≤ 1. That tanh increases is classical.
    """
    entails(
        (1 - q) * z - (1 - 2 * q),
        given={"q": q, "z": z, "inverse": z * (1 + q) - 1, "inverse'": 1 - z * (1 + q)},
        certificate=[(1, ["inverse"], []), (2, ["q", "inverse'"], []), (2, ["q", "q", "z"], [])],
        models=[{"q": rational("1/3"), "z": rational("3/4")}],
        message="tanh(Kδ/2) is below 1 − 2q",
    )
    entails(
        w - u - 4,
        given=SMALL | {"below": second - first * T - u, "above": w - (first * T - second)},
        certificate=[
            *[(1, [name], []) for name in ("below", "above")],
            *[(8, ["T"], []), (2, ["steep"], []), (2, ["one"], [])],
        ],
        models=_points(u=[-3, "-5/2", "1/8", "9/2"], w=[3, "5/2", "-1/8", "-9/2"]),
        message="an input that is not above c can win",
    )


@check(
    ADDITIVE_SUCCESSOR,
    part="successor",
    establishes=proof(
        over="every n, every δ ≤ 1 and K with 8 e^{−Kδ} < δ/cosh² 2", by="non-negative combination"
    ),
    claimed=dict(first=4, second=1),
    controls={
        "first unit doubled": dict(first=8),
        "second unit left out": dict(second=0),
        "second unit with the other sign": dict(second=-1),
        "second unit halved": dict(second="1/2"),
    },
)
def the_smallest_above_wins(first, second) -> None:
    """With q, κ and T as for the inputs above c: for c < x < y, y − x ≥ δ, both differences from c
    are in (0, 2], where tanh has slope at least κ. So tanh(y − c) − tanh(x − c) = rise ≥ κδ, and

        u(x) − u(y) ≥ 4T − 4 + rise ≥ κδ − 8q > 0.

    Classical: tanh increases, its slope 1/cosh² falls on [0, 2], and the mean value theorem."""
    weight = rational(second)
    entails(
        w - (kappa * delta - 8 * q),
        given=SMALL
        | {
            "order": w - (first * T - first + Fraction(int(weight.p), int(weight.q)) * rise),
            "slope": rise - kappa * delta,
        },
        certificate=[(1, ["order"], []), (1, ["slope"], []), (4, ["T"], [])],
        models=_points(rise=["1/2", 1], w=["-3/2", "-1", "-1/2", "-1/4", 0, "1/2", 1]),
        message="a later input above c can win",
    )


def _bound(gap, bits=128):
    """(1/δ) log(8 cosh² 2/δ)."""
    with precision(bits):
        delta = ball(gap)
        return (8 * arb(2).cosh() ** 2 / delta).log() / delta


def just_above(gap):
    """The smallest integer above the bound."""
    return rational(int(_bound(gap).ceil().unique_fmpz()))


def _subsets(side: int):
    grid = [rational(k) / side for k in range(side + 1)]
    for size in range(1, side + 2):
        yield from combinations(grid, size)


def _runs():
    """Inputs and their gap: subsets of a grid, three neighbours close together, 32 in a row."""
    yield from ((list(inputs), rational(1) / 6) for inputs in _subsets(6))
    close = rational(1) / 320
    yield [rational(0), close, 2 * close], close
    yield [1 - close, rational(1)], close
    yield [rational(k) / 31 for k in range(32)], rational(1) / 31


def _too_close():
    """A run whose inputs are nearer to each other than the gap that goes with it."""
    yield [rational(0), rational("1/100"), rational("1/2")], rational("1/6")


@check(
    ADDITIVE_SUCCESSOR,
    part="successor",
    establishes=enclosure(
        bound="all subsets of {0, 1/6, …, 1}; three and two inputs 1/320 apart; 32 inputs"
    ),
    claimed=dict(slope=just_above, start=-1, runs=_runs),
    controls={
        "slope one": dict(slope=lambda gap: rational(1), drops="steep enough"),
        "half of the slope": dict(slope=lambda gap: just_above(gap) / 2, drops="steep enough"),
        "slope without the logarithm": dict(
            slope=lambda gap: rational("38/5") / gap, drops="steep enough"
        ),
        "inputs closer than the gap": dict(runs=_too_close, drops="gaps"),
        "start at the smallest input": dict(start=0),
    },
)
def iterating_sorts(slope, start, runs) -> None:
    """The operator in balls, fed with the input it pointed at. In every step the score of the next
    larger input is compared with all others; 38/5 = 2 artanh(0.999), rounded."""
    steps = 0
    with precision(128):
        for inputs, gap in runs():
            parameters = _parameters(ball(slope(gap)), ball(gap), ball(1))
            states = ball_array([[x] for x in inputs])
            previous = rational(start)
            for expected, following in enumerate(inputs):
                state = ball_array([previous, 1])
                scores = pointer_scores(states, state, *parameters)
                for other, score in enumerate(scores):
                    if other != expected:
                        at_most(
                            score,
                            scores[expected],
                            "another input has a larger score than the next one",
                            inputs=inputs,
                            delta=gap,
                            K=slope(gap),
                            c=previous,
                            expected=following,
                            chosen=inputs[other],
                        )
                steps += 1
                previous = following
    refute_unless(steps > 0, "nothing was sorted", steps=steps)
    note(steps=steps)


@plot(ADDITIVE_SUCCESSOR)
def scores_along_the_line() -> Plot:
    """u over x − c for three slopes, δ = 1/8."""
    gap = 1 / 8
    offsets = [k / 100 - 0.5 for k in range(101)]
    score = lambda t, slope: 4 * np.tanh(slope * t - slope * gap / 2) - np.tanh(t)
    bound = float(_bound(rational("1/8")))
    return Plot(
        title="Score of an input by its distance from the last one",
        x_label="x − c",
        y_label="u",
        series=[
            Series(label=f"K = {slope:.0f}", x=offsets, y=[float(score(t, slope)) for t in offsets])
            for slope in (8, 27, round(bound) + 1)
        ],
        caption="Steep enough, the score jumps up within a gap of 1/8 and falls from there on: the "
        "next larger input wins. With a smaller slope inputs further away do.",
    )
