"""A finite Markov chain with one absorbing state, by its definition: trajectories and chances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from attnproof.theory.algebra.matrix import identity_like, inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one


@dataclass(frozen=True)
class Trajectory:
    """One trajectory: the transient states at times 0, 1, …, whether it was then absorbed, and
    the product of its transition probabilities."""

    states: tuple[int, ...]
    absorbed: bool
    probability: object


def absorption_probabilities(block: np.ndarray) -> np.ndarray:
    """``1 − B1``: the probability of being absorbed in the next step, shape (n,)."""
    return np.array([1 - sum(row) for row in block], dtype=object)


def trajectories(block: np.ndarray, start: int, horizon: int) -> Iterator[Trajectory]:
    """Every trajectory of the first ``horizon`` steps from ``start`` that has a chance.

    Their probabilities sum to one whatever ``block`` is; they are probabilities only if
    ``B ≥ 0`` and ``B1 ≤ 1``.

    Args:
        block: ``B``, shape (n, n), transition probabilities between transient states.
        start: state at time 0.
        horizon: number of steps.
    """
    leaving = absorption_probabilities(block)
    one = rational(1)

    def extend(states: tuple[int, ...], probability: object) -> Iterator[Trajectory]:
        if len(states) > horizon:
            yield Trajectory(states, False, probability)
            return
        here = states[-1]
        if leaving[here] != 0:
            yield Trajectory(states, True, probability * leaving[here])
        for following in range(block.shape[0]):
            if block[here, following] != 0:
                yield from extend((*states, following), probability * block[here, following])

    yield from extend((start,), one)


def tail_of_powers(block: np.ndarray, horizon: int) -> object:
    """A bound of ``Σ_{t>T} ‖B^t‖_∞`` from norms alone: ``n β^{⌊(T+1)/n⌋} / (1 − β)`` with
    ``β = ‖B^n‖_∞``, for ``B ≥ 0`` with ``B1 ≤ 1``.

    Then ``‖B^t‖_∞ ≤ β^{⌊t/n⌋}``, and at most n consecutive t share a value of ``⌊t/n⌋``.

    Raises:
        ValueError: ``β ≥ 1``; some state cannot reach absorption within n steps.
    """
    size = block.shape[0]
    power = identity_like(block)
    for _ in range(size):
        power = power @ block
    contraction = max(sum(row) for row in power)
    if contraction >= 1:
        raise ValueError(
            f"‖B^{size}‖ = {contraction} in the maximum norm: from some state absorption is out "
            "of reach, so no tail bound exists"
        )
    return size * contraction ** ((horizon + 1) // size) / (1 - contraction)


def random_block(generator: np.random.Generator, size: int) -> np.ndarray:
    """A substochastic block with small fractions; rows may be zero or sum to one.

    It need not be transient.
    """
    weights = generator.integers(0, 4, size=(size, size)) * generator.integers(0, 2, (size, size))
    leaving = generator.integers(0, 3, size=size)
    rows = []
    for row, out in zip(weights.tolist(), leaving.tolist(), strict=True):
        total = max(sum(row) + out, 1)
        rows.append([rational(entry) / total for entry in row])
    return rational_array(rows)


def random_transient_block(generator: np.random.Generator, size: int) -> np.ndarray | None:
    """A `random_block` from which absorption is certain, or ``None`` if the draw is not one."""
    block = random_block(generator, size)
    return block if spectral_radius_below_one(block) else None


def letters_of_chain(
    block: np.ndarray, wanted: str | Sequence[str], *, start: int = 0, target: int = 1
) -> dict[str, object]:
    """Values for the letters in which equational proofs about a chain are written.

    ``B``; ``N = (I − B)^{-1}``; the column ``o`` of ones; for a start i the row ``r = e_iᵀ``; for
    a target j the column ``e = e_j``, the row ``f = e_jᵀ``, ``G = diag(N)``; the scalars
    ``nu = N_jj`` and ``p = 1/N_jj``.
    """
    size = block.shape[0]
    identity = identity_like(block)
    kernel = inverse(identity - block)
    values = {
        "B": block,
        "N": kernel,
        "G": np.diag(np.diag(kernel)) + 0 * identity,
        "o": rational_array([[1]] * size),
        "r": identity[start : start + 1, :],
        "e": identity[:, target : target + 1],
        "f": identity[target : target + 1, :],
        "nu": kernel[target, target],
        "p": 1 / kernel[target, target],
    }
    names = wanted.split() if isinstance(wanted, str) else wanted
    return {name: values[name] for name in names}
