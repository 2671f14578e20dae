"""The delta rule is one gradient step; with unit keys it recalls, and its state stays bounded."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule, gated_delta_step
from attnproof.theory.paper.ttr.delta_rule import DELTANET_SGD

S, ST, D, DT, k, kt, v, vt = letters("S St D Dt k kt v vt")
(beta,) = scalars("beta")
TRANSPOSES = {"S": "St", "D": "Dt", "k": "kt", "v": "vt"}
RECALLED, VALUE, ERROR = scalars("recalled value error")


def _squared_error(state, transposed):
    """``‖v − Sk‖²``, whose trace is itself."""
    return (vt - kt @ transposed) @ (v - state @ k)


@check(
    DELTANET_SGD,
    part="gradient step",
    establishes=proof(over="every width, every S, k, v, β"),
    claimed=dict(gradient=-1 * (v - S @ k) @ kt, transposed=-1 * k @ (vt - kt @ ST), sign=-1),
    controls={
        "ascent": dict(sign=1),
        "key not multiplied": dict(
            gradient=-1 * (v - S @ k) @ vt, transposed=-1 * v @ (vt - kt @ ST)
        ),
        "value alone": dict(gradient=-1 * v @ kt, transposed=-1 * k @ vt),
        "twice the gradient": dict(
            gradient=-2 * (v - S @ k) @ kt, transposed=-2 * k @ (vt - kt @ ST)
        ),
    },
)
def step_is_a_gradient_step(gradient, transposed, sign) -> None:
    """The gradient G is defined by ``f(S + D) − f(S) = ⟨G, D⟩ + ½‖Dk‖²`` for every D, where
    ``f = ½‖v − Sk‖²`` and ``⟨G, D⟩ = tr(GᵀD)``; then the definition's step with decay 1."""
    increment = _squared_error(S + D, ST + DT) - _squared_error(S, ST)
    equal_traces(
        increment,
        2 * transposed @ D + kt @ DT @ D @ k,
        transposes=TRANSPOSES,
        message="this is not the gradient",
    )
    follows(
        gated_delta_step(S, k, kt, v, beta, 1) - (S + sign * beta * gradient),
        message="the step is another",
    )


def _pair(norm: int, step_size) -> dict[str, object]:
    key = norm * rational_array([["3/5"], ["4/5"]])
    return {
        **{"S": rational_array([[1, 2]]), "k": key, "kt": key.T, "v": rational_array([[3]])},
        "beta": rational(step_size),
    }


@check(
    DELTANET_SGD,
    part="recall",
    establishes=proof(over="every width, every S and v, every unit key"),
    claimed=dict(step_size=1, length=1),
    controls={
        "half a step": dict(step_size=Fraction(1, 2)),
        "key of length two": dict(length=2, drops="unit keys"),
    },
)
def newest_pair_is_recalled(step_size, length) -> None:
    """``S_t k − v = (v − S k)(β kᵀk − 1)``, which vanishes for β = 1 and kᵀk = 1."""
    off = v - S @ k
    follows(
        gated_delta_step(S, k, kt, v, beta, 1) @ k - v,
        using=[(beta * off, kt @ k - length**2, 1), (length**2, beta - step_size, off)],
        models=[_pair(length, step_size)],
        message="the newest pair is not recalled",
    )


@check(
    DELTANET_SGD,
    part="bounded state",
    establishes=proof(
        over="every t (induction), every width, unit keys, 0 ≤ β ≤ 1",
        by="trace identity and non-negative combination",
    ),
    claimed=dict(norm=1, room=1 - beta, gained=beta * VALUE),
    controls={
        "keys of length two": dict(norm=4),
        "step sizes up to two": dict(room=2 - beta),
        "half of the value": dict(gained=beta * VALUE / 2),
        "step size squared": dict(gained=beta * beta * VALUE),
    },
)
def state_grows_by_at_most_the_value(norm, room, gained) -> None:
    """With e = v − Sk and a unit key,

        ‖S + βekᵀ‖² − ‖S‖² = 2β⟨e, Sk⟩ + β²‖e‖² = β‖v‖² − β‖Sk‖² − β(1 − β)‖e‖² ≤ β‖v‖²,

    because 2⟨e, Sk⟩ = ‖v‖² − ‖Sk‖² − ‖e‖². Induction over t adds the steps up.
    """
    after = gated_delta_step(S, k, kt, v, beta, 1)
    after_transposed = ST + beta * k @ (vt - kt @ ST)
    off, off_transposed = v - S @ k, vt - kt @ ST
    equal_traces(
        after @ after_transposed - S @ ST,
        2 * beta * S @ k @ off_transposed + beta**2 * off @ (kt @ k) @ off_transposed,
        transposes=TRANSPOSES,
        message="the norm after the step is another",
    )
    equal_traces(
        2 * S @ k @ off_transposed,
        v @ vt - S @ k @ kt @ ST - off @ off_transposed,
        transposes=TRANSPOSES,
        message="the polarisation identity",
    )
    entails(
        gained - beta * (VALUE - RECALLED - ERROR) - beta**2 * norm * ERROR,
        given={"β": beta, "room": room, "‖Sk‖²": RECALLED, "‖e‖²": ERROR, "‖v‖²": VALUE},
        certificate=[(1, ["β", "‖Sk‖²"], []), (1, ["β", "room", "‖e‖²"], [])],
        message="the state grows by more than β‖v‖²",
    )


def _largest_value(step_sizes, values):
    return max(sum(entry * entry for entry in value) for value in values)


def _sum_of_steps(step_sizes, values):
    return sum(size * (value @ value) for size, value in zip(step_sizes, values))


@check(
    DELTANET_SGD,
    part="bounded state",
    establishes=sampled(
        over="200 rational sequences of 6 tokens, d = d_v = 2", by="exact rationals"
    ),
    claimed=dict(length=1, largest_step=1, bound=_sum_of_steps),
    controls={
        "keys of length two": dict(length=2, drops="unit keys"),
        "step sizes up to three": dict(largest_step=3, drops="step sizes up to one"),
        "largest value instead of the sum": dict(bound=_largest_value),
    },
)
def state_of_the_definition_is_bounded(length, largest_step, bound) -> None:
    """The recurrence itself on Pythagorean unit keys, from S_0 = 0."""
    triples = [(3, 4, 5), (5, 12, 13), (8, 15, 17), (0, 1, 1), (-4, 3, 5), (12, -5, 13)]
    highest = 0.0

    for draw in independent_draws(200, seed=11):
        chosen = [triples[int(index)] for index in draw.random.integers(0, len(triples), 6)]
        keys = rational_array(
            [[Fraction(a * length, c), Fraction(b * length, c)] for a, b, c in chosen]
        )
        values = rational_array(draw.random.integers(-3, 4, (6, 2)).tolist())
        sizes = rational_array(
            [Fraction(int(n) * largest_step, 4) for n in draw.random.integers(1, 5, 6)]
        )
        _, state = gated_delta_rule(keys, keys, values, sizes)
        size, allowed = (state * state).sum(), bound(sizes, values)
        worst = max(sizes)
        refute_unless(
            size <= allowed,
            "the state is larger than the bound",
            k=keys[0],
            beta=worst,
            keys=keys,
            values=values,
            step_sizes=sizes,
            norm_squared=size,
            bound=allowed,
        )
        if allowed:
            highest = max(highest, float(Fraction(str(size / allowed))))
    note(largest_share_of_the_bound=f"{highest:.3f}")
