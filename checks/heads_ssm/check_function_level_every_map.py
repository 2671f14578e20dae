"""How many heads represent every map of a size: composition frames and what bounds them below."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
from flint import fmpz_mat

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import determinant, identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import generic_matrix
from attnproof.theory.core import Plot, Series, check, plot, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.heads_ssm.function_level import HEADS_FOR_EVERY_MAP
from attnproof.theory.paper.heads_ssm.value_frame import (
    composition_frame,
    frame_at,
    hankel_frame,
    heads_output,
)


def _one_sign_changed(size: int, outputs: int, inputs: int) -> np.ndarray:
    maps = composition_frame(size, outputs, inputs)
    maps[-1] = maps[-1] * rational_array([[1 - 2 * (c == 0) for c in range(inputs)]])
    return maps


def _one_entry_added(size: int, outputs: int, inputs: int) -> np.ndarray:
    maps = composition_frame(size, outputs, inputs)
    maps[0, 0, -1] = maps[0, 0, -1] + 1
    return maps


@check(
    HEADS_FOR_EVERY_MAP,
    part="composition frames",
    establishes=proof(over="n = 2, 4, 8, every p, d ≤ n, every x", by="quadratic forms"),
    claimed=dict(frame=composition_frame, sizes=(2, 4, 8), scale=1),
    controls={
        "size 16": dict(sizes=(16,)),
        "the sign of a column changed": dict(frame=_one_sign_changed),
        "an entry added": dict(frame=_one_entry_added),
        "twice the norm": dict(scale=2),
    },
)
def rows_are_orthogonal(frame, sizes, scale) -> None:
    """T(x) T(x)ᵀ = |x|² I_p. Hence T(x) has full row rank for x ≠ 0, and f = T(x)ᵀ W x/|x|² are
    coefficients for any block W. Smaller p and d drop rows of T(x) and set coordinates to zero.

    Both sides are quadratic forms in x: they are equal if they agree at all e_a and e_a + e_b.
    """
    for size in sizes:
        for width in (size, size - 1):
            maps = frame(size, width, width)
            for a, b in combinations_with_replacement(range(width), 2):
                token = rational_array([int(c in (a, b)) for c in range(width)])
                at = frame_at(maps, token)
                refute_unless(
                    bool((at @ at.T == scale * (token @ token) * identity_like(maps[0])).all()),
                    "the rows of the frame are not orthogonal of the norm of the token",
                    size=size,
                    token=token,
                    gram=at @ at.T,
                )


@check(
    HEADS_FOR_EVERY_MAP,
    part="composition frames",
    establishes=sampled(over="p, d ≤ 8, n = 3, integer blocks and tokens", by="exact rationals"),
    claimed=dict(frame=composition_frame),
    controls={
        "one head dropped": dict(frame=lambda n, p, d: composition_frame(n, p, d)[1:]),
        "an entry added, first coefficients": dict(frame=_one_entry_added),
    },
)
def outputs_agree(frame) -> None:
    """Coefficients ⟨V_h x, W x⟩/|x|² against the sum of the blocks."""

    def weigh(maps, block, token):
        if not token.any():
            return rational_array([0] * len(maps))
        return (frame_at(maps, token).T @ (block @ token)) / (token @ token)

    for draw in independent_draws(10, seed=29):
        p, d = (int(size) for size in draw.random.integers(1, 9, 2))
        size = next(n for n in (1, 2, 4, 8) if n >= max(p, d))
        blocks = rational_array(draw.random.integers(-3, 4, (3, 3, p, d)))
        tokens = rational_array(draw.random.integers(-2, 3, (3, d)))
        maps = frame(size, p, d)
        at_token = lambda i, j, X, maps=maps, blocks=blocks: weigh(maps, blocks[i, j], X[j])
        heads = heads_output(maps, at_token, tokens)
        outputs = np.stack([sum(blocks[i, j] @ tokens[j] for j in range(i + 1)) for i in range(3)])
        refute_unless(
            bool((heads == outputs).all()),
            "the heads do not give the outputs",
            value_maps=maps,
            blocks=blocks,
            tokens=tokens,
            outputs=outputs,
            heads=heads,
        )


T, W, f, x, X, y, z, Z = letters("T W f x X y z Z")
DIRECTION, REACHED = Z * T, W * x - T * f
UNSEEN = dict(excluded=z * X, reached=Z * W * x)
SEEN = {
    "the map of the norms exchanged": dict(excluded=x * Z),
    "another token": dict(excluded=z * (X + X)),
    "a bias beside the heads": dict(reached=Z * (W * x + y)),
}


def _unseen(excluded, reached) -> None:
    """Z = zᵀ and X = xᵀ. With zᵀT(x) = 0, whatever the heads give at x is orthogonal to z; but the
    map W = z xᵀ gives zᵀ W x = |z|² |x|² > 0."""
    model = {
        **{"T": rational_array([[1, 2], [2, 4]]), "f": rational_array([[1], [1]])},
        **{"W": rational_array([[3, 0], [6, 0]]), "x": rational_array([[1], [0]])},
        **{"Z": rational_array([[2, -1]]), "y": rational_array([[1], [0]])},
    }
    follows(
        reached,
        using=[(Z, REACHED, 1), (1, DIRECTION, f)],
        models=[model],
        message="the heads reach the direction",
    )
    follows(Z * excluded * x - Z * z * X * x, message="the excluded map is another")


@check(
    HEADS_FOR_EVERY_MAP,
    part="both widths",
    establishes=proof(over="every p, d and fewer than max(p, d) value maps"),
    claimed=UNSEEN,
    controls=SEEN,
)
def a_map_that_is_missed(excluded, reached) -> None:
    """If H < p, T(x) has fewer columns than rows and zᵀT(x) = 0 for some z ≠ 0, at any x ≠ 0. If
    H < d, take any z ≠ 0: the H equations zᵀV_h x = 0 have a solution x ≠ 0. Either way W = z xᵀ
    is not represented at x.

    Machine-checked: the last sentence. Classical: fewer equations than unknowns.
    """
    _unseen(excluded, reached)


(sign,) = scalars("sign")


@check(
    HEADS_FOR_EVERY_MAP,
    part="odd widths",
    establishes=proof(
        over="every odd p ≥ 3 and p value maps",
        by="induction over the width; intermediate value theorem, cited",
    ),
    claimed=dict(first=3, columns=2, **UNSEEN),
    controls={
        "width two": dict(first=2),
        "width four": dict(first=4),
        "even widths after the odd ones": dict(columns=1),
        **SEEN,
    },
)
def an_odd_determinant_has_a_zero(first, columns, excluded, reached) -> None:
    """T is linear, so that det T(−x) = det(−T(x)) = (−1)^p det T(x): every column gives a sign.
    With p odd the determinant takes opposite signs, or zero, at x and −x; on a path between them
    that avoids zero it vanishes somewhere, and there zᵀT(x) = 0 for some z ≠ 0.

    Machine-checked: the sign of the smallest width on symbols, the step by two columns, the
    excluded map. Classical: the intermediate value theorem.
    """
    matrix, _ = generic_matrix(first)
    identical(determinant(-matrix), -determinant(matrix), "the determinant is not odd")
    follows(
        (-1) ** columns * sign + 1,
        using=[(1, sign + 1, 1)],
        models=[{"sign": rational(-1)}],
        message="the sign changes from one width to the next",
    )
    _unseen(excluded, reached)


def _fewer(draw, p: int, d: int) -> np.ndarray:
    return rational_array(draw.random.integers(-3, 4, (max(p, d) - 1, p, d)))


def _enough(draw, p: int, d: int) -> np.ndarray:
    size = next(n for n in (1, 2, 4, 8) if n >= max(p, d))
    return composition_frame(size, p, d)


@check(
    HEADS_FOR_EVERY_MAP,
    part="both widths",
    establishes=sampled(over="p, d ≤ 6, integer value maps", by="exact integers"),
    claimed=dict(value_maps=_fewer),
    controls={
        "a composition frame": dict(value_maps=_enough),
        "the Hankel frame": dict(value_maps=lambda draw, p, d: hankel_frame(p, d)),
    },
)
def unseen_pairs(value_maps) -> None:
    """A pair z, x with zᵀV_h x = 0 for every h, and the map z xᵀ against the span of the V_h x."""
    for draw in independent_draws(20, seed=31):
        p, d = (int(size) for size in draw.random.integers(2, 7, 2))
        maps = value_maps(draw, p, d)
        ones = rational_array([1] * min(p, d))
        seen = np.stack([one @ ones if p > d else ones @ one for one in maps])
        kernel = _in_kernel(seen)
        refute_unless(
            kernel is not None,
            "every direction of the outputs is reached",
            value_maps=maps,
            equations=seen,
        )
        direction, token = (kernel, ones) if p > d else (ones, kernel)
        missed = np.outer(direction, token)
        refute_unless(
            not (direction @ frame_at(maps, token)).any() and direction @ (missed @ token) > 0,
            "the pair is seen",
            value_maps=maps,
            direction=direction,
            token=token,
        )


def _in_kernel(matrix: np.ndarray) -> np.ndarray | None:
    """An integer vector v ≠ 0 with ``M v = 0``, M with integer entries; None if there is none."""
    rows = fmpz_mat([[int(entry.p) for entry in row] for row in matrix])
    basis, nullity = rows.nullspace()
    if nullity == 0:
        return None
    return rational_array([basis[i, 0] for i in range(matrix.shape[1])])


@plot(HEADS_FOR_EVERY_MAP)
def heads_by_width() -> Plot:
    """Heads that represent every square map, by its width."""
    widths = list(range(1, 9))
    composed = [next(n for n in (1, 2, 4, 8) if n >= width) for width in widths]
    curves = {
        "fixed coefficients: p d": [width * width for width in widths],
        "Hankel frame: p + d − 1": [2 * width - 1 for width in widths],
        "composition frame": composed,
        "lower bound": [width + (width % 2 and width > 1) for width in widths],
    }
    return Plot(
        title="Heads for every p × p map",
        x_label="width p = d",
        y_label="number of heads",
        series=[
            Series(label=label, x=widths, y=values, style="guide" if "lower" in label else "points")
            for label, values in curves.items()
        ],
        y_scale="log",
        caption="With fixed coefficients every one of the p² dimensions needs a head. Coefficients "
        "that see the token make do with a number that is linear in the width; for the widths 1 "
        "to 4, 7 and 8 the composition frames are the least.",
    )
