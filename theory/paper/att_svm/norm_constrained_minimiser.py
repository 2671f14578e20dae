"""Minimisers of the loss on balls of growing radius, numerically."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .attention_loss import Arrays, descent_direction, excess_loss_logarithm


@dataclass(frozen=True)
class Objective:
    """The logarithm of ``L − L_⋆`` for ``ℓ(x) = −x``, and its direction of descent of norm one."""

    logarithm: Callable[[np.ndarray], float]
    direction: Callable[[np.ndarray], np.ndarray]


def frobenius_path(data: Arrays, radii: Sequence[float]) -> list[np.ndarray]:
    """``W_R ∈ argmin {L(W) : ‖W‖_F ≤ R}`` in binary64, a matrix (d, d) for each radius.

    Args:
        data: tokens (n, T, d), queries (n, d) and scores (n, T).
        radii: increasing.

    Raises:
        RuntimeError: Newton's method does not converge.
    """
    objective = Objective(
        logarithm=lambda weight: excess_loss_logarithm(*data, weight),
        direction=lambda weight: descent_direction(*data, weight, "linear")[0],
    )
    size = data[1].shape[1]
    return minimisers_on_spheres(objective, objective.direction(np.zeros((size, size))), radii)


def nuclear_path(data: Arrays, radii: Sequence[float], *, seed: int) -> list[np.ndarray]:
    """``K_R Q_Rᵀ`` for ``(K_R, Q_R) ∈ argmin {L(KQᵀ) : ‖K‖_F² + ‖Q‖_F² ≤ 2R}``, K and Q of
    shape (d, d), started at random; arguments and errors as for `frobenius_path`."""
    size = data[1].shape[1]

    def direction(stacked: np.ndarray) -> np.ndarray:
        key, query = stacked[:size], stacked[size:]
        descent = descent_direction(*data, key @ query.T, "linear")[0]
        moved = np.vstack([descent @ query, descent.T @ key])
        return moved / np.linalg.norm(moved)

    objective = Objective(
        logarithm=lambda both: excess_loss_logarithm(*data, both[:size] @ both[size:].T),
        direction=direction,
    )
    start = np.random.default_rng(seed).standard_normal((2 * size, size))
    spheres = np.sqrt(2 * np.asarray(radii, dtype=float))
    return [
        both[:size] @ both[size:].T for both in minimisers_on_spheres(objective, start, spheres)
    ]


def minimisers_on_spheres(
    objective: Objective, start: np.ndarray, radii: Sequence[float]
) -> list[np.ndarray]:
    """Points with ``V/R = −∇/‖∇‖``, as a minimiser on a ball satisfies if it lies on the sphere.

    At the first radius the point is approached by descent along the sphere, then solved for by
    Newton's method; further radii start from the point before, stretched by a fifth at most at a
    time. Nothing here certifies that a minimum is global: the loss is not convex.
    """
    at = radii[0]
    point = _descended(objective, start * at / np.linalg.norm(start), at)
    found = []
    for radius in radii:
        count = max(1, int(np.ceil(np.log(radius / at) / np.log(1.2))))
        for target in at * (radius / at) ** (np.arange(1, count + 1) / count):
            point = _solved(objective, point * target / np.linalg.norm(point), target)
        found.append(point)
        at = radius
    return found


def _descended(objective, point: np.ndarray, radius: float, rounds: int = 400) -> np.ndarray:
    """Descent along the sphere; the step is halved where it does not lower the loss."""
    step, value = 0.1, objective.logarithm(point)
    for _ in range(rounds):
        moved = point + step * radius * objective.direction(point)
        moved *= radius / np.linalg.norm(moved)
        reached = objective.logarithm(moved)
        if reached < value:
            point, value, step = moved, reached, 1.2 * step
        else:
            step /= 2
    return point


def _solved(objective, point: np.ndarray, radius: float, rounds: int = 40) -> np.ndarray:
    """Newton's method, damped, with central differences. The equations are solved in the sense of
    least squares: K and Q are determined only up to a common rotation."""

    def defect(flat: np.ndarray) -> np.ndarray:
        return (
            flat.reshape(point.shape) / radius - objective.direction(flat.reshape(point.shape))
        ).ravel()

    flat, step = point.ravel(), 1e-5
    for _ in range(rounds):
        now = defect(flat)
        if np.linalg.norm(now) < 1e-10:
            return flat.reshape(point.shape)
        moves = step * np.eye(flat.size)
        slope = np.array([defect(flat + move) - defect(flat - move) for move in moves]).T
        change = np.linalg.lstsq(slope / (2 * step), now, rcond=1e-8)[0]
        scale = min(1.0, 1.0 / np.linalg.norm(change))
        while np.linalg.norm(defect(flat - scale * change)) > np.linalg.norm(now) and scale > 1e-6:
            scale /= 2
        flat = flat - scale * change
    raise RuntimeError(
        f"no solution at radius {radius:g} after {rounds} steps (defect "
        f"{np.linalg.norm(defect(flat)):.1e}): start at a smaller radius"
    )
