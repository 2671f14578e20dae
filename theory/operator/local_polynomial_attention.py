"""Local polynomial attention: a weighted polynomial fit around the query, read off at the query."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np

from attnproof.theory.algebra.matrix import inverse


def centred_monomials(keys: np.ndarray, query: np.ndarray, degree: int) -> np.ndarray:
    """``(k_i − q)^a`` for all multi-indices a with ``|a| ≤ degree``; column 0 is the constant.

    Shape (n, C(d + degree, degree)).
    """
    centred = keys - query
    columns = [0 * centred[:, 0] + 1]
    for order in range(1, degree + 1):
        for chosen in combinations_with_replacement(range(keys.shape[1]), order):
            column = columns[0]
            for channel in chosen:
                column = column * centred[:, channel]
            columns.append(column)
    return np.stack(columns, axis=1)


def local_polynomial_weights(
    keys: np.ndarray, query: np.ndarray, weights: np.ndarray, degree: int
) -> np.ndarray:
    """``s`` with ``o = Σ s_i v_i``: the intercept of the fit of degree p with weights w_i > 0,
    ``s = e_0ᵀ(XᵀWX)^{−1}XᵀW``, X the centred monomials.

    Args:
        keys: shape (n, d); query: shape (d,); weights: w, shape (n,).
        degree: p; 0 is softmax attention (Nadaraya–Watson), 1 is local linear attention.

    Returns:
        Shape (n,), in the number system of the arguments.

    Raises:
        ZeroDivisionError: the monomials are linearly dependent on the keys: the degree is too high
            for them.

    Source: Fan and Gijbels, Local Polynomial Modelling (1996), Eq. (3.3); as attention
    arXiv:2501.12352, the section on local polynomials.
    """
    design = centred_monomials(keys, query, degree)
    weighted = weights[:, None] * design
    return (inverse(design.T @ weighted) @ weighted.T)[0]
