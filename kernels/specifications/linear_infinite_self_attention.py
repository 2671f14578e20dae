"""Linear infinite self-attention: one pooled query scores every key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.normalised_error import quotient_error
from attnproof.kernels.rows_at_block_edges import along_axes, edges, integer_values
from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine import rounding
from attnproof.theory.operator.linear_infinite_self_attention import (
    linear_infinite_self_attention,
)

from .infinite_self_attention import PARAMETERS, draw_at_a_scale, no_affinity


def _bound(query, key, value, gamma, epsilon, u, additions=None):
    """n_i = ‖q_i‖ carries a factor 1 + θ_{d+1}, and 1 + θ_{d+3} if the rows were divided by a
    rounded √d before, as in the released code; Σ n a factor 1 + θ_{p+d+3}, with ε√d (rounded twice)
    1 + θ_{p+d+4}; the numerator of q̄, whose rows may have been divided, too, errs by at most
    γ_{p+d+6} Σ n_i|q_ic|. Dividing doubles the denominator's count (Higham, Lemma 3.3), so q̄_c errs
    by γ_m Π_c with Π_c = Σ n_i|q_ic|/(Σ n + ε√d) and m = (p + d + 6) + 2(p + d + 4) + 1. A score
    r_j = [q̄·k_j/d]_+ then errs by γ_{m+d+2} R_j, R_j = Σ_c Π_c|k_jc|/d; its sums by p more. All
    rows are one row; p = N for any order of summation.

    Args:
        additions: p, where less than N is known of a kernel.
    """
    length, width = query.shape
    additions = length if additions is None else additions
    norms = np.sqrt((query * query).sum(1))
    total = norms.sum() + epsilon * np.sqrt(width)
    total = total if total > 0 else 1.0
    pooled = norms @ query / total
    largest = norms @ np.abs(query) / total
    scores = np.maximum(key @ pooled / width, 0.0)
    magnitude = np.abs(key) @ largest / width
    count = (3 * additions + 3 * width + 15) + width + 2
    denominator = scores.sum() + epsilon
    size = np.abs(scores @ value)
    if denominator == 0:
        # Only where every true score is 0: any positive computed score would be weighted by 1.
        row = np.where(magnitude.sum() == 0, 0.0, np.inf) + 0 * size
        return np.tile(row, (length, 1))
    row = quotient_error(
        size,
        rounding.gamma(count + additions + 1, u) * (magnitude @ np.abs(value)),
        denominator,
        rounding.gamma(count + additions + 2, u) * (magnitude.sum() + epsilon),
        u,
    )
    return np.tile(gamma * row, (length, 1))


def _magnitude(query, key, value, gamma, epsilon):
    return linear_infinite_self_attention(query, key, np.abs(value), gamma, epsilon)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """At width 16, ε√d is 4. One query 4e pools to 16e/(4 + 4) and one key 8e scores 1: the
    denominator is 2. Two queries 8e and 4e' pool to (64e + 16e')/(12 + 4), which would be another
    vector without norms as weights, and keys score 4, 2 and 1: the denominator is 8; other keys are
    opposite. Beside them a case without any affinity."""
    half = PARAMETERS["gamma"]
    for length in lengths:
        at, value = edges(length), integer_values(length)
        yield Case(f"no affinity, N={length}", no_affinity(length), np.zeros_like(value))
        inputs = {
            "query": along_axes(length, [(at[-1], 3, 4.0)]),
            "key": along_axes(length, [(at[0], 3, 8.0)]),
            "value": value,
        }
        output = np.tile(half * value[at[0]] / 2.0, (length, 1))
        yield Case(f"one query, N={length}", inputs, output)
        if len(at) < 3:
            continue
        scored = [at[-1], at[0], at[len(at) // 2]]
        entries = [(scored[0], 0, 16.0), (scored[1], 0, 8.0), (scored[2], 5, 16.0)]
        if len(at) == 8:
            entries += [(at[1], 0, -4.0), (at[2], 5, -8.0), (at[6], 0, -8.0)]
        inputs = {
            "query": along_axes(length, [(at[-1], 0, 8.0), (at[1], 5, 4.0)]),
            "key": along_axes(length, entries),
            "value": value,
        }
        row = half * (np.array([4.0, 2.0, 1.0]) @ value[scored]) / 8.0
        yield Case(f"two queries, N={length}", inputs, np.tile(row, (length, 1)))


SPECIFICATION = Specification(
    operator="linear_infinite_self_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne"},
    define=linear_infinite_self_attention,
    draw=draw_at_a_scale,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    parameters=PARAMETERS,
    extremes=("query", "key"),
    doc="y_i = γ Σ_j a_j v_j, a_j = r_j/(Σ r + ε), r_j = [q̄·k_j/d]_+, "
    "q̄ = Σ ‖q_i‖ q_i/(Σ ‖q_i‖ + ε√d)",
)
