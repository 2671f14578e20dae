"""Pairs of samples whose solution of least nuclear norm is rational."""

from __future__ import annotations

import numpy as np
from flint import fmpq

from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.max_margin_certificate import kkt_violations
from attnproof.theory.engine.nuclear_norm_certificate import (
    NuclearCertificate,
    nuclear_violations,
)
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.att_svm.nuclear_norm import NUCLEAR_CERTIFICATE


def _circle(slope):
    """The second point of s² + q² = 2 on the line through (1, 1) with this slope."""
    below = 1 + slope * slope
    return (slope * slope - 2 * slope - 1) / below, (1 - 2 * slope - slope * slope) / below


def _columns(s, q) -> np.ndarray:
    """[a_1, a_2] with a_1 = e_1 and a_2 = (s² − 1, sq)."""
    return np.array([[1 + 0 * s, s * s - 1], [0 * s, s * q]], dtype=object)


def _least_nuclear(s, q) -> np.ndarray:
    """(a_1 + a_2) 1ᵀ / s²."""
    total = _columns(s, q).sum(axis=1) / (s * s)
    return np.outer(total, [1, 1])


def _outer(left, right) -> np.ndarray:
    return np.outer(np.array(left, dtype=object), np.array(right, dtype=object))


@check(
    NUCLEAR_CERTIFICATE,
    part="rational family",
    establishes=proof(
        over="every (s, q) on the circle with s ≥ 1", by="rational-function identity"
    ),
    claimed=dict(
        point=_circle, solution=_least_nuclear, value=lambda s: 2 / s, cosine=lambda s: s * s / 2
    ),
    controls={
        "the Frobenius solution": dict(solution=_columns),
        "divided by s once": dict(solution=lambda s, q: s * _least_nuclear(s, q)),
        "value two over the square": dict(value=lambda s: 2 / (s * s)),
        "cosine s/2": dict(cosine=lambda s: s * s / 4),
        "unit circle": dict(point=lambda m: (2 * m / (1 + m * m), (1 - m * m) / (1 + m * m))),
    },
)
def family_has_no_gap(point, solution, value, cosine) -> None:
    """The circle is parametrised by the slope m of a line through (1, 1), which meets every point
    but (1, −1); there the identities hold by continuity. With λ = (1/s, 1/s) and t = 1:

    * both margins are one, and the columns a_1, a_2 have length one;
    * [[P, W], [Wᵀ, Q]] = vvᵀ/s with v = (s times a column of W, 1, 1): semidefinite for s > 0,
      with ½(tr P + tr Q) = 2/s;
    * [[I, A], [Aᵀ, I]] = FFᵀ + (s² − 1)/s² · ggᵀ, F = [I; Aᵀ], g = (0, 0, 1, −1): semidefinite for
      s ≥ 1, with Σλ = 2/s.
    """
    (m,) = variables("m")
    s, q = point(m)
    columns, matrix = _columns(s, q), solution(s, q)
    identical((columns * columns).sum(axis=0), [1, 1], "a column is not of length one")
    identical((columns * matrix).sum(axis=0), [1, 1], "a margin is not one")
    stretched = s * matrix[:, 0]
    block = np.array([*stretched, 1, 1], dtype=object)
    semidefinite = _outer(block, block) / s
    identical(semidefinite[:2, 2:], matrix, "the corner of the block is not W")
    identical(semidefinite.trace() / 2, value(s), "half the trace is not the value")
    dual = columns / s
    first = np.vstack([rational_array([[1, 0], [0, 1]]), dual.T])
    second = (s * s - 1) / (s * s) * _outer([0, 0, 1, -1], [0, 0, 1, -1])
    unit = np.vstack(
        [
            np.hstack([rational_array([[1, 0], [0, 1]]), dual]),
            np.hstack([dual.T, rational_array([[1, 0], [0, 1]])]),
        ]
    )
    identical(first @ first.T + second, unit, "the dual block is not that sum")
    identical(1 / s + 1 / s, value(s), "the multipliers do not add up to the value")
    inner, squared = (columns * matrix).sum(), (matrix * matrix).sum()
    identical(inner * inner, cosine(s) * 2 * squared, "the cosine is another")


def _stated(s, q) -> NuclearCertificate:
    matrix = _least_nuclear(s, q)
    column = matrix[:, 0]
    return NuclearCertificate(
        matrix=matrix,
        left=s * np.outer(column, column),
        right=rational_array([[1, 1], [1, 1]]) / s,
        multipliers={0: 1 / s, 1: 1 / s},
        bound=1,
    )


def _draw_points():
    yield rational("31/25"), rational("17/25")
    for draw in independent_draws(12, seed=5):
        slope = fmpq(int(draw.random.integers(-9, 10)), int(draw.random.integers(1, 9)))
        s, q = _circle(slope)
        if abs(s) < 1:
            s, q = q, s
        s, q = abs(s), q if draw.random.integers(2) else -q
        if s == 1:
            draw.discard()
            continue
        yield s, q


@check(
    NUCLEAR_CERTIFICATE,
    part="rational family",
    establishes=sampled(over="rational points of the circle", by="certificate re-checked"),
    claimed=dict(points=_draw_points, certificate=_stated),
    controls={
        "obtuse": dict(points=lambda: [(rational("1/5"), rational("7/5"))], drops="acute"),
        "off the circle": dict(
            points=lambda: [(rational("3/2"), rational("1/2"))], drops="on the circle"
        ),
        "multipliers larger by a thousandth": dict(
            certificate=lambda s, q: _scaled_multipliers(_stated(s, q), rational("1001/1000"))
        ),
        "smaller matrix": dict(certificate=lambda s, q: _scaled_matrix(_stated(s, q), "999/1000")),
    },
)
def rational_points_are_certified(points, certificate) -> None:
    """The stated blocks and multipliers pass the re-check, and upper and lower bound agree."""
    for s, q in points():
        columns = _columns(s, q)
        constraints = {i: np.outer(columns[:, i], np.eye(2, dtype=int)[i]) for i in range(2)}
        stated = certificate(s, q)
        broken = nuclear_violations(constraints, stated)
        refute_unless(not broken, "the certificate fails", s=s, q=q, broken=broken)
        refute_unless(
            stated.lower == stated.upper == 2 / s,
            "the bounds do not meet at 2/s",
            s=s,
            q=q,
            lower=stated.lower,
            upper=stated.upper,
        )
        broken = kkt_violations(constraints, columns, {0: 1, 1: 1})
        refute_unless(not broken, "another Frobenius solution", s=s, q=q, broken=broken)


def _scaled_multipliers(stated: NuclearCertificate, factor) -> NuclearCertificate:
    scaled = {key: factor * value for key, value in stated.multipliers.items()}
    return NuclearCertificate(stated.matrix, stated.left, stated.right, scaled, stated.bound)


def _scaled_matrix(stated: NuclearCertificate, factor) -> NuclearCertificate:
    factor = rational(factor)
    return NuclearCertificate(
        factor * stated.matrix,
        factor * stated.left,
        factor * stated.right,
        stated.multipliers,
        stated.bound,
    )
