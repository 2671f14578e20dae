"""The gradient through the triangular solve."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.dual import derivative_of, dual_array
from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.lucid_attention import preconditioned_values
from attnproof.theory.paper.lucid.preconditioner import (
    BACKWARD,
)

W, WT, U, UT, GU, GUT, DV, DVT, DL, DLT = letters("W Wt U Ut Gu Gut dV dVt dL dLt")


@check(
    BACKWARD,
    establishes=proof(over="every n and width", by="trace identity"),
    claimed=dict(values=WT @ GU, kernel=-1 * WT @ GU @ UT),
    controls={
        "transpose forgotten": dict(values=W @ GU),
        "other sign": dict(kernel=WT @ GU @ UT),
        "solution forgotten": dict(kernel=-1 * WT @ GU @ GUT),
    },
)
def adjoint_of_the_solve(values, kernel) -> None:
    """From ``LU = V``: ``dU = W(dV − dL U)`` with W = L^{−1}; ``⟨Ū, dU⟩ = ⟨V̄, dV⟩ + ⟨L̄, dL⟩`` for
    all dV and dL. Only the part of L̄ below the diagonal meets a dL."""
    equal_traces(
        GUT @ W @ (DV - DL @ U),
        DVT @ values + DLT @ kernel,
        transposes={"W": "Wt", "U": "Ut", "Gu": "Gut", "dV": "dVt", "dL": "dLt"},
        message="the gradient is another",
    )


@check(
    BACKWARD,
    establishes=sampled(over="20 rational instances, n = 4, width 2", by="exact dual numbers"),
    claimed=dict(shown=lambda gradient: np.tril(gradient, -1)),
    controls={
        "the diagonal included": dict(shown=np.tril),
        "all of it": dict(shown=lambda gradient: gradient),
        "transposed": dict(shown=lambda gradient: np.tril(gradient.T, -1)),
    },
)
def derivative_of_the_operator(shown) -> None:
    """``⟨Ū, U⟩`` differentiated by every entry of the kernel matrix, through the substitution that
    defines U, against the formula with the inverse of L."""
    for draw in independent_draws(20, seed=51):
        entries = draw.random.integers(-3, 4, (4, 4))
        kernel = rational_array(entries.tolist()) / 2
        values = rational_array(draw.random.integers(-3, 4, (4, 2)).tolist())
        above = rational_array(draw.random.integers(-3, 4, (4, 2)).tolist())
        lower = kernel * np.tri(4, k=-1, dtype=int) + rational_array(np.eye(4, dtype=int))
        solution = inverse(lower) @ values
        gradient = shown(-1 * (inverse(lower).T @ above) @ solution.T)
        for row, column in np.ndindex(4, 4):
            direction = rational_array(np.zeros((4, 4), dtype=int))
            direction[row, column] = rational(1)
            written = preconditioned_values(
                dual_array(kernel, direction), dual_array(values, 0 * values)
            )
            slope = (above * derivative_of(written)).sum()
            refute_unless(
                slope == gradient[row, column],
                "the gradient is not the derivative",
                kernel=kernel,
                values=values,
                row=row,
                column=column,
                derivative=slope,
                stated=gradient[row, column],
            )
