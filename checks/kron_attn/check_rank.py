"""The rank of a polynomial of the scores."""

from __future__ import annotations

from math import comb

import numpy as np
from flint import nmod, nmod_mat

from attnproof.theory.algebra.prime_field import PRIME
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import Plot, Series, check, exact, note, plot, proof, refute_unless
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.tensor_attention import row_khatri_rao
from attnproof.theory.paper.kron_attn.mixed_product import RANK
from attnproof.theory.paper.kron_attn.monomial_features import exponents

SIZES = ((1, 3), (2, 2), (2, 3), (3, 2), (3, 3), (2, 5), (4, 2))


def _features(width: int, degree: int) -> int:
    return comb(degree + width, degree)


@check(
    RANK,
    part="upper bound",
    establishes=proof(
        over="every d, g, order and number of tokens",
        by="factorisation through the monomials, counted by Pascal's rule",
    ),
    claimed=dict(first=lambda d, g: d / (d + g), second=lambda d, g: g / (d + g), count=_features),
    controls={
        "one feature less": dict(count=lambda d, g: comb(g + d, g) - 1),
        "degree exactly g": dict(count=lambda d, g: comb(g + d - 1, g)),
        "exponents up to g in every coordinate": dict(count=lambda d, g: (g + 1) ** d),
        "ratios exchanged": dict(second=lambda d, g: d / (d + g)),
    },
)
def number_of_monomials(first, second, count) -> None:
    """By the factorisation (claim mixed-product), P = U_1 (U_2 ⊘ …)ᵀ, U_1 having one column per
    exponent |e| ≤ g; the rank is at most the number N(d, g) of its columns.

    Exponents with e_d = 0 are those of d − 1 variables, the others are x_d times those of degree
    ≤ g − 1: N(d, g) = N(d − 1, g) + N(d, g − 1), N(0, g) = N(d, 0) = 1. The binomial coefficient
    C(g + d, g) solves it, since C(g + d − 1, g) = C(g + d, g)·d/(g + d) and
    C(g + d − 1, g − 1) = C(g + d, g)·g/(g + d). The listing of `exponents` is compared as well.
    """
    d, g = variables("d g")
    identical(first(d, g) + second(d, g), d / d, "the binomial does not solve the recurrence")
    for width in range(1, 6):
        for degree in range(7):
            listed = sum(1 for _ in exponents(width, degree))
            refute_unless(
                listed == count(width, degree),
                "the number of monomials is another one",
                d=width,
                g=degree,
                monomials=listed,
                stated=count(width, degree),
            )


def _rank_modulo_prime(width: int, degree: int, order: int, coefficients) -> int:
    """Rank modulo 2^61 − 1 of P(scores) at one integer point, scores by definition."""
    count = _features(width, degree) + 2
    side = count if order == 2 else int(np.ceil(count ** (1 / (order - 1)))) + 1
    query = _points(count, width, 3)
    keys = [_points(side, width, base) for base in (5, 7, 11)[: order - 1]]
    scores = query @ row_khatri_rao(*keys).T
    matrix = sum(c * scores**k for k, c in enumerate(coefficients))
    return nmod_mat(
        matrix.shape[0], matrix.shape[1], [nmod(int(x), PRIME) for x in matrix.flat], PRIME
    ).rank()


def _points(rows: int, width: int, base: int) -> np.ndarray:
    """``b k⁵ + k³ + 1`` modulo 10 007 for k = 1, 2, …, row by row: a point without structure."""
    listed = [(base * k**5 + k**3 + 1) % 10007 for k in range(1, rows * width + 1)]
    return np.array(listed, dtype=object).reshape(rows, width)


@check(
    RANK,
    part="attained",
    establishes=exact(
        bound="(d, g) = (1, 3), (2, 2), (2, 3), (3, 2), (3, 3), (2, 5), (4, 2); order 2, 3 and 4",
        by="rank modulo 2^61 − 1 at one integer point, a lower bound of the rational rank",
    ),
    claimed=dict(stated=_features, coefficients=lambda g: list(range(1, g + 2))),
    controls={
        "one less": dict(stated=lambda d, g: comb(g + d, g) - 1),
        "number of features of the base paper": dict(stated=lambda d, g: comb(2 * (g + d), 2 * g)),
        "no quadratic term": dict(
            coefficients=lambda g: [0 if k == 2 else 1 for k in range(g + 1)]
        ),
    },
)
def largest_rank(stated, coefficients) -> None:
    """Attained at one point; then also on the complement of the zeros of a minor, that is for
    almost all Q and K. The part "upper bound" gives the other inequality."""
    ranks = {}
    for width, degree in SIZES:
        for order in (2, 3, 4):
            rank = _rank_modulo_prime(width, degree, order, coefficients(degree))
            refute_unless(
                rank == stated(width, degree),
                "the rank is another one",
                d=width,
                g=degree,
                order=order,
                rank=rank,
                stated=stated(width, degree),
            )
        ranks[f"d={width}, g={degree}"] = (
            f"{rank}; C(2(g+d),2g)={comb(2 * (degree + width), 2 * degree)}"
        )
    note(**ranks)


def _sum_over_present(width: int, present: list[int]) -> int:
    return sum(comb(k + width - 1, width - 1) for k in present)


@check(
    RANK,
    part="vanishing coefficients",
    establishes=exact(
        bound="every set of non-zero coefficients, (d, g) = (1, 3), (2, 3), (3, 3)",
        by="rank modulo 2^61 − 1 at one integer point, and the number of monomials present",
    ),
    claimed=dict(stated=_sum_over_present),
    controls={
        "all monomials up to the degree": dict(
            stated=lambda width, present: comb(max(present) + width, width)
        ),
        "one variable more": dict(
            stated=lambda width, present: sum(comb(k + width, width) for k in present)
        ),
    },
)
def only_the_present_degrees_count(stated) -> None:
    """Upper bound: the columns of U_1 with c_{|e|} = 0 vanish, the others are counted by listing.
    Lower bound: the rank at one point. At (3, 3) without the square it falls from 20 to 14."""
    for width, degree in ((1, 3), (2, 3), (3, 3)):
        for mask in range(1, 2 ** (degree + 1)):
            present = [k for k in range(degree + 1) if mask >> k & 1]
            columns = sum(1 for e in exponents(width, degree) if sum(e) in present)
            rank = _rank_modulo_prime(
                width, degree, 2, [1 if k in present else 0 for k in range(degree + 1)]
            )
            refute_unless(
                rank == columns == stated(width, present),
                "the rank is another one",
                d=width,
                degrees=present,
                rank=rank,
                columns=columns,
                stated=stated(width, present),
            )


@plot(RANK)
def exact_and_published() -> Plot:
    """Exact rank against the number of features of the base paper, d = 4."""
    degrees = list(range(1, 9))
    return Plot(
        title="Features needed at d = 4",
        x_label="degree g",
        y_label="number of features",
        y_scale="log",
        series=[
            Series(label="C(g + d, g), exact", x=degrees, y=[comb(g + 4, g) for g in degrees]),
            Series(
                label="C(2(g + d), 2g)", x=degrees, y=[comb(2 * (g + 4), 2 * g) for g in degrees]
            ),
        ],
        caption="The rank that is attained grows like g^d/d!, the looser count like the power 2d.",
    )
