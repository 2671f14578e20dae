"""Limits of local linear attention: large ridges, and equal weights."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like, inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    plot,
    prime_field,
    proof,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.operator.mesa_layer import mesa_layer
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_attention
from attnproof.theory.paper.lla.limits import (
    BANDWIDTH_LIMIT,
    BANDWIDTH_LIMIT_INTERCEPT,
    RIDGE_LIMIT,
)

C, G, MEANT, CROSS = letters("C G zt Ckv")
(ridge,) = scalars("ridge")


@check(
    RIDGE_LIMIT,
    part="remainder",
    establishes=proof(over="every n, d and d_v, all weights, every ridge"),
    claimed=dict(remainder=MEANT @ G @ C @ CROSS),
    controls={
        "none": dict(remainder=0 * MEANT @ G @ C @ CROSS),
        "the other sign": dict(remainder=-1 * MEANT @ G @ C @ CROSS),
        "divided by the ridge once more": dict(remainder=MEANT @ G @ C @ G @ CROSS),
    },
)
def distance_from_the_limit(remainder) -> None:
    """By `covariance-form` ``o − v̄ = −z̄ᵀG C_kv``; and ``λG = 1 − GC``."""
    covariance, shift = rational_array([[2, 1], [1, 3]]), rational(3)
    model = {
        **{"C": covariance, "ridge": shift, "zt": rational_array([[1, -2]])},
        **{"G": inverse(covariance + shift * identity_like(covariance))},
        "Ckv": rational_array([[1], [4]]),
    }
    follows(
        -1 * ridge * MEANT @ G @ CROSS + MEANT @ CROSS - remainder,
        using=[(-1 * MEANT, G @ (C + ridge) - 1, CROSS)],
        models=[model],
        message="the remainder is another",
    )


@check(
    RIDGE_LIMIT,
    part="bound",
    establishes=proof(over="every d, λ > 0", by="non-negative combination in an eigenbasis"),
    claimed=dict(factor=1),
    controls={"half of it": dict(factor=2)},
)
def resolvent_is_bounded(factor) -> None:
    """Along an eigenvector of C with eigenvalue c ≥ 0: ``(c + λ)² − λ² = c² + 2cλ``."""
    c, shift = scalars("c ridge")
    entails(
        (c + shift) * (c + shift) - factor * factor * shift * shift,
        given={"c": c, "ridge": shift},
        certificate=[(1, [], [c]), (2, ["c", "ridge"], [])],
        message="the bound fails",
    )


@check(
    RIDGE_LIMIT,
    part="bound",
    establishes=sampled(over="60 rational instances, n = 6, d = 2, d_v = 1", by="exact rationals"),
    claimed=dict(rate=1),
    controls={"the rate 1/λ²": dict(rate=2)},
)
def operator_near_softmax_attention(rate) -> None:
    """``‖λ(o − v̄) + z̄ᵀC_kv‖ ≤ ‖z̄‖ tr C ‖C_kv‖/λ`` (the trace bounds the norm), squared and
    exact, for λ = 10², 10⁴, 10⁶; v̄ from the definition of softmax attention to the base 2."""
    for draw in independent_draws(60, seed=31):
        keys = rational_array(draw.random.integers(-2, 3, (6, 2)).tolist())
        query = rational_array(draw.random.integers(-2, 3, 2).tolist())
        values = rational_array(draw.random.integers(-5, 6, (6, 1)).tolist())
        weights = power_of_two(keys @ query)
        attention = softmax_attention(query[None, :], keys, values, power=power_of_two)[0]
        shares = weights / weights.sum()
        away = shares @ keys - query
        centred = keys - shares @ keys
        cross = centred.T @ (shares[:, None] * values)
        spread = (centred * centred * shares[:, None]).sum()
        for power in (2, 4, 6):
            shift = rational(10**power)
            row = local_linear_weights(keys, query, weights, shift * weights.sum())
            off = shift * (row @ values - attention) + away @ cross
            allowed = (away @ away) * spread**2 * (cross * cross).sum() / shift ** (2 * rate)
            refute_unless(
                off @ off <= allowed,
                "the remainder is larger",
                keys=keys,
                query=query,
                values=values,
                ridge=shift,
                remainder=off,
                allowed_square=allowed,
            )


@plot(RIDGE_LIMIT)
def way_from_softmax_attention() -> Plot:
    """Distance to softmax attention as a share of that at ridge 0, d = 16, n = 256."""
    random = np.random.default_rng(0)
    keys, values = random.standard_normal((256, 16)), random.standard_normal((256, 4))
    ridges = [10.0 ** (k / 4) for k in range(-16, 13)]
    shares: list[float] = []
    queries = random.standard_normal((20, 16))
    for shift in [0.0, *ridges]:
        total = 0.0
        for query in queries:
            weights = np.exp(keys @ query / 4)
            row = local_linear_weights(keys, query, weights, shift * weights.sum())
            total += float(np.linalg.norm((row - weights / weights.sum()) @ values))
        shares.append(total)
    return Plot(
        title="How far local linear attention has moved from softmax attention",
        x_label="ridge, relative to the mass",
        y_label="share of the way to ridge 0",
        series=[
            Series(label="mean of 20 queries", x=ridges, y=[x / shares[0] for x in shares[1:]])
        ],
        caption="Normal keys, values and queries, d = 16, n = 256, scale 1/4. At the default ridge "
        "of the released code, 10, little of the way is left to go back.",
        x_scale="log",
    )


def _least_squares_with_intercept(keys, query, values):
    """``θ_0 + Θᵀq`` by the normal equations of the design (1, k)."""
    design = np.concatenate([0 * keys[:, :1] + 1, keys], axis=1)
    fitted = inverse(design.T @ design) @ design.T @ values
    return fitted[0] + query @ fitted[1:]


@check(
    BANDWIDTH_LIMIT_INTERCEPT,
    part="with an intercept",
    establishes=prime_field(bound="n = 12, d = 5, d_v = 2; all keys, values, queries"),
    claimed=dict(extra=0),
    controls={"a ridge": dict(extra=1)},
)
def equal_weights_give_least_squares(extra) -> None:
    """The operator with unit weights, against least squares anchored at the origin."""

    def difference(keys, query, values):
        ones = 0 * keys[:, 0] + 1
        row = local_linear_weights(keys, query, ones, extra * ones[0])
        return row @ values - _least_squares_with_intercept(keys, query, values)

    vanishes(
        difference,
        [(12, 5), (5,), (12, 2)],
        seed=13,
        message="the output is not that of least squares with an intercept",
    )


K, KT, V, ONE, ONET, THETA, START, S, N, Q = letters("K Kt V one onet Theta theta0 S n q")


@check(
    BANDWIDTH_LIMIT_INTERCEPT,
    part="with an intercept",
    establishes=proof(over="every n, d and d_v"),
    claimed=dict(start=START + Q @ THETA),
    controls={
        "intercept at the origin": dict(start=START),
        "slope of the other sign": dict(start=START - Q @ THETA),
    },
)
def same_residuals_same_equations(start) -> None:
    """The fit centred at q has the design (1, K − 1q). With the same slope and the intercept
    ``θ_0 + qΘ`` its residual is that of the design (1, K), so both normal equations carry over,
    ``(K − 1q)ᵀe = Kᵀe − qᵀ·1ᵀe`` included; `closed-form` says that the operator is the solution."""
    keys, values = rational_array([[0], [1], [3]]), rational_array([[1], [0], [4]])
    design = np.concatenate([0 * keys + 1, keys], axis=1)
    fitted = inverse(design.T @ design) @ design.T @ values
    ones = rational_array([[1]] * 3)
    model = {
        **{"K": keys, "V": values, "one": ones, "onet": ones.T, "q": rational_array([[2]])},
        **{"theta0": fitted[:1], "Theta": fitted[1:]},
    }
    centred = V - ONE @ start - (K - ONE @ Q) @ THETA
    follows(
        ONET @ centred,
        using=[(1, ONET @ (V - ONE @ START - K @ THETA), 1)],
        models=[model],
        message="the equation of the intercept fails",
    )


@check(
    BANDWIDTH_LIMIT_INTERCEPT,
    part="when MesaNet",
    establishes=proof(over="every n, d and d_v, keys of full column rank"),
    claimed=dict(offset=START),
    controls={"another intercept": dict(offset=START + 1)},
)
def intercept_zero_and_mesa(offset) -> None:
    """At q = 0 MesaNet returns 0 and the fit ``θ_0 = v̄ − k̄ᵀΘ``: equal outputs need
    ``v̄ = k̄ᵀΘ``. If θ_0 = 0, the equation ``Kᵀ(V − 1θ_0 − KΘ) = 0`` says ``KᵀKΘ = KᵀV``, so with
    the inverse S of KᵀK, ``Θ = S KᵀV``: both are linear with the same matrix."""
    keys, values = (
        rational_array([[0, 1], [1, 0], [3, 2], [-4, -3]]),
        rational_array([[1], [0], [4], [-5]]),
    )
    normal = inverse(keys.T @ keys)
    ones = rational_array([[1]] * 4)
    given = {"K": keys, "Kt": keys.T, "V": values, "one": ones, "onet": ones.T, "S": normal}
    given |= {"theta0": rational_array([[0]]), "Theta": normal @ keys.T @ values}
    error = V - ONE @ START - K @ THETA
    follows(
        ONET @ V - ONET @ K @ THETA - ONET @ ONE @ offset,
        using=[(1, ONET @ error, 1)],
        models=[given],
        message="the intercept is not the difference of the means",
    )
    follows(
        THETA - S @ KT @ V,
        using=[
            (-1 * S, KT @ error, 1),
            (-1 * S @ KT @ ONE, START, 1),
            (-1, S @ KT @ K - 1, THETA),
        ],
        models=[given],
        message="the slopes differ although the intercept is zero",
    )


@check(
    BANDWIDTH_LIMIT,
    establishes=counterexample(over="keys 0, 1, 3 with the values 1, 2, 6, query 2"),
    claimed=dict(centred=False, query=2),
    controls={"another query": dict(query=5)},
    repairs={"keys and values centred": dict(centred=True)},
)
def constant_values(centred, query) -> None:
    """Least squares with an intercept and without one. MesaNet's output at the last
    token, whose ridge is 0 there; at the tokens before, which do not matter, it is 1."""
    keys, values = rational_array([[0], [1], [3]]), rational_array([[1], [2], [6]])
    if centred:
        keys, values = keys - keys.sum() / 3, values - values.sum() / 3
    ones, at = rational_array([1, 1, 1]), rational_array([[query]])
    local = local_linear_weights(keys, at[0], ones, rational(0)) @ values
    ridges = {1: rational_array([[1]]), 2: rational_array([[1]]), 3: rational_array([[0]])}
    mesa = mesa_layer(np.concatenate([at] * 3), keys, values, ones, ridges.get)[-1]
    refute_unless(
        bool((local == mesa).all()),
        "the outputs differ",
        keys=keys,
        values=values,
        query=query,
        local=local,
        mesa=mesa,
    )
