"""Factors of queries and keys cancel: proofs for every size."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.elementwise import maximum, square_root
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, plot, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.infinite_self_attention import (
    affinity,
    frobenius_norm,
    frobenius_normalised,
)
from attnproof.theory.operator.linear_infinite_self_attention import key_scores
from attnproof.theory.paper.infsa.attention_map import SCALE_INVARIANCE

# [x]_+ = p and [−x]_+ = n, that is x = p − n, pn = 0, p, n ≥ 0; likewise P and N for t x.
p, n, P, N, t = scalars("p n P N t")


def _parts(factor: str) -> list[dict[str, object]]:
    models = []
    for x in (3, -2):
        scaled = rational(factor) * x
        models.append(
            {
                **{"p": rational(max(x, 0)), "n": rational(max(-x, 0)), "t": rational(factor)},
                **{"P": max(scaled, rational(0)), "N": max(-scaled, rational(0))},
            }
        )
    return models


@check(
    SCALE_INVARIANCE,
    part="pure",
    establishes=proof(over="every real logit, every factor as assumed", by="algebra of the parts"),
    claimed=dict(factor=t, sign=t),
    controls={
        "factor squared": dict(factor=t * t),
        "factor dropped": dict(factor=t * 0 + 1),
        "negative factors": dict(sign=-t),
    },
)
def rectifier_is_positively_homogeneous(factor, sign) -> None:
    """[t x]_+ = t [x]_+ for t ≥ 0: from P − N = t(p − n) and PN = pn = 0,
    (P − tp)² = (P − tp)(N − tn) = −t(Pn + pN) ≤ 0, all of t, P, n, p, N being ≥ 0.
    """
    follows(
        (P - factor * p) * (P - factor * p) + t * (P * n + p * N),
        using=[
            (P - t * p, P - N - t * (p - n), 1),
            (1, P * N, 1),
            (t * t, p * n, 1),
        ],
        models=_parts("2"),
        message="the square of the difference is another",
    )
    entails(
        t * (P * n + p * N),
        given={"t": sign, "P": P, "n": n, "p": p, "N": N},
        certificate=[(1, ["t", "P", "n"], []), (1, ["t", "p", "N"], [])],
        message="the square of the difference need not be at most zero",
    )


# R = [L]_+ of logits L = w Q Kᵀ, S after scaling by c and k; r and s their norms; u and v the
# inverses of the normalisers.
Q, KT, R, RT, S, ST, ONES = letters("Q Kt R Rt S St J")
c, k, w, r, s, u, v, i = scalars("c k w r s u v i")

QUERY = rational_array([[3, 0], [-1, 4]])
KEY = rational_array([[2, 0], [0, 2]])


def _pure_model(factors: tuple, epsilon: str, normaliser, shift: int) -> dict[str, object]:
    first, second = (rational(x) for x in factors)
    before = affinity(QUERY, KEY)
    after = maximum((first * QUERY) @ (second * KEY).T / 2 + shift)
    norms = [normaliser(matrix) for matrix in (before, after)]
    return {
        **{"c": first, "k": second, "w": rational("1/2"), "Q": QUERY, "Kt": KEY.T},
        **{"R": before, "Rt": before.T, "S": after, "St": after.T, "r": norms[0], "s": norms[1]},
        **{"u": 1 / (norms[0] + rational(epsilon)), "v": 1 / (norms[1] + rational(epsilon))},
        **{"i": 1 / (norms[1] + first * second * norms[0])},
        **{"factors": rational_array(factors), "epsilon": rational(epsilon)},
    }


def _squared_norm(matrix: np.ndarray):
    return (matrix * matrix).sum()


@check(
    SCALE_INVARIANCE,
    part="pure",
    establishes=proof(over="every N and d, every Q and K, c, c' > 0, ε = 0"),
    claimed=dict(factors=("2", "3"), epsilon="0", normaliser=frobenius_norm, shift=0, map=v * S),
    controls={
        "epsilon a hundredth": dict(epsilon="1/100", drops="no epsilon"),
        "a negative factor": dict(factors=("-2", "3"), drops="positive factors"),
        "squared norm": dict(normaliser=_squared_norm),
        "no normaliser": dict(normaliser=lambda matrix: rational(1)),
        "three subtracted from the logits": dict(factors=("1", "1"), shift=-3),
        "affinities before normalisation": dict(map=S),
    },
)
def frobenius_norm_cancels_factors(factors, epsilon, normaliser, shift, map) -> None:
    """The logits are cc' times what they were, and so are the affinities, S = cc'R (positive
    homogeneity of the rectifier, entry by entry). Then s² = tr(SᵀS) = (cc'r)²; both norms being
    positive, s = cc'r. With ur = 1 and vs = 1: vS = v cc' R = (vs) u R = uR.
    """
    model = _pure_model(factors, epsilon, normaliser, shift)
    follows(
        w * (c * Q) * (k * KT) - c * k * (w * Q * KT),
        models=[model],
        message="the logits are not scaled by both factors",
    )
    scaled, transposed = S - c * k * R, ST - c * k * RT
    norm, first, second = s - c * k * r, u * r - 1, v * s - 1
    follows(
        map - u * R,
        using=held_premises(
            [
                (v, scaled, 1),
                (-1 * v * c * k, first, R),
                (-1 * v * u, norm, R),
                (u, second, R),
            ],
            model,
        ),
        models=[model],
        message="the normalised map changes",
    )
    follows(
        ST * S - c * c * k * k * RT * R,
        using=[(1, transposed, S), (c * k * RT, scaled, 1)],
        models=[model],
        message="the squares are not scaled by the square of both factors",
    )
    # (s − cc'r)(s + cc'r) = 0, and the second factor is positive, with inverse i.
    follows(
        norm,
        using=[(i, s * s - c * c * k * k * r * r, 1), (-1 * norm, i * (s + c * k * r) - 1, 1)],
        models=[model],
        message="the norm is not scaled by both factors",
    )


# x are norms of queries, y those after scaling; z = u x Q and Z are pooled queries.
x, y, z, Z, o = letters("x y z Z o")
a, b = scalars("a b")
ROUND = rational_array([[3, 4], [-5, 12], [8, -6]])
ROUND_KEYS = rational_array([[1, 2], [-2, -1], [3, 1]])


def _norms(query: np.ndarray) -> np.ndarray:
    return square_root((query * query).sum(axis=1))[None, :]


def _linear_model(factors: tuple, epsilon: str, weight, shift: int) -> dict[str, object]:
    first, second = (rational(entry) for entry in factors)
    extra = rational(epsilon)
    before, after = weight(ROUND), weight(first * ROUND)
    inverses = [1 / (weights.sum() + extra) for weights in (before, after)]
    pooled = [inverses[0] * before @ ROUND, inverses[1] * after @ (first * ROUND)]
    scores = [
        maximum(pooled[0] @ ROUND_KEYS.T / 2),
        maximum(pooled[1] @ (second * ROUND_KEYS).T / 2 + shift),
    ]
    sums = [1 / (score.sum() + extra) for score in scores]
    return {
        **{"c": first, "k": second, "Q": ROUND, "o": rational_array([[1], [1], [1]])},
        **{"x": before, "y": after, "u": inverses[0], "v": inverses[1]},
        **{"z": pooled[0], "Z": pooled[1], "R": scores[0], "S": scores[1]},
        **{"a": sums[0], "b": sums[1]},
        **{"factors": rational_array(factors), "epsilon": extra},
    }


@check(
    SCALE_INVARIANCE,
    part="linear",
    establishes=proof(over="every N and d, every Q and K, c, c' > 0, ε = 0"),
    claimed=dict(factors=("2", "3"), epsilon="0", weight=_norms, shift=0, map=b * S),
    controls={
        "epsilon a hundredth": dict(epsilon="1/100", drops="no epsilon"),
        "a negative factor": dict(factors=("2", "-3"), drops="positive factors"),
        "norms plus one": dict(weight=lambda query: _norms(query) + 1),
        "one added to the logits": dict(shift=1),
        "scores before normalisation": dict(map=S),
    },
)
def sums_cancel_factors(factors, epsilon, weight, shift, map) -> None:
    """The norms are scaled by c, so that their shares stay and q̄ is scaled by c; the scores are
    scaled by cc', so that their shares stay.

    Machine-checked: both steps, with y = cx (norms) and S = cc'R (the rectifier) as axioms.
    """
    model = _linear_model(factors, epsilon, weight, shift)
    grown, first, second = y - c * x, u * x * o - 1, v * y * o - 1
    follows(
        Z - c * z,
        using=held_premises(
            [
                (1, Z - v * y * c * Q, 1),
                (-1 * c, z - u * x * Q, 1),
                (v * c, grown, Q),
                (-1 * v * c * c, first, x * Q),
                (u * c, second, x * Q),
                (-1 * u * v * c, grown, o * x * Q),
            ],
            model,
        ),
        models=[model],
        message="the pooled query is not scaled by the factor of the queries",
    )
    scaled, total, later = S - c * k * R, a * R * o - 1, b * S * o - 1
    follows(
        map - a * R,
        using=held_premises(
            [
                (b, scaled, 1),
                (-1 * b * c * k, total, R),
                (a, later, R),
                (-1 * a * b, scaled, o * R),
            ],
            model,
        ),
        models=[model],
        message="the scores change",
    )


@plot(SCALE_INVARIANCE)
def mass_over_the_factor() -> Plot:
    """What the released ε leaves of both maps when queries and keys shrink."""
    generator = np.random.default_rng(20260300175)
    query, key = generator.standard_normal((2, 64, 32))
    factors = [10.0 ** (-j / 4) for j in range(25)]
    series = []
    for epsilon in (0.0, 1e-6, 1e-2):
        for label, size in (
            ("‖Â‖", lambda q, k, e: frobenius_norm(frobenius_normalised(affinity(q, k), e))),
            ("mass of a", lambda q, k, e: key_scores(q, k, e).sum()),
        ):
            sizes = [float(size(f * query, f * key, epsilon)) for f in factors]
            series.append(Series(label=f"{label}, ε = {epsilon:g}", x=factors, y=sizes))
    return Plot(
        title="Factors cancel until ε is felt",
        x_label="factor of queries and of keys",
        y_label="size of the normalised map",
        x_scale="log",
        series=series,
        caption="64 Gaussian tokens of width 32. With ε = 0 nothing depends on the factor; with "
        "the released ε = 1e-6 the map fades out below a factor of about 1e-3.",
    )
