"""Monomials instead of tensor powers, and the rank that they allow."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb, factorial

import numpy as np

from attnproof.theory.algebra.ball import ball_array, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.matrix import determinant, rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Refuted,
    Undecided,
    check,
    enclosure,
    exact,
    note,
    proof,
    refute_unless,
    symbolic,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.softmax_rnn.taylor_recurrence import CAPACITY_RANK, STATE_SIZE

common, m, d, j = scalars("common m d j")


def _symbols(name: str, *shape: int) -> np.ndarray:
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        (made[index],) = scalars(name + "".join(map(str, index)))
    return made


def _multinomial(chosen: tuple[int, ...]) -> int:
    count = factorial(len(chosen))
    for channel in set(chosen):
        count //= factorial(chosen.count(channel))
    return count


def _monomials(width: int, order: int):
    return list(combinations_with_replacement(range(width), order))


@check(
    STATE_SIZE,
    part="features",
    establishes=symbolic(bound="d ≤ 4, m ≤ 5, all entries symbols", by="free commutative algebra"),
    claimed=dict(weight=_multinomial),
    controls={
        "no multinomial weights": dict(weight=lambda chosen: 1),
        "factorial for every monomial": dict(weight=lambda chosen: factorial(len(chosen))),
    },
)
def weighted_monomials(weight) -> None:
    """``Σ_a (m!/a!) q^a k^a`` on indeterminates against the power of the inner product."""
    for width in range(1, 5):
        query, key = _symbols("q", width), _symbols("k", width)
        for order in range(6):
            total = 0
            for chosen in _monomials(width, order):
                term = 1
                for channel in chosen:
                    term = term * query[channel] * key[channel]
                total = total + weight(chosen) * term
            follows((query @ key) ** order - total, message="the monomials give another power")


@check(
    STATE_SIZE,
    part="features",
    establishes=proof(over="every d and m (induction over the coordinates and over m)"),
    claimed=dict(pascal=m + 1, from_below=j),
    controls={
        "factorial of the same order": dict(pascal=1 * m),
        "only the terms without the new coordinate": dict(from_below=0 * j),
    },
)
def multinomial_theorem(pascal, from_below) -> None:
    """Step from d − 1 to d coordinates, x the inner product of the others and y that of the last:
    ``(x + y)^m = Σ_j C(m, j) x^{m−j} y^j`` by induction over m, since the coefficient of
    ``x^{m+1−j}y^j`` in ``(x + y)(x + y)^m`` is C(m, j) + C(m, j − 1) = C(m + 1, j); all three are
    multiples of ``common = m!/(j!(m + 1 − j)!)``. By induction over d, ``x^{m−j}`` has the
    coefficients (m − j)!/a'!, and ``C(m, j)(m − j)!/a'! = m!/(j! a'!)`` is the multinomial one."""
    follows(
        common * (m + 1 - j) + common * from_below - common * pascal,
        message="the binomial coefficients are others",
    )


@check(
    STATE_SIZE,
    part="number",
    establishes=proof(over="every d and m (induction)"),
    claimed=dict(sum_of=lambda without, with_one: without + with_one, top=d + m - 1),
    controls={
        "one coordinate too many": dict(top=d + m),
        "only without the last coordinate": dict(sum_of=lambda without, with_one: without),
    },
)
def monomials_are_counted(sum_of, top) -> None:
    """A monomial of degree m in d coordinates lacks the last one, or has it at least once:
    ``n(d, m) = n(d − 1, m) + n(d, m − 1)``, which is Pascal's rule for C(d + m − 1, m); all three
    are multiples of ``common = (d + m − 2)!/(m!(d − 1)!)``. Base: n(1, m) = n(d, 0) = 1. For the
    second formula add a coordinate 1. Then by enumeration for d ≤ 5 and m ≤ 6."""
    # C(d+m−2, m) = common·(d−1), C(d+m−2, m−1) = common·m, C(d+m−1, m) = common·(d+m−1).
    follows(common * top - sum_of(common * (d - 1), common * m), message="Pascal's rule")
    for width in range(1, 6):
        for order in range(7):
            counted = len(_monomials(width, order))
            below = sum(len(_monomials(width, lower)) for lower in range(order + 1))
            refute_unless(
                counted == comb(width + order - 1, order) and below == comb(width + order, order),
                "the number of monomials is another",
                d=width,
                m=order,
                counted=counted,
            )
    note(order_4_at_d_64=comb(67, 4), tuples_at_d_64=64**4, up_to_order_4=comb(68, 4))


def _scattered_keys(count: int, width: int) -> np.ndarray:
    """Keys without structure: inverses modulo a prime, which lie on no few planes."""
    return rational_array(
        [
            [pow(37 * i + 1009 * c * c + c + 1, -1, 10007) - 5003 for c in range(width)]
            for i in range(count)
        ]
    )


def _gram(keys, series):
    scores = keys @ keys.T
    total = 0 * scores
    for order, weight in series.items():
        total = total + rational(weight) * scores**order
    return total


def _truncation(order):
    return {m: Fraction(1, factorial(m)) for m in range(order + 1)}


@check(
    CAPACITY_RANK,
    part="reached",
    establishes=exact(
        bound="d ≤ 4, N ≤ 3, n = C(d + N, N) + 1; one instance shows the generic rank",
        by="exact rank at one witness",
    ),
    claimed=dict(keys=_scattered_keys, bound=lambda d, N: (comb(d + N, N), comb(d + N - 1, N))),
    controls={
        "a coordinate per tuple": dict(bound=lambda d, N: (sum(d**m for m in range(N + 1)), d**N)),
        "keys on a line": dict(keys=lambda n, d: rational_array([[i + 1] * d for i in range(n)])),
        "one feature fewer": dict(bound=lambda d, N: (comb(d + N, N) - 1, comb(d + N - 1, N))),
    },
)
def generic_rank(keys, bound) -> None:
    """The rank of the truncated kernel and of its last order. A minor that is not zero at one
    choice of keys is not the zero polynomial. Where C keys have features of full rank, so have some
    n < C of them, and fewer keys reach n."""
    for width in range(1, 5):
        for order in range(1, 4):
            truncated, pure = bound(width, order)
            chosen = keys(truncated + 1, width)
            found = rank(_gram(chosen, _truncation(order))), rank(_gram(chosen, {order: 1}))
            expected = min(len(chosen), truncated), min(len(chosen), pure)
            refute_unless(
                found == expected,
                "the rank is another",
                d=width,
                N=order,
                n=len(chosen),
                rank=list(found),
                stated=list(expected),
            )


@check(
    CAPACITY_RANK,
    part="at most",
    establishes=symbolic(
        bound="d ≤ 3, N ≤ 4, every n, all entries symbols; the rank of a product (classical)",
        by="free commutative algebra",
    ),
    claimed=dict(orders=lambda N: range(N + 1), columns=lambda d, N: comb(d + N, N)),
    controls={
        "highest order left out": dict(orders=range),
        "one column fewer": dict(columns=lambda d, N: comb(d + N, N) - 1),
    },
)
def kernel_factors_through_the_features(orders, columns) -> None:
    """The matrix is ``Φ_q D Φ_kᵀ`` with a column for every monomial; the rank of a product is at
    most the number of its inner columns. Entry by entry, on indeterminates, with the columns
    counted; the last order alone has the monomials of degree N, counted in state-size."""
    for width in range(1, 4):
        query, key = _symbols("q", width), _symbols("k", width)
        score = query @ key
        for order in range(1, 5):
            total, used = 0 * score, 0
            for degree in orders(order):
                for chosen in _monomials(width, degree):
                    term = Fraction(_multinomial(chosen), factorial(degree))
                    for channel in chosen:
                        term = term * query[channel] * key[channel]
                    total, used = total + term, used + 1
            series = sum((score**m * w for m, w in _truncation(order).items()), start=0 * score)
            follows(series - total, message="the kernel does not factor through the features")
            refute_unless(
                used <= columns(width, order), "there are more columns", d=width, N=order, used=used
            )


def _exponential_gram(keys):
    return [[(a * b).exp() for b in keys] for a in keys]


@check(
    CAPACITY_RANK,
    part="exponential",
    establishes=exact(
        bound="2 to 6 integers as keys; for all distinct keys by Vandermonde's determinant "
        "(classical)"
    ),
    claimed=dict(weight=lambda m: Fraction(1, factorial(m)), equal=False),
    controls={
        "first order only": dict(weight=lambda m: Fraction(int(m == 1))),
        "even orders only": dict(weight=lambda m: Fraction(int(m % 2 == 0))),
        "two equal keys": dict(equal=True),
    },
)
def kernel_of_distinct_keys(weight, equal) -> None:
    """``cᵀGc = Σ_m (1/m!)‖Σ_i c_i k_i^{⊗m}‖²`` vanishes only if every ``Σ_i c_i (uᵀk_i)^m`` does,
    for all m and u. For a u with distinct uᵀk_i the first n of these equations have Vandermonde's
    matrix, so c = 0. It needs every weight up to n − 1 to be positive. Checked on the
    series: with n distinct numbers, the orders 0, …, n − 1 alone have full rank."""
    for count in range(2, 7):
        numbers = [i - 2 for i in range(count)]
        if equal:
            numbers[-1] = numbers[0]
        keys = rational_array([[number] for number in numbers])
        gram = _gram(keys, {order: weight(order) for order in range(count)})
        refute_unless(
            rank(gram) == count, "the kernel is singular", keys=keys, rank=rank(gram), n=count
        )


@check(
    CAPACITY_RANK,
    part="exponential",
    establishes=enclosure(bound="the first n of the keys −2, −1, …, 3 on a line, n = 3, …, 6"),
    claimed=dict(kernel=_exponential_gram),
    controls={
        "first order only": dict(kernel=lambda keys: [[a * b for b in keys] for a in keys]),
        "first-order truncation": dict(
            kernel=lambda keys: [[1 + a * b for b in keys] for a in keys]
        ),
    },
)
def determinant_is_positive(kernel) -> None:
    """The determinant of the Gram matrix in ball arithmetic: certainly positive."""
    with precision(400):
        for count in range(3, 7):
            keys = ball_array([i - 2 for i in range(count)])
            value = determinant(ball_array(kernel(keys)))
            if abs(value) < 1e-60:
                raise Refuted("the determinant vanishes", {"n": count, "determinant": value})
            if not value > 0:
                raise Undecided(f"determinant {value.str(8)} at n = {count}: use more bits")
            refute_unless(True, "the determinant vanishes", n=count)
    note(determinant_of_six_keys=value.str(8, radius=False))
