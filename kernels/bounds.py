"""A-priori error bounds, one per operator, for one head.

Notation: u is the unit round-off of the accumulator, γ_n = nu/(1 − nu) (`engine.rounding`), p the
number of additions that one term of a reduction over N passes through (`registry`), M = |Q||K|ᵀ/d.
Inputs are exact: a narrow input is compared with the operator on that very input. Nothing
underflows. Each bound also covers the float64 reference it is compared with, by adding itself at
u = 2^-53 with p = N, and the float64 evaluation of the bound, by a factor 1 + 2^-20.

Common to all operators: a logit is a dot product of d terms and a scaling by 1/d, itself rounded,
so |ŝ − s| ≤ γ_{d+2} M; the rectifier is exact and does not increase a difference, so
|Â0 − A0| ≤ γ_{d+2} M, and A0 ≤ M.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.kernels.specification import Arrays, Specification
from attnproof.theory.engine.rounding import HALF_SMALLEST, UNIT_ROUNDOFF, gamma, unit_roundoff

Bound = Callable[..., np.ndarray]

# The bound itself is evaluated in float64: at most a few thousand roundings of 2^-53 each.
EVALUATION = 1.0 + 2.0**-20


def error_bound(
    operator: str,
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    *,
    decay: float,
    epsilon: float,
    dtype: str,
    additions: int,
    tail: float = 0.0,
    tile_roundoff: float = 0.0,
) -> np.ndarray:
    """Componentwise bound of |computed − definition|; infinite where nothing can be promised.

    Args:
        operator: a name of the registry.
        query, key, value: float64 arrays [N, d], [N, d], [N, e] holding the inputs exactly.
        decay: the operator's γ.
        dtype: of inputs and output; float64 is accumulated in float64, the rest in float32.
        additions: p.
        tail: what a truncated series may leave out of a column, relative to its norm.
        tile_roundoff: unit round-off of the dtype to which a tile of affinities is rounded before
            it meets the values; 0 where it stays in the accumulator's. Matters for one hop only.
    """
    inner = unit_roundoff("float64" if dtype == "float64" else "float32")
    arguments = (query, key, value, decay, epsilon)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        size, error = _BOUNDS[operator](*arguments, inner, additions, tail, tile_roundoff)
        exact = (UNIT_ROUNDOFF["float64"], len(query), 0.0, 0.0)
        _, reference = _BOUNDS[operator](*arguments, *exact)
        total = error + reference
        if dtype in ("float16", "bfloat16"):
            total = total + unit_roundoff(dtype) * (size + total) + HALF_SMALLEST[dtype]
    return np.where(np.isnan(total), np.inf, total * EVALUATION)


def _quotient(size, numerator_error, denominator, denominator_error, u):
    """Bound of the error of ``γ P/D`` given those of P and D.

    |P̂/D̂ − P/D| ≤ e_P/D̂ + |P| e_D/(D D̂) with D̂ ≥ D − e_D; γ is rounded, multiplied and divided by:
    three more factors (1 + δ).
    """
    lowest = denominator - denominator_error
    ratio = size / denominator
    error = numerator_error / lowest + ratio * denominator_error / lowest
    error = np.where(lowest > 0, error, np.inf)
    return error * (1 + gamma(3, u)) + gamma(3, u) * ratio


def _norm(affinity, magnitude, epsilon, width, u, additions):
    """‖A0‖_F + ε and its error.

    ‖Â0 − A0‖_F ≤ γ_{d+2}‖M‖_F; the squares, the sum over a row (p additions), that over the N rows
    (N in any order) and the root contribute a factor 1 + θ_{p+N+3} (√(1+θ) is nearer to 1 than
    1 + θ); adding the rounded ε two more.
    """
    exact = np.sqrt((affinity * affinity).sum())
    perturbed = exact + gamma(width + 2, u) * np.sqrt((magnitude * magnitude).sum())
    error = perturbed * (1 + gamma(additions + len(affinity) + 3, u)) - exact
    return exact + epsilon, error + gamma(2, u) * (exact + error + epsilon)


def _infinite_self_attention(query, key, value, decay, epsilon, u, additions, tail, tile_roundoff):
    """|P̂ − P| ≤ γ_{p+d+3} M|V| for P = A0 V (each term: d + 2 factors from the logit, one product,
    p sums), besides u_t of the perturbed term where tiles are rounded; then `_quotient`."""
    width = query.shape[1]
    affinity = np.maximum(query @ key.T / width, 0.0)
    magnitude = np.abs(query) @ np.abs(key).T / width
    denominator, denominator_error = _norm(affinity, magnitude, epsilon, width, u, additions)
    relative = gamma(additions + width + 3, u)
    relative = relative + tile_roundoff * (1 + relative)
    numerator_error = relative * (magnitude @ np.abs(value))
    size = np.abs(affinity @ value)
    if denominator == 0:
        # True affinities all 0 and no ε: a positive computed one would be divided by itself.
        return size, np.where(magnitude.sum() == 0, 0.0, np.inf) + size
    error = _quotient(size, numerator_error, denominator, denominator_error, u)
    return decay * size / denominator, decay * error


def _resolvent_attention(query, key, value, decay, epsilon, u, additions, tail, tile_roundoff):
    """Norm-wise in each column of V. One computed hop is γÂx plus an error of at most c‖x‖, where c
    collects the bound of one hop in the Frobenius norm. With σ = γ min(1, √(‖Â‖_1‖Â‖_∞)) ≥ ‖γÂ‖_2
    the t-th hop errs by at most t c (σ + c)^{t−1}‖v‖, all of them by c/(1 − σ − c)²‖v‖. The running
    sum of L hops adds γ_L times the sum of their norms. L is common to all heads, so that σ of one
    head does not limit it; γ itself does."""
    from attnproof.kernels.resolvent_attention.neumann_sum import hops

    width = query.shape[1]
    affinity = np.maximum(query @ key.T / width, 0.0)
    magnitude = np.abs(query) @ np.abs(key).T / width
    denominator, denominator_error = _norm(affinity, magnitude, epsilon, width, u, additions)
    length = np.linalg.norm(value, axis=0)
    if denominator == 0:
        return np.zeros_like(value), np.full_like(value, 0.0 if magnitude.sum() == 0 else np.inf)
    normalised = affinity / denominator
    sigma = decay * min(1.0, np.sqrt(normalised.sum(0).max() * normalised.sum(1).max()))
    one_hop = _quotient(
        np.sqrt((affinity * affinity).sum()),
        gamma(additions + width + 3, u) * np.sqrt((magnitude * magnitude).sum()),
        denominator,
        denominator_error,
        u,
    )
    c = decay * float(one_hop)
    rest = 1.0 - sigma - c
    if not rest > 0:
        return np.abs(value), np.full_like(value, np.inf)
    count = hops(decay, tail) if tail else 1
    error = c / rest**2 + gamma(count, u) * (sigma + c) / rest + tail
    each_row = (len(value), 1)
    return np.tile(sigma / rest * length, each_row), np.tile(error * length, each_row)


def _linear_infinite_self_attention(
    query, key, value, decay, epsilon, u, additions, tail, tile_roundoff
):
    """n_i = ‖q_i‖ carries a factor 1 + θ_{d+1}; Σ n a factor 1 + θ_{p+d+1}, with ε√d (rounded
    twice) 1 + θ_{p+d+4}; the numerator of q̄ errs by at most γ_{p+d+2} Σ n_i|q_ic|. Dividing doubles
    the denominator's count (Higham, Lemma 3.3), so q̄_c errs by γ_m Π_c with
    Π_c = Σ n_i|q_ic|/(Σ n + ε√d) and m = (p + d + 2) + 2(p + d + 4) + 1. A score r_j = [q̄·k_j/d]_+
    then errs by γ_{m+d+2} R_j, R_j = Σ_c Π_c|k_jc|/d; its sums by p more."""
    length, width = query.shape
    norms = np.sqrt((query * query).sum(1))
    total = norms.sum() + epsilon * np.sqrt(width)
    total = total if total > 0 else 1.0
    pooled = norms @ query / total
    largest = norms @ np.abs(query) / total
    scores = np.maximum(key @ pooled / width, 0.0)
    magnitude = np.abs(key) @ largest / width
    m = 3 * additions + 3 * width + 11
    score_count = m + width + 2
    denominator = scores.sum() + epsilon
    denominator_error = gamma(score_count + additions + 2, u) * (magnitude.sum() + epsilon)
    numerator_error = gamma(score_count + additions + 1, u) * (magnitude @ np.abs(value))
    size = np.abs(scores @ value)
    if denominator == 0:
        # Only where every true score is 0: any positive computed score would be weighted by 1.
        row_error = np.where(magnitude.sum() == 0, 0.0, np.inf) + 0 * size
        row = size
    else:
        row_error = decay * _quotient(size, numerator_error, denominator, denominator_error, u)
        row = decay * size / denominator
    return np.tile(row, (length, 1)), np.tile(row_error, (length, 1))


_BOUNDS: dict[str, Bound] = {
    "infinite_self_attention": _infinite_self_attention,
    "resolvent_attention": _resolvent_attention,
    "linear_infinite_self_attention": _linear_infinite_self_attention,
}


def whole_bound(specification: Specification, inputs: Arrays, dtype: str) -> np.ndarray:
    """Componentwise bound of |computed − defined| on one head, all roundings included.

    That of sums held in the accumulator's precision; itself again at u = 2⁻⁵³, for the float64
    evaluation of the definition; one rounding of the output, and of the weights where the
    specification allows for it; and the float64 evaluation of the bound.

    Args:
        inputs: the numbers that the kernel was given, exactly, in float64.
        dtype: of inputs and output; float64 is accumulated in float64, the rest in float32.
    """
    inner = unit_roundoff("float64" if dtype == "float64" else "float32")
    reference = specification.allowed(inputs, UNIT_ROUNDOFF["float64"])
    bound = specification.allowed(inputs, inner) + reference
    if dtype in ("float16", "bfloat16"):
        outer = unit_roundoff(dtype)
        if specification.rounded_weights:
            bound = bound + outer * specification.weighed(inputs)
        size = np.abs(specification.expected(inputs))
        bound = bound + outer * (size + bound) + HALF_SMALLEST[dtype]
    return bound * EVALUATION
