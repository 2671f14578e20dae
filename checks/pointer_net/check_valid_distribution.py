"""A distribution over the positions, whatever their number."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.pointer_attention import (
    pointer_distribution,
    pointer_scores,
    tanh_of_logarithm,
)
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.pointer_net import VALID_DISTRIBUTION

E, z, total, so_far, mass, inside = scalars("E z total so_far mass inside")


@check(
    VALID_DISTRIBUTION,
    part="distribution",
    establishes=proof(
        over="every n (induction), every scores",
        by="free algebra and non-negative combination",
    ),
    claimed=dict(weight=E * z, first=0),
    controls={
        "masses not divided": dict(weight=E),
        "divided twice": dict(weight=E * z * z),
        "sum that starts at one": dict(first=1),
    },
)
def weights_add_up(weight, first) -> None:
    """With total = Σ e^{u_l} and z total = 1: if the weights so far sum to (masses so far) z, one
    more keeps that, and all of them sum to total z = 1. They are positive as e^u and z are."""
    model = {name: rational(value) for name, value in dict(E=2, total=8, z="1/8", mass=3).items()}
    model["so_far"] = rational("3/8")
    follows(
        so_far + first + weight - (mass + E) * z,
        using=[(1, so_far - mass * z, 1)],
        models=[model],
        message="the weights sum to something else",
    )
    follows(
        so_far - 1,
        using=[(1, so_far - mass * z, 1), (z, mass - total, 1), (1, z * total - 1, 1)],
        models=[model | {"mass": rational(8), "so_far": rational(1)}],
        message="all weights together are not one",
    )
    entails(
        weight * total - E,
        given={"mass": E, "sum": z * total - 1},
        certificate=[(1, ["mass", "sum"], [])],
        models=[{**model, "total": rational(9)}, {**model, "z": rational("1/2"), "E": rational(2)}],
        message="a weight is smaller than its mass over the total",
    )


# Pre-activations are multiples of log 2 between −2 and 2, at which 85 tanh is an integer.
ENCODER_MATRIX = [[1, 0], [0, 1], [1, -1]]
DECODER_MATRIX = [[1], [-1], [0]]
VECTOR = [85, -170, 85]


def _states(length: int) -> np.ndarray:
    return rational_array([[j % 2, (j // 2) % 2] for j in range(length)])


def pointer(length: int) -> np.ndarray:
    """Scores of the pointing step on the stated states."""
    return pointer_scores(
        _states(length),
        rational_array([1]),
        rational_array(ENCODER_MATRIX),
        rational_array(DECODER_MATRIX),
        rational_array(VECTOR),
        squash=tanh_of_logarithm,
    )


def fixed_dictionary(length: int) -> np.ndarray:
    """Scores of 50 output symbols, of which the input only changes the last state."""
    return rational_array(np.arange(50)) * _states(length)[-1].sum()


@check(
    VALID_DISTRIBUTION,
    part="any length",
    establishes=exact(bound="n ≤ 200, the stated parameters and states", by="base two"),
    claimed=dict(scores=pointer, lengths=range(1, 201)),
    controls={
        "fixed dictionary at 51 positions": dict(scores=fixed_dictionary, lengths=[51]),
        "fixed dictionary at 5 positions": dict(scores=fixed_dictionary, lengths=[5]),
        "last position never scored": dict(scores=lambda n: pointer(n)[:-1], lengths=[2]),
    },
)
def one_score_for_every_position(scores, lengths) -> None:
    """The operator with the same parameters on inputs of every length. The score at a position is
    compared with its formula, term by term."""
    for length in lengths:
        u = scores(length)
        refute_unless(
            u.shape == (length,),
            "there is not exactly one score for every position",
            positions=length,
            scores=len(u),
        )
        p = pointer_distribution(u, power=power_of_two)
        refute_unless(
            bool((p > 0).all()) and p.sum() == 1,
            "this is no distribution",
            scores=u,
            distribution=p,
        )
    for j, state in enumerate(_states(4)):
        term = rational(0)
        for v, row, (other,) in zip(VECTOR, ENCODER_MATRIX, DECODER_MATRIX, strict=True):
            power = rational(4) ** int(row[0] * state[0] + row[1] * state[1] + other)
            term += v * (power - 1) / (power + 1)
        refute_unless(
            pointer(4)[j] == term, "the score is another", position=j, score=pointer(4)[j]
        )


@check(
    VALID_DISTRIBUTION,
    part="restricted",
    establishes=proof(over="every n (induction), every scores and set"),
    claimed=dict(weight=E * inside * z),
    controls={
        "masses not restricted": dict(weight=E * z),
        "mass on the others": dict(weight=E * (1 - inside) * z),
        "not divided": dict(weight=E * inside),
    },
)
def restricted_weights_add_up(weight) -> None:
    """inside = [j ∈ S] is 0 or 1, total = Σ_{l∈S} e^{u_l} > 0 as S is not empty, z total = 1. The
    sum is taken as without a restriction; a weight is e^u z inside S and 0 outside of it."""
    model = {name: rational(value) for name, value in dict(E=2, total=8, z="1/8", mass=3).items()}
    model["so_far"] = rational("3/8")
    so_far_is = (1, so_far - mass * z, 1)
    follows(
        so_far + weight - (mass + E * inside) * z,
        using=[so_far_is],
        models=[model | {"inside": rational(value)} for value in (0, 1)],
        message="the weights sum to something else",
    )
    for value in (0, 1):
        here = model | {"inside": rational(value)}
        follows(
            weight - value * E * z,
            using=[(E * z, inside - value, 1)],
            models=[here],
            message="a weight is another",
        )
    follows(
        so_far - 1,
        using=[so_far_is, (z, mass - total, 1), (1, z * total - 1, 1)],
        models=[model | {"mass": rational(8), "so_far": rational(1)}],
        message="all weights together are not one",
    )


@check(
    VALID_DISTRIBUTION,
    part="restricted",
    establishes=exact(
        bound="every non-empty set of at most six positions, the stated parameters", by="base two"
    ),
    claimed=dict(sets=lambda n: [s for s in product((False, True), repeat=n) if any(s)], kept=1),
    controls={
        "the empty set as well": dict(
            sets=lambda n: list(product((False, True), repeat=n)), drops="a position is allowed"
        ),
        "the others kept at a tenth": dict(kept="1/10"),
    },
)
def mass_on_the_allowed_positions(sets, kept) -> None:
    """The operator on every set, by its masses."""
    for length in range(1, 7):
        u = pointer(length)
        for allowed in sets(length):
            masses = power_of_two(u) * rational_array([int(entry) for entry in allowed])
            refute_unless(
                masses.sum() > 0,
                "there is no mass to be divided",
                allowed=list(allowed),
                masses=masses,
            )
            p = pointer_distribution(u, np.array(allowed), power=power_of_two)
            expected = masses / masses.sum() * rational(kept)
            expected += power_of_two(u) / masses.sum() * (1 - rational(kept))
            refute_unless(
                bool((p == expected).all())
                and p.sum() == 1
                and all((entry > 0) == bool(inside) for entry, inside in zip(p, allowed)),
                "this is no distribution on the allowed positions",
                allowed=list(allowed),
                distribution=p,
                expected=expected,
            )
