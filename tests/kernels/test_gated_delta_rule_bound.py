"""The rounding bound of the gated delta rule holds for forms that are written quite differently.

In float32, on repeated keys as well; an inverse by repeated squaring does not stay below it.
"""

from __future__ import annotations

import numpy as np
import pytest

from attnproof.kernels.specification import specification
from attnproof.theory.engine.rounding import unit_roundoff

SPEC = specification("gated_delta_rule")
F = np.float32


def multiplied_out(query, key, value, step_size, decay):
    """``S ← S · α(I − βkkᵀ) + βvkᵀ`` with the matrix formed."""
    state, rows = np.zeros((value.shape[1], key.shape[1]), F), []
    for q, k, v, beta, alpha in zip(query, key, value, step_size, decay):
        step = alpha * (np.eye(len(k), dtype=F) - beta * np.outer(k, k))
        state = state @ step + beta * np.outer(v, k)
        rows.append(state @ q)
    return np.stack(rows)


def by_two_updates(query, key, value, step_size, decay):
    """``S ← αS − β(αSk)kᵀ + βvkᵀ``, the old value forgotten before the new one is written."""
    state, rows = np.zeros((value.shape[1], key.shape[1]), F), []
    for q, k, v, beta, alpha in zip(query, key, value, step_size, decay):
        state = alpha * state
        state = state - np.outer(beta * (state @ k), k)
        state = state + np.outer(beta * v, k)
        rows.append(state @ q)
    return np.stack(rows)


def substituted(coupling):
    """``(I + L)^{−1}`` row by row."""
    found = np.eye(len(coupling), dtype=F)
    for i in range(1, len(coupling)):
        found[i] -= coupling[i, :i] @ found[:i]
    return found


def squared(coupling):
    """``(I + L)^{−1} = (I − L)(I + L²)(I + L⁴)⋯``."""
    identity = np.eye(len(coupling), dtype=F)
    found, power = identity - coupling, coupling @ coupling
    for _ in range(len(coupling).bit_length() - 1):
        found, power = found @ (identity + power), power @ power
    return found


def by_an_inverse(query, key, value, step_size, decay, *, inverse, chunk):
    """T meets the values and the decayed keys apart, as in the released implementation."""
    state, rows = np.zeros((key.shape[1], value.shape[1]), F), []
    for start in range(0, len(key), chunk):
        q, k, v, beta, alpha = (
            x[start : start + chunk] for x in (query, key, value, step_size, decay)
        )
        before = np.cumprod(alpha)[:, None]
        gates = np.tril(np.ones((len(k), len(k)), F))
        for i in range(1, len(k)):
            gates[i, :i] = gates[i - 1, :i] * alpha[i]
        solved = inverse(np.tril(beta[:, None] * (k @ k.T) * gates, -1))
        writes = solved @ (beta[:, None] * v) - solved @ (beta[:, None] * before * k) @ state
        rows.append(before * (q @ state) + (q @ k.T * gates) @ writes)
        state = before[-1] * state + (gates[-1][:, None] * k).T @ writes
    return np.concatenate(rows)


def share(form, length, width, columns, seed):
    """The largest |error| over bound, and the instance in float32."""
    random = np.random.default_rng(seed)
    drawn = SPEC.draw(random, length, width, columns)
    drawn["key"][length // 3 :] = drawn["key"][0]
    drawn["step_size"][length // 2 :] = 1.0
    narrow = {name: x.astype(F) for name, x in drawn.items()}
    exact = {name: x.astype(float) for name, x in narrow.items()}
    output = form(**narrow)
    assert output.dtype == F
    error = np.abs(output - SPEC.expected(exact))
    return float((error / SPEC.allowed(exact, unit_roundoff("float32"))).max())


CHUNKED = [
    pytest.param(
        lambda chunk=chunk, **given: by_an_inverse(**given, inverse=substituted, chunk=chunk),
        id=f"chunks of {chunk}",
    )
    for chunk in (1, 7, 16, 64)
]


@pytest.mark.parametrize("form", [multiplied_out, by_two_updates, *CHUNKED])
@pytest.mark.parametrize("shape", [(1, 3, 2), (24, 1, 1), (70, 5, 3)], ids=str)
def test_every_form_stays_below(form, shape):
    assert share(form, *shape, seed=4) <= 1


def test_repeated_squaring_does_not():
    run = lambda **given: by_an_inverse(**given, inverse=squared, chunk=64)
    assert share(run, 70, 5, 3, seed=4) > 1


def test_a_forgotten_chunk_boundary_would_be_noticed():
    """The state before the second chunk decayed once too often."""

    def late(query, key, value, step_size, decay):
        gates = decay.copy()
        gates[32] = gates[32] * F(0.9)
        return multiplied_out(query, key, value, step_size, gates)

    assert share(late, 70, 5, 3, seed=4) > 1


def test_the_bound_is_finite_and_of_use():
    """At 70 tokens and u = 2⁻²⁴: below a tenth of the largest output; linear in small u."""
    given = SPEC.draw(np.random.default_rng(1), 70, 5, 3)
    size = np.abs(SPEC.expected(given)).max()
    once, half = (SPEC.allowed(given, 2.0**-p) for p in (24, 25))
    assert once.max() < 0.1 * size
    assert np.abs(once / half - 2).max() < 0.01
    assert np.isinf(SPEC.allowed(given, 2.0**-8)).all()
