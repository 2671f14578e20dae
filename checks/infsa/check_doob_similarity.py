"""Any transient non-negative matrix is diagonally similar to a block of a true chain."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like, ones_like
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.algebra.rational_function import generic_matrix
from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    note,
    plot,
    proof,
    refute_unless,
    sampled,
    symbolic,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.absorbing_chain import DOOB_SIMILARITY
from attnproof.theory.paper.infsa.absorbing_markov_chain import letters_of_chain
from attnproof.theory.paper.infsa.doob_transform import doob_transform, total_reach
from attnproof.theory.paper.infsa.transient_block import row_sum_three_halves
from attnproof.theory.paper.infsa.walk_weights import walk_weights

B, N, D, E, ones, r, e = letters("B N D E o r e")
xi, yj = scalars("xi yj")
LEFT_INVERSE, RIGHT_INVERSE = N * (1 - B) - 1, (1 - B) * N - 1
# E is the inverse of D, and D carries x = N1 on its diagonal, so that D1 = N1.
CANCEL_LEFT, CANCEL_RIGHT, DIAGONAL = D * E - 1, E * D - 1, D * ones - N * ones


def _model(start: int = 0, target: int = 1) -> dict[str, object]:
    block = row_sum_three_halves()
    values = letters_of_chain(block, "B N o r e", start=start, target=target)
    reach = values["N"] @ values["o"]
    identity = identity_like(block)
    return values | {
        "D": identity * reach,
        "E": identity / reach,
        "xi": reach[start, 0],
        "yj": 1 / reach[target, 0],
    }


@check(
    DOOB_SIMILARITY,
    part="substochastic",
    establishes=proof(over="every n; signs from sums and products of non-negative numbers"),
    claimed=dict(
        transform=E * B * D, row_sums=ones - E * ones, loss=lambda y: 1 - y, smallest_reach=1
    ),
    controls={
        "similarity the other way round": dict(transform=D * B * E),
        "only the rows scaled": dict(transform=E * B),
        "row sums one": dict(row_sums=ones),
        "row sums one less x": dict(row_sums=ones - D * ones),
        "reach without the start": dict(smallest_reach=0),
    },
)
def row_sums_of_the_transform(transform, row_sums, loss, smallest_reach) -> None:
    """With x = N1 = D1: Bx = x − 1, so P1 = D^{-1} B D 1 = D^{-1}(x − 1) = 1 − 1/x.

    Signs: N ≥ 0 for non-negative B with ρ(B) < 1 (classical, M-matrices), hence b = Bx ≥ 0 and
    x = 1 + b ≥ 1; so P = D^{-1} B D ≥ 0, and for y = 1/x, 1 − y = b y ≥ 0 while y > 0 makes it
    less than one.

    Machine-checked: the two identities, and 1 − y ≥ 0 from (1 + b) y = 1.
    """
    follows(
        N * ones - smallest_reach * ones - B * N * ones,
        using=[(1, RIGHT_INVERSE, ones)],
        models=[_model()],
        message="x is not what is stated plus Bx",
    )
    follows(
        transform * ones - row_sums,
        using=[
            (E * B, DIAGONAL, 1),
            (-E, RIGHT_INVERSE, ones),
            (-E, DIAGONAL, 1),
            (1, CANCEL_RIGHT, ones),
        ],
        models=[_model()],
        message="the row sums of the transform are not the stated ones",
    )
    b, y = scalars("b y")
    substituted = loss(y) - (1 - (1 + b) * y)  # (1 + b) y = 1
    entails(
        substituted,
        given={"b": b, "y": y},
        certificate=[(1, ["b", "y"], [])],
        message="1 − 1/x is negative",
    )


@check(
    DOOB_SIMILARITY,
    part="similarity",
    establishes=proof(over="every n"),
    claimed=dict(transform=E * B * D, kernel=E * N * D, outer=(D, E), weight=xi * yj),
    controls={
        "similarity the other way round": dict(transform=D * B * E),
        "kernel of the block itself": dict(kernel=N),
        "back with the factors exchanged": dict(outer=(E, D)),
        "back with the left factor only": dict(outer=(D, D * E)),
        "weight of the start only": dict(weight=xi),
        "weight one": dict(weight=1),
    },
)
def kernels_are_similar(transform, kernel, outer, weight) -> None:
    """M = D^{-1} N D is the inverse of I − P on both sides, N = D M D^{-1}, and for the row e_iᵀ
    and the column e_j, N_ij = (x_i / x_j) M_ij, as D is diagonal.

    Machine-checked: all four. That M counts the visits of the chain P is the claim used.
    """
    model = _model()
    follows(
        (1 - transform) * kernel - 1,
        using=[(-E * B, CANCEL_LEFT, N * D), (E, RIGHT_INVERSE, D), (1, CANCEL_RIGHT, 1)],
        models=[model],
        message="the stated kernel is no right inverse of I − P",
    )
    follows(
        kernel * (1 - transform) - 1,
        using=[(-E * N, CANCEL_LEFT, B * D), (E, LEFT_INVERSE, D), (1, CANCEL_RIGHT, 1)],
        models=[model],
        message="the stated kernel is no left inverse of I − P",
    )
    left, right = outer
    follows(
        N - left * kernel * right,
        using=[(-1, CANCEL_LEFT, N), (-D * E * N, CANCEL_LEFT, 1)],
        models=[model],
        message="the kernels are not similar in the stated way",
    )
    # e_iᵀ D = x_i e_iᵀ and D^{-1} e_j = (1/x_j) e_j.
    start_row, target_column = r * D - xi * r, E * e - yj * e
    follows(
        r * N * e - weight * r * kernel * e,
        using=[
            (-r, CANCEL_LEFT, N * e),
            (-r * D * E * N, CANCEL_LEFT, e),
            (1, start_row, E * N * D * E * e),
            (xi * r * E * N * D, target_column, 1),
        ],
        models=[model],
        message="the entries are not re-weighted as stated",
    )


def _blocks() -> Iterator[np.ndarray]:
    yield row_sum_three_halves()
    for draw in independent_draws(40, seed=17):
        size = int(draw.random.integers(2, 6))
        scale = int(draw.random.integers(2, 4 * size))
        block = rational_array(draw.random.integers(0, 5, (size, size)).tolist()) / scale
        if spectral_radius_below_one(block):
            yield block
        else:
            draw.discard()


def _row_sums(block: np.ndarray) -> np.ndarray:
    return block @ ones_like(block)


def _column_reach(block: np.ndarray) -> np.ndarray:
    return total_reach(block.T)


def _without_start(block: np.ndarray) -> np.ndarray:
    return total_reach(block) - 1


@check(
    DOOB_SIMILARITY,
    part="substochastic",
    establishes=sampled(over="rational blocks of 2 to 5 states", by="exact rationals"),
    claimed=dict(weight=total_reach, blocks=_blocks),
    controls={
        "row sums of B instead of x": dict(weight=_row_sums),
        "column sums of the kernel instead of x": dict(weight=_column_reach),
        "x without the start": dict(weight=_without_start),
        "a negative entry": dict(blocks=lambda: [rational_array([["-1/2"]])], drops="non-negative"),
        "spectral radius three halves": dict(
            blocks=lambda: [rational_array([["3/4", "3/4"], ["3/4", "3/4"]])], drops="transient"
        ),
    },
)
def the_transform_is_substochastic(weight, blocks) -> None:
    """x ≥ 1, P ≥ 0 and P1 = 1 − 1/x < 1, entry by entry, on the definition of P."""
    for block in blocks():
        scores = weight(block)
        transformed = doob_transform(block, scores)
        row_sums = np.array([sum(row) for row in transformed], dtype=object)
        expected = 1 - 1 / total_reach(block)
        refute_unless(
            bool((transformed >= 0).all() and (row_sums < 1).all()),
            "the transform is no block with row sums below one",
            B=block,
            weights=scores,
            P=transformed,
            row_sums=row_sums,
        )
        refute_unless(
            bool((row_sums == expected).all() and (scores >= 1).all()),
            "the row sums are not one less the inverse of x, or x is not at least one",
            B=block,
            weights=scores,
            row_sums=row_sums,
            expected=expected,
        )
        if (block.shape == (3, 3)) and (block == row_sum_three_halves()).all():
            note(x_of_the_example=scores, row_sums_of_the_example=row_sums)


@check(
    DOOB_SIMILARITY,
    part="similarity",
    establishes=symbolic(bound="n = 2, all entries"),
    claimed=dict(weight=total_reach, ratio=lambda x, i, j: x[i] / x[j]),
    controls={
        "ratio the other way round": dict(ratio=lambda x, i, j: x[j] / x[i]),
        "ratio one": dict(ratio=lambda x, i, j: 1),
        "product instead of ratio": dict(ratio=lambda x, i, j: x[i] * x[j]),
    },
)
def visits_of_the_transformed_chain(weight, ratio) -> None:
    """The visits of the chain P by elimination of states, without a matrix inverse, times x_i/x_j
    are the entries of (I − B)^{-1}, as rational functions of the entries of B.
    """
    block, _ = generic_matrix(2, letter="b")
    scores = weight(block)
    visits = walk_weights(doob_transform(block, scores))
    kernel = fundamental_matrix(block, 1)
    for i, j in np.ndindex(2, 2):
        identical(kernel[i, j], ratio(scores, i, j) * visits[i, j], "the re-weighted visits differ")


@plot(DOOB_SIMILARITY)
def kernel_against_visits() -> Plot:
    """Entries of the kernel against visits of the transformed chain, plain and re-weighted."""
    generator = np.random.default_rng(4)
    affinities = generator.random((8, 8)) ** 4
    block = 1.2 * affinities / np.sqrt((affinities**2).sum())
    scores = total_reach(block)
    visits = np.linalg.inv(np.eye(8) - doob_transform(block, scores))
    kernel = np.linalg.inv(np.eye(8) - block)
    away = ~np.eye(8, dtype=bool)
    reweighted = visits * scores[:, None] / scores[None, :]
    top = float(kernel[away].max())
    return Plot(
        title="The kernel and the visits of the chain it is similar to",
        x_label="visits of the chain P, i ≠ j",
        y_label="kernel entry N_ij, i ≠ j",
        series=[
            Series(label="plain", x=visits[away].tolist(), y=kernel[away].tolist(), style="points"),
            Series(
                label="times x_i / x_j",
                x=reweighted[away].tolist(),
                y=kernel[away].tolist(),
                style="points",
            ),
            Series(label="equal", x=[0.0, top], y=[0.0, top], style="guide"),
        ],
        caption="Plain visits scatter about the kernel; re-weighted by the Katz scores of the two "
        "tokens they lie on it.",
    )
