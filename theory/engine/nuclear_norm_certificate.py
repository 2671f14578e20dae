"""Two-sided certificates of problems that minimise a nuclear norm, re-checked in rationals.

For ``ν* = min ‖W‖_* subject to ⟨A_k, W⟩ ≥ 1 for every k`` no square root is needed:

    ⟨A_k, W⟩ ≥ 1,  [[P, W], [Wᵀ, Q]] ⪰ 0                    ⟹  ν* ≤ ½ (tr P + tr Q),
    λ_k ≥ 0,  [[tI, A], [Aᵀ, tI]] ⪰ 0 with A = Σ λ_k A_k    ⟹  ν* ≥ Σ λ_k / t.

Where the optimum is the square root of a rational, the gap can be closed: with A = Σ λ_k A_k,

    ⟨A_k, W⟩ ≥ 1,  λ ≥ 0,  λ_k (⟨A_k, W⟩ − 1) = 0,
    AᵀA ⪯ τI,  AᵀW ⪰ 0 symmetric,  A AᵀW = τW              ⟹  ν* = ‖W‖_* = Σ λ_k / √τ.

Nothing here knows how a certificate was found. Definiteness is decided by exact elimination, and
a matrix that is not semidefinite comes with a vector that shows it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from flint import fmpq

from attnproof.theory.algebra.positive_semidefinite import negative_direction
from attnproof.theory.algebra.rational import rational, rational_array

Constraints = Mapping[Hashable, object]


@dataclass(frozen=True)
class NuclearCertificate:
    """What proves a lower and an upper bound of ν*; every entry is exact.

    Attributes:
        matrix: W, shape (d, e).
        left, right: P, shape (d, d), and Q, shape (e, e).
        multipliers: k → λ_k; a constraint without an entry has multiplier zero.
        bound: t > 0, a bound of the largest singular value of ``Σ λ_k A_k``.
    """

    matrix: np.ndarray
    left: np.ndarray
    right: np.ndarray
    multipliers: Mapping[Hashable, object]
    bound: object

    @property
    def upper(self) -> fmpq:
        """``½ (tr P + tr Q)``."""
        total = rational_array(self.left).trace() + rational_array(self.right).trace()
        return total / 2

    @property
    def lower(self) -> fmpq:
        """``Σ λ_k / t``."""
        return sum(map(rational, self.multipliers.values()), fmpq(0)) / rational(self.bound)

    @property
    def relative_gap(self) -> fmpq:
        """``(upper − lower)/lower``: both ends are at most this far from ν*, in proportion."""
        return (self.upper - self.lower) / self.lower


def nuclear_violations(
    constraints: Constraints, certificate: NuclearCertificate
) -> dict[str, object]:
    """Condition that fails → exact values that show it; empty if ``lower ≤ ν* ≤ upper``.

    Raises:
        KeyError: a multiplier for a constraint that is not there.
        TypeError: a float.
    """
    return {
        **upper_violations(constraints, certificate.matrix, certificate.left, certificate.right),
        **lower_violations(constraints, certificate.multipliers, certificate.bound),
    }


def upper_violations(constraints: Constraints, matrix, left, right) -> dict[str, object]:
    """Empty if W is feasible and ``‖W‖_* ≤ ½ (tr P + tr Q)``."""
    matrix = rational_array(matrix)
    margins = {
        str(key): (rational_array(entries) * matrix).sum() for key, entries in constraints.items()
    }
    short = {key: margin for key, margin in margins.items() if margin < 1}
    found: dict[str, object] = {"margins ⟨A, W⟩ ≥ 1": short} if short else {}
    block = _block(rational_array(left), matrix, rational_array(right))
    return found | _indefinite("[[P, W], [Wᵀ, Q]] ⪰ 0", block)


def lower_violations(
    constraints: Constraints, multipliers: Mapping[Hashable, object], bound
) -> dict[str, object]:
    """Empty if ``Σ λ_k / t`` is a lower bound of the norm of everything feasible."""
    unknown = set(multipliers) - set(constraints)
    if unknown:
        raise KeyError(f"multipliers for {sorted(map(str, unknown))}, which are no constraints")
    weights = {key: rational(value) for key, value in multipliers.items()}
    negative = {str(key): value for key, value in weights.items() if value < 0}
    found: dict[str, object] = {"multipliers λ ≥ 0": negative} if negative else {}
    bound = rational(bound)
    if not bound > 0:
        return found | {"bound t > 0": bound}
    rows, columns = rational_array(next(iter(constraints.values()))).shape
    combined = rational_array(np.zeros((rows, columns), dtype=int))
    for key, weight in weights.items():
        combined = combined + weight * rational_array(constraints[key])
    block = _block(_multiple(bound, rows), combined, _multiple(bound, columns))
    return found | _indefinite("[[tI, A], [Aᵀ, tI]] ⪰ 0", block)


def zero_gap_violations(
    constraints: Constraints, matrix, multipliers: Mapping[Hashable, object], squared_bound
) -> dict[str, object]:
    """Empty if W is optimal and ``ν*² = (Σ λ_k)²/τ``, with τ the ``squared_bound``."""
    unknown = set(multipliers) - set(constraints)
    if unknown:
        raise KeyError(f"multipliers for {sorted(map(str, unknown))}, which are no constraints")
    given = {key: rational_array(entries) for key, entries in constraints.items()}
    weights = {key: rational(multipliers.get(key, 0)) for key in given}
    matrix, square = rational_array(matrix), rational(squared_bound)
    margins = {key: (entries * matrix).sum() for key, entries in given.items()}
    slack = {str(key): margins[key] for key in given if weights[key] * (margins[key] - 1) != 0}
    combined = sum(weights[key] * given[key] for key in given)
    aligned = combined.T @ matrix
    found: dict[str, object] = {
        name: values
        for name, values in {
            "margins ⟨A, W⟩ ≥ 1": {str(key): m for key, m in margins.items() if m < 1},
            "multipliers λ ≥ 0": {str(key): y for key, y in weights.items() if y < 0},
            "complementary slackness λ (⟨A, W⟩ − 1) = 0": slack,
        }.items()
        if values
    }
    columns = matrix.shape[1]
    found |= _indefinite("τI − AᵀA ⪰ 0", _multiple(square, columns) - combined.T @ combined)
    if not (aligned == aligned.T).all():
        found["AᵀW symmetric"] = aligned
    else:
        found |= _indefinite("AᵀW ⪰ 0", aligned)
    if not (combined @ aligned == square * matrix).all():
        found["A AᵀW = τW"] = combined @ aligned - square * matrix
    return found


def _indefinite(name: str, block: np.ndarray) -> dict[str, object]:
    direction = negative_direction(block)
    if direction is None:
        return {}
    return {name: {"x": direction, "xᵀMx": direction @ (block @ direction)}}


def _block(left: np.ndarray, corner: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.vstack([np.hstack([left, corner]), np.hstack([corner.T, right])])


def _multiple(factor: fmpq, size: int) -> np.ndarray:
    return factor * rational_array(np.eye(size, dtype=int))
