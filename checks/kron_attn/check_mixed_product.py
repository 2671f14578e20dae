"""Products of row-wise Khatri–Rao products, and the algorithm that follows."""

from __future__ import annotations

from functools import reduce

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, prime_field, proof, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.tensor_attention import row_khatri_rao
from attnproof.theory.paper.kron_attn.mixed_product import MIXED_PRODUCT
from attnproof.theory.paper.kron_attn.monomial_features import (
    coefficients_of_features,
    monomials,
    multinomial,
    polynomial_attention,
)

# S = Σ a_j c_j over the rows taken so far, T the same sum for the other factor; P = Σ (a b)(c e)
# over all pairs of rows, R over the pairs of one new row with the rows taken so far.
S, T, P, R, a, c, b, e = scalars("S T P R a c b e")
ROWS_MODEL = {name: rational(value) for name, value in zip("STacbe", (2, 3, 5, 7, 1, 4))}


@check(
    MIXED_PRODUCT,
    part="identity",
    establishes=proof(over="every number of rows and columns, every order q (induction)"),
    claimed=dict(pair=a * c * b * e, joined=S * T, grown=(S + a * c) * T),
    controls={
        "sum instead of the entrywise product": dict(joined=S + T, grown=S + a * c + T),
        "second row without its partner": dict(pair=a * c * b),
        "rows joined once only": dict(grown=S * T + a * c),
    },
)
def induction_over_rows_and_factors(pair, joined, grown) -> None:
    """Fix one column of every A and C. For two factors, induct twice.

    Inner: ``R = ac·T`` over the rows of the second factor; a row (b, e) more adds ``ac·be``, and
    T becomes T + be. Outer: ``P = S·T``; a row (a, c) more adds R = ac·T, and S becomes S + ac.
    Both start from empty sums. Order: the Khatri–Rao product of q factors is that of two, the first
    being the product of q − 1 of them, so q follows from two and induction.
    """
    model = ROWS_MODEL | {"P": rational(6), "R": rational(105)}
    follows(
        R + pair - a * c * (T + b * e),
        using=[(1, R - a * c * T, 1)],
        models=[model],
        message="a row of the second factor more: the sums differ",
    )
    follows(
        P + R - grown,
        using=[(1, P - joined, 1), (1, R - a * c * T, 1)],
        models=[model | {"P": joined.evaluate(model)[0, 0]}],
        message="a row of the first factor more: the sums differ",
    )


def _other_order(*factors: np.ndarray) -> np.ndarray:
    return row_khatri_rao(*reversed(factors))


@check(
    MIXED_PRODUCT,
    part="identity",
    establishes=prime_field(bound="q = 1, …, 4, between 2 and 6 rows, d = 3, e = 2"),
    claimed=dict(combine=np.multiply, second=row_khatri_rao),
    controls={
        "matrix sum": dict(combine=np.add),
        "tuples in the other order on one side": dict(second=_other_order),
        "Kronecker product of the rows": dict(
            second=lambda *factors: reduce(np.kron, factors)[:, : factors[0].shape[1]]
        ),
    },
)
def definition_modulo_a_prime(combine, second) -> None:
    """Both sides from the definition, all entries random modulo 2^61 − 1."""
    for rows in ((5,), (4, 6), (2, 3, 4), (2, 3, 2, 4)):
        order = len(rows)
        shapes = [(count, 3) for count in rows] + [(count, 2) for count in rows]

        def defect(*given, order=order):
            left, right = given[:order], given[order:]
            small = [x.T @ y for x, y in zip(left, right, strict=True)]
            return row_khatri_rao(*left).T @ second(*right) - reduce(combine, small)

        vanishes(defect, shapes, seed=40 + order, message="the two sides differ")


def _no_weight(exponent) -> int:
    return 1


@check(
    MIXED_PRODUCT,
    part="factorisation",
    establishes=symbolic(bound="d ≤ 3 and g ≤ 4, or d = 4 and g = 2; every n, order 2, 3 and 4"),
    claimed=dict(weight=multinomial, scale=lambda width: rational(f"1/{width}"), top=0),
    controls={
        "no multinomial coefficient": dict(weight=_no_weight),
        "not divided by d": dict(scale=lambda width: rational(1)),
        "monomials of degree g left out": dict(top=1),
    },
)
def entry_by_entry(weight, scale, top) -> None:
    """One entry depends on one row of Q and of each K only, so it settles every n. Entries and
    coefficients c_k are symbols; the left-hand side is Horner's rule on the form."""
    for width, degree, order in ((1, 4, 3), (2, 4, 2), (2, 2, 3), (3, 3, 3), (2, 2, 4), (4, 2, 3)):
        count = width * order
        symbols = variables(
            " ".join([f"x{i}" for i in range(count)] + [f"c{k}" for k in range(degree + 1)])
        )
        rows = [
            np.array([symbols[m * width : (m + 1) * width]], dtype=object) for m in range(order)
        ]
        coefficients = list(symbols[count:])
        form = rational(f"1/{width}") * reduce(np.multiply, rows).sum()
        direct = reduce(lambda value, c: value * form + c, reversed(coefficients))
        used = degree - top
        factors = coefficients_of_features(coefficients[: used + 1], width, scale(width), weight)
        features = reduce(np.multiply, [monomials(row, used)[0] for row in rows])
        identical(
            direct,
            sum(f * factor for f, factor in zip(features, factors, strict=True)),
            "the sum over monomials is not the polynomial of the form",
        )


def _fast(query, keys, values, coefficients, weight, scale):
    return polynomial_attention(query, keys, values, coefficients, scale=scale, weight=weight)[0]


@check(
    MIXED_PRODUCT,
    part="fast evaluation",
    establishes=prime_field(bound="(n, d, e, g) = (5, 2, 3, 3), (4, 3, 2, 4), (6, 4, 2, 2)"),
    claimed=dict(fast=_fast, weight=multinomial, swap=False),
    controls={
        "no multinomial coefficient": dict(weight=_no_weight),
        "value matrices exchanged": dict(swap=True),
        "entrywise sum in the middle": dict(
            fast=lambda query, keys, values, coefficients, weight, scale: _with_sum(
                query, keys, values, coefficients, scale
            )
        ),
    },
)
def numerator_modulo_a_prime(fast, weight, swap) -> None:
    """The n × n² matrix against n·r products, coefficients and the scale random as well."""
    for n, width, columns, degree in ((5, 2, 3, 3), (4, 3, 2, 4), (6, 4, 2, 2)):
        shapes = [(n, width)] * 3 + [(n, columns)] * 2 + [(degree + 1,), ()]

        def defect(query, first, second, v, w, coefficients, scale):
            scores = scale * (query @ row_khatri_rao(first, second).T)
            matrix = reduce(lambda value, c: value * scores + c, list(coefficients)[::-1])
            values = (w, v) if swap else (v, w)
            return matrix @ row_khatri_rao(v, w) - fast(
                query, (first, second), values, list(coefficients), weight, scale
            )

        vanishes(defect, shapes, seed=7 * n + degree, message="the outputs differ")


def _with_sum(query, keys, values, coefficients, scale):
    degree = len(coefficients) - 1
    middle = reduce(np.add, [monomials(k, degree).T @ v for k, v in zip(keys, values, strict=True)])
    factors = np.array(coefficients_of_features(coefficients, query.shape[1], scale), dtype=object)
    return monomials(query, degree) @ (factors[:, None] * middle)


@check(
    MIXED_PRODUCT,
    part="fast evaluation",
    establishes=symbolic(bound="n = 2, d = 2, one column, g = 2, all entries symbols"),
    claimed=dict(weight=multinomial, tokens=2),
    controls={
        "no multinomial coefficient": dict(weight=_no_weight),
        "last token left out of the sums": dict(tokens=1),
    },
)
def numerator_with_symbols(weight, tokens) -> None:
    """The same with symbols for all entries and c_k = 1."""
    symbols = variables(" ".join(f"x{i}" for i in range(16)))
    query, first, second = (
        np.array(symbols[4 * m : 4 * m + 4], dtype=object).reshape(2, 2) for m in range(3)
    )
    values = [np.array(symbols[12 + 2 * m : 14 + 2 * m], dtype=object)[:, None] for m in range(2)]
    half = rational_array(["1/2"])[0]
    scores = half * (query @ row_khatri_rao(first, second).T)
    direct = (scores * scores + scores + 1) @ row_khatri_rao(*values)
    numerator, _ = polynomial_attention(
        query,
        (first[:tokens], second[:tokens]),
        [v[:tokens] for v in values],
        [1, 1, 1],
        scale=half,
        weight=weight,
    )
    identical(direct, numerator, "the outputs differ")
