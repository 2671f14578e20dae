"""Which rank holds which tokens when a sequence is laid over P ranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def contiguous(length: int, ranks: int) -> list[np.ndarray]:
    """Rank r holds ``rc, …, (r + 1)c − 1`` with ``c = T/P``, T and P being length and ranks.

    Raises:
        ValueError: P does not divide T.
    """
    return list(np.arange(_divided(length, ranks) * ranks).reshape(ranks, -1))


def zigzag(length: int, ranks: int) -> list[np.ndarray]:
    """Of 2P pieces of ``h = T/2P`` tokens, rank r holds the pieces r and 2P − 1 − r.

    Raises:
        ValueError: 2P does not divide T.
    """
    pieces = contiguous(length, 2 * ranks)
    return [np.concatenate([pieces[r], pieces[2 * ranks - 1 - r]]) for r in range(ranks)]


def striped(length: int, ranks: int) -> list[np.ndarray]:
    """Rank r holds ``r, r + P, r + 2P, …``.

    Raises:
        ValueError: P does not divide T.
    """
    return list(np.arange(_divided(length, ranks) * ranks).reshape(-1, ranks).T)


def zigzag_of_each_document(lengths: Sequence[int], ranks: int) -> list[np.ndarray]:
    """Every document in zig-zag by itself; lengths that 2P does not divide are to be padded first.

    Raises:
        ValueError: 2P does not divide one of the lengths.
    """
    starts = np.cumsum([0, *lengths[:-1]])
    laid = [zigzag(length, ranks) for length in lengths]
    return [
        np.concatenate([start + pieces[r] for start, pieces in zip(starts, laid)])
        for r in range(ranks)
    ]


def _divided(length: int, parts: int) -> int:
    if length % parts:
        raise ValueError(
            f"{length} tokens do not divide into {parts} equal pieces: pad them to "
            f"{-(-length // parts) * parts}"
        )
    return length // parts
