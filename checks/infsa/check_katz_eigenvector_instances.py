"""Exact limits of the resolvent at 1/ρ: every 2 × 2 matrix, known Perron pairs, and failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from attnproof.theory.algebra.matrix import identity_like, inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import RationalFunction, variables
from attnproof.theory.core import Refuted, check, note, refute_unless, sampled, symbolic
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.centrality import KATZ_EIGENVECTOR_LIMIT
from attnproof.theory.paper.infsa.katz_centrality import katz_centrality
from attnproof.theory.paper.infsa.spectral_projection import multiplicity, spectral_projection


class Eigenpair(NamedTuple):
    """``Av = ρv`` and ``uA = ρu``, not normalised."""

    matrix: np.ndarray
    root: object
    right: np.ndarray
    left: np.ndarray


def pair(rows, root, right, left) -> Eigenpair:
    """From nested lists of exact numbers."""
    return Eigenpair(
        rational_array(rows), rational(root), rational_array(right), rational_array(left)
    )


POSITIVE = pair([[1, 2], [3, 0]], 3, [1, 1], [3, 2])
PERIODIC = pair([[0, 1], [1, 0]], 1, [1, 1], [1, 1])


def limit(array: np.ndarray, **witness: object) -> np.ndarray:
    """The value at t = 0 of rational functions of t.

    Raises:
        Refuted: a pole; there is no limit.
    """
    values = np.empty(array.shape, dtype=object)
    for index, entry in np.ndenumerate(array):
        if not isinstance(entry, RationalFunction):
            values[index] = rational(entry)
            continue
        try:
            values[index] = rational(entry.substitute({"t": 0}))
        except ZeroDivisionError:
            raise Refuted(
                f"entry {list(index)} has no limit: it is {entry}, with t = 1 − γρ", witness
            ) from None
    return values


def near_the_root(example: Eigenpair) -> tuple[RationalFunction, object]:
    """``t`` and ``γ = (1 − t)/ρ``."""
    (t,) = variables("t")
    return t, (1 - t) / example.root


@check(
    KATZ_EIGENVECTOR_LIMIT,
    part="decomposition",
    establishes=symbolic(bound="n = 2: entries a, b, c and the eigenvalue ρ free"),
    claimed=dict(second=lambda a, d, rho: a + d - rho, transposed=False),
    controls={
        "projection transposed": dict(transposed=True),
        "both eigenvalues equal": dict(second=lambda a, d, rho: rho),
        "trace instead of the other eigenvalue": dict(second=lambda a, d, rho: a + d),
    },
)
def decomposition_of_every_two_by_two(second, transposed):
    """(1 − γρ)(I − γA)^{-1} = P + (1 − γρ)/(1 − γσ)·(I − P), from the definition of the resolvent.

    The fourth entry is d = ρ − bc/(ρ − a), so that ρ is an eigenvalue with the right eigenvector
    (b, ρ − a) and the left one (c, ρ − a); σ is the other eigenvalue.
    """
    a, b, c, rho, gamma = variables("a b c rho gamma")
    d = rho - b * c / (rho - a)
    matrix = np.array([[a, b], [c, d]], dtype=object)
    right, left = np.array([b, rho - a]), np.array([c, rho - a])
    projection = np.outer(right, left) / (left @ right)
    if transposed:
        projection = projection.T
    share = (1 - gamma * rho) / (1 - gamma * second(a, d, rho))
    identical(
        (1 - gamma * rho) * fundamental_matrix(matrix, gamma),
        projection + share * (identity_like(matrix) - projection),
        "the resolvent decomposes differently",
    )


def _named() -> Iterator[Eigenpair]:
    yield POSITIVE
    yield PERIODIC


def _drawn(count: int = 25) -> Iterator[Eigenpair]:
    """The two named ones; then A = D B D^{-1} with constant row sums ρ of B, so that v = D1."""
    yield from _named()
    for draw in independent_draws(count, seed=3):
        size = int(draw.random.integers(2, 7))
        weights = draw.random.integers(0, 6, (size, size))
        weights[:, 0] += weights.sum(axis=1).max() - weights.sum(axis=1)
        scale = rational_array(draw.random.integers(1, 5, size).tolist())
        matrix = rational_array(weights.tolist()) * scale[:, None] / scale[None, :]
        root = rational(int(weights[0].sum()))
        if root == 0 or multiplicity(matrix, root) != 1:
            draw.discard()
            continue
        # The left eigenvector by elimination: u(ρI − A) = 0 with the entry of index k set to 1.
        yield Eigenpair(matrix, root, scale, _left_eigenvector(matrix, root))


def _left_eigenvector(matrix: np.ndarray, root) -> np.ndarray:
    size = matrix.shape[0]
    defect = (root * identity_like(matrix) - matrix).T
    for k in range(size):
        others = [i for i in range(size) if i != k]
        for dropped in range(size):
            rows = [i for i in range(size) if i != dropped]
            try:
                rest = inverse(defect[np.ix_(rows, others)]) @ -defect[rows, k]
            except ZeroDivisionError:
                continue
            vector = np.empty(size, dtype=object)
            vector[k], vector[others] = rational(1), rest
            return vector
    raise ZeroDivisionError("the eigenspace is not one-dimensional")


def _one_of(example: Eigenpair):
    return lambda: iter([example])


@check(
    KATZ_EIGENVECTOR_LIMIT,
    part="rate",
    establishes=sampled(
        over="n ≤ 6, non-negative with a known simple Perron root", by="exact limits"
    ),
    claimed=dict(instances=_drawn, weight=lambda t: t, transposed=False),
    controls={
        "projection transposed": dict(transposed=True),
        "not scaled": dict(weight=lambda t: 1),
        "scaled twice": dict(weight=lambda t: t * t),
        "two closed classes": dict(
            instances=_one_of(pair([[1, 0], [0, 1]], 1, [1, 0], [1, 0])), drops="simple"
        ),
        "Jordan block": dict(
            instances=_one_of(pair([[1, 1], [0, 1]], 1, [1, 0], [0, 1])), drops="simple"
        ),
        "no eigenvalue": dict(
            instances=_one_of(pair([[1, 2], [3, 0]], 2, [1, 1], [3, 2])), drops="eigenvalue"
        ),
    },
)
def exact_limits(instances, weight, transposed):
    """lim (1 − γρ)(I − γA)^{-1}, taken in the field of rational functions of t = 1 − γρ.

    It must equal vu/(uv) and the projection adj(ρI − A)/tr adj(ρI − A), which knows no
    eigenvector; so the limit is compared with two independent expressions.
    """
    for example in instances():
        matrix, root = example.matrix, example.root
        t, gamma = near_the_root(example)
        resolvent = fundamental_matrix(matrix, gamma)
        reached = limit(weight(t) * resolvent, A=matrix, rho=root)
        overlap = example.left @ example.right
        rank_one = np.outer(example.right, example.left) / overlap
        expected = rank_one.T if transposed else rank_one
        refute_unless(
            bool((reached == expected).all()),
            "the limit is not the rank-one matrix of the eigenpair",
            A=matrix,
            rho=root,
            limit=reached,
            expected=expected,
        )
        refute_unless(
            bool((spectral_projection(matrix, root) == reached).all()),
            "the limit is not the spectral projection",
            A=matrix,
            rho=root,
        )


@check(
    KATZ_EIGENVECTOR_LIMIT,
    part="scores",
    establishes=sampled(
        over="n ≤ 6, non-negative with a known simple Perron root", by="exact limits"
    ),
    claimed=dict(sides=("row", "column"), family=lambda scores: scores),
    controls={
        "sides exchanged": dict(sides=("column", "row")),
        "constant added": dict(family=lambda scores: scores + scores.sum()),
    },
)
def exact_limits_of_scores(sides, family):
    """Katz scores, normalised to sum 1, tend to v (row form) and u (column form)."""
    for example in _drawn(10):
        matrix = example.matrix
        _, gamma = near_the_root(example)
        for side, vector in zip(sides, (example.right, example.left)):
            scores = family(katz_centrality(matrix, gamma, side))
            reached = limit(scores / scores.sum(), A=matrix, rho=example.root)
            expected = vector / vector.sum()
            refute_unless(
                bool((reached == expected).all()),
                f"{side} scores tend to something else",
                A=matrix,
                rho=example.root,
                limit=reached,
                expected=expected,
            )
    power = np.linalg.matrix_power(np.array([[0, 1], [1, 0]]), 100)[0].tolist()
    note(
        limit_for_1_2_3_0=str(_projection_text(POSITIVE)),
        limit_for_0_1_1_0=str(_projection_text(PERIODIC)),
        power_iteration_on_0_1_1_0=f"from (1, 0): back at {tuple(power)} after 100 steps",
    )


def _projection_text(example: Eigenpair) -> list[list[str]]:
    projection = spectral_projection(example.matrix, example.root)
    return [[str(entry) for entry in row] for row in projection]
