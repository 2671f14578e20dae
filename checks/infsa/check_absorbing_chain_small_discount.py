"""Frobenius normalisation gives a chain for every discount up to 1/√N, and for no larger one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, exact, note, proof, refute_unless, sampled, smt
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.engine.smt import unsatisfiable
from attnproof.theory.operator.infinite_self_attention import affinity, frobenius_normalised
from attnproof.theory.paper.infsa.absorbing_chain import SMALL_DISCOUNT


def _matrices_with_their_sums() -> Iterator[dict[str, object]]:
    """Exact matrices of at most four tokens with one active row, and what the proof says of it:
    the number N of tokens, the row's sum s and sum of squares q, an entry a, a discount."""
    rows = [["3/5", "4/5"], ["1/2"] * 4, ["2/3", "2/3", "1/3"], [1, 1], [1, 1, 1], [2, 1, 2, 4]]
    for row in rows:
        for gamma in ("1/4", "1/2", "11/20", "3/5", "7/10", "19/20", "2"):
            matrix = rational_array([row] + [[0] * len(row)] * (len(row) - 1))
            total, squares = matrix.sum(), (matrix * matrix).sum()
            yield {
                "N": rational(len(row)),
                "s": total,
                "q": squares,
                "a": matrix[0, 0],
                "gamma": rational(gamma),
                "A": matrix,
            }


@check(
    SMALL_DISCOUNT,
    part="sufficient",
    establishes=proof(
        over="every N (Cauchy–Schwarz by induction on N), every real Â and γ as assumed",
        by="exact non-negative combinations",
    ),
    claimed=dict(
        one_more=1,
        norm=lambda q: 1 - q,
        discount=lambda gamma, N: 1 - N * gamma * gamma,
    ),
    controls={
        "one token more than N": dict(one_more=0),
        "Frobenius norm up to two": dict(norm=lambda q: 4 - q, drops="normalised"),
        "discount up to one over root of N less one": dict(
            discount=lambda gamma, N: 1 - (N - 1) * gamma * gamma, drops="small discount"
        ),
        "any discount below one": dict(
            discount=lambda gamma, N: 1 - gamma * gamma, drops="small discount"
        ),
        "discount up to one over the fourth root of N": dict(
            discount=lambda gamma, N: 1 - N * gamma * gamma * gamma * gamma,
            drops="small discount",
        ),
    },
)
def cauchy_schwarz_bounds_every_row(one_more: int, norm, discount) -> None:
    """For one row of Â with sum s and sum of squares q, N q ≥ s²: for N = 1 both are a², and a
    further entry a keeps it, since

        N · ((N + 1)(q + a²) − (s + a)²) = (N + 1)(N q − s²) + (N a − s)².

    As q is part of ‖Â‖_F² ≤ 1 and N γ² ≤ 1, the square of the row sum of γÂ is at most one:

        1 − γ² s² = (1 − N γ²) + γ² N (1 − q) + γ² (N q − s²).

    Machine-checked: step (times N ≥ 1) and conclusion. Classical: |x| ≤ 1 if x² ≤ 1.
    """
    N, s, q, a, gamma = scalars("N s q a gamma")
    models = list(_matrices_with_their_sums())
    entails(
        N * ((N + one_more) * (q + a * a) - (s + a) * (s + a)),
        given={"number of tokens": N, "so far": N * q - s * s},
        certificate=[
            (1, ["number of tokens", "so far"], []),
            (1, ["so far"], []),
            (1, [], [N * a - s]),
        ],
        models=models,
        message="Cauchy–Schwarz does not pass on to one token more",
    )
    entails(
        1 - gamma * gamma * s * s,
        given={
            "discount": discount(gamma, N),
            "norm": norm(q),
            "number of tokens": N,
            "Cauchy–Schwarz": N * q - s * s,
        },
        certificate=[
            (1, ["discount"], []),
            (1, ["number of tokens", "norm"], [gamma]),
            (1, ["Cauchy–Schwarz"], [gamma]),
        ],
        models=models,
        message="a row of γÂ sums to more than one",
    )


@check(
    SMALL_DISCOUNT,
    part="sufficient",
    establishes=smt(over="one row of N ≤ 3 entries"),
    claimed=dict(
        limit=lambda gamma, tokens: tokens * gamma * gamma <= 1,
        mass=lambda row: sum(entry * entry for entry in row),
    ),
    controls={
        "any discount below one": dict(limit=lambda gamma, tokens: gamma < 1),
        "discount below three quarters": dict(limit=lambda gamma, tokens: 4 * gamma < 3),
        "largest entry as the norm": dict(mass=max),
    },
)
def solver_finds_no_row_sum_above_one(limit, mass) -> None:
    """z3 finds no a_1 … a_N ≥ 0 with Σ a² ≤ 1 and no γ with N γ² ≤ 1 such that γ Σ a > 1."""
    import z3

    for tokens in (2, 3):
        entries = [z3.Real(f"a{k + 1}") for k in range(tokens)]
        gamma = z3.Real("gamma")
        largest = mass is max
        conditions = lambda row, factor, tokens=tokens, largest=largest: [
            *[entry >= 0 for entry in row],
            *([entry <= 1 for entry in row] if largest else [mass(row) <= 1]),
            factor > 0,
            limit(factor, tokens),
            factor * sum(row) > 1,
        ]
        unsatisfiable(
            conditions(entries, gamma),
            {str(variable): variable for variable in (*entries, gamma)},
            recheck=lambda gamma, conditions=conditions, **row: all(
                conditions(list(row.values()), gamma)
            ),
            message="a normalised row times an admissible discount sums to more than one",
        )


@check(
    SMALL_DISCOUNT,
    part="tight",
    establishes=proof(over="every N, r standing for √N", by="rational-function identity"),
    claimed=dict(entry=lambda r: 1 / r, largest=lambda r: r),
    controls={
        "half of root N": dict(largest=lambda r: r / 2),
        "N instead of root N": dict(largest=lambda r: r * r),
        "one instead of root N": dict(largest=lambda r: 1),
        "entries one over N": dict(entry=lambda r: 1 / (r * r)),
    },
)
def one_constant_row_attains_the_bound(entry, largest) -> None:
    """The single active row with N = r² entries 1/r has norm one and sum r = √N. That no row sum
    is larger is the part 'sufficient' with γ = 1/√N.
    """
    (r,) = variables("r")
    tokens = r * r
    identical(tokens * entry(r) * entry(r), 1, "the row is not normalised")
    identical(tokens * entry(r), largest(r), "its sum is not the stated maximum")


@check(
    SMALL_DISCOUNT,
    part="tight",
    establishes=exact(bound="N = 4, 9, 16, 25, 36: the matrices that attain the maximum"),
    claimed=dict(root=lambda root: rational(root)),
    controls={
        "one less than root N": dict(root=lambda root: rational(root - 1)),
        "one more than root N": dict(root=lambda root: rational(root + 1)),
        "N instead of root N": dict(root=lambda root: rational(root * root)),
    },
)
def attained_by_queries_and_keys(root) -> None:
    """One token with query 1, all others with query 0, all keys 1, head width 1: after the
    operator's own rectifier and normalisation its row sums to √N.
    """
    for side in (2, 3, 4, 5, 6):
        tokens = side * side
        query = rational_array([[1]] + [[0]] * (tokens - 1))
        matrix = frobenius_normalised(affinity(query, rational_array([[1]] * tokens)))
        largest = max(sum(row) for row in matrix)
        refute_unless(
            largest == root(side),
            "the largest row sum is not the stated one",
            tokens=tokens,
            row=list(matrix[0]),
            largest=largest,
        )
    note(row_sum_of_36_tokens=largest)


@check(
    SMALL_DISCOUNT,
    part="sufficient",
    establishes=sampled(over="rational affinities of 2 to 7 tokens", by="exact rationals"),
    claimed=dict(tokens_under_the_root=0, seed=7),
    controls={
        "root of N less one": dict(tokens_under_the_root=-1),
        "root of N less two": dict(tokens_under_the_root=-2),
    },
)
def squares_of_row_sums(tokens_under_the_root: int, seed: int) -> None:
    """(Σ_j a_j)² ≤ N ‖A0‖_F² for the rows of random affinities; every third has one row that is
    nearly constant, where the bound is nearly attained. Squares keep everything rational.
    """
    worst = Fraction(0)
    for draw in independent_draws(60, seed=seed):
        tokens = int(draw.random.integers(2, 8))
        affinities = draw.random.integers(0, 9, (tokens, tokens))
        if draw.random.integers(0, 3) == 0:
            affinities[1:] = 0
            affinities[0] += 20
        if not affinities.any():
            draw.discard()
            continue
        squares = int((affinities * affinities).sum())
        largest = max(int(row.sum()) ** 2 for row in affinities)
        worst = max(worst, Fraction(largest, tokens * squares))
        refute_unless(
            largest <= (tokens + tokens_under_the_root) * squares,
            "a squared row sum exceeds the bound times the squared Frobenius norm",
            affinities=affinities,
            squared_row_sum=largest,
            squared_norm=squares,
        )
    note(worst_fraction_of_the_bound=f"{float(worst):.4f}")
