"""Matrix functions that every number system understands, done by FLINT where it can."""

from __future__ import annotations

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat, fmpz, nmod, nmod_mat

from .free_algebra import FreeElement
from .rational_function import determinant_over_functions, inverse_over_functions


def identity_like(matrix):
    """The identity ``I`` of the ring that ``matrix`` lives in, of the same size."""
    if isinstance(matrix, FreeElement):
        return FreeElement.one()
    matrix = np.asarray(matrix)
    size = matrix.shape[-1]
    if matrix.dtype != object:
        return np.eye(size, dtype=matrix.dtype)
    one, zero = _one_and_zero(matrix)
    result = np.full((size, size), zero, dtype=object)
    result[np.diag_indices(size)] = one
    return result


def ones_like(vector):
    """The all-ones vector ``1`` as long as the first axis of ``vector``, in its number system."""
    vector = np.asarray(vector)
    if vector.dtype != object:
        return np.ones(vector.shape[0], dtype=vector.dtype)
    one, _ = _one_and_zero(vector)
    return np.full(vector.shape[0], one, dtype=object)


def inverse(matrix: np.ndarray) -> np.ndarray:
    """``M^{-1}``: exact over a field, a rigorous enclosure on balls, LU on floats.

    Raises:
        ZeroDivisionError: the matrix is singular (on balls: not provably regular).
        numpy.linalg.LinAlgError: a singular float matrix.
    """
    matrix = np.asarray(matrix)
    if matrix.dtype != object:
        return np.linalg.inv(matrix)
    first = matrix.flat[0]
    if hasattr(first, "inverse_of_matrix"):
        return first.inverse_of_matrix(matrix)
    if isinstance(first, nmod | arb) or _all_rational(matrix):
        return from_flint(to_flint(matrix).inv())
    return inverse_over_functions(matrix)


def determinant(matrix: np.ndarray):
    """``det M`` in the number system of the entries."""
    matrix = np.asarray(matrix)
    if matrix.dtype != object:
        return np.linalg.det(matrix)
    if isinstance(matrix.flat[0], nmod | arb) or _all_rational(matrix):
        return to_flint(matrix).det()
    return determinant_over_functions(matrix)


def rank(matrix: np.ndarray) -> int:
    """Rank over the field of the entries (exact: rationals or a prime field only)."""
    return to_flint(np.asarray(matrix)).rank()


def to_flint(matrix: np.ndarray) -> fmpq_mat | nmod_mat | arb_mat:
    """The FLINT matrix with the same entries (rational, prime field or ball)."""
    rows = [list(row) for row in np.asarray(matrix)]
    first = rows[0][0]
    if any(isinstance(entry, arb) for row in rows for entry in row):
        return arb_mat(rows)
    if isinstance(first, nmod):
        integers = [int(entry) for row in rows for entry in row]
        return nmod_mat(len(rows), len(rows[0]), integers, first.modulus())
    return fmpq_mat([[fmpq(entry) for entry in row] for row in rows])


def from_flint(matrix: fmpq_mat | nmod_mat | arb_mat) -> np.ndarray:
    """The object array with the same entries."""
    rows = matrix.tolist()
    result = np.empty((matrix.nrows(), matrix.ncols()), dtype=object)
    for i, row in enumerate(rows):
        for j, entry in enumerate(row):
            result[i, j] = entry
    return result


def _one_and_zero(array: np.ndarray):
    first = array.flat[0]
    if isinstance(first, nmod):
        return nmod(1, first.modulus()), nmod(0, first.modulus())
    if isinstance(first, arb):
        return arb(1), arb(0)
    if isinstance(first, int | fmpz | fmpq):
        return fmpq(1), fmpq(0)
    return first * 0 + 1, first * 0


def _all_rational(matrix: np.ndarray) -> bool:
    return all(isinstance(entry, int | fmpz | fmpq) for entry in matrix.flat)
