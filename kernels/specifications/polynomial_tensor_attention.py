"""Polynomial tensor attention of order three: every query attends to pairs of tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import comb, factorial, isqrt

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.polynomial_tensor_attention import (
    polynomial,
    polynomial_tensor_attention,
    taylor_polynomial,
)

from .tensor_attention import SPECIFICATION as TENSOR

# Of the exact cases: a power of two, so that it does not round.
SCALE = 0.125


def _sums(query, key_one, key_two, value_one, value_two, scale, power):
    """``Σ_j Σ_l p(x_ijl) (v¹_j ⊙ v²_l)`` and the same with ones, over l and then over j."""
    ones = lambda value: np.concatenate([value, np.ones((len(value), 1))], axis=1)
    first, second = ones(value_one), ones(value_two)
    found = np.empty((len(query), first.shape[1]))
    for row, one in enumerate(query):
        weights = power(scale * ((one * key_one) @ key_two.T))
        found[row] = (first * (weights @ second)).sum(0)
    return found[:, :-1], found[:, -1:]


def _power(degree, coefficients):
    if coefficients is None:
        return lambda x: taylor_polynomial(degree, x)
    return lambda x: polynomial(coefficients, x)


def _define(query, key_one, key_two, value_one, value_two, scale, degree, coefficients=None):
    given = (query, key_one, key_two, value_one, value_two)
    top, bottom = _sums(*given, scale, _power(degree, coefficients))
    return top / bottom


def define_as_stated(query, key_one, key_two, value_one, value_two, scale, degree, **more):
    """The operator's own definition, which holds N³ numbers at once."""
    keys, values = [key_one, key_two], [value_one, value_two]
    return polynomial_tensor_attention(query, keys, values, scale=scale, degree=degree, **more)


def _absolute(query, key_one, key_two, value_one, value_two, scale, degree, coefficients):
    """Numerator and denominator with every term's sign removed."""
    given = coefficients or [1.0 / factorial(r) for r in range(degree + 1)]
    sizes = [np.abs(x) for x in (query, key_one, key_two, value_one, value_two)]
    return _sums(*sizes, abs(scale), lambda x: polynomial(np.abs(given), x))


def _denominator(query, key_one, key_two, scale, degree, coefficients):
    ones = np.ones((len(key_one), 1))
    return _sums(query, key_one, key_two, ones, ones, scale, _power(degree, coefficients))[1]


def _magnitude(query, key_one, key_two, value_one, value_two, scale, degree, coefficients=None):
    given = (query, key_one, key_two, value_one, value_two)
    top, _ = _absolute(*given, scale, degree, coefficients)
    return top / np.abs(_denominator(query, key_one, key_two, scale, degree, coefficients))


def _bound(query, key_one, key_two, value_one, value_two, scale, degree, u, coefficients=None):
    """Numerator and denominator are sums of products, whose absolute values add up to
    ``Σ_{j,l} p̄(x̄_ijl) |v¹_j||v²_l|``, with |a_r| for a_r and |q|, |k¹|, |k²| in x̄, whether they are
    written over monomials or over pairs. Over ``R = C(d + g, g)`` monomials a term meets g − 1
    products in each of three monomials, two with values, one of the two moments, one with its
    factor, which has at most g + 4 roundings of its own, one with the query's monomial, at most N
    additions in each of two sums over tokens, and R in the last: ``γ_{2N+R+4g+9}``. Over pairs,
    added up over l and then over j, a logit has d + 3, Horner's rule three roundings more for each
    of g factors: ``γ_{2N+g(d+6)+3}``. The larger count is allowed.

    With these, E_T of the numerator T and E_D of the denominator D, the quotient errs by
    ``(E_T + |y|E_D)/(|D| − E_D)`` and one rounding; where ``E_D ≥ |D|`` nothing is promised. For
    Taylor polynomials of even degree D is positive, `theory.operator.polynomial_tensor_attention`.
    """
    given = (query, key_one, key_two, value_one, value_two)
    length, width = query.shape
    count = max(comb(width + degree, degree) + 4 * degree + 9, degree * (width + 6) + 3)
    relative = gamma(2 * length + count, u)
    top, bottom = (relative * x for x in _absolute(*given, scale, degree, coefficients))
    total = np.abs(_denominator(query, key_one, key_two, scale, degree, coefficients))
    size = np.abs(_define(*given, scale, degree, coefficients))
    error = np.where(total > bottom, (top + size * bottom) / (total - bottom), np.inf)
    return error * (1 + u) + u * size


def _sums_of_squares(total: int, parts: int) -> list[int] | None:
    """Integers whose squares add up to the total, at most that many; None if there are none."""
    if total == 0:
        return []
    if parts == 0:
        return None
    for root in range(isqrt(total), 0, -1):
        rest = _sums_of_squares(total - root * root, parts - 1)
        if rest is not None:
            return [root, *rest]
    return None


def _squares_for(length: int) -> tuple[list[int], list[int]]:
    """Integers α and β, at most N of each, with ``N² + (Σα²)(Σβ²)`` a power of two, above N²."""
    power = 1 << (length * length).bit_length()
    parts = min(length, 4)
    while True:
        product = power - length * length
        for factor in range(1, isqrt(product) + 1):
            if product % factor == 0:
                one = _sums_of_squares(product // factor, parts)
                other = _sums_of_squares(factor, parts)
                if one is not None and other is not None:
                    return one, other
        power *= 2


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """For degree 2, ``p(x) = (1 + (x + 1)²)/2``, and the scale 1/8.

    Logits ``x_jl = −1 ± α_j β_l`` with integers such that ``N² + (Σα²)(Σβ²)`` is a power of two:
    the denominator is half of it. And for lengths that are powers of two, logits t_i for pairs of
    which one token or both have an odd number, 0 for the others, with t = 2, −4, 0, −2 in turn:
    weights 5, 5, 1, 1, so that the denominator is 4N² or N².
    """
    for length in lengths:
        row = np.arange(length)
        one = np.stack([row % 4 - 1.0, 2.0 * (row % 2) + 1.0], axis=1)
        two = np.stack([row % 3 - 2.0 * (row == length - 1), (row + 1) % 4 - 2.0], axis=1)
        alpha, beta = np.zeros(length), np.zeros(length)
        of_one, of_two = _squares_for(length)
        alpha[: len(of_one)] = of_one
        beta[length - len(of_two) :] = of_two
        query = np.zeros((length, 4))
        query[:, 0], query[:, 1] = -1 / SCALE, (1 - 2 * (row % 2)) / SCALE
        keys = [np.stack([0 * row + 1, x, row % 5, row % 2], axis=1) for x in (alpha, beta)]
        inputs = dict(query=query, key_one=keys[0], key_two=keys[1], value_one=one, value_two=two)
        squares = [x**2 for x in (alpha, beta)]
        top = one.sum(0) * two.sum(0) + (squares[0] @ one) * (squares[1] @ two)
        total = length * length + squares[0].sum() * squares[1].sum()
        output = np.tile(top / total, (length, 1))
        yield Case(f"-1 and squares, N={length}", inputs, output)
        if length & (length - 1):
            continue
        sizes = np.array([2.0, -4.0, 0.0, -2.0])[row % 4]
        query = sizes[:, None] / SCALE * np.array([1.0, 1.0, -1.0, 0.0])
        odd, all_ones = row % 2, 0 * row + 1
        key_one = np.stack([odd, all_ones, odd, row % 5], axis=1).astype(float)
        key_two = np.stack([all_ones, odd, odd, row % 3], axis=1).astype(float)
        inputs = dict(query=query, key_one=key_one, key_two=key_two, value_one=one, value_two=two)
        all_pairs = one.sum(0) * two.sum(0)
        both_even = one[::2].sum(0) * two[::2].sum(0)
        large = ((sizes == 2) | (sizes == -4))[:, None]
        weighed = (both_even + 5 * (all_pairs - both_even)) / (4 * length * length)
        if length == 1:
            weighed = all_pairs  # No token has an odd number.
        output = np.where(large, weighed, all_pairs / length**2)
        yield Case(f"odd tokens, N={length}", inputs, output)


SPECIFICATION = Specification(
    operator="polynomial_tensor_attention",
    inputs=TENSOR.inputs,
    define=_define,
    draw=TENSOR.draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query",),
    longest=200,
    parameters={"scale": SCALE, "degree": 2},
    values="value_one",
    doc="y_i = Σ_{j,l} p(x_ijl) (v¹_j ⊙ v²_l) / Σ_{j,l} p(x_ijl), x_ijl = scale · Σ_c q_ic k¹_jc "
    "k²_lc, p the Taylor polynomial of the exponential",
)
