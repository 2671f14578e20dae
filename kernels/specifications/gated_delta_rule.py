"""The gated delta rule; with all gates one, the delta rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule


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
    """The pseudo-values solve ``(I + L)U = diag(β)V``, ``L = tril_−(diag(β)KKᵀ ⊙ Γ)``, ``T = (I +
    L)^{−1}``. The recurrence by pseudo-values and substitution compute each row from earlier
    computed rows by sums of products with at most ``m = d + 6N + 8`` rounding factors a term (as
    in the bound of `gated_linear_attention`, β counted twice). The residual of the computed Û is
    therefore at most ``γ_m (diag(β)|V| + |L|'|Û|)``, ``|L|'`` built
    from ``|K||K|ᵀ``, and

        |Û − U| ≤ γ_m |T| (diag(β)|V| + |L|'|Û|);   with |Û| ≤ |U| + |Û − U| a fixed point.

    |T||b| (b = diag(β)V) is used in place of |U|: it is larger and is what a product with a
    computed T has. That several chunks with such products, or a recurrence that multiplies
    I − βkkᵀ out, stay below is not derived here. The output adds ``γ_m (|Q||K|ᵀ ⊙ Γ)|Û|``."""
    length, width = key.shape
    factors = gamma(width + 6 * length + 8, u)
    gates = _decays(decay)
    coupling = np.tril(step_size[:, None] * (key @ key.T) * gates, -1)
    size = np.tril(np.abs(step_size)[:, None] * (np.abs(key) @ np.abs(key).T) * gates, -1)
    right = np.abs(step_size[:, None] * value)
    inverse = np.abs(np.linalg.inv(np.eye(length) + coupling))
    largest = inverse @ right
    grown = factors * inverse @ size
    radius = np.linalg.norm(grown, np.inf)
    if not radius < 0.5:
        return np.full_like(value, np.inf)
    # (I − grown)^{-1} ≤ I + 2·grown-row sums; one explicit solve is sharper and exact enough.
    error = np.linalg.solve(np.eye(length) - grown, factors * inverse @ (right + size @ largest))
    read = np.abs(query) @ np.abs(key).T * gates
    return read @ error + factors * read @ (largest + error)


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
    causal=True,
    domain="unit keys, step sizes in [0, 1], gates in [0, 1]",
    doc="S_t = α_t S_{t−1}(I − β_t k_t k_tᵀ) + β_t v_t k_tᵀ, o_t = S_t q_t",
)
