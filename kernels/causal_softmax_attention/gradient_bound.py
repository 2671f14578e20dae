"""How far a computed gradient of softmax attention may be off, a priori."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnproof.theory.engine.rounding import gamma

# Relative error of an exponential, and of a division, in units of u: two ulps, as libm and GPUs
# promise.
TWO_ULPS = 4.0


@dataclass(frozen=True)
class Gradient:
    """dq, dk and dv of one head in float64, and a componentwise bound of |computed − exact| for
    each of them and for the output."""

    of_query: np.ndarray
    of_key: np.ndarray
    of_value: np.ndarray
    query_bound: np.ndarray
    key_bound: np.ndarray
    value_bound: np.ndarray
    output_bound: np.ndarray


def gradient_with_bound(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    cotangent: np.ndarray,
    seen: np.ndarray,
    *,
    scale: float,
    u: float,
    value_error: np.ndarray | float = 0.0,
    cotangent_error: np.ndarray | float = 0.0,
) -> Gradient:
    """The gradient of `triton_gradient`, evaluated in float64, and what rounding may do to it.

    The logits of the two passes are each off by at most ``E_i = max_j γ_{d+3} |scale||q_i||k_j|``,
    over the n keys that row i sees. A weight is ``e^{s − m}/l``: the differences of either pass add
    u times their size, at most the range R_i (+ 2E_i), and at most n + 2 exponentials and a
    division 4u each, and the sum and rescalings behind l ``γ_{2n+2}``. So ``P̂ = P(1 + θ)`` with

        |θ| ≤ η = e^{2E + 2u(R + 2E) + 4u(n + 3)} (1 + γ_{2n+2}) − 1.

    In the output the numerator of a weight has the n + 1 exponentials, rescalings and sums of the
    denominator, and a product:

        |ô − o| ≤ e_o = ((1 + η) e^{4u(n + 1)} (1 + γ_{2n+2}) − 1) P|v|.

    From there on every step is a sum of products:

        |δ(gᵀv)| ≤ γ_e |g||v|
        |δD|     ≤ |g|e_o + γ_e |g|(|o| + e_o)
        |δdS|    ≤ P ((1 + η)(1 + u)² (|δ(gᵀv)| + |δD|) + ((1 + η)(1 + u)² − 1)|gᵀv − D|)
        |δdq|    ≤ |scale| (|δdS||k| + γ_{N+3} (|dS| + |δdS|)|k|),  dk the same with the queries
        |δdv_j|  ≤ Σ_i ((1 + η_i)(1 + γ_N) − 1) P_ij |g_i|

    Errors that values and cotangents come with already are carried through the same sums. Nothing
    underflows.

    Args:
        query, key: [N, d]; value, cotangent: [N, e]; float64, exactly what the kernel was given.
        seen: [N, N], whether row i sees key j.
        u: unit round-off of what sums are held in.
        value_error, cotangent_error: bounds of how far those are from the numbers meant.
    """
    length, width = query.shape
    columns = value.shape[1]
    count = seen.sum(1)
    logits = scale * (query @ key.T)
    top = np.where(count > 0, np.where(seen, logits, -np.inf).max(1), 0.0)
    low = np.where(count > 0, np.where(seen, logits, np.inf).min(1), 0.0)
    weights = np.where(seen, np.exp(np.where(seen, logits, 0.0) - top[:, None]), 0.0)
    weights = weights / np.where(count > 0, weights.sum(1), 1.0)[:, None]

    size = gamma(width + 3, u) * abs(scale) * (np.abs(query) @ np.abs(key).T)
    off = np.where(seen, size, 0.0).max(1)
    sums = np.array([gamma(2 * int(n) + 2, u) for n in count])
    exponent = 2 * off + 2 * u * (top - low + 2 * off) + TWO_ULPS * u * (count + 3)
    factor = (np.exp(exponent) * (1 + sums))[:, None]
    of_output = factor * (np.exp(TWO_ULPS * u * (count + 1)) * (1 + sums))[:, None]

    g, v = np.abs(cotangent), np.abs(value)
    g_all, v_all = g + cotangent_error, v + value_error
    g_off, v_off = g_all - g, v_all - v
    output = weights @ value
    output_error = (of_output - 1) * (weights @ v_all) + weights @ v_off
    dots = cotangent @ value.T
    change = dots - (cotangent * output).sum(1)[:, None]
    flow = weights * change
    few = gamma(columns, u)
    change_error = g_off @ v_all.T + g @ v_off.T + few * (g_all @ v_all.T)
    dot_error = g_all * output_error + g_off * np.abs(output)
    dot_error = (dot_error + few * g_all * (np.abs(output) + output_error)).sum(1)
    rounded = factor * (1 + u) ** 2
    flow_error = weights * (
        rounded * (change_error + dot_error[:, None]) + (rounded - 1) * np.abs(change)
    )
    many = gamma(length + 3, u)
    spread = flow_error + many * (np.abs(flow) + flow_error)
    each = factor * (1 + gamma(length, u))
    return Gradient(
        of_query=scale * (flow @ key),
        of_key=scale * (flow.T @ query),
        of_value=weights.T @ cotangent,
        query_bound=abs(scale) * (spread @ np.abs(key)),
        key_bound=abs(scale) * (spread.T @ np.abs(query)),
        value_bound=((each - 1) * weights).T @ g + (each * weights).T @ g_off,
        output_bound=output_error,
    )
