"""The exact number of heads, and the heads, of a model with 64 states on 256 tokens."""

from __future__ import annotations

import numpy as np
import pytest
from flint import fmpz_mat

from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, exact, note, refute_unless
from attnproof.theory.operator.linear_state_space_model import (
    lag_operators,
    linear_state_space_model,
)
from attnproof.theory.paper.heads_ssm.head_count import K_HEAD_REALISATION
from attnproof.theory.paper.heads_ssm.rank_certificate import confirms, propose
from attnproof.theory.paper.heads_ssm.scattered import scattered

STATES, WIDTH, LENGTH = 64, 8, 256


def _companion() -> np.ndarray:
    """Shifts the states, and carries the last one to the first two: A^64 = A + I."""
    matrix = np.eye(STATES, k=-1, dtype=int)
    matrix[:2, -1] = 1
    return rational_array(matrix)


def _cyclic_shift() -> np.ndarray:
    """A of period 32 on two copies: the lag operators repeat after 32."""
    half = np.roll(np.eye(STATES // 2, dtype=int), 1, axis=0)
    return rational_array(np.kron(np.eye(2, dtype=int), half))


def _toeplitz_heads(
    maps: np.ndarray, weights: np.ndarray, tokens: np.ndarray
) -> tuple[np.ndarray, int]:
    """``Σ_h T_h X V_hᵀ`` with the Toeplitz matrices of the coefficients, in FLINT's integers, and
    the common denominator by which it is too large."""
    scale = int(np.lcm.reduce([int(entry.q) for entry in weights.flat], dtype=object))
    integers = lambda array: [[int(entry) for entry in row] for row in array]
    total = fmpz_mat(len(tokens), maps.shape[1])
    inputs = fmpz_mat(integers(tokens))
    for value_map, row in zip(maps, weights, strict=True):
        kernel = [int(entry.p) * (scale // int(entry.q)) for entry in row]
        toeplitz = fmpz_mat(
            [[kernel[i - j] if j <= i else 0 for j in range(LENGTH)] for i in range(LENGTH)]
        )
        total = total + toeplitz * (inputs * fmpz_mat(integers(value_map.T)))
    return rational_array(total.tolist()), scale


@pytest.mark.slow
@check(
    K_HEAD_REALISATION,
    part="head count",
    establishes=exact(bound="this system: N = 64, p = d = 8, n = 256", by="exact rationals"),
    claimed=dict(transition=_companion, heads=STATES, lag=lambda weights: weights),
    controls={
        "a transition of period 32": dict(transition=_cyclic_shift),
        "one head less": dict(heads=STATES - 1),
        "coefficients in reverse order": dict(lag=lambda weights: weights[:, ::-1]),
    },
    timeout=120.0,
)
def sixty_four_heads(transition, heads, lag) -> None:
    """The invertible minor and the combinations of its columns are found by FLINT and confirmed by
    multiplying Python integers, which proves k = 64 and M_τ = Σ_h α_h(τ) V_h for all τ < 256, and
    so equal outputs on every input. On one sequence of 256 tokens the outputs themselves are
    compared, those of the recurrence with those of Toeplitz matrices.
    """
    system = (
        transition(),
        scattered(STATES, WIDTH, shift=2) - 6,
        scattered(WIDTH, STATES, shift=5) - 6,
    )
    lags = lag_operators(*system, LENGTH)
    matrix = lags.reshape(LENGTH, -1).T
    certificate = propose(matrix)
    refute_unless(
        confirms(certificate, matrix), "the certificate does not multiply out", pivots=heads
    )
    refute_unless(
        certificate.rank == STATES, "the rank is another", rank=certificate.rank, stated=STATES
    )
    maps = lags[list(certificate.columns)][:heads]
    weights = lag(certificate.combinations)[:heads]
    tokens = scattered(LENGTH, WIDTH, shift=7) - 6
    wanted = linear_state_space_model(*system, tokens)
    realised, scale = _toeplitz_heads(maps, weights, tokens)
    wrong = np.argwhere((realised != scale * wanted).any(axis=1))
    refute_unless(
        len(wrong) == 0,
        "the heads give other outputs",
        token=int(wrong[0, 0]) if len(wrong) else LENGTH,
        heads=realised[wrong[0, 0]] / scale if len(wrong) else 0,
        recurrence=wanted[wrong[0, 0]] if len(wrong) else 0,
    )
    note(
        rank=certificate.rank,
        largest_coefficient=max(abs(entry) for entry in certificate.combinations.flat),
        digits_of_the_inverse=max(len(str(entry.q)) for entry in certificate.inverse.flat),
    )
