"""Tensor attention of order three with a polynomial in place of the exponential."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .tensor_attention import tensor_attention


def polynomial(coefficients: Sequence, argument: np.ndarray) -> np.ndarray:
    """``p(x) = Σ_r a_r x^r`` entrywise, by Horner's rule.

    Args:
        coefficients: a_0, …, a_g, at least one, in a number system that multiplies with that of x.
    """
    value = 0 * argument
    for coefficient in reversed(coefficients):
        value = value * argument + coefficient
    return value


def taylor_polynomial(degree: int, argument: np.ndarray) -> np.ndarray:
    """``p_g(x) = Σ_{r≤g} x^r/r!`` entrywise, as ``1 + x(1 + x/2(1 + x/3(…)))``.

    In every number system in which 1, …, g have inverses. For an even degree g ≥ 2 it is positive
    on the reals: it grows without bound on both sides, so that it has a smallest value, where
    ``0 = p_g'(x) = p_{g−1}(x) = p_g(x) − x^g/g!``; there it is ``x^g/g!``, and x is not 0, as
    ``p_g'(0) = 1``.
    """
    value = 0 * argument + 1
    for order in range(degree, 0, -1):
        value = value * argument / order + 1
    return value


def polynomial_tensor_attention(
    query: np.ndarray,
    keys: Sequence[np.ndarray],
    values: Sequence[np.ndarray],
    *,
    scale,
    degree: int,
    coefficients: Sequence | None = None,
) -> np.ndarray:
    """``y_i = Σ_{j,l} p(x_ijl) (v¹_j ⊙ v²_l) / Σ_{j,l} p(x_ijl)``,
    ``x_ijl = scale · Σ_c q_ic k¹_jc k²_lc``, ``p(x) = Σ_{r≤g} a_r x^r``; over the pairs themselves.

    As many kinds of keys as of values, one or more; the formula is for two. Time and memory n^k for
    k − 1 kinds.

    Args:
        query: shape (n, d); keys: arrays of shape (n_m, d); values: arrays of shape (n_m, e); over
            any field in which the denominators are not 0.
        scale: of the logits, ``1/d`` in the source.
        degree: g.
        coefficients: a_0, …, a_g; by default those of the Taylor polynomial, 1/r!.

    Returns:
        Shape (n, e).

    Raises:
        ValueError: there are not g + 1 coefficients.

    Source: Alman and Song, arXiv:2310.04064, the polynomial method for tensor attention.
    """
    if coefficients is None:
        power = lambda x: taylor_polynomial(degree, x)
    elif len(coefficients) != degree + 1:
        raise ValueError(
            f"{len(coefficients)} coefficients for a polynomial of degree {degree}: give a_0, …, "
            f"a_{degree}"
        )
    else:
        power = lambda x: polynomial(coefficients, x)
    return tensor_attention(query, keys, values, scale=scale, power=power)


def taylor_error(degree: int, radius: float) -> float:
    """``ε = e^B B^{g+1}/(g + 1)!``, an upper bound of ``max_{|x|≤B} |p_g(x)e^{−x} − 1|``.

    ``(p_g e^{−x})' = (p_g' − p_g)e^{−x} = −(x^g/g!) e^{−x}`` and ``p_g(0) = 1`` give
    ``p_g(x)e^{−x} − 1 = −∫_0^x (t^g/g!) e^{−t} dt``, whose size is at most
    ``e^B ∫_0^B t^g/g! dt``.

    Args:
        degree: g; radius: B ≥ 0.
    """
    found = float(np.exp(radius))
    for order in range(1, degree + 2):
        found *= radius / order
    return found


def distance_from_tensor_attention(error: float, size: float) -> float:
    """``2ε/(1 − ε) · M``: how far the output is at most from that of tensor attention, if
    ``|p(x) − e^x| ≤ ε e^x`` for all logits and ``|v¹_je v²_le| ≤ M``; infinite for ε ≥ 1.

    With ``w = e^x`` and ``p = w(1 + δ)``, ``|δ| ≤ ε``, and y the output of tensor attention,
    ``Σ p v/Σ p − y = Σ w δ (v − y)/Σ w(1 + δ)``: at most ``ε · 2M/(1 − ε)``.

    The sharp constant is ``2(1 − √(1 − ε²))/ε``, about half of it.

    Args:
        error: ε; size: M.
    """
    return 2.0 * error / (1.0 - error) * size if error < 1.0 else float("inf")
