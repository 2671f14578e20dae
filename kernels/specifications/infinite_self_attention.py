"""Infinite self-attention, one hop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.normalised_error import frobenius_error, quotient_error
from attnproof.kernels.rows_at_block_edges import along_axes, edges, integer_values
from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine import rounding
from attnproof.theory.operator.infinite_self_attention import affinity, infinite_self_attention

# ε is of the size of the norms. An ε that is tiny beside them, such as the released 1e-6, would not
# show where it is added: under the root, or before a rescaling. With ε = 1 and norms 2^m − 1 the
# denominators of the exact cases are powers of two, and since they are nowhere near 0 the bound is
# finite for every draw.
PARAMETERS = {"gamma": 0.5, "epsilon": 1.0}


def draw_at_a_scale(random, length, width, columns):
    """Normal entries, a third of the time with mean 1, times a power of two from 1/8 to 4: norms
    from far below ε to far above it."""
    scale = 2.0 ** int(random.integers(-3, 3))
    shift = float(random.choice([0.0, 0.0, 1.0]))
    normal = lambda channels: scale * (random.standard_normal((length, channels)) + shift)
    return {"query": normal(width), "key": normal(width), "value": normal(columns)}


def logit_error(query, key, u):
    """How far a logit ``s = q·k/d`` may be off, and so an affinity: ``γ_{d+4} |q|·|k|/d``.

    A dot product of d terms, d factors 1 + δ; either the rounded 1/d and the scaling by it, two
    more, or, as in the released code, both rows divided by a rounded √d, four more. The rectifier
    is exact and does not increase a difference.
    """
    width = query.shape[1]
    return rounding.gamma(width + 4, u) * (np.abs(query) @ np.abs(key).T / width)


def _bound(query, key, value, gamma, epsilon, u, additions=None):
    """For P = A0 V: |P̂ − P| ≤ γ_{p+d+5} (|Q||K|ᵀ/d)|V|, as each term has d + 4 factors from the
    logit, one product and passes through p additions; p = N for any order of summation. Then
    `frobenius_error` and `quotient_error`. Normalising the affinities first takes as many factors.

    Args:
        additions: p, where less than N is known of a kernel.
    """
    length, width = query.shape
    additions = length if additions is None else additions
    weights = affinity(query, key)
    magnitude = np.abs(query) @ np.abs(key).T / width
    denominator, denominator_error = frobenius_error(
        weights, logit_error(query, key, u), epsilon, additions, u
    )
    size = np.abs(weights @ value)
    if denominator == 0:
        # True affinities all 0 and no ε: a positive computed one would be divided by itself.
        return np.where(magnitude.sum() == 0, 0.0, np.inf) + 0 * size
    numerator_error = rounding.gamma(additions + width + 5, u) * (magnitude @ np.abs(value))
    return gamma * quotient_error(size, numerator_error, denominator, denominator_error, u)


def _magnitude(query, key, value, gamma, epsilon):
    return infinite_self_attention(query, key, np.abs(value), gamma, epsilon)


def no_affinity(length: int) -> dict[str, np.ndarray]:
    """Every logit is negative: nothing is attended to, and the output is 0."""
    rows = 4.0 * (1 + np.arange(length * 16).reshape(length, 16) % 3)
    return {"query": rows, "key": -rows, "value": integer_values(length)}


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Affinities whose norm is 1, 3 or 7, so that with ε the denominator is 2, 4 or 8: one edge;
    three queries that meet the same three keys; and a bijection with logits 4, 4, 4, 1 and signs,
    where the other keys are opposite. Beside them a case without any affinity."""
    half = PARAMETERS["gamma"]
    for length in lengths:
        at, value = edges(length), integer_values(length)
        yield Case(f"no affinity, N={length}", no_affinity(length), np.zeros_like(value))
        inputs = {
            "query": along_axes(length, [(at[-1], 2, 4.0)]),
            "key": along_axes(length, [(at[0], 2, 4.0)]),
            "value": value,
        }
        output = np.zeros_like(value)
        output[at[-1]] = half * value[at[0]] / 2.0
        yield Case(f"one edge, N={length}", inputs, output)
        if len(at) < 3:
            continue
        asking, met = at[::-1][:3], [at[0], at[len(at) // 2], at[-1]]
        inputs = {
            "query": along_axes(length, [(row, 1, -4.0) for row in asking]),
            "key": along_axes(length, [(row, 1, -4.0) for row in met]),
            "value": value,
        }
        output = np.zeros_like(value)
        output[asking] = half * value[met].sum(0) / 4.0
        yield Case(f"three by three, N={length}", inputs, output)
        if len(at) < 8:
            continue
        signs, logits = (1, 1, -1, 1), (4.0, 4.0, 4.0, 1.0)
        met = [at[k] for k in (7, 0, 4, 2)]
        opposite = [at[k] for k in (1, 3, 5, 6)]
        entries = [(row, axis, 4.0 * signs[axis]) for axis, row in enumerate(at[:4])]
        keys = [(row, axis, 4.0 * signs[axis] * logits[axis]) for axis, row in enumerate(met)]
        keys += [(row, axis, -4.0 * signs[axis]) for axis, row in enumerate(opposite)]
        inputs = {
            "query": along_axes(length, entries),
            "key": along_axes(length, keys),
            "value": value,
        }
        output = np.zeros_like(value)
        output[at[:4]] = half * np.array(logits)[:, None] * value[met] / 8.0
        yield Case(f"bijection, N={length}", inputs, output)


SPECIFICATION = Specification(
    operator="infinite_self_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne"},
    define=infinite_self_attention,
    draw=draw_at_a_scale,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    parameters=PARAMETERS,
    extremes=("query", "key"),
    doc="Y = γ A0 V / (‖A0‖_F + ε), A0 = [QKᵀ/d]_+",
)
