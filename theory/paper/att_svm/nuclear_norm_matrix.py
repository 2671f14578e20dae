"""The matrix of least nuclear norm with margin one, proposed by a solver, and its certificate."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.engine.nuclear_norm_certificate import NuclearCertificate

from .solver_proposal import Proposal


def nuclear_proposal(constraints: Mapping[Hashable, object]) -> Proposal:
    """``min ‖W‖_*`` subject to ``⟨A_k, W⟩ ≥ 1``, by Clarabel through cvxpy.

    Raises:
        ModuleNotFoundError: cvxpy is not installed.
        ValueError: the solver found no solution.
    """
    import cvxpy

    keys = list(constraints)
    given = [to_float(rational_array(constraints[key])) for key in keys]
    matrix = cvxpy.Variable(given[0].shape)
    margins = [cvxpy.sum(cvxpy.multiply(a, matrix)) >= 1 for a in given]
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.normNuc(matrix)), margins)
    problem.solve(solver=cvxpy.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    if matrix.value is None:
        raise ValueError(
            f"Clarabel reports {problem.status}: max_margin_matrix returns either a feasible "
            "matrix or a proof that there is none"
        )
    return Proposal(
        matrix.value, {key: float(m.dual_value) for key, m in zip(keys, margins, strict=True)}
    )


def round_to_certificate(
    constraints: Mapping[Hashable, object], proposal: Proposal, *, digits: int = 10
) -> NuclearCertificate:
    """Rationals near the proposal; its bounds are as good as the proposal is.

    W is rounded and divided by its exact least margin. P and Q are ``(WWᵀ)^½`` and ``(WᵀW)^½`` in
    floating point, rounded, plus a multiple of the identity that outweighs the rounding. Negative
    multipliers become zero, and t is a little above the largest singular value.

    Raises:
        ValueError: the rounded W has a margin that is not positive.
    """
    exact = {key: rational_array(entries) for key, entries in constraints.items()}
    matrix = _rounded(proposal.matrix, digits)
    margin = min((entries * matrix).sum() for entries in exact.values())
    if not margin > 0:
        raise ValueError(f"the proposed W has the margin {margin}: no multiple of it is feasible")
    matrix = matrix / margin
    left, values, right = np.linalg.svd(to_float(matrix), full_matrices=False)
    ridge = 2 * max(matrix.shape) * Fraction(1, 10**digits)
    multipliers = {
        key: rational(_nearest(max(value, 0.0), digits))
        for key, value in proposal.multipliers.items()
    }
    combined = sum(multipliers[key] * entries for key, entries in exact.items())
    largest = np.linalg.norm(to_float(combined), 2)
    return NuclearCertificate(
        matrix=matrix,
        left=_rounded((left * values) @ left.T, digits, ridge),
        right=_rounded((right.T * values) @ right, digits, ridge),
        multipliers=multipliers,
        bound=rational(_nearest(largest, digits) + Fraction(2, 10**digits)),
    )


def _rounded(matrix: np.ndarray, digits: int, ridge: Fraction | int = 0) -> np.ndarray:
    """Each entry to the nearest multiple of 10^{−digits}, and ``ridge`` on the diagonal."""
    nearest = rational_array(
        [[_nearest(float(entry), digits) for entry in row] for row in np.asarray(matrix)]
    )
    if not ridge:
        return nearest
    nearest = (nearest + nearest.T) / 2
    return nearest + rational(ridge) * rational_array(np.eye(len(nearest), dtype=int))


def _nearest(value: float, digits: int) -> Fraction:
    return Fraction(round(Fraction(value) * 10**digits), 10**digits)
