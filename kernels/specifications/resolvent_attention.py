"""Infinite self-attention, all hops."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.normalised_error import frobenius_error, quotient_error
from attnproof.kernels.rows_at_block_edges import along_axes, edges, integer_values
from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine import rounding
from attnproof.theory.operator.infinite_self_attention import affinity
from attnproof.theory.operator.resolvent_attention import resolvent_attention

from .infinite_self_attention import PARAMETERS, draw_at_a_scale, logit_error, no_affinity

# What a truncated series may leave out of a column, in units of u and of the column's norm. In
# float32 it is 2^-21, which at γ = 1/2 twenty-one hops reach whatever the inputs are.
TAIL = 8


def _bound(query, key, value, gamma, epsilon, u, additions=None):
    """Norm-wise in each column v of V. One computed hop is γÂx plus an error of at most c‖x‖, where
    c collects the bound of one hop in the Frobenius norm. With σ = γ min(1, √(‖Â‖_1‖Â‖_∞)) ≥ ‖γÂ‖_2
    the t-th hop errs by at most t c (σ + c)^{t−1}‖v‖, all of them by c/(1 − σ − c)²‖v‖.

    The running sum over the first L hops adds γ_L times the sum of their norms, L being the number
    after which the rest is at most 8u‖v‖; a later addition errs by no more than what it adds, which
    together is 8u‖v‖ at most. Leaving the rest out costs as much, so 16u‖v‖ is allowed for both.

    A kernel that solves ``(I − γÂ)X = γÂV`` instead is within this bound if what it returns solves
    a system with Â perturbed by at most c/γ in norm: then it is off by c/((1 − σ)(1 − σ − c))‖v‖.
    Elimination is that good in practice, though its worst-case analysis gives N²u; so is
    subtracting V from the solution for V, an error of u‖v‖/(1 − σ).

    Args:
        additions: of one hop, as for `infinite_self_attention`.
    """
    length, width = query.shape
    additions = length if additions is None else additions
    weights = affinity(query, key)
    magnitude = np.abs(query) @ np.abs(key).T / width
    denominator, denominator_error = frobenius_error(
        weights, logit_error(query, key, u), epsilon, additions, u
    )
    if denominator == 0:
        # True affinities all 0 and no ε: a positive computed one would be divided by itself.
        return np.full_like(value, 0.0 if magnitude.sum() == 0 else np.inf)
    normalised = weights / denominator
    sigma = gamma * min(1.0, np.sqrt(normalised.sum(0).max() * normalised.sum(1).max()))
    one_hop = quotient_error(
        np.linalg.norm(weights),
        rounding.gamma(additions + width + 5, u) * np.linalg.norm(magnitude),
        denominator,
        denominator_error,
        u,
    )
    c = gamma * float(one_hop)
    rest = 1.0 - sigma - c
    if not rest > 0:
        return np.full_like(value, np.inf)
    hops = 1 if gamma == 0 else math.ceil(math.log(TAIL * u * (1 - gamma)) / math.log(gamma))
    error = c / rest**2 + rounding.gamma(hops, u) * (sigma + c) / rest + 2 * TAIL * u
    return np.tile(error * np.linalg.norm(value, axis=0), (length, 1))


def _magnitude(query, key, value, gamma, epsilon):
    """``Σ_t t γ^t Â^t |V|``, as the t-th hop meets t rounded weights: with R the operator,
    ``(R + R²)|V|``."""
    once = resolvent_attention(query, key, np.abs(value), gamma, epsilon)
    return once + resolvent_attention(query, key, once, gamma, epsilon)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Graphs in which every walk ends, so that the series does, too: one edge; a triangle a → b → c
    and a → c with affinities 2, 2, 1; a path of five edges with affinities 4, 2, 4, 3, 2. The norms
    are 1, 3 and 7, the denominators 2, 4 and 8. Beside them a case without any affinity."""
    half = PARAMETERS["gamma"]
    for length in lengths:
        at, value = edges(length), integer_values(length)
        yield Case(f"no affinity, N={length}", no_affinity(length), np.zeros_like(value))
        if len(at) < 2:
            continue
        graphs = {"one edge": [(at[-1], at[0], 1.0)]}
        if len(at) >= 3:
            a, b, c = at[-1], at[0], at[len(at) // 2]
            graphs["triangle"] = [(a, b, 2.0), (a, c, 1.0), (b, c, 2.0)]
        if len(at) >= 6:
            path = [at[k] for k in (2, -1, 0, 3, 1, 4)]
            graphs["path"] = list(zip(path, path[1:], (4.0, 2.0, 4.0, 3.0, 2.0)))
        for name, graph in graphs.items():
            # Each asking row has an axis of its own.
            axis = {row: number for number, (row, _, _) in enumerate(graph)}
            inputs = {
                "query": along_axes(length, [(row, axis[row], 4.0) for row in axis]),
                "key": along_axes(length, [(met, axis[row], 4.0 * w) for row, met, w in graph]),
                "value": value,
            }
            scale = half / (1.0 + math.sqrt(sum(w * w for _, _, w in graph)))
            output = _sum_over_walks([(i, j, scale * w) for i, j, w in graph], value)
            yield Case(f"{name}, N={length}", inputs, output)


def _sum_over_walks(graph: list[tuple[int, int, float]], value: np.ndarray) -> np.ndarray:
    """``Σ_{t≥1} B^t V`` walk by walk, for the matrix B of a graph without cycles."""
    output = np.zeros_like(value)
    walks = list(graph)
    while walks:
        for start, end, weight in walks:
            output[start] += weight * value[end]
        walks = [(i, k, w * x) for i, j, w in walks for met, k, x in graph if met == j]
    return output


SPECIFICATION = Specification(
    operator="resolvent_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne"},
    define=resolvent_attention,
    draw=draw_at_a_scale,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    parameters=PARAMETERS,
    extremes=("query", "key"),
    domain="all finite inputs; a series may leave out 8u of the norm of a column of the values, "
    "u = 2^-24, or 2^-53 in float64",
    doc="Y = Σ_{t≥1} γ^t Â^t V = ((I − γÂ)^{-1} − I) V, Â = A0/(‖A0‖_F + ε), A0 = [QKᵀ/d]_+",
)
