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


def _magnitude(query, key, normal_key, value, scale, offset):
    """``Σ_j p_j (|L^{−1}||V|)_j``."""
    kernel = _kernel(normal_key, scale, offset)
    sizes = np.abs(preconditioned_values(kernel, np.eye(len(value)))) @ np.abs(value)
    return causal_softmax_attention(query, key, sizes, scale=scale)


def entry_error(normal_key, scale, offset, u):
    """η with ``|δL_tj| ≤ η_tj L_tj`` below the diagonal: the exponent errs by at most
    ``γ_{d+5} scale|κ_t||κ_j| + 4u|offset|``, the last two roundings of each those of a program that
    multiplies by log₂e for an exponential in base two, as GPUs do; the exponential errs relatively
    by 4u."""
    width = normal_key.shape[1]
    exponent = gamma(width + 5, u) * abs(scale) * (np.abs(normal_key) @ np.abs(normal_key).T)
    return np.expm1(exponent + 4 * u * abs(offset) + causal.EXPONENTIAL * u)


def written_error(normal_key, value, scale, offset, u, value_error=0.0):
    """``E ≥ |Û − U|`` entrywise, infinite where nothing can be promised.

    With η of `entry_error`, substitution, in blocks or not, solves a system with
    ``|ΔL| ≤ γ_{N+1}|L|`` (Higham, Accuracy and Stability, Theorem 8.5, whose proof allows any order
    of the sums). Together ``Û − U = L^{−1}(δV − ΔÛ)`` with ``|Δ| ≤ η∘L + γ_{N+1}(1 + η)∘L``, so
    ``|Û − U| ≤ E = (1 − |L^{−1}|Δ)^{−1}|L^{−1}|(|δV| + Δ|U|)``, the inverse being that of a
    triangle with a diagonal below 1.

    Args:
        value_error: ``|δV|`` of a right hand side that is itself computed."""
    length = len(value)
    kernel = _kernel(normal_key, scale, offset)
    eta = entry_error(normal_key, scale, offset, u)
    solve = gamma(length + 1, u)
    change = np.tril(kernel, -1) * (eta + solve * (1 + eta)) + solve * np.eye(length)
    inverse = np.abs(preconditioned_values(kernel, np.eye(length)))
    spread = inverse @ change
    if not (np.diag(spread) < 1).all():
        return np.full_like(value, np.inf)
    written = np.abs(preconditioned_values(kernel, value))
    return np.linalg.solve(np.eye(length) - spread, inverse @ (value_error + change @ written))


def _bound(query, key, normal_key, value, scale, offset, u):
    """Softmax averages Û, which is within E of U (`written_error`): its own bound with values of
    size ``|U| + E``, and the average of E."""
    written = np.abs(preconditioned_values(_kernel(normal_key, scale, offset), value))
    off = written_error(normal_key, value, scale, offset, u)
    if not np.isfinite(off).all():
        return np.full_like(value, np.inf)
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
    extremes=("query", "key"),
    parameters={"scale": 0.125, "offset": 1.0},
    causal=True,
    domain="keys of the preconditioner with ‖κ‖² · scale = offset",
    doc="L_tj = e^{scale·κ_tᵀκ_j − offset} (j < t), 1 (j = t); LU = V; "
    "y_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) u_j",
)
