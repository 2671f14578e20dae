"""LUCID attention; the caller normalises the keys of the preconditioner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnproof.kernels.specification import Case, Specification
from attnproof.theory.engine.rounding import gamma
from attnproof.theory.operator.causal_softmax_attention import causal_softmax_attention
from attnproof.theory.operator.lucid_attention import lucid_attention, preconditioned_values

from . import causal_softmax_attention as causal


def _kernel(normal_key, scale, offset):
    return np.exp(scale * normal_key @ normal_key.T - offset)


def _define(query, key, normal_key, value, scale, offset):
    written = preconditioned_values(_kernel(normal_key, scale, offset), value)
    # The definition of the attention with the largest logit subtracted, which keeps e^s finite.
    return causal_softmax_attention(query, key, written, scale=scale)


def define_as_stated(query, key, normal_key, value, scale, offset):
    """The operator's own definition, for logits whose exponentials are numbers."""
    kernel = _kernel(normal_key, scale, offset)
    return lucid_attention(query, key, value, kernel, scale=scale)


def _draw(random, length, width, columns):
    normal = random.standard_normal((length, width))
    repeated = random.random(length) < 0.1
    normal[repeated] = normal[0]
    normal *= np.sqrt(8.0) / np.linalg.norm(normal, axis=1, keepdims=True)
    return {
        "query": random.standard_normal((length, width)),
        "key": random.standard_normal((length, width)),
        "normal_key": normal,
        "value": random.standard_normal((length, columns)),
    }


def _inverse(normal_key, scale, offset):
    """``|L^{−1}|``."""
    length = len(normal_key)
    return np.abs(preconditioned_values(_kernel(normal_key, scale, offset), np.eye(length)))


def _magnitude(query, key, normal_key, value, scale, offset):
    """``Σ_j p_j (|L^{−1}||V|)_j``."""
    sizes = _inverse(normal_key, scale, offset) @ np.abs(value)
    return causal_softmax_attention(query, key, sizes, scale=scale)


def _bound(query, key, normal_key, value, scale, offset, u):
    """The exponent of ``L_tj`` errs by at most ``γ_{d+3} scale|κ_t||κ_j| + 2u|offset|``, the
    exponential relatively by 4u: ``|δL| ≤ ηL`` below the diagonal. Substitution, in blocks or not,
    solves a system with ``|ΔL| ≤ γ_{N+1}|L|`` (Higham, Accuracy and Stability, Theorem 8.5, whose
    proof allows any order of the sums). Together ``Û − U = −L^{−1}ΔÛ`` with
    ``Δ = η∘L + γ_{N+1}(1 + η)∘L``, so ``|Û − U| ≤ E = (1 − |L^{−1}|Δ)^{−1}|L^{−1}|Δ|U|``, the
    inverse being that of a triangle with a diagonal below 1. Softmax then averages Û: its own bound
    with values of size ``|U| + E``, and the average of E."""
    length, width = key.shape
    exponent = gamma(width + 3, u) * scale * (np.abs(normal_key) @ np.abs(normal_key).T)
    eta = np.expm1(exponent + 2 * u * abs(offset) + causal.EXPONENTIAL * u)
    triangle = np.tril(_kernel(normal_key, scale, offset), -1)
    solve = gamma(length + 1, u)
    change = triangle * (eta + solve * (1 + eta)) + solve * np.eye(length)
    inverse = _inverse(normal_key, scale, offset)
    written = np.abs(preconditioned_values(triangle, value))
    spread = inverse @ change
    if (np.diag(spread) >= 1).any():
        return np.full_like(value, np.inf)
    off = np.linalg.solve(np.eye(length) - spread, spread @ written)
    averaged = causal_softmax_attention(query, key, off, scale=scale)
    return causal.SPECIFICATION.bound(query, key, written + off, scale, u) + averaged


def _exact(lengths: Sequence[int]) -> Iterator[Case]:
    """Equal keys with ``L_tj = 1``, so that ``u_t = v_t − v_{t−1}``, where attention sees one key
    or two, as in the cases of causal softmax attention."""
    for case in causal.SPECIFICATION.exact(lengths):
        inputs = dict(case.inputs)
        length = len(inputs["value"])
        normal = np.zeros((length, 4))
        normal[:, :2] = 2.0
        inputs["normal_key"] = normal
        written = np.diff(inputs["value"], axis=0, prepend=0 * inputs["value"][:1])
        output = written.copy()
        if "newest" not in case.name:
            output[:] = written[0] if "first" in case.name else (written[0] + written[1]) / 2
            output[0] = written[0]
        ordered = {name: inputs[name] for name in ("query", "key", "normal_key", "value")}
        yield Case(f"equal keys, {case.name}", ordered, output)


SPECIFICATION = Specification(
    operator="lucid_attention",
    inputs={"query": "nd", "key": "nd", "normal_key": "nd", "value": "ne"},
    define=_define,
    draw=_draw,
    bound=_bound,
    exact=_exact,
    magnitude=_magnitude,
    parameters={"scale": 0.125, "offset": 1.0},
    causal=True,
    domain="keys of the preconditioner with ‖κ‖² · scale = offset",
    doc="L_tj = e^{scale·κ_tᵀκ_j − offset} (j < t), 1 (j = t); LU = V; "
    "y_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) u_j",
)
