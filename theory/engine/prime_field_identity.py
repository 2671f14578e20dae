"""Polynomial identities at full size, tested at random points modulo 2^61 − 1."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from attnproof.theory.algebra.degree import degree_array, largest_numerator
from attnproof.theory.algebra.prime_field import PRIME, random_residues
from attnproof.theory.core import Refuted, Undecided, note, note_error_probability, refute_unless

from .version import used


def vanishes(
    defect: Callable[..., np.ndarray],
    shapes: Sequence[tuple[int, ...]],
    *,
    seed: int,
    trials: int = 2,
    degree_shapes: Sequence[tuple[int, ...]] | None = None,
    message: str = "the identity fails modulo 2^61 − 1",
) -> None:
    """``defect(X_1, …, X_k) = 0`` for all X with the given shapes, up to a computed probability.

    A rational function that is not identically zero, with a numerator of degree d, vanishes at a
    uniformly random point of F_p^m with probability at most d/p (Schwartz–Zippel). The degree is
    computed by running ``defect`` itself on `DegreeBound` numbers. A point that is a pole is drawn
    again, which conditions on an event of probability at least 1 − d/p; ``trials`` independent
    points then err with probability at most (d/(p − d))^trials.

    Args:
        defect: left-hand side minus right-hand side, built from + − × / and matrix inverse.
        shapes: shapes of the arguments, ``()`` for a scalar.
        seed: of the random points; kept in the witness.
        degree_shapes: smaller shapes on which the degree is computed. For a ``defect`` of sums
            and products in which the shapes set only the number of summands, not the depth: a sum
            of equal bounds is the same bound, so the degree is that of the full size.

    Raises:
        Refuted: a point at which the defect is not zero; then it is not zero over ℚ either.
        Undecided: nearly every point was a pole.
    """
    used("prime field 2^61−1", "python-flint")
    small = shapes if degree_shapes is None else degree_shapes
    degree = largest_numerator(defect(*(_argument(degree_array(*shape)) for shape in small)))
    generator = np.random.default_rng(seed)
    passed = 0
    for _ in range(4 * trials):
        point = [_argument(random_residues(generator, *shape)) for shape in shapes]
        try:
            value = np.asarray(defect(*point), dtype=object)
        except ZeroDivisionError:
            continue
        wrong = next((index for index, entry in np.ndenumerate(value) if int(entry) != 0), None)
        if wrong is not None:
            witness = {"seed": seed, "entry": list(wrong), "value": value[wrong]}
            if sum(np.size(array) for array in point) <= 64:
                witness |= {f"X{k + 1}": array for k, array in enumerate(point)}
            raise Refuted(message, witness)
        passed += 1
        if passed == trials:
            break
    else:
        raise Undecided(f"{message}: only {passed} of {trials} points were no poles")
    probability = (degree / (PRIME - degree)) ** trials
    note(degree=degree, error_probability=f"{probability:.1e}")
    note_error_probability(probability)
    refute_unless(True, message, trials=trials)


def _argument(array: np.ndarray) -> object:
    return array if array.shape else array[()]
