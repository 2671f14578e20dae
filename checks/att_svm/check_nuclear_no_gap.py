"""Where the two bounds of the nuclear norm meet, at every size."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.free_transpose import free_transpose
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.paper.att_svm.nuclear_norm import NUCLEAR_CERTIFICATE

# A = Σ λ_k A_k; a letter followed by t is a transpose; r = 1/√τ and t = √τ.
A, At, W = letters("A At W")
t, r, τ = scalars("t r τ")
TRANSPOSES = {"A": "At", "W": "Wt"}


def _polar() -> dict[str, object]:
    """A = 5·(rotation), τ = 25, W = A H/25 with H = AᵀW = ((2, 1), (1, 1)), which is definite."""
    matrix = rational_array([[3, 4], [-4, 3]])
    return {
        "A": matrix,
        "At": matrix.T.copy(),
        "W": rational_array([["2/5", "7/25"], ["-1/5", "-1/25"]]),
        "Wt": rational_array([["2/5", "-1/5"], ["7/25", "-1/25"]]),
        **{"τ": rational(25), "r": rational("1/5"), "t": rational(5)},
    }


ALIGNED, SCALE = A * At * W - τ * W, r * r * τ - 1


@check(
    NUCLEAR_CERTIFICATE,
    part="no gap",
    establishes=proof(over="every size of W", by="free algebra and traces"),
    claimed=dict(column=r * A, middle=r * At * W, value=r * At * W),
    controls={
        "root left out": dict(column=A),
        "middle twice": dict(middle=2 * r * At * W),
        "value without the root": dict(value=At * W),
        "half the value": dict(value=r * At * W / 2),
    },
)
def polar_blocks_attain_the_value(column, middle, value) -> None:
    """Let r = 1/√τ and H = AᵀW ⪰ 0. The matrix [rA; 1] (rH) [rAᵀ, 1] is semidefinite, its corner
    is r²AH = W, and its diagonal blocks have the traces r³ tr(AᵀAH) = r tr H and r tr H. So
    ‖W‖_* ≤ r tr(AᵀW) by the part on blocks, and the part on duality gives the converse.

    As every λ_k(⟨A_k, W⟩ − 1) is zero, tr(AᵀW) = Σ λ_k⟨A_k, W⟩ = Σ λ_k.
    """
    model = _polar()
    corner, block = column * middle, column * middle * free_transpose(column, TRANSPOSES)
    follows(
        corner - W,
        using=[(r * r, ALIGNED, 1), (1, SCALE, W)],
        models=[model],
        message="the corner of the block is not W",
    )
    turned = free_transpose(column, TRANSPOSES) * column * middle
    equal_traces(
        block,
        turned,
        transposes=TRANSPOSES,
        models=[model],
        message="the trace of the first block is another",
    )
    follows(
        turned + middle - 2 * value,
        using=[(r * r * r * At, ALIGNED, 1), (r, SCALE, At * W)],
        models=[model],
        message="half the traces of the blocks are not the value",
    )


@check(
    NUCLEAR_CERTIFICATE,
    part="no gap",
    establishes=proof(over="every size of A"),
    claimed=dict(rest=t - r * At * A, row=r * A),
    controls={
        "rest without the root": dict(rest=t - At * A),
        "rest with the other sign": dict(rest=t + r * At * A),
        "row without the root": dict(row=A),
    },
)
def squared_bound_makes_the_block_semidefinite(rest, row) -> None:
    """With t = √τ = 1/r, the matrix [[t, A], [Aᵀ, t]] is [1, rA]ᵀ t [1, rA] plus the rest
    t − rAᵀA = r(τ − AᵀA) in its last block; this is semidefinite if AᵀA ⪯ τ.
    """
    model = _polar()
    inverse, square = r * t - 1, t * t - τ
    follows(
        t * row - A,
        using=[(1, inverse, A)],
        models=[model],
        message="the corner is not A",
    )
    follows(
        t * free_transpose(row, TRANSPOSES) * row + rest - t,
        using=[(r, inverse, At * A)],
        models=[model],
        message="the last block is not t",
    )
    follows(
        rest - r * (τ - At * A),
        using=[(r, square, 1), (-t, inverse, 1)],
        models=[model],
        message="the rest is not r (τ − AᵀA)",
    )
