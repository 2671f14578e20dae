"""Longhorn: the implicit step, its step size, and the elementwise update that is deployed."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, counterexample, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.gated_delta_rule import gated_delta_step
from attnproof.theory.paper.ttr.recursive_least_squares import (
    LONGHORN_DIAGONAL,
    LONGHORN_DIAGONAL_EXACT,
    LONGHORN_IMPLICIT,
)

S, ST, X, XT, D, DT, k, kt, v, vt = letters("S St X Xt D Dt k kt v vt")
delta, norm, rate, room = scalars("delta norm rate room")


def _numbers(step: str, denominator=lambda delta, norm: 1 + delta * norm) -> dict[str, object]:
    key, chosen = rational_array([[1], [2]]), rational(step)
    return {
        **{"S": rational_array([[1, 1]]), "k": key, "kt": key.T, "v": rational_array([[7]])},
        **{"delta": chosen, "norm": rational(5), "rate": chosen / denominator(chosen, rational(5))},
    }


@check(
    LONGHORN_IMPLICIT,
    part="minimiser",
    establishes=proof(over="every width, every S, k, v and δ > 0", by="stationarity and exact gap"),
    claimed=dict(denominator=lambda delta, norm: 1 + delta * norm, curvature=1),
    controls={
        "explicit step": dict(denominator=lambda delta, norm: 1 + 0 * norm),
        "other side of the denominator": dict(denominator=lambda delta, norm: delta + norm),
        "denominator without the step": dict(denominator=lambda delta, norm: 1 + norm),
        "curvature of the distance left out": dict(curvature=0),
    },
)
def implicit_step_is_the_minimiser(denominator, curvature) -> None:
    """With ``f(X) = ½‖X − S‖² + (δ/2)‖v − Xk‖²`` and gradient ``G = X − S − δ(v − Xk)kᵀ``,

        f(X + D) − f(X) = ⟨G, D⟩ + ½‖D‖² + (δ/2)‖Dk‖²  for every D,

    and G = 0 at the stated X, because ``ρ(1 + δ‖k‖²) = δ``. So f grows by at least ½‖D‖² in every
    direction: the minimiser is global and unique."""
    twice = lambda x, xt: (x - S) @ (xt - ST) + delta * (v - x @ k) @ (vt - kt @ xt)
    gradient_transposed = XT - ST - delta * k @ (vt - kt @ XT)
    equal_traces(
        twice(X + D, XT + DT) - twice(X, XT),
        2 * gradient_transposed @ D + curvature * D @ DT + delta * D @ k @ kt @ DT,
        transposes={"S": "St", "X": "Xt", "D": "Dt", "k": "kt", "v": "vt"},
        message="the gap is another",
    )
    stated = gated_delta_step(S, k, kt, v, rate, 1)
    off = v - S @ k
    follows(
        stated - S - delta * (v - stated @ k) @ kt,
        using=[
            (1, rate * denominator(delta, norm) - delta, off @ kt),
            (delta * rate * off, kt @ k - norm, kt),
        ],
        models=[_numbers("2", denominator)],
        message="the gradient does not vanish there",
    )


@check(
    LONGHORN_IMPLICIT,
    part="safe step",
    establishes=proof(over="every width, every δ > 0 and key", by="non-negative combination"),
    claimed=dict(
        shrunk=lambda rate, norm: 1 - rate * norm, denominator=lambda delta, norm: 1 + delta * norm
    ),
    controls={
        "explicit step": dict(denominator=lambda delta, norm: 1 + 0 * norm),
        "twice the step": dict(shrunk=lambda rate, norm: 1 - 2 * rate * norm),
    },
)
def error_shrinks(shrunk, denominator) -> None:
    """``v − S_tk = (1 − ρ‖k‖²)(v − Sk)``; with ``ρ·(1 + δ‖k‖²) = δ`` the factor times
    ``1 + δ‖k‖²`` is 1, which makes it positive, below one for k ≠ 0, and ρ < 1/‖k‖²."""
    off = v - S @ k
    follows(
        v - gated_delta_step(S, k, kt, v, rate, 1) @ k - (1 - rate * norm) * off,
        using=[(-rate * off, kt @ k - norm, 1)],
        models=[_numbers("2")],
        message="the error is multiplied by another factor",
    )
    # Times the denominator: (1 − ρ‖k‖²)(1 + δ‖k‖²) − 1 = δ‖k‖² − ρ‖k‖²(1 + δ‖k‖²) = 0.
    below = denominator(delta, norm)
    follows(
        shrunk(rate, norm) * below - 1,
        using=[(-norm, rate * below - delta, 1)],
        models=[_numbers("2", denominator)],
        message="the factor is not the inverse of 1 + δ‖k‖²",
    )
    entails(
        below - 1,
        given={"δ": delta, "‖k‖²": norm},
        certificate=[(1, ["δ", "‖k‖²"], [])],
        message="the denominator is not above one",
    )


def _implicit(state, key, value, step):
    rate = step / (1 + step * (key @ key))
    return gated_delta_step(state, key[:, None], key[None, :], value[:, None], rate, 1)


def _elementwise(state, key, value, step):
    """``S ⊙ (1 − ρ 1(k ⊙ k)ᵀ) + ρ v kᵀ``, a gate per channel, as an associative scan needs it."""
    rate = step / (1 + step * (key @ key))
    return state * (1 - rate * key * key)[None, :] + rate * value[:, None] * key[None, :]


@check(
    LONGHORN_DIAGONAL,
    establishes=counterexample(over="d = 2, d_v = 1, k = (1, 1), δ = 1"),
    claimed=dict(keys=[[1, 1]], deployed=_elementwise),
    controls={
        "another key": dict(keys=[[2, 3]]),
        "keys with zeros, among them one with two entries": dict(keys=[[1, 0], [0, 1], [1, -2]]),
    },
    repairs={
        "keys with one entry": dict(keys=[[1, 0], [0, 3], [0, 0]]),
        "implicit step itself": dict(deployed=_implicit),
    },
)
def elementwise_update(keys, deployed) -> None:
    """Both updates of the state (1, 2) with the value 3."""
    state, value = rational_array([[1, 2]]), rational_array([3])
    for key in rational_array(keys):
        left = deployed(state, key, value, rational(1))
        right = _implicit(state, key, value, rational(1))
        refute_unless(
            bool((left == right).all()),
            "the elementwise update is not the implicit step",
            state=state,
            k=key,
            elementwise=left,
            implicit=right,
        )


s1, s2, first, second, third, s3 = scalars("s1 s2 first second third s3")


@check(
    LONGHORN_DIAGONAL_EXACT,
    establishes=proof(over="every width, three channels at a time"),
    claimed=dict(crossed=(first * second, first * third, second * third)),
    controls={
        "one product left out": dict(crossed=(first * second, first * third, 0 * first)),
        "only the squares": dict(crossed=(first**2, second**2, third**2)),
    },
)
def rows_agree_without_crossed_entries(crossed) -> None:
    """Row by row, channel b of ``Skkᵀ − S ⊙ 1(k ⊙ k)ᵀ`` is ``Σ_{a≠b} s_a k_a k_b``, a combination
    of the products k_ak_b of different channels, with the entries of S as coefficients. It vanishes
    if they all do; and s = e_a picks the single product k_ak_b, so each of them must vanish. More
    channels add terms of the same form."""
    key, row = (first, second, third), (s1, s2, s3)
    inner = sum(s * entry for s, entry in zip(row, key))
    pairs = {(0, 1): crossed[0], (0, 2): crossed[1], (1, 2): crossed[2]}
    for channel in range(3):
        difference = inner * key[channel] - row[channel] * key[channel] ** 2
        stated = sum(
            row[other] * pairs[min(other, channel), max(other, channel)]
            for other in range(3)
            if other != channel
        )
        follows(difference - stated, message="the difference of the updates is another")
