"""Which max-margin problems have a solution, at every size."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.max_margin import FEASIBILITY

# A has the constraints in its rows, as vectors; w is W as a vector; o is the column of ones.
A, At, w, yt, o, H = letters("A At w yt o H")


@check(
    FEASIBILITY,
    part="alternative",
    establishes=proof(over="every number of constraints, every size"),
    claimed=dict(weights=yt, total=1),
    controls={
        "weights of sum zero": dict(total=0),
        "twice the weights": dict(weights=2 * yt),
        "no weights": dict(weights=0 * yt),
    },
)
def not_both(weights, total) -> None:
    """If yᵀA = 0 and yᵀ1 = 1, then yᵀ(AW − 1) = −1. With y ≥ 0 and slacks AW − 1 ≥ 0 the left
    side would be a sum of terms that are not negative. One of the two holds, because the point of
    least norm of the hull is zero, which is the certificate, or gives W."""
    follows(
        weights * (A * w - o) + total,
        using=[(1, yt * A, w), (-1, yt * o - 1, 1)],
        models=[
            {
                "A": rational_array([[1, 2], [-2, -4]]),
                "w": rational_array([[3], [1]]),
                "yt": rational_array([["2/3", "1/3"]]),
                "o": rational_array([[1], [1]]),
            }
        ],
        message="the slacks do not sum to minus one",
    )


@check(
    FEASIBILITY,
    part="independent",
    establishes=proof(over="every number of constraints, every size"),
    claimed=dict(matrix=At * H * o),
    controls={
        "multipliers one": dict(matrix=At * o),
        "inverse twice": dict(matrix=At * H * H * o),
        "twice the matrix": dict(matrix=2 * At * H * o),
    },
)
def all_margins_one(matrix) -> None:
    """G = AAᵀ has an inverse H as the rows are independent, and W = AᵀH1 has AW = 1."""
    rows = rational_array([[1, 0, 0, 2], [0, 1, 0, 2]])
    follows(
        A * matrix - o,
        using=[(1, A * At * H - 1, o)],
        models=[
            {
                "A": rows,
                "At": rows.T.copy(),
                "H": rational_array([["5/9", "-4/9"], ["-4/9", "5/9"]]),
                "o": rational_array([[1], [1]]),
            }
        ],
        message="a margin is not one",
    )


# Z has the queries in its columns, e is the unit column of sample i, D has the differences
# x_iα − x_it in its rows, and u = DᵀK1 solves D u = 1 with K the inverse of DDᵀ; U has these u in
# its columns. P is the left inverse (ZᵀZ)^{-1}Zᵀ of Z.
Z, P, U, e, D, Dt, K, u = letters("Z P U e D Dt K u")


@check(
    FEASIBILITY,
    part="enough dimensions",
    establishes=proof(over="every n ≤ d and T − 1 ≤ d, every α"),
    claimed=dict(matrix=U * P),
    controls={
        "factors exchanged": dict(matrix=P * U),
        "queries not inverted": dict(matrix=U),
        "twice the solution of the sample": dict(matrix=2 * U * P),
    },
)
def built_sample_by_sample(matrix) -> None:
    """With W = U P and P Z = 1: W z_i = W Z e = U e = u, and D u = 1, so every margin of sample i
    is one. For almost all data the n ≤ d queries and the T − 1 ≤ d differences are independent,
    as the unit vectors are, so P and K exist."""
    queries = rational_array([[1, 1], [0, 1]])
    model = {
        "Z": queries,
        "P": rational_array([[1, -1], [0, 1]]),
        "e": rational_array([[0], [1]]),
        "D": rational_array([[2, 0], [0, 4]]),
        "Dt": rational_array([[2, 0], [0, 4]]),
        "K": rational_array([["1/4", 0], [0, "1/16"]]),
        "o": rational_array([[1], [1]]),
        "u": rational_array([["1/2"], ["1/4"]]),
        "U": rational_array([[7, "1/2"], [3, "1/4"]]),
    }
    follows(
        D * matrix * Z * e - o,
        using=[
            (D * U, P * Z - 1, e),
            (D, U * e - u, 1),
            (D, u - Dt * K * o, 1),
            (1, D * Dt * K - 1, o),
        ],
        models=[model],
        message="a margin of the sample is not one",
    )


d, n, m, gap, times, count = scalars("d n m gap times count")


@check(
    FEASIBILITY,
    part="enough dimensions",
    establishes=proof(over="every n ≤ d and T − 1 ≤ d", by="non-negative combination"),
    claimed=dict(room=d * d),
    controls={"half the room": dict(room=d * d / 2), "one dimension": dict(room=d)},
)
def special_case_of_the_count(room) -> None:
    """n ≤ d and m = T − 1 ≤ d give n m ≤ d²: d² − n m = (d − n) d + (d − m) n."""
    entails(
        room - n * m,
        given={"n ≤ d": d - n, "m ≤ d": d - m, "d": d, "n": n},
        certificate=[(1, ["n ≤ d", "d"], []), (1, ["m ≤ d", "n"], [])],
        models=[{"d": rational(3), "n": rational(3), "m": rational(2)}],
        message="there is not enough room",
    )


a, at, X, y, z, zt, b, bt = letters("a at X y z zt b bt")
(r,) = scalars("r")


@check(
    FEASIBILITY,
    part="one sample",
    establishes=proof(over="every T and d"),
    claimed=dict(mixture=at - yt * X, query=zt, factor=r),
    controls={
        "weighted sum of the differences to the origin": dict(mixture=at + yt * X),
        "token not subtracted": dict(mixture=-yt * X),
        "query squared norm not divided": dict(factor=1),
        "two": dict(factor=2 * r),
    },
)
def inside_the_hull_of_the_others(mixture, query, factor) -> None:
    """The certificate for one sample says 0 = Σ y_t (x_α − x_t)zᵀ = (x_α − Σ y_t x_t)zᵀ, as
    Σ y_t = 1. If z = 0 it holds for every y. If z ≠ 0, with r = 1/‖z‖², it holds exactly if
    x_α = Σ y_t x_t. The rest is the alternative."""
    tokens, weights = rational_array([[1, 2], [3, 0]]), rational_array([["1/2", "1/2"]])
    model = {
        "X": tokens,
        "yt": weights,
        "at": rational_array([[5, 7]]),
        "o": rational_array([[1], [1]]),
    }
    follows(
        yt * (o * at - X) - mixture,
        using=[(1, yt * o - 1, at)],
        models=[model],
        message="the differences do not sum to the token minus the mixture",
    )
    # b is the column x_α − Σ y x, and b zᵀ = 0.
    follows(
        b - factor * b * query * z,
        using=[(b, 1 - r * zt * z, 1)],
        models=[
            {
                "b": rational_array([[2], [5]]),
                "zt": rational_array([[1, 2]]),
                "z": rational_array([[1], [2]]),
                "r": rational("1/5"),
            }
        ],
        message="the token is not the mixture",
    )
