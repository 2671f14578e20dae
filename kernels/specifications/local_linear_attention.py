"""Local linear attention with a ridge relative to the mass of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.local_linear_attention import local_linear_weights

from .causal_softmax_attention import EXPONENTIAL

# In units of u: how large the residual may be where the system is solved by an iteration, relative
# to the sizes of the terms that its matrix is summed from.
RESIDUAL = 4.0


def _shares(query, key, t, scale):
    logits = scale * (key[: t + 1] @ query[t])
    weights = np.exp(logits - logits.max())
    return logits, weights / weights.sum()


def _rows(query, key, scale, ridge):
    for t in range(len(query)):
        _, shares = _shares(query, key, t, scale)
        yield local_linear_weights(key[: t + 1], query[t], shares, ridge)


def _define(query, key, value, scale, ridge):
    rows = _rows(query, key, scale, ridge)
    return np.stack([row @ value[: len(row)] for row in rows])


def _magnitude(query, key, value, scale, ridge):
    """``Σ_j |s_ij||v_j|``."""
    rows = _rows(query, key, scale, ridge)
    return np.stack([np.abs(row) @ np.abs(value[: len(row)]) for row in rows])


def _draw(random, length, width, columns):
    normal = lambda size: random.standard_normal((length, size))
    return {"query": normal(width), "key": normal(width), "value": normal(columns)}


def _bound(query, key, value, scale, ridge, u):
    """Shares err relatively by at most ``τ = 2η/(1 − η)``, η as for `causal_softmax_attention`.
    With sizes ``s_j = |k_j| + |q|``, a product with ``z_j = k_j − q`` errs no more than a sum of d
    terms of these sizes, whether z is formed or keys and query are multiplied apart. So the first
    moments, and products with the second, err by at most ``|δμ| ≤ c Σ p s`` and
    ``|δΣ| ≤ c Σ p s sᵀ``, ``c = τ + (1 + τ)γ_{N+d+8}``, which includes forming a residual
    ``μ − Σx``; the ridge by γ_3.

    The system may be solved in two ways, and Δ has room for both:

    * Cholesky factors of Σ̂ solve one with ``|ΔΣ| ≤ γ_{3d+1}|R̂ᵀ||R̂|`` (Higham, Accuracy and
      Stability, Theorem 10.4), and ``(|Rᵀ||R|)_{ab} ≤ √(Σ_aa Σ_bb)`` by Cauchy and Schwarz; a
      factor 2 covers R̂ for R.
    * An iteration of any kind that ends with a residual, formed anew, of
      ``‖μ̂ − Σ̂ρ̂‖ ≤ RESIDUAL · u · S ‖ρ̂‖``, ``S = Σ p (‖k‖ + ‖q‖)² + λ``, solves one with
      ``ΔΣ = rρ̂ᵀ/‖ρ̂‖²`` (Rigal and Gaches), no entry of which exceeds RESIDUAL · u · S; a factor
      2(1 + c) covers S and the norms as computed.

    So ``|ρ̂ − ρ| ≤ |Σ^{−1}|(|δμ| + Δ|ρ̂|)``, and with ``B = |Σ^{−1}|Δ`` of spectral radius below 1,
    ``|ρ̂ − ρ| ≤ E = (1 − B)^{−1}|Σ^{−1}|(|δμ| + Δ|ρ|)``. A numerator p(1 − zᵀρ) then errs by
    ``p(c' (1 + sᵀ|ρ|) + sᵀE)``, ``c' = τ + γ_{d+5}`` (on ``|ρ| + E``), the denominator
    ``1 − μᵀρ`` by ``γ_{d+2}(1 + |μ|ᵀ|ρ|) + |δμ|ᵀ|ρ| + |μ|ᵀE`` (on the same), and a sum of N
    products and a division add γ_{N+2}."""
    length, width = key.shape
    result = np.full_like(value, np.inf)
    for t in range(length):
        logits, p = _shares(query, key, t, scale)
        error = gamma(width + 3, u) * abs(scale) * (np.abs(key[: t + 1]) @ np.abs(query[t])).max()
        spread = logits.max() - logits.min()
        eta = np.expm1(2 * error + 4 * u * spread + (t + 2) * EXPONENTIAL * u) + gamma(2 * t + 5, u)
        if eta >= 1:
            continue
        tau = 2 * eta / (1 - eta)
        z, size = key[: t + 1] - query[t], np.abs(key[: t + 1]) + np.abs(query[t])
        moment = p @ z
        second = z.T @ (p[:, None] * z) + ridge * np.eye(width)
        inverse = np.linalg.inv(second)
        rho = inverse @ moment
        c = tau + (1 + tau) * gamma(t + width + 9, u)
        off_first = c * (p @ size)
        diagonal = np.sqrt(np.diag(second))
        change = c * (size.T @ (p[:, None] * size)) + gamma(3, u) * ridge * np.eye(width)
        change = change + 2 * gamma(3 * width + 1, u) * np.outer(diagonal, diagonal)
        lengths = np.linalg.norm(key[: t + 1], axis=1) + np.linalg.norm(query[t])
        change = change + 2 * (1 + c) * RESIDUAL * u * (p @ lengths**2 + ridge)
        step = np.abs(inverse) @ change
        if np.abs(np.linalg.eigvals(step)).max() >= 0.5:
            continue
        right = np.abs(inverse) @ (off_first + change @ np.abs(rho))
        slope = np.linalg.solve(np.eye(width) - step, right)
        reach = size @ (np.abs(rho) + slope)
        inner = tau + gamma(width + 5, u)
        off_rows = p * (inner * (1 + reach) + size @ slope)
        far = np.abs(moment) + off_first
        off_total = gamma(width + 2, u) * (1 + far @ (np.abs(rho) + slope))
        off_total += off_first @ (np.abs(rho) + slope) + far @ slope
        total = 1 - moment @ rho
        if off_total >= total / 2:
            continue
        rows = np.abs(p * (1 - z @ rho)) + off_rows
        sizes = np.abs(value[: t + 1])
        summed = off_rows @ sizes + gamma(t + 3, u) * (rows @ sizes)
        output = np.abs((p * (1 - z @ rho)) @ value[: t + 1]) / total
        result[t] = (summed + output * off_total) / (total - off_total)
    return result


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Keys equal to the queries, 128 apart: the own key's score is the largest by at least
    128² · scale, so that it is seen alone; there z = 0, the fit has nothing to do, and the output
    is the own value. And two equal tokens."""
    for length in lengths:
        row = np.arange(length)
        value = np.stack([row % 4 - 1.0, 2.0 * (row % 2)], axis=1)
        own = np.zeros((length, 4))
        own[:, 0] = 128.0 * row
        yield Case(f"own key, N={length}", {"query": own, "key": own, "value": value}, value)
    zero, value = np.zeros((2, 4)), np.array([[1.0, 2.0], [3.0, -4.0]])
    output = np.array([[1.0, 2.0], [2.0, -1.0]])
    yield Case("two equal tokens", {"query": zero, "key": zero, "value": value}, output)


SPECIFICATION = Specification(
    operator="local_linear_attention",
    inputs={"query": "nd", "key": "nd", "value": "ne"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    # The released code's default ridge.
    parameters={"scale": 0.125, "ridge": 10.0},
    causal=True,
    doc="z_tj = k_j − q_t, p = softmax(scale · q_tᵀk_j), j ≤ t, μ = Σ p_j z_j, "
    "ρ = (Σ p_j z_j z_jᵀ + λI)^{−1} μ, y_t = Σ_j p_j (1 − z_jᵀρ)/(1 − μᵀρ) v_j",
)
