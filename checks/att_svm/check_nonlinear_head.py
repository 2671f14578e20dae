"""A concave head on orthonormal tokens: which mixture it prefers, and how the logits get there."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    check,
    exact,
    proof,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.max_margin_matrix import max_margin_matrix
from attnproof.theory.paper.att_svm.nonlinear_head import NONLINEAR_HEAD
from attnproof.theory.paper.att_svm.water_filling import water_filling

GAINS = rational_array([1, "4/5", 0])

# One token: value g, preferred weight s, weight p, b = (τ − g)_+, level τ. Sums: A = Σ s, B = Σ p.
g, s, p, b, tau, A, B = scalars("g s p b tau A B")


@check(
    NONLINEAR_HEAD,
    part="limit weights",
    establishes=proof(over="every T, every g, every p with sum one"),
    claimed=dict(penalty=b * p, square=(p - s) ** 2 / 2, excess=s * b),
    controls={
        "no penalty": dict(penalty=0 * p),
        "whole square": dict(square=(p - s) ** 2),
        "penalty on the preferred weight": dict(penalty=b * s),
        "penalty of the other sign": dict(penalty=-b * p),
    },
)
def loss_of_value(penalty, square, excess) -> None:
    """Token by token, g − s = τ − b with s b = 0: for s > 0, g − s = τ and b = 0; for s = 0,
    b = τ − g. Hence

        (g s − s²/2) − (g p − p²/2) = (p − s)²/2 + b p + τ (s − p),

    and the last terms add up to τ (1 − 1) = 0.
    """
    model = {"g": 1, "s": 0, "p": "1/3", "tau": 3, "b": 2, "A": 1, "B": 1}
    other = {"g": 4, "s": 1, "p": "1/3", "tau": 3, "b": 0, "A": 1, "B": 1}
    models = [{name: rational(value) for name, value in point.items()} for point in (model, other)]
    follows(
        (g * s - s * s / 2) - (g * p - p * p / 2) - square - penalty - tau * (s - p),
        using=[(s - p, g - s - tau + b, 1), (-1, excess, 1)],
        models=models,
        message="a token contributes something else",
    )
    follows(
        tau * (A - B),
        using=[(tau, A - 1, 1), (-tau, B - 1, 1)],
        models=models,
        message="the level does not drop out",
    )


@check(
    NONLINEAR_HEAD,
    part="limit weights",
    establishes=sampled(over="T ≤ 5, rational g and p", by="exact rationals"),
    claimed=dict(level=lambda tau: tau, total=1),
    controls={
        "another level": dict(level=lambda tau: tau + 1),
        "level zero": dict(level=lambda tau: 0 * tau),
        "weights that do not sum to one": dict(total=2, drops="weights of a softmax"),
    },
)
def value_lost_on_instances(level, total) -> None:
    """Both sides for drawn g and p, with the preferred weights found by water filling."""
    for draw in independent_draws(30, seed=67):
        length = int(draw.random.integers(2, 6))
        values = rational_array([Fraction(int(x), 5) for x in draw.random.integers(-5, 6, length)])
        raw = rational_array(draw.random.integers(1, 9, length).tolist())
        weights = raw * total / raw.sum()
        best, found = water_filling(values)
        worth = lambda o, values=values: (values * o).sum() - (o * o).sum() / 2
        penalty = rational_array([max(level(found) - value, rational(0)) for value in values])
        stated = ((weights - best) ** 2).sum() / 2 + (penalty * weights).sum()
        refute_unless(
            best.sum() == 1 and bool(worth(best) - worth(weights) == stated),
            "the loss of value is another one",
            g=values,
            best=best,
            weights=weights,
            lost=worth(best) - worth(weights),
            stated=stated,
        )


def generalised_max_margin(equal: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """``argmin ‖u‖`` subject to ``equal · u = 0`` and ``ahead · u ≥ 1``: the rows of ``ahead`` are
    projected on the null space of ``equal``, where the solution lies."""
    within = equal.T @ inverse(equal @ equal.T) @ equal
    projected = ahead - ahead @ within
    return max_margin_matrix({k: [list(row)] for k, row in enumerate(projected)}).matrix[0]


def _finite(equal: np.ndarray) -> np.ndarray:
    """``argmin ‖u‖`` subject to ``equal · u = 1``; times log(s₁/s₂) it is u^fin."""
    return (equal.T @ inverse(equal @ equal.T))[:, 0]


@check(
    NONLINEAR_HEAD,
    part="two solutions",
    establishes=exact(bound="the stated head", by="exact optimality conditions"),
    claimed=dict(
        gains=GAINS,
        weights=("3/5", "2/5", 0),
        finite=("1/2", "-1/2", 0),
        growing=("1/3", "1/3", "-2/3"),
        ratio="3/2",
    ),
    controls={
        "equal gains": dict(gains=rational_array([1, 1, 0])),
        "one token alone": dict(growing=("2/3", "-1/3", "-1/3")),
        "ratio two": dict(ratio=2),
        "finite part not centred": dict(finite=(1, 0, 0)),
        "growing part twice": dict(growing=("2/3", "2/3", "-4/3")),
    },
)
def mixture_and_both_parts(gains, weights, finite, growing, ratio) -> None:
    """Tokens 1 and 2 survive: u₁ − u₂ = log(s₁/s₂), and both must be ahead of token 3."""
    best, _ = water_filling(gains)
    equal, ahead = rational_array([[1, -1, 0]]), rational_array([[1, 0, -1], [0, 1, -1]])
    refute_unless(
        bool((best == rational_array(weights)).all()) and best[0] / best[1] == rational(ratio),
        "the preferred weights are others",
        best=best,
        ratio=best[0] / best[1],
    )
    for name, found, stated in (
        ("finite", _finite(equal), finite),
        ("growing", generalised_max_margin(equal, ahead), growing),
    ):
        refute_unless(
            bool((found == rational_array(stated)).all()),
            f"the {name} part is another vector",
            found=found,
            stated=rational_array(stated),
        )


# E = e^{−b} at the point of comparison, w its weight of token 3; q² = ‖p − s*‖² and r the weight of
# token 3 at the maximiser; F: value lost at the maximiser.
E, w, Q, r, F = scalars("E w Q r F")


@check(
    NONLINEAR_HEAD,
    part="path",
    establishes=proof(over="every R for which b is real", by="non-negative combination"),
    claimed=dict(bound=Fraction(39, 50), third=E / 2 - w, lost=Q / 2 + 2 * r / 5),
    controls={
        "half the bound": dict(bound=Fraction(39, 100)),
        "weight of the third token twice as large": dict(third=E - w),
        "square not halved": dict(lost=Q / 4 + 2 * r / 5),
    },
)
def weights_along_the_path(bound, third, lost) -> None:
    """Compare u_R with u^fin + b u^mm, whose norm is R: ‖u‖² = ½ log²(3/2) + ⅔ b².

    1. There e^{u₁} + e^{u₂} ≥ 2 e^{u₃ + b}, as the mean of u₁ and u₂ is u₃ + b (convexity): the
       weight of token 3 is w ≤ E/2, and those of tokens 1 and 2 keep the ratio 3 : 2, so that
       p − s* = w (−3/5, −2/5, 1) and ‖p − s*‖² = 38/25 w².
    2. By the first part the value lost there is 19/25 w² + 2/5 w ≤ 39/100 E, since E ≤ 1.
    3. The maximiser loses no more: F = Q/2 + 2r/5 ≤ 39/100 E, hence Q ≤ 39/50 E.
    """
    deviation = rational_array(["-3/5", "-2/5", 1])
    refute_unless(
        bool((deviation * deviation).sum() == rational("38/25")),
        "the deviation has another norm",
        deviation=deviation,
    )
    entails(
        Fraction(39, 100) * E - Fraction(19, 25) * w * w - Fraction(2, 5) * w,
        given={"third": third, "w": w, "E": E, "cap": 1 - E},
        certificate=[
            (Fraction(2, 5), ["third"], []),
            (Fraction(19, 25), ["third", "w"], []),
            (Fraction(19, 50), ["third", "E"], []),
            (Fraction(19, 100), ["E", "cap"], []),
        ],
        message="more value is lost at the point of comparison",
    )
    entails(
        bound * E - Q,
        given={
            "lost": F - lost,
            "maximiser": Fraction(39, 100) * E - F,
            "r": r,
            "Q": Q,
        },
        certificate=[
            (2, ["lost"], []),
            (2, ["maximiser"], []),
            (Fraction(4, 5), ["r"], []),
        ],
        models=[
            {"E": rational(1), "Q": rational(q), "r": rational(0), "F": rational("39/100")}
            for q in (0, "39/50", "39/25")
        ],
        message="the weights are further from the preferred ones",
    )
