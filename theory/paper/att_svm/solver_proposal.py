"""What a floating-point solver proposes; exact arithmetic decides what it is worth."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np

# Below Clarabel's own 1e-8: the multipliers of inactive constraints have to be told from zero.
TIGHT = {"tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-11}


@dataclass(frozen=True)
class Proposal:
    """W and λ in floating point, as the solver returned them."""

    matrix: np.ndarray
    multipliers: dict[Hashable, float]

    def support(self, threshold: float = 1e-6) -> tuple[Hashable, ...]:
        """The constraints with a multiplier above ``threshold`` times the largest one."""
        least = threshold * max(self.multipliers.values())
        return tuple(key for key, value in self.multipliers.items() if value > least)


def frobenius_proposal(constraints: Mapping[Hashable, object]) -> Proposal:
    """``min ½‖W‖_F²`` subject to ``⟨A_k, W⟩ ≥ 1``, by Clarabel through cvxpy.

    With the factor one half the dual variables are λ itself; for ``‖W‖_F²`` they are 2λ, and for
    ``‖W‖_F`` they are λ/‖W‖_F.

    Raises:
        ModuleNotFoundError: cvxpy is not installed.
        ValueError: the solver found no solution; ask `max_margin_matrix` for the certificate.
    """
    import cvxpy

    keys = list(constraints)
    given = np.array([[[float(x) for x in row] for row in constraints[key]] for key in keys])
    # The tolerances are absolute, so the data are brought to order one: with A/ν in the place of A
    # the solution is νW, and its multipliers are ν²λ.
    scale = float(np.sqrt((given**2).sum(axis=(1, 2)).max())) or 1.0
    given /= scale
    matrix = cvxpy.Variable(given.shape[1:])
    margins = given.reshape(len(keys), -1) @ cvxpy.reshape(matrix, (given[0].size,), order="C")
    margin = margins >= 1
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum_squares(matrix) / 2), [margin])
    problem.solve(solver=cvxpy.CLARABEL, **TIGHT)
    if matrix.value is None:
        raise ValueError(
            f"Clarabel reports {problem.status}: max_margin_matrix returns either a solution or a "
            "proof that there is none"
        )
    multipliers = (margin.dual_value / scale**2).tolist()
    return Proposal(matrix.value / scale, dict(zip(keys, multipliers, strict=True)))
