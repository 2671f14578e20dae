"""Which token choices are locally optimal."""

from __future__ import annotations

from .data_sets import DataSet
from .max_margin_matrix import MaxMargin, max_margin_matrix


def support(solution: MaxMargin, sample: int) -> tuple[int, ...]:
    """``T_i = {t : ⟨A_it, W^mm_α⟩ = 1}``, the tokens that hold the solution in place."""
    return tuple(t for i, t in solution.active if i == sample)


def locally_optimal(data: DataSet, selection: tuple[int, ...]) -> bool:
    """``γ_{i α_i} > γ_it`` for every i and every t in the support T_i of ``W^mm_α``.

    Source: arXiv:2308.16898, definition of locally-optimal tokens, reconstructed.

    Raises:
        Infeasible: no W separates the chosen tokens.
    """
    solution = max_margin_matrix(data.constraints(selection))
    return all(
        data.scores[i][selection[i]] > data.scores[i][t]
        for i in range(data.samples)
        for t in support(solution, i)
    )
