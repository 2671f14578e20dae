"""A rank with its proof: an invertible minor, and combinations of its columns for all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np
from flint import fmpq

from attnproof.theory.algebra.matrix import from_flint, inverse, to_flint


@dataclass(frozen=True)
class RankCertificate:
    """``U_RP G = I`` and ``U = U_·P E``: then ``rank U = k``.

    Attributes:
        rows, columns: R and P, k indices each.
        inverse: G, shape (k, k).
        combinations: E, shape (k, n).
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    inverse: np.ndarray
    combinations: np.ndarray

    @property
    def rank(self) -> int:
        """k."""
        return len(self.columns)


def propose(matrix: np.ndarray) -> RankCertificate:
    """The certificate by elimination over the rationals: the first columns that are independent,
    and the first rows of these.

    Args:
        matrix: U, shape (m, n), rational, not zero.
    """
    reduced, rank = to_flint(matrix).rref()
    combinations = from_flint(reduced)[:rank]
    columns = _pivots(combinations)
    transposed, _ = to_flint(matrix[:, columns].T).rref()
    rows = _pivots(from_flint(transposed))
    return RankCertificate(
        tuple(rows), tuple(columns), inverse(matrix[np.ix_(rows, columns)]), combinations
    )


def confirms(certificate: RankCertificate, matrix: np.ndarray) -> bool:
    """Whether the two products are what they have to be, by schoolbook multiplication of Python
    integers, each row and column cleared of its denominators."""
    rows, columns = list(certificate.rows), list(certificate.columns)
    size = certificate.rank
    if len(set(rows)) != size or len(set(columns)) != size:
        return False
    unit = [[fmpq(int(r == c)) for c in range(size)] for r in range(size)]
    minor = [[matrix[r, c] for c in columns] for r in rows]
    chosen = [[row[c] for c in columns] for row in matrix]
    return _is_product(unit, minor, certificate.inverse.tolist()) and _is_product(
        matrix.tolist(), chosen, certificate.combinations.tolist()
    )


def _pivots(reduced: np.ndarray) -> list[int]:
    return [
        next(c for c, entry in enumerate(row) if entry != 0)
        for row in reduced
        if any(entry != 0 for entry in row)
    ]


def _is_product(product: Sequence, left: Sequence, right: Sequence) -> bool:
    left_rows = [_cleared(row) for row in left]
    right_columns = [_cleared(column) for column in zip(*right, strict=True)]
    for (left_scale, row), stated in zip(left_rows, product, strict=True):
        for (right_scale, column), entry in zip(right_columns, stated, strict=True):
            total = sum(a * b for a, b in zip(row, column, strict=True))
            if total * int(entry.q) != int(entry.p) * left_scale * right_scale:
                return False
    return True


def _cleared(entries: Sequence) -> tuple[int, list[int]]:
    scale = lcm(*(int(entry.q) for entry in entries))
    return scale, [int(entry.p) * (scale // int(entry.q)) for entry in entries]
