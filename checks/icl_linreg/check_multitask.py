"""How many heads several tasks need, and what one head too few costs."""

from __future__ import annotations

from functools import cache

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.gaussian_expectation import gaussian_expectation
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.icl_linreg.preconditioner import MULTITASK


@check(
    MULTITASK,
    part="enough heads",
    establishes=proof(over="every N, every Γ (each task by itself)"),
    claimed=dict(last=0, balance=-1),
    controls={
        "last head is not zero": dict(last=1),
        "last head does not balance": dict(balance=0),
    },
)
def one_more_head_than_tasks(last, balance) -> None:
    """Task n uses only head n, with weight 1, and the last head, with weight ``balance``; the sum
    over heads has these two terms whatever N is."""
    (gamma,) = letters("Gamma")
    follows(gamma + balance * (last * gamma) - gamma, message="the task gets another matrix")
    refute_unless(1 + balance == 0, "the weights do not add up to zero", weights=[1, balance])


@check(
    MULTITASK,
    part="not fewer",
    establishes=proof(over="every H, N, every Ω and μ"),
    claimed=dict(total=0),
    controls={"weights that do not add up to zero": dict(total=1)},
)
def differences_span_the_tasks(total) -> None:
    """With S = Σ_{h<H} μ_h Ω_h, m = Σ_{h<H} μ_h and the last weight μ_H = total − m: the matrix of
    a task is ``S + μ_H Ω_H``, and the combination of the differences is ``S − m Ω_H``. These H − 1
    differences serve all tasks, so the matrices of the tasks span at most H − 1 dimensions, and N
    independent ones need H ≥ N + 1."""
    combined, last = letters("S Omega")
    (weight,) = scalars("m")
    follows(
        combined + (total - weight) * last - (combined - weight * last),
        message="the task leaves the span of the differences",
    )


@check(
    MULTITASK,
    part="not fewer",
    establishes=sampled(over="2 ≤ H ≤ 5, N = H tasks of width 3", by="exact ranks"),
    claimed=dict(balanced=True, lost=1),
    controls={
        "sum zero not required": dict(balanced=False),
        "two dimensions lost": dict(lost=2),
    },
)
def rank_of_the_tasks(balanced, lost) -> None:
    """Random integer heads and weights; the matrices of N = H tasks, flattened."""
    for draw in independent_draws(20, seed=3):
        heads = int(draw.random.integers(2, 6))
        omega = rational_array(draw.random.integers(-5, 6, (heads, 9)).tolist())
        weights = draw.random.integers(-5, 6, (heads, heads))
        if balanced:
            weights[-1] = -weights[:-1].sum(axis=0)
        found = rank(rational_array(weights.T.tolist()) @ omega)
        refute_unless(
            found <= heads - lost,
            "the tasks span more dimensions",
            heads=heads,
            rank=found,
            weights=rational_array(weights.tolist()),
            scales=omega,
        )


@cache
def _moments(length: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """``L⁴ E v_i²`` and ``L² E v_iβ_i`` for v = (1/L) Σ_l y_l (x_l − x̄), β_i of variance t_i."""
    variances: dict[str, object] = {}

    def normal(label: str, variance: object) -> FreeElement:
        variances[label] = variance
        return scalars(label)[0]

    one = FreeElement.constant(1)
    tokens = np.array(
        [[normal(f"x{row}_{i}", one) for i in range(dimension)] for row in range(length)]
    )
    weights = np.array([normal(f"b{i}", scalars(f"t{i}")[0]) for i in range(dimension)])
    noise = np.array([normal(f"e{row}", scalars("noise")[0]) for row in range(length)])
    labels = tokens @ weights + noise
    vector = length * (labels @ tokens) - np.sum(labels) * tokens.sum(axis=0)
    return (
        np.array([gaussian_expectation(entry * entry, variances) for entry in vector]),
        np.array([gaussian_expectation(entry, variances) for entry in vector * weights]),
    )


@check(
    MULTITASK,
    part="moments",
    establishes=proof(
        over="every L, every d (interpolation in L; two coordinates at most in each term)",
        by="Isserlis' formula on symbols",
    ),
    claimed=dict(own=lambda n: n, freedom=1),
    controls={
        "own variance once more": dict(own=lambda n: n + 1),
        "no degree of freedom lost": dict(freedom=0),
    },
)
def moments_of_the_gradient(own, freedom) -> None:
    """As in noniso-preconditioner, with one variance per coordinate of β: polynomials of degree
    ≤ 4 in L without constant."""
    (noise,) = scalars("noise")
    for length in range(1, 5):
        for dimension in (1, 2, 3):
            spread = scalars(f"t{i}" for i in range(dimension))
            total = sum(spread, noise)
            second, cross = _moments(length, dimension)
            for i in range(dimension):
                stated = length**2 * (length - freedom) * (own(length) * spread[i] + total)
                follows(second[i] - stated, message=f"another second moment at L = {length}")
                follows(
                    cross[i] - length * (length - freedom) * spread[i],
                    message=f"another mixed moment at L = {length}",
                )


ACTIVE, IDLE, CROSS, RATIO, SQUARE = variables("M m N r x")


def _exclusive(x):
    """What a coordinate of one task and a coordinate of the other gain, over N², at x = r²."""
    return 1 / (ACTIVE + x * IDLE) + x / (IDLE + x * ACTIVE)


@check(
    MULTITASK,
    part="two tasks",
    establishes=proof(over="the stated tasks, every Γ_1 and Γ_2 = rΓ_1", by="sum of squares"),
    claimed=dict(two="20008/68129", three="86/353", variance="1/3"),
    controls={
        "two heads suffice": dict(two="86/353"),
        "variance one quarter": dict(variance="1/4"),
        "three heads as two": dict(three="20008/68129"),
    },
)
def least_risks(two, three, variance) -> None:
    """The risk of a task is ``1 + Σ_ik M_i Γ_ik² − 2 Σ_i N_i Γ_ii`` (noniso-preconditioner), M_i
    = M and N_i = N on the support, m and 0 off it; entries off the diagonal only add. Three heads:
    each task by itself gains N²/M on each of its three coordinates. Two heads: by the part 'not
    fewer' Γ_2 = rΓ_1 (or Γ_1 = 0, the limit of large r). A shared coordinate gains
    ``N²(1 + r)²/((1 + r²)M) ≤ 2N²/M``; the two exclusive ones, with x = r²,
    ``N²/(M + xm) + N²x/(m + xM) ≤ 2N²/(M + m)``; both with equality at r = 1. The differences are
    squares times positive factors, as M > m."""
    identical(
        2 / ACTIVE - (1 + RATIO) ** 2 / ((1 + RATIO**2) * ACTIVE),
        (1 - RATIO) ** 2 / ((1 + RATIO**2) * ACTIVE),
        "the bound on a shared coordinate",
    )
    # Where one coordinate carries Γ_11 = g, the risks add M g² + m r² g² − 2N g.
    gain = IDLE * (ACTIVE - IDLE) * (1 - SQUARE) ** 2
    identical(
        2 / (ACTIVE + IDLE) - _exclusive(SQUARE),
        gain / ((ACTIVE + IDLE) * (ACTIVE + SQUARE * IDLE) * (IDLE + SQUARE * ACTIVE)),
        "the bound on the exclusive coordinates",
    )
    n, t, noise = rational(32), rational(variance), rational("1/10")
    factor = (n - 1) / n**2
    active, idle = factor * (n * t + 3 * t + noise), factor * (3 * t + noise)
    cross = (n - 1) / n * t
    together = 6 * t - 2 * (2 * cross**2 / active) - 2 * cross**2 / (active + idle)
    apart = 6 * t - 6 * cross**2 / active
    for heads, found, stated in ((2, together, two), (3, apart, three)):
        refute_unless(
            found == rational(stated),
            f"the least risk with {heads} heads is another",
            found=found,
            stated=rational(stated),
        )
    two_heads, three_heads = to_float([together, apart])
    note(two_heads=round(two_heads, 5), three_heads=round(three_heads, 5))
