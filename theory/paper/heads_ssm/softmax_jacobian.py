"""The Jacobian of causal softmax attention: the closed form, and the definition differentiated."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.dual import derivative_of, dual_array
from attnproof.theory.operator.softmax_attention import softmax_attention


def output_of(tokens, i, query, key, value, scale, power):
    """``y_i`` by the definition of causal softmax attention, from the tokens 0 … i.

    Args:
        tokens: shape (n, d); i counts from 0.
        query, key: W_Q and W_K, shape (d_k, d); value: V, shape (p, d).
        scale: ``1/√d_k``; power: the exponential, entrywise.

    Returns:
        Shape (p,), in the number system of the tokens.
    """
    seen = tokens[: i + 1]
    last = tokens[i : i + 1]
    output = softmax_attention(
        last @ query.T, seen @ key.T, seen @ value.T, scale=scale, power=power
    )
    return output[0]


def derivative_along(tokens, i, j, coordinate, *parameters, power):
    """``∂y_i/∂(x_j)_coordinate``, shape (p,): `output_of` run on dual numbers.

    ``power`` has to carry the derivative: it maps an array of `Dual` scores to `Dual` weights.
    """
    direction = tokens * 0
    direction[j, coordinate] = direction[j, coordinate] + 1
    return derivative_of(output_of(dual_array(tokens, direction), i, *parameters, power))


def stated_jacobian(
    tokens, i, j, query, key, value, scale, weights, *, subtract=1, transpose=False
):
    """``α_ij (V + (V x_j − y_i) (W_Kᵀ W_Q x_i)ᵀ/√d_k)``, and for j = i the path through the query.

    Args:
        weights: row i of the attention matrix, shape (i + 1,).
        subtract, transpose: 0 leaves out ``y_i``, and true exchanges ``W_Q`` and ``W_K`` in the
            score path; both are wrong, and there for controls.

    Returns:
        Shape (p, d).
    """
    matrix = key.T @ query
    matrix = matrix.T if transpose else matrix
    seen = tokens[: i + 1]
    output = weights @ (seen @ value.T)
    row = scale * (matrix @ tokens[i])
    jacobian = weights[j] * (value + np.outer(value @ tokens[j] - subtract * output, row))
    if i == j:
        keys, values = seen @ key.T, seen @ value.T
        spread = (values * weights[:, None]).T @ keys - np.outer(output, weights @ keys)
        jacobian = jacobian + spread @ query * scale
    return jacobian
