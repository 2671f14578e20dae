"""The gradient in logarithms, at weights so large that the softmax rounds to 0 and 1."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.ball import ball_array, precision
from attnproof.theory.algebra.elementwise import exponential
from attnproof.theory.algebra.rational import to_float
from attnproof.theory.core import check, enclosure, refute_unless
from attnproof.theory.operator.softmax_attention import softmax_weights
from attnproof.theory.paper.att_svm.attention_loss import (
    attention_outputs,
    descent_direction,
    exact_arrays,
    float_arrays,
    gradient_by_pairs,
    logits,
)
from attnproof.theory.paper.att_svm.data_sets import ALL
from attnproof.theory.paper.att_svm.landscape import GRADIENT
from attnproof.theory.paper.att_svm.max_margin_matrix import max_margin_matrix

FIVE = ALL[:5]


def _solution(data) -> np.ndarray:
    return max_margin_matrix(data.constraints(data.optimal)).matrix


def _in_binary64(data, weight: np.ndarray) -> np.ndarray:
    """The same gradient with the softmax rounded, for comparison."""
    tokens, queries, scores = float_arrays(data)
    values = logits(tokens, queries, weight)
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    s = powers / powers.sum(axis=1, keepdims=True)
    slopes = -1 / (1 + np.exp((s * scores).sum(axis=1)))
    descent_ = -gradient_by_pairs(tokens, queries, scores, s, slopes)
    return descent_ / max(float(np.linalg.norm(descent_)), 1e-300)


@check(
    GRADIENT,
    part="pairs",
    establishes=enclosure(bound="five data sets, one W of norm 2000 each"),
    claimed=dict(direction=lambda data, W: descent_direction(*float_arrays(data), W)[0]),
    controls={
        "softmax rounded to binary64": dict(direction=_in_binary64),
        "another loss": dict(
            direction=lambda data, W: descent_direction(*float_arrays(data), W, "exponential")[0]
        ),
        "ascent": dict(direction=lambda data, W: -descent_direction(*float_arrays(data), W)[0]),
    },
)
def direction_at_a_large_norm(direction) -> None:
    """Logarithms of the terms, largest divided out, against an enclosure of the gradient.

    Tolerance: exponents are below 2·10⁴ and take under 16 roundings, so that a term is off by a
    factor within 2·10⁴ · 16 · 2⁻⁵³ < 4·10⁻¹¹; entries of a unit vector then by less than 10⁻⁹.
    """
    for data in FIVE:
        base = to_float(_solution(data)) + 0.001 * np.array([[1.0, 2.0], [-1.0, 1.0]])
        weight = 2000 * base / np.linalg.norm(base)
        with precision(60_000):
            tokens, queries, scores = (
                np.array([ball_array(part) for part in array.tolist()])
                for array in exact_arrays(data)
            )
            balls = ball_array(weight)
            s = softmax_weights(logits(tokens, queries, balls), exponential)
            outputs = attention_outputs(tokens, queries, scores, balls, exponential)
            slopes = -1 / (1 + exponential(outputs))
            gradient = -gradient_by_pairs(tokens, queries, scores, s, slopes)
            norm = sum(entry * entry for entry in gradient.flat).sqrt()
            enclosed = np.array([[float((x / norm).mid()) for x in row] for row in gradient])
            radius = max(float((x / norm).rad()) for x in gradient.flat)
        found = direction(data, weight)
        refute_unless(
            bool(radius < 1e-12) and bool(np.abs(found - enclosed).max() < 1e-9),
            "the direction lies outside the enclosure",
            data=data.name,
            W=weight,
            direction=found,
            enclosed=enclosed,
        )
