"""The gated delta rule; with all gates one, the delta rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule, gated_delta_step


def _define(query, key, value, step_size, decay):
    return gated_delta_rule(query, key, value, step_size, decay)[0]


def _draw(random, length, width, columns):
    key = random.standard_normal((length, width))
    if random.random() < 0.5:
        # Repeated keys: where an inverse by doubling loses every digit.
        key[:] = key[random.integers(0, min(3, length), length)]
    key /= np.maximum(np.linalg.norm(key, axis=1, keepdims=True), 1e-30)
    decay = random.uniform(0.8, 1.0, length) if random.random() < 0.5 else np.ones(length)
    return {
        "query": random.standard_normal((length, width)),
        "key": key,
        "value": random.standard_normal((length, columns)),
        "step_size": random.uniform(0.0, 1.0, length),
        "decay": decay,
    }


def _decays(decay: np.ndarray) -> np.ndarray:
    """Γ_ij = α_{j+1} ⋯ α_i for j ≤ i, 0 above."""
    length = len(decay)
    products = np.zeros((length, length))
    for i in range(length):
        products[i, i] = 1.0
        if i:
            products[i, :i] = products[i - 1, :i] * decay[i]
    return products


def _bound(query, key, value, step_size, decay, u):
    """Covers every division of the tokens into chunks, each computed, from the state before it, by
    substitution, or as a product with an inverse T that was itself found by substitution, or, in
    chunks of one token, by multiplying ``I − βkkᵀ`` out. One value channel at a time.

    A chunk from token s on is given the computed state M̂ = Ŝᵀ (d numbers). Exactly, its
    pseudo-values would be ``U = Tr``, ``T = (I + L)^{−1}``, ``L = tril_−(diag(β)KKᵀ ⊙ Γ)``,
    ``r = diag(β)(v − diag(g)KM̂)``; of a longer chunk's T this is a block. Let |L|' be L from
    |K||K|ᵀ, and ``b = diag(β)(|v| + diag(g)|K||M̂|)``, so that ``|U| ≤ |T|b``. No term of a sum
    passes through more than ``m = 2d + 5n + 8`` roundings (Higham, Lemma 3.1; n tokens from s to
    the row; 4n of them for gates that are products of numbers each off by three roundings).

    *Substitution*: ``|(I + L)Û − r| ≤ γ_m (b + |L|'|Û|)``. *Product*: ``(I + L)T̂ = I + F``,
    ``|F| ≤ γ_m |L|'|T̂|``, and ``|Û − T̂r| ≤ γ_m |T̂|b``, also if T̂ meets V and K apart. With
    ``(I − γ_m |T||L|')^{−1} ≥ 0``, since |T||L|' is strictly triangular, both give

        |Û − U| ≤ D = γ_m (I − γ_m |T||L|')^{−1} |T| (b + |L|'|T|b).

    The state at t is then off by ``Σ_j Γ_tj |k_j| D_j + γ_m (g_t|M̂| + Σ_j Γ_tj |k_j|(|T|b +
    D)_j)``, the output by the same with |q_t|ᵀ before |k_j| and |M̂|. A token multiplied out errs by
    ``γ_m ((I + β|k||k|ᵀ)α|M̂| + β|k||v|)``, which is no more.

    An error in M̂ of norm ε is carried on by products of ``α(I − βkkᵀ)``, of norms ``ν = |α| max(1,
    |1 − β‖k‖²|)``. So ε at t is the largest, over the first token s of the last chunk, of the local
    error plus ν_s⋯ν_t ε_{s−1}: an induction over chunks, whatever they are. Neither covered: gates
    from differences of cumulative logarithms, which err by u times these; products of whole chunks'
    transitions; inverses by repeated squaring, which are unstable, or by merging blocks."""
    length, width = key.shape
    gates = _decays(decay)
    coupling = np.tril(step_size[:, None] * (key @ key.T) * gates, -1)
    size = np.tril(step_size[:, None] * (np.abs(key) @ np.abs(key).T) * gates, -1)
    factors = np.array([gamma(2 * width + 5 * n + 8, u) for n in range(1, length + 1)])[:, None]
    if not np.isfinite(factors).all():
        return np.full_like(value, np.inf)
    inverse = np.abs(np.linalg.inv(np.eye(length) + coupling))
    resolved = np.linalg.solve(np.eye(length) - factors[-1] * inverse @ size, inverse)
    key_norms, query_norms = (np.linalg.norm(x, axis=1)[:, None] for x in (key, query))
    growth = decay * np.maximum(1.0, np.abs(1.0 - step_size * key_norms[:, 0] ** 2))
    deposit, read = gates * key_norms.T, np.abs(query) @ np.abs(key).T * gates
    state = np.zeros((width, value.shape[1]))
    drift, error = np.zeros((length + 1, value.shape[1])), np.zeros_like(value)
    for s in range(length):
        factor, block = factors[: length - s], np.s_[s:, s:]
        kept, grown = (np.cumprod(x[s:])[:, None] for x in (decay, growth))
        carried = kept * (np.abs(key[s:]) @ np.abs(state) + key_norms[s:] * drift[s])
        right = step_size[s:, None] * (np.abs(value[s:]) + carried)
        largest = inverse[block] @ right
        off = factor * (resolved[block] @ (right + size[block] @ largest))
        written = largest + off
        carried = kept * (np.linalg.norm(state, axis=0) + drift[s])
        found = deposit[block] @ off + factor * (carried + deposit[block] @ written)
        drift[s + 1 :] = np.maximum(drift[s + 1 :], grown * drift[s] + found)
        grown, carried = query_norms[s:] * grown, np.abs(query[s:]) @ np.abs(state)
        carried = kept * (carried + query_norms[s:] * drift[s])
        found = read[block] @ off + factor * (carried + read[block] @ written)
        error[s:] = np.maximum(error[s:], grown * drift[s] + found)
        state = gated_delta_step(
            state.T, key[s, :, None], key[s, None], value[s, :, None], step_size[s], decay[s]
        ).T
    return error


def _magnitude(query, key, value, step_size, decay):
    """``(|Q||K|ᵀ ⊙ Γ) |T| diag(β)|V|``."""
    gates = _decays(decay)
    coupling = np.tril(step_size[:, None] * (key @ key.T) * gates, -1)
    inverse = np.abs(np.linalg.inv(np.eye(len(key)) + coupling))
    read = np.abs(query) @ np.abs(key).T * gates
    return read @ inverse @ np.abs(step_size[:, None] * value)


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Keys that are unit vectors, used again and again, with β in {0, 1/2, 1}: every pseudo-value
    is a multiple of a power of two. β = 1 overwrites what the key held: 1 after 4096, say, which
    only a state in float32 can do exactly."""
    for length in lengths:
        place = np.arange(length)
        key = np.eye(4)[(place * place) % 4]
        query = np.ones((length, 4))
        value = np.stack([place % 5 - 2.0, np.where(place % 2, 1.0, 4096.0)], axis=1)
        ones = np.ones(length)
        for name, step_size in {
            "steps one": ones,
            "steps one and zero": (place % 3 != 0).astype(float),
        }.items():
            held = np.zeros((4, 2))
            rows = []
            for t in range(length):
                if step_size[t]:
                    held[(t * t) % 4] = value[t]
                rows.append(held.sum(0))
            inputs = {
                "query": query,
                "key": key,
                "value": value,
                "step_size": step_size,
                "decay": ones,
            }
            yield Case(f"{name}, N={length}", inputs, np.stack(rows))
        reset = np.ones(length)
        reset[length // 2] = 0.0
        inputs = {
            "query": query,
            "key": key,
            "value": value,
            "step_size": ones,
            "decay": reset,
        }
        held, rows = np.zeros((4, 2)), []
        for t in range(length):
            held = held * reset[t]
            held[(t * t) % 4] = value[t]
            rows.append(held.sum(0))
        yield Case(f"a reset, N={length}", inputs, np.stack(rows))


SPECIFICATION = Specification(
    operator="gated_delta_rule",
    inputs={"query": "nd", "key": "nd", "value": "ne", "step_size": "n", "decay": "n"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    extremes=("query",),
    causal=True,
    domain="unit keys, step sizes in [0, 1], gates in [0, 1]",
    doc="S_t = α_t S_{t−1}(I − β_t k_t k_tᵀ) + β_t v_t k_tᵀ, o_t = S_t q_t",
)
