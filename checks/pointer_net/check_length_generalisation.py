"""What one set of weights can do on longer inputs."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.ball import ball_array, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, to_float
from attnproof.theory.core import check, enclosure, note, proof
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.pointer_attention import pointer_scores
from attnproof.theory.paper.pointer_net import LENGTH_GENERALISATION

near, here, far, L, step, slack = scalars("near here far L step slack")
change, weight, slope, bound, moved = scalars("change weight slope bound moved")


@check(
    LENGTH_GENERALISATION,
    part="a distance is needed",
    establishes=proof(
        over="every score with that constant, every c and y", by="non-negative combination"
    ),
    claimed=dict(margin=far - here, jump=0),
    controls={
        "twice the distance": dict(margin=2 * (far - here)),
        "visited position above all others": dict(margin=here - far),
        "score that jumps": dict(jump=1),
    },
)
def an_input_too_close_is_passed_over(margin, jump) -> None:
    """near = u(x, c), here = u(c, c), far = u(y, c): near ≤ here + L (x − c), and L (x − c) is less
    than the margin far − here by some slack > 0. So far − near ≥ slack, and x does not follow c.
    But on c, y alone far > here is needed, as otherwise y does not follow c; so there always is
    such an x, and no score with a constant L sorts all inputs."""
    rows = ((0, 0, 2, 1, 1), (0, "3/2", 1, "3/2", "1/2"), (2, 2, 1, "1/2", "1/2"))
    entails(
        far - near - slack,
        given={
            "constant": here + L * step + jump - near,
            "close": margin - L * step - slack,
            **{"L": L, "step": step, "slack": slack},
        },
        certificate=[(1, ["constant"], []), (1, ["close"], [])],
        models=[
            {"here": rational(h), "near": rational(n), "far": rational(f), "L": rational(1)}
            | {"step": rational(s), "slack": rational(k)}
            for h, n, f, s, k in (*rows, (0, "3/2", 1, "1/2", "1/2"))
        ],
        message="the input close to c can still win",
    )


@check(
    LENGTH_GENERALISATION,
    part="steepness",
    establishes=proof(over="every a, v and W_1 (induction)", by="non-negative combination"),
    claimed=dict(added=weight * slope * step),
    controls={
        "weights left out": dict(added=slope * step),
        "slopes left out": dict(added=weight * step),
        "half of the weights": dict(added=weight * slope * step / 2),
    },
)
def every_unit_adds_its_slope(added) -> None:
    """With weight = |v_a|, slope = |(W_1)_a|, step = |x − c|: the argument of a unit moves by
    slope · step and its tanh by `change` at most that far (1-Lipschitz, classical), so its term
    moves by weight · change. The sum moves by at most the sum."""
    entails(
        bound + added - (moved + weight * change),
        given={
            **{"so far": bound - moved, "unit": slope * step - change, "weight": weight},
            **{"slope": slope, "step": step, "change": change},
        },
        certificate=[(1, ["so far"], []), (1, ["weight", "unit"], [])],
        message="the score moves further",
    )


@check(
    LENGTH_GENERALISATION,
    part="two units",
    establishes=proof(over="the stated inputs, K = 25", by="ball arithmetic (Arb)"),
    claimed=dict(close="1/100", gap="1/4", slope=25),
    controls={
        "inputs a quarter apart": dict(close="1/4"),
        "weights for this distance": dict(gap="1/100", slope=1000),
    },
)
def the_construction_at_a_smaller_distance(close, gap, slope) -> None:
    """(1/δ) log(8 cosh² 2/δ) is 24.46… at δ = 1/4 and 933.5… at δ = 1/100."""
    shift = rational(slope) * rational(gap) / 2
    with precision(128):
        states = ball_array([[0], [close], ["1/2"]])
        matrices = ball_array([[slope], [1]]), ball_array([[-slope, -shift], [-1, 0]])
        scores = pointer_scores(states, ball_array([0, 1]), *matrices, ball_array([4, -1]))
        at_most(
            scores[1],
            scores[2],
            "the next larger input has the largest score",
            inputs=[rational(0), rational(close), rational("1/2")],
            K=slope,
            delta=rational(gap),
            scores=list(scores),
        )
        note(scores=", ".join(score.str(6, radius=False) for score in scores))


@check(
    LENGTH_GENERALISATION,
    part="exclusion",
    establishes=proof(
        over="every n and distinct inputs; addition theorem of tanh, cited",
        by="non-negative combination",
    ),
    claimed=dict(order=lambda high, low: high - low, sign=1),
    controls={
        "opposite order": dict(order=lambda high, low: low - high),
        "inputs that coincide": dict(sign=0),
        "exchanged inputs": dict(sign=-1),
    },
)
def tanh_keeps_the_order(order, sign) -> None:
    """For a > b let s = tanh a, t = tanh b and r = tanh(a − b) > 0. The addition theorem gives
    s − t = r (1 − s t), and 2 (1 − s t) = (1 − s)(1 + t) + (1 + s)(1 − t), so that
    2 (s − t) ≥ r (1 − s)(1 + t) > 0. Hence −tanh has its largest value at the smallest input that
    is not excluded, in every step: the inputs come in increasing order, whatever n is."""
    s, t, r = scalars("s t r")
    entails(
        2 * order(s, t) - r * (1 - s) * (1 + t),
        given={
            **{"r": r, "1 - s": 1 - s, "1 + s": 1 + s, "1 - t": 1 - t, "1 + t": 1 + t},
            **{"sum": s - t - sign * r * (1 - s * t), "sum'": sign * r * (1 - s * t) - s + t},
        },
        certificate=[(2, ["sum"], []), (1, ["r", "1 + s", "1 - t"], [])],
        models=[
            {"s": rational(x), "t": rational(y), "r": rational(z)}
            for x, y, z in (("1/2", 0, "1/2"), (0, 0, "1/2"), (0, "1/2", "1/2"))
        ],
        message="tanh does not keep the order",
    )


@check(
    LENGTH_GENERALISATION,
    part="exclusion",
    establishes=enclosure(bound="n ≤ 40, inputs 3^j mod 101 over 101, in that order"),
    claimed=dict(vector=-1, excluded=lambda visited: set(visited)),
    controls={
        "opposite sign": dict(vector=1),
        "nothing excluded": dict(excluded=lambda visited: set()),
        "only the last position excluded": dict(excluded=lambda visited: set(visited[-1:])),
    },
)
def one_unit_sorts_every_length(vector, excluded) -> None:
    """The operator in balls with W_1 = 1, W_2 = 0, v = −1; in each step the score of the next
    larger input is compared with all that are not excluded, itself among them."""
    one, zero = ball_array([[1]]), ball_array([[0]])
    with precision(64):
        for size in (1, 2, 3, 5, 10, 40):
            inputs = [rational(pow(3, j, 101)) / 101 for j in range(size)]
            states = ball_array([[entry] for entry in inputs])
            scores = pointer_scores(states, ball_array([0]), one, zero, ball_array([vector]))
            visited: list[int] = []
            for expected in np.argsort(to_float(np.array(inputs))):
                rivals = [j for j in range(size) if j not in excluded(visited)]
                for j in set(rivals) - {expected}:
                    at_most(
                        scores[j],
                        scores[expected],
                        "another input has a larger score than the next one",
                        inputs=inputs,
                        expected=inputs[expected],
                        chosen=inputs[j],
                    )
                visited.append(int(expected))
