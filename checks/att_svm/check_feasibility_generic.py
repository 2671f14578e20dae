"""Constraints of data in general position are independent as long as there is room for them."""

from __future__ import annotations

import numpy as np
from flint import nmod_mat

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.prime_field import PRIME
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.general_position import (
    consecutive_residues,
    constraint_rows,
    general_position,
    power_query,
)
from attnproof.theory.paper.att_svm.max_margin import FEASIBILITY

e, h, f, g, zt, yt = letters("e h f g zt yt")
b, c, d, times, count = scalars("b c d times count")

ROWS = [f * e - 1, f * h]


def _two_rows() -> dict[str, object]:
    return {
        "e": rational_array([[1], [0]]),
        "h": rational_array([[0], [1]]),
        "f": rational_array([[1, 0]]),
        "g": rational_array([[1, 1]]),
        "zt": rational_array([[1, 3]]),
        "yt": rational_array([[1, 5]]),
        "b": rational(2),
        "c": rational(7),
    }


@check(
    FEASIBILITY,
    part="fewer dimensions",
    establishes=proof(
        over="every n, T, d with T − 1 ≤ d and n (T − 1) ≤ d², every α",
        by="independent instance for every size; determinant of Vandermonde, cited",
    ),
    claimed=dict(row=f, gap=times * d, most=d),
    controls={
        "a row with two ones": dict(row=g),
        "residues repeat earlier": dict(gap=times * d - 1),
        "half as many": dict(most=d / 2),
    },
)
def independent_instance_of_every_size(row, gap, most) -> None:
    """`general_position` has A_it = ± e_k z_iᵀ with k in S_i for the first token, and for another
    token x_α − x_t = (x_1 − x_t) − (x_1 − x_α), which spans the same. Suppose
    Σ c_ik e_k z_iᵀ = 0. Row k says Σ c_ik z_iᵀ = 0, over the i with k ∈ S_i.

    Positions i m + j with the same residue are at least d apart. So the m ≤ d residues of S_i are
    distinct; and if a residue occurred d + 1 times among the n m positions, the last of them would
    be d² or later, but n m ≤ d². So the row has at most d of the z_i, with distinct nodes:
    independent, by Vandermonde, and all c_ik = 0. A minor is therefore a polynomial in the data
    that is not zero everywhere, and it vanishes on a set of measure zero only.

    Conversely the matrices lie in d² dimensions, and those of one sample in d.

    Machine-checked: the row, the distance and the count. Classical: Vandermonde, and zero sets.
    """
    follows(
        row * (c * e * zt + b * h * yt) - c * zt,
        using=[(c, ROWS[0], zt), (b, ROWS[1], yt)],
        models=[_two_rows()],
        message="the row of the combination is another",
    )
    positive = {"times ≥ 1": times - 1, "d": d}
    entails(
        gap - d,
        given=positive,
        certificate=[(1, ["times ≥ 1", "d"], [])],
        message="positions of one residue are closer than d",
    )
    entails(
        (count - 1) * most - d * d,
        given={"count ≥ d + 1": count - d - 1, "d": d},
        certificate=[(1, ["count ≥ d + 1", "d"], [])],
        message="a residue may occur more than d times",
    )


def _rank(rows: np.ndarray) -> int:
    """Modulo a prime: full rank there is full rank over the rationals."""
    return nmod_mat(*rows.shape, [int(entry) % PRIME for entry in rows.flat], PRIME).rank()


def _largest(distractors: int, dimension: int) -> int:
    return dimension * dimension // distractors


def _selections(samples: int, length: int) -> list[tuple[int, ...]]:
    return [
        (0,) * samples,
        (length - 1,) * samples,
        tuple(i % length for i in range(samples)),
    ]


@check(
    FEASIBILITY,
    part="fewer dimensions",
    establishes=exact(bound="d ≤ 9, every T − 1 ≤ d, the largest n, three choices α", by="rank"),
    claimed=dict(samples=_largest, residues=consecutive_residues, query=power_query),
    controls={
        "one sample more": dict(samples=lambda m, d: _largest(m, d) + 1, drops="independent"),
        "the same residues in every sample": dict(
            residues=lambda i, m, d: list(range(m)), drops="independent"
        ),
        "the same query in every sample": dict(
            query=lambda i, d: power_query(0, d), drops="independent"
        ),
        "queries on a line": dict(query=lambda i, d: [i + 1] * d, drops="independent"),
    },
)
def rank_of_the_instances(samples, residues, query) -> None:
    """Fewer samples are a subset of these, so the largest n decides. Queries are first tokens."""
    for dimension in range(1, 10):
        for distractors in range(1, dimension + 1):
            number = samples(distractors, dimension)
            tokens, queries = general_position(
                number, distractors, dimension, residues=residues, query=query
            )
            refute_unless(bool((tokens[:, 0] == queries).all()), "another query", tokens=tokens)
            for selection in _selections(number, distractors + 1):
                rows = constraint_rows(tokens, queries, selection)
                refute_unless(
                    _rank(rows) == len(rows),
                    "the constraints are dependent",
                    n=number,
                    T=distractors + 1,
                    d=dimension,
                    constraints=rows.reshape(-1, dimension, dimension),
                )
    note(most_samples_in_nine_dimensions=_largest(1, 9))
