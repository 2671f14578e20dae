"""Queries and keys whose rectified affinities have a rational Frobenius norm."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.elementwise import square_root
from attnproof.theory.algebra.matrix import determinant, inverse
from attnproof.theory.algebra.rational import rational, rational_array

from .rational_norm_rows import rational_norm_rows


def queries_for_logits(logits: np.ndarray, key: np.ndarray) -> np.ndarray:
    """``Q = d L K^{-T}``, so that ``Q Kᵀ / d = L``.

    Args:
        logits: shape (N, N).
        key: shape (N, N), regular; the width d is N.

    Raises:
        ZeroDivisionError: the keys are singular.
    """
    return key.shape[-1] * (logits @ inverse(key.T))


def rational_norm_logits(
    generator: np.random.Generator, tokens: int, *, allowed: np.ndarray | None = None
) -> np.ndarray:
    """Logits L of both signs with ``‖[L]_+‖_F`` rational and not 0.

    Args:
        generator: draws which entries are negative, and all values.
        tokens: N.
        allowed: Boolean, shape (N, N), with an entry that is true. The norm is that of the
            rectified logits at these places only; the other places get logits of any sign.
    """
    allowed = np.full((tokens, tokens), True) if allowed is None else allowed
    places = [tuple(place) for place in np.argwhere(allowed)]
    generator.shuffle(places)
    positive = places[: int(generator.integers(1, len(places) + 1))]
    logits = rational_array(generator.integers(-3, 0, (tokens, tokens)).tolist())
    for place in np.argwhere(~allowed):
        logits[tuple(place)] = rational(int(generator.integers(-3, 4)))
    row = rational_norm_rows(generator, 1, len(positive), non_negative=True)[0]
    for place, entry in zip(positive, row, strict=True):
        logits[tuple(place)] = entry
    return logits


def queries_with_rational_frobenius_norm(
    generator: np.random.Generator, tokens: int, *, allowed: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Queries and keys of width N with `rational_norm_logits`; each of shape (N, N)."""
    logits = rational_norm_logits(generator, tokens, allowed=allowed)
    key = regular_keys(generator, tokens)
    return queries_for_logits(logits, key), key


def regular_keys(generator: np.random.Generator, tokens: int) -> np.ndarray:
    """Small integer keys of width N, shape (N, N), linearly independent."""
    while True:
        key = rational_array(generator.integers(-2, 3, (tokens, tokens)).tolist())
        if determinant(key) != 0:
            return key


def running_norm_logits(generator: np.random.Generator, tokens: int) -> np.ndarray:
    """Logits whose rectified lower triangle has rational norms of every row and of every leading
    block, with a positive diagonal.

    Row i is scaled such that its norm r and the norm ν of the block before it are the legs
    ``r = ν(1 − t²)/(2t)``, t rational, of a right triangle; off the triangle the signs vary.
    No logit is zero.
    """
    logits = rational_array(generator.choice([-2, -1, 1, 2], (tokens, tokens)).tolist())
    block = rational(0)
    for i in range(tokens):
        positive = sorted({i, *(j for j in range(i) if generator.random() < 0.7)})
        row = np.array([rational(0)], dtype=object)
        while not row.all():
            row = rational_norm_rows(generator, 1, len(positive), non_negative=True)[0]
        norm = square_root((row * row).sum())
        if i:
            bottom = int(generator.integers(2, 6))
            t = rational(int(generator.integers(1, bottom))) / bottom
            leg = block * (1 - t * t) / (2 * t)
            row, norm = row * (leg / norm), leg
        block = square_root(block * block + norm * norm)
        for j in range(i):
            logits[i, j] = -abs(logits[i, j])
        for j, entry in zip(positive, row, strict=True):
            logits[i, j] = entry
    return logits
