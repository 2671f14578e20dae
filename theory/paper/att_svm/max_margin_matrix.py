"""The matrix of largest margin, exactly.

    W = argmin ‖W‖_F   subject to   ⟨A_k, W⟩ ≥ 1 for every k.

Let p = Σ y_k A_k be the point of least norm of the convex hull of the A_k. If p = 0, the weights y
show that nothing is feasible. Otherwise W = p/‖p‖² with multipliers λ = y/‖p‖². The point p is
found by the method of Wolfe, in rationals: it ends after finitely many steps, and needs nothing
but the Gram matrix ⟨A_k, A_l⟩.

P. Wolfe, Finding the nearest point in a polytope, Mathematical Programming 11 (1976).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpq_mat

from attnproof.theory.algebra.rational import rational_array

# Terms of a certificate that its message writes out.
SHOWN = 4


@dataclass(frozen=True)
class MaxMargin:
    """W (d×d, FLINT rationals), the positive multipliers, all margins, and ‖W‖_F²."""

    matrix: np.ndarray
    multipliers: dict[Hashable, fmpq]
    margins: dict[Hashable, fmpq]
    squared_norm: fmpq

    @property
    def active(self) -> tuple[Hashable, ...]:
        """The constraints that hold with equality, whether or not their multiplier is zero."""
        return tuple(key for key, margin in self.margins.items() if margin == 1)


class Infeasible(ValueError):
    """No W has margin one; ``weights`` is the certificate: y ≥ 0, Σ y = 1, Σ y A = 0."""

    def __init__(self, weights: Mapping[Hashable, fmpq]):
        self.weights = dict(weights)
        terms = [f"{weight}·A{_label(key)}" for key, weight in self.weights.items()]
        shown = " + ".join(terms[:SHOWN])
        if len(terms) > SHOWN:
            shown += f" + … ({len(terms) - SHOWN} more terms)"
        super().__init__(
            f"no W has ⟨A, W⟩ ≥ 1 for every constraint, because {shown} = 0 with weights ≥ 0 of "
            "sum 1. Choose other tokens in these samples, or more dimensions: data in general "
            "position are feasible for every choice if T − 1 ≤ d and n (T − 1) ≤ d²"
        )


def _label(key: Hashable) -> str:
    return str(key) if isinstance(key, tuple) else f"[{key}]"


def max_margin_matrix(
    constraints: Mapping[Hashable, object], *, support: Iterable[Hashable] = ()
) -> MaxMargin:
    """``argmin ‖W‖_F`` subject to ``⟨A_k, W⟩ ≥ 1``, with its certificate.

    Args:
        constraints: k → A_k (equal shapes, exact entries), as `DataSet.constraints` returns them.
        support: constraints that a solver proposes as those with positive multipliers. A right
            proposal saves the search; a wrong one does no harm.

    Raises:
        Infeasible: no W is feasible; its ``weights`` prove it.
        ValueError: no constraints.
        TypeError: entries that are floats.
    """
    if not constraints:
        raise ValueError("no constraints: with T = 1 every sample has one token and W = 0")
    keys = list(constraints)
    given = np.array([rational_array(constraints[key]) for key in keys], dtype=object)
    flat = fmpq_mat([list(row) for row in given.reshape(len(keys), -1)])
    gram = flat * flat.transpose()
    start = _proposal(gram, [keys.index(key) for key in support])
    weights = nearest_point(gram, start)
    point = fmpq_mat([[weights.get(k, fmpq(0)) for k in range(len(keys))]]) * flat
    squared = (point * point.transpose())[0, 0]
    if squared == 0:
        raise Infeasible({keys[k]: weight for k, weight in weights.items()})
    values = point * flat.transpose()
    matrix = np.array([entry / squared for entry in point.entries()], dtype=object)
    return MaxMargin(
        matrix=matrix.reshape(given.shape[1:]),
        multipliers={keys[k]: weight / squared for k, weight in weights.items()},
        margins={key: values[0, k] / squared for k, key in enumerate(keys)},
        squared_norm=1 / squared,
    )


def nearest_point(gram: fmpq_mat, weights: Mapping[int, fmpq] | None = None) -> dict[int, fmpq]:
    """Weights y > 0, Σ y = 1, of the point of least norm of the hull of points with this Gram
    matrix. The points that get a weight are affinely independent."""
    size = gram.nrows()
    if not weights:
        weights = {min(range(size), key=lambda k: gram[k, k]): fmpq(1)}
    weights = dict(weights)
    while True:
        values = [sum((y * gram[k, j] for k, y in weights.items()), fmpq(0)) for j in range(size)]
        squared = sum((y * values[k] for k, y in weights.items()), fmpq(0))
        entering = min(range(size), key=values.__getitem__)
        if squared == 0 or values[entering] >= squared:
            return weights
        weights[entering] = fmpq(0)
        while True:
            target = _affine_minimiser(gram, list(weights))
            if all(y > 0 for y in target.values()):
                weights = target
                break
            step = min(weights[k] / (weights[k] - y) for k, y in target.items() if y <= 0)
            moved = {k: weights[k] + step * (target[k] - weights[k]) for k in weights}
            weights = {k: y for k, y in moved.items() if y > 0}


def _affine_minimiser(gram: fmpq_mat, chosen: list[int]) -> dict[int, fmpq]:
    """Weights with sum one (of any sign) of the point of least norm of the affine hull."""
    rows = [[gram[k, j] for j in chosen] + [fmpq(1)] for k in chosen]
    rows.append([fmpq(1)] * len(chosen) + [fmpq(0)])
    right = fmpq_mat([[fmpq(0)]] * len(chosen) + [[fmpq(1)]])
    solution = fmpq_mat(rows).solve(right)
    return {k: solution[position, 0] for position, k in enumerate(chosen)}


def _proposal(gram: fmpq_mat, chosen: list[int]) -> dict[int, fmpq] | None:
    """The proposed points as a place to start, if they are affinely independent and it fits."""
    if not chosen:
        return None
    try:
        weights = _affine_minimiser(gram, chosen)
    except ZeroDivisionError:
        return None
    return weights if all(y > 0 for y in weights.values()) else None
