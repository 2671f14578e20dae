"""How far the blocks of one map can spread."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.paper.heads_ssm.interaction_rank import (
    EFFECTIVE_OPERATOR_CONSTANT,
)

a, b, d, e, u = letters("a b d e u")


def _two_units(**altered) -> dict[str, np.ndarray]:
    """Unit vectors a and b with their rows d = aᵀ and e = bᵀ."""
    model = {
        **{"a": rational_array([[1], [0], [0]]), "b": rational_array([[0], [1], [0]])},
        **{"u": rational_array([[1], [2]]), **altered},
    }
    return {**model, "d": model["a"].T, "e": model["b"].T}


@check(
    EFFECTIVE_OPERATOR_CONSTANT,
    part="every matrix is reached",
    establishes=proof(over="every p, d ≥ 2, n ≥ p + d − 1, every V"),
    claimed=dict(model=_two_units(), transposed=b * d - a * e),
    controls={
        "twice the matrix": dict(transposed=2 * b * d - 2 * a * e),
        "a diagonal matrix": dict(transposed=a * d + b * e),
        "one vector twice": dict(model=_two_units(b=rational_array([[1], [0], [0]]))),
    },
)
def skew_matrices_reach_the_units(model, transposed) -> None:
    """For unit vectors a ≠ b and K = a bᵀ − b aᵀ: u (K b)ᵀ = u aᵀ and u (K a)ᵀ = −u bᵀ. With
    X = 0 the blocks are V, so that their span holds all u_i (K_j x)ᵀ. Take u_i the unit vector
    i mod p and K_j of the neighbours a = j mod (d − 1) and b = a + 1: the last p of p + d − 1 rows
    run through all u_i and see the first d − 1 columns, hence all K_j, and the span holds all
    matrices with one entry that is not zero.

    Machine-checked: both equations. Classical: the count of positions. Below it is carried out.
    """
    for row, stated, steps in (
        (e, u * d, [(u, e * b - 1, d), (-u, e * a, e)]),
        (d, -u * e, [(u, d * b, d), (-u, d * a - 1, e)]),
    ):
        follows(
            u * row * transposed - stated,
            using=held_premises(steps, model),
            models=[model],
            message="a unit matrix is not reached",
        )


def _positions(outputs: int, inputs: int):
    """``u_ij (K_ij x_j)ᵀ`` with u a unit vector of the row, K of the column: E_ab − E_ba."""

    def added(i: int, j: int, token: np.ndarray) -> np.ndarray:
        column = rational_array(np.eye(outputs, dtype=int))[i % outputs]
        skew = rational_array(np.zeros((inputs, inputs), dtype=int))
        a = j % (inputs - 1)
        skew[a, a + 1] += 1
        skew[a + 1, a] -= 1
        return np.multiply.outer(column, skew @ token)

    return added


def _one_column(outputs: int, inputs: int):
    every = _positions(outputs, inputs)
    return lambda i, j, token: every(0, j, token)


def _one_skew_matrix(outputs: int, inputs: int):
    every = _positions(outputs, inputs)
    return lambda i, j, token: every(i, 0, token)


@check(
    EFFECTIVE_OPERATOR_CONSTANT,
    part="every matrix is reached",
    establishes=exact(bound="p ≤ 3, 2 ≤ d ≤ 4, n = p + d − 1", by="exact rank at one choice"),
    claimed=dict(added=_positions, stated=lambda p, d: p * d),
    controls={
        "one column u for all positions": dict(added=_one_column),
        "one matrix K for all positions": dict(added=_one_skew_matrix),
        "rank one as before": dict(stated=lambda p, d: 1),
    },
)
def every_matrix_is_reached(added, stated) -> None:
    """The value map V = E_11 in all positions, n tokens that are one unit vector each time, or
    zero; the outputs are compared with those of V at every one of these inputs."""
    largest = 0
    for p, d in [(p, d) for p in (1, 2, 3) for d in (2, 3, 4)]:
        length = p + d - 1
        value_map = rational_array(np.eye(p, d, dtype=int) * (np.arange(d) == 0))
        tokens = rational_array(np.vstack([np.eye(d, dtype=int), np.zeros((1, d), dtype=int)]))
        extra, found = added(p, d), []
        for token in tokens:
            for i, j in np.ndindex(length, length):
                if j <= i:
                    block = value_map + extra(i, j, token)
                    refute_unless(
                        bool((block @ token == value_map @ token).all()),
                        "the output changes",
                        block=block,
                        x=token,
                    )
                    found.append(block.reshape(-1))
        reached = rank(np.stack(found))
        largest = max(largest, reached)
        refute_unless(
            reached == stated(p, d),
            "another rank is reached",
            p=p,
            d=d,
            rank=reached,
            stated=stated(p, d),
        )
    note(largest_rank=largest)
