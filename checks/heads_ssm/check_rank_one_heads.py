"""Value maps of low rank: a bound, and rank one for two states."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import determinant, identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import generic_matrix, variables
from attnproof.theory.core import check, exact, proof, refute_unless, smt
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.engine.smt import unsatisfiable
from attnproof.theory.paper.heads_ssm.rank_one_heads import LOW_RANK_HEADS

M, S, R, G, K = letters("M S R G K")


@check(
    LOW_RANK_HEADS,
    part="bound",
    establishes=proof(over="every p, d, r, H and lag operator"),
    claimed=dict(through=G * S * R * K),
    controls={
        "the factors exchanged": dict(through=R * K * G * S),
        "one factor taken twice": dict(through=G * S * R * K + G * S * R * K),
        "the second choice left out": dict(through=G * S * R),
    },
)
def operator_factors_through_the_head_dimensions(through) -> None:
    """V_h = P_h Q_h with r columns in P_h. Then M = S R with S = [f_1 P_1, …, f_H P_H], which has
    H r columns, and R = [Q_1; …; Q_H]. If rank M = ρ, then G M K = I_ρ for some G and K, hence
    (G S)(R K) = I_ρ.

    Machine-checked: the last step. Classical: I_ρ factors through no fewer than ρ dimensions.
    """
    model = {
        "S": rational_array([[1, 0, 1], [0, 1, 1]]),
        "R": rational_array([[1, 0], [0, 1], [0, 0]]),
        "M": rational_array([[1, 0], [0, 1]]),
        "G": rational_array([[1, 2], [0, 1]]),
        "K": rational_array([[1, -2], [0, 1]]),
    }
    follows(
        through - 1,
        using=[(1, G * M * K - 1, 1), (-G, M - S * R, K)],
        models=[model],
        message="the unit matrix does not factor through the heads",
    )


def _slices(size: int, width: int) -> np.ndarray:
    """The unit matrix cut into diagonal pieces of ``width`` entries."""
    pieces = []
    for start in range(0, size, width):
        diagonal = [int(start <= i < start + width) for i in range(size)]
        pieces.append(rational_array(np.diag(diagonal)))
    return np.stack(pieces)


@check(
    LOW_RANK_HEADS,
    part="bound",
    establishes=exact(bound="M_0 = I_d, the other lag operators zero, r ≤ d ≤ 6"),
    claimed=dict(stated=lambda d, r: -(-d // r), cut=lambda d, r: r),
    controls={
        "one head, as k = 1 would have it": dict(stated=lambda d, r: 1),
        "rounded down": dict(stated=lambda d, r: d // r),
        "value maps of rank r + 1": dict(cut=lambda d, r: r + 1, drops="low rank"),
        "one head more": dict(stated=lambda d, r: -(-d // r) + 1),
    },
)
def identity_needs_many(stated, cut) -> None:
    """k = 1, and the bound ⌈d/r⌉ is reached by slices of the unit matrix."""
    for d in range(1, 7):
        for r in range(1, d + 1):
            maps = _slices(d, cut(d, r))
            refute_unless(
                len(maps) == stated(d, r) and bool((sum(maps) == identity_like(maps[0])).all()),
                "the number of heads is another",
                d=d,
                bound=r,
                value_map=maps[0],
                heads=len(maps),
                stated=stated(d, r),
            )


def _discriminant(trace, determinant):
    return trace * trace - 4 * determinant


@check(
    LOW_RANK_HEADS,
    part="two of rank one",
    establishes=smt(over="every real 2 × 2 matrix A", bounded=False),
    claimed=dict(
        excluded=lambda trace, determinant: _discriminant(trace, determinant) <= 0,
        independent=lambda cross: cross != 0,
    ),
    controls={
        "discriminant up to one": dict(
            excluded=lambda trace, determinant: _discriminant(trace, determinant) <= 1
        ),
        "sign of the determinant": dict(
            excluded=lambda trace, determinant: _discriminant(trace, -determinant) <= 0
        ),
        "one rank-one element": dict(independent=lambda cross: cross == 0),
    },
)
def no_two_rank_one_elements(excluded, independent) -> None:
    """Let I and A be independent and in the span of V_1 and V_2. Both spans have dimension two, so
    V_h = s_h I + t_h A with independent (s_h, t_h) and

        0 = det V_h = s_h² + s_h t_h tr A + t_h² det A.

    No two independent pairs satisfy this where (tr A)² ≤ 4 det A.
    """
    import z3

    matrix, (s, t) = generic_matrix(2, "s t")
    identical(
        determinant(s * identity_like(matrix) + t * matrix),
        s * s + s * t * (matrix[0, 0] + matrix[1, 1]) + t * t * determinant(matrix),
        "the determinant of the pencil is another",
    )
    names = "trace determinant s1 t1 s2 t2"
    terms = dict(zip(names.split(), z3.Reals(names), strict=True))

    def holds(trace, determinant, s1, t1, s2, t2) -> list:
        form = lambda s, t: s * s + s * t * trace + t * t * determinant
        return [
            form(s1, t1) == 0,
            form(s2, t2) == 0,
            s1 * s1 + t1 * t1 > 0,
            s2 * s2 + t2 * t2 > 0,
            independent(s1 * t2 - s2 * t1),
            excluded(trace, determinant),
        ]

    unsatisfiable(
        holds(**terms),
        terms,
        recheck=lambda **values: all(holds(**values)),
        message="two independent elements of the pencil have rank one",
    )


A, P, Q, C = letters("A P Q C")
low, high = scalars("low high")


@check(
    LOW_RANK_HEADS,
    part="two of rank one",
    establishes=proof(over="every A with two eigenvalues, every n"),
    claimed=dict(first=A - low, second=A - high, powers=lambda A, trace: A @ A - trace * A),
    controls={
        "the first shifted by its trace": dict(first=A - low - high),
        "the second without a shift": dict(second=A),
        "the same eigenvalue twice": dict(second=A - low),
        "trace with the other sign": dict(powers=lambda A, trace: A @ A + trace * A),
    },
)
def eigenvalues_give_two(first, second, powers) -> None:
    """A − λI and A − μI are singular, of rank one as A is no multiple of I, and

        (μ − λ) I = (A − λI) − (A − μI),    (μ − λ) A = μ (A − λI) − λ (A − μI).

    By the theorem of Cayley and Hamilton A² is in the span of I and A, and so are all powers.
    """
    follows((high - low) - (first - second), message="I is another combination")
    follows((high - low) * A - (high * first - low * second), message="A is another combination")
    matrix, _ = generic_matrix(2)
    trace = matrix[0, 0] + matrix[1, 1]
    identical(
        powers(matrix, trace),
        -determinant(matrix) * identity_like(matrix),
        "the square is another combination",
    )


def _three_terms(s, t, trace, determinant):
    """Coefficient, column, row: three products in place of four."""
    return (
        (s, (1, -1), (1, 0)),
        (t, (-determinant, trace - 1), (0, 1)),
        (s + t, (0, 1), (1, 1)),
    )


@check(
    LOW_RANK_HEADS,
    part="three of rank one",
    establishes=proof(over="every real 2 × 2 matrix A, every n"),
    claimed=dict(terms=_three_terms),
    controls={
        "two products": dict(terms=lambda *given: _three_terms(*given)[:2]),
        "difference in place of the sum": dict(
            terms=lambda s, t, *rest: (
                *_three_terms(s, t, *rest)[:2],
                (s - t, (0, 1), (1, 1)),
            )
        ),
        "trace not reduced": dict(
            terms=lambda s, t, trace, determinant: _three_terms(s, t, trace + 1, determinant)
        ),
    },
)
def three_products(terms) -> None:
    """A = λI needs two, the slices of I. Otherwise some x has P = [x, Ax] invertible, and A P = P C
    with the companion matrix C. Multiplication of s + tz and x_0 + x_1 z modulo z² − z tr A + det A
    takes three products: s x_0, t x_1 and (s + t)(x_0 + x_1) (Karatsuba). So sI + tC is a sum of
    three matrices of rank one, and sI + tA = P (sI + tC) P⁻¹ as well.
    """
    s, t, trace, product = variables("s t trace determinant")
    total = 0
    for coefficient, column, row in terms(s, t, trace, product):
        total = total + coefficient * np.outer(
            np.array(column, dtype=object), np.array(row, dtype=object)
        )
    companion = np.array([[0 * s, -product], [0 * s + 1, trace]], dtype=object)
    identical(total, s * identity_like(companion) + t * companion, "the products do not add up")
    a, b = scalars("a b")
    model = {
        **{"A": rational_array([[1, 2], [3, 4]]), "P": rational_array([[1, 1], [0, 3]])},
        **{"C": rational_array([[0, 2], [1, 5]]), "Q": rational_array([[1, "-1/3"], [0, "1/3"]])},
        **{"a": rational(2), "b": rational(3)},
    }
    follows(
        a + b * A - P * (a + b * C) * Q,
        using=[(-a, P * Q - 1, 1), (b, A * P - P * C, Q), (-b * A, P * Q - 1, 1)],
        models=[model],
        message="the change of basis does not carry over",
    )
