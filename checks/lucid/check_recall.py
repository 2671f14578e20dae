"""What preconditioned attention recalls, and where its gradient vanishes."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, counterexample, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.lucid_attention import lucid_attention, preconditioned_values
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.lucid.recall import (
    EXACT_RECALL,
    JACOBIAN_STAYS,
    JACOBIAN_VANISHES,
    LATEST,
)

G, L, W, V, R = letters("G L W V R")

# Keys of squared norm 25 with integer products: the kernel 2^{kᵀk' − 25} is rational.
KEYS = rational_array([[3, 4], [5, 0], [4, 3], [0, 5], [-3, 4]])
VALUES = rational_array([[1, 0], [2, -1], [0, 3], [-2, 1], [4, 4]])


def _kernel(keys):
    return power_of_two(keys @ keys.T - 25)


@check(
    EXACT_RECALL,
    establishes=counterexample(over="two keys with overlap 1/2, values 0 and 1"),
    claimed=dict(kernel=[[1, "1/2"], ["1/2", 1]], values=[[0], [1]]),
    controls={"another overlap": dict(kernel=[[1, "1/3"], ["1/3", 1]])},
    repairs={
        "orthogonal keys": dict(kernel=[[1, 0], [0, 1]]),
        "one key": dict(kernel=[[1]], values=[[3]]),
    },
)
def every_stored_value_is_recalled(kernel, values) -> None:
    """The first value is 0; asked for its key the layer answers ``u_1 + ½u_2 = ½``."""
    kernel, values = rational_array(kernel), rational_array(values)
    recalled = kernel @ preconditioned_values(kernel, values)
    refute_unless(
        bool((recalled == values).all()),
        "a stored value is not recalled",
        G=kernel,
        values=values,
        recalled=recalled,
    )


@check(
    LATEST,
    part="error",
    establishes=proof(over="every n and width, every kernel with unit diagonal"),
    claimed=dict(error=R @ W @ V),
    controls={
        "other sign": dict(error=-1 * R @ W @ V),
        "inverse left out": dict(error=R @ V),
        "whole kernel": dict(error=G @ W @ V),
    },
)
def later_keys_disturb(error) -> None:
    """``G = L + R`` with R above the diagonal and ``LW = 1``: ``GWV − V = RWV``."""
    lower = rational_array([[1, 0], ["1/2", 1]])
    model = {
        **{"G": rational_array([[1, "1/2"], ["1/2", 1]]), "L": lower, "W": inverse(lower)},
        **{"R": rational_array([[0, "1/2"], [0, 0]]), "V": rational_array([[2, 1], [3, 5]])},
    }
    follows(
        G @ W @ V - V - error,
        using=[(1, G - L - R, W @ V), (1, L @ W - 1, V)],
        models=[model],
        message="the error is another",
    )


row, last = letters("row last")


@check(
    LATEST,
    part="newest",
    establishes=proof(over="every t: it is a row of LU = V"),
    claimed=dict(row_of=row),
    controls={"earlier rows as well": dict(row_of=row + last), "twice": dict(row_of=2 * row)},
)
def newest_value_is_recalled(row_of) -> None:
    """Row t of L is what the newest key sees: ``Σ_{j≤t} G_tj u_j = (LU)_t = v_t``. The letter row
    is e_tᵀL, last is e_tᵀ."""
    lower = rational_array([[1, 0], ["1/2", 1]])
    model = {
        **{"L": lower, "W": inverse(lower), "V": rational_array([[2, 1], [3, 5]])},
        **{"last": rational_array([[0, 1]]), "row": rational_array([["1/2", 1]])},
    }
    follows(
        row_of @ W @ V - last @ V,
        using=[(1, row - last @ L, W @ V), (last, L @ W - 1, V)],
        models=[model],
        message="the newest value is not recalled",
    )


total, entry, rest = scalars("total entry rest")


@check(
    LATEST,
    part="scale",
    establishes=exact(bound="five keys of norm 5, base 2, queries equal to the keys"),
    claimed=dict(scaled=lambda value, total: value / total),
    controls={
        "not scaled": dict(scaled=lambda value, total: value),
        "mean": dict(scaled=lambda value, total: value / 5),
    },
)
def value_times_a_number(scaled) -> None:
    """The operator itself, softmax denominator included; the numbers lie between 1/t and 1."""
    kernel = _kernel(KEYS)
    output = lucid_attention(KEYS, KEYS, VALUES, kernel, power=power_of_two)
    scales = []
    for t in range(len(KEYS)):
        mass = kernel[t, : t + 1].sum()
        refute_unless(
            bool((output[t] == scaled(VALUES[t], mass)).all()),
            "the output is another multiple",
            t=t,
            output=output[t],
            value=VALUES[t],
            mass=mass,
        )
        refute_unless(1 <= mass <= t + 1, "the scale leaves [1/t, 1]", t=t, mass=mass)
        scales.append(float(1 / float(int(mass.p)) * int(mass.q)))
    note(scales=[f"{scale:.4f}" for scale in scales])


@check(
    LATEST,
    part="scale",
    establishes=proof(over="every t and kernel with entries in [0, 1]", by="free algebra"),
    claimed=dict(own=1),
    controls={"own entry missing": dict(own=0)},
)
def scale_is_at_most_one(own) -> None:
    """The output is ``Σ w_ju_j/Σ w_j`` with ``w_j = γG_tj``; the factor γ cancels, the numerator is
    v_t by the part 'newest', and the denominator ``Σ_{j≤t} G_tj`` has G_tt = 1 and other entries in
    [0, 1]."""
    entails(
        own + rest - 1,
        given={"others": rest},
        certificate=[(1, ["others"], [])],
        message="the denominator can be below one",
    )


def _jacobian_without_keys(weights, written):
    """``(diag a − aaᵀ)U``."""
    return weights[:, None] * (written - (weights @ written)[None, :])


@check(
    JACOBIAN_STAYS,
    establishes=counterexample(over="five keys of norm 5, V = L1, two queries"),
    claimed=dict(values="L1", query=[1, 0]),
    controls={"another query": dict(query=[-1, 1])},
    repairs={"values that are not L1": dict(values="other")},
)
def gradient_is_not_zero(values, query) -> None:
    """With V = L1 every preconditioned value is 1, and the output is 1 whatever is asked."""
    kernel = _kernel(KEYS)
    lower = kernel * np.tri(len(KEYS), dtype=int)
    stored = lower.sum(axis=1)[:, None] if values == "L1" else VALUES[:, :1]
    written = preconditioned_values(kernel, stored)
    weights = power_of_two(KEYS @ rational_array(query))
    gradient = KEYS.T @ _jacobian_without_keys(weights / weights.sum(), written)
    refute_unless(
        any(each != 0 for each in gradient.flat),
        "the gradient is zero although V is not",
        V=stored,
        U=written,
        q=query,
    )


share, mean, slope, sums, inverse_sum = scalars("share mean slope sums inverse")


@check(
    JACOBIAN_VANISHES,
    part="formula",
    establishes=proof(over="every n, width and value; from the derivative of the weights"),
    claimed=dict(centred=slope - mean),
    controls={"not centred": dict(centred=1 * slope), "other sign": dict(centred=mean - slope)},
)
def derivative_of_a_weight(centred) -> None:
    """``a_j = w_j/s`` with ``w_j' = κ_jw_j`` (κ_j the derivative of the score, k_j along a
    direction) and ``s' = Σ κ_lw_l = sκ̄``. From ``a_js = w_j``: ``a_j's + a_jsκ̄ = κ_ja_js``, so
    ``a_j' = a_j(κ_j − κ̄)``, and ``o' = Σ a_j'u_j``. Here s·inverse = 1, and a' is what the
    equation gives."""
    derivative = scalars("derivative")[0]
    model = {"share": rational("1/3"), "sums": rational(3), "inverse": rational("1/3")}
    model |= {"slope": rational(2), "mean": rational("1/2")}
    model["derivative"] = model["share"] * (model["slope"] - model["mean"])
    follows(
        derivative - share * centred,
        using=[
            (inverse_sum, derivative * sums + share * sums * mean - slope * share * sums, 1),
            (-1 * derivative - share * mean + slope * share, sums * inverse_sum - 1, 1),
        ],
        models=[model],
        message="the derivative of a weight is another",
    )


left, norm_w, norm_v = scalars("left W V")


@check(
    JACOBIAN_VANISHES,
    part="bound",
    establishes=proof(over="every n and width", by="non-negative combination"),
    claimed=dict(factor=2),
    controls={"factor one": dict(factor=1)},
)
def product_of_norms(factor) -> None:
    """``‖XWV‖ ≤ ‖X‖₂‖W‖₂‖V‖`` and ``‖W‖₂ ≤ 2`` (sigma-min-half) for W = L^{−1}; ``left`` is
    ‖X‖₂."""
    entails(
        factor * left * norm_v - left * norm_w * norm_v,
        given={"2 − ‖W‖": 2 - norm_w, "‖X‖": left, "‖V‖": norm_v},
        certificate=[(1, ["2 − ‖W‖", "‖X‖", "‖V‖"], [])],
        message="the product can be larger",
    )


A, a, at, one, c = letters("A a at one c")


@check(
    JACOBIAN_VANISHES,
    part="zero",
    establishes=proof(over="every n, every weights that sum to one, every c"),
    claimed=dict(sums_to=1),
    controls={"weights that sum to two": dict(sums_to=2)},
)
def constant_writes_have_no_gradient(sums_to) -> None:
    """``(diag a − aaᵀ)1cᵀ = (a − a(aᵀ1))cᵀ = 0`` for aᵀ1 = 1; and ``L^{−1}(L1cᵀ) = 1cᵀ``."""
    weights = rational_array([["1/4"], ["3/4"]]) * sums_to
    model = {
        **{"A": rational_array([[weights[0, 0], 0], [0, weights[1, 0]]]), "a": weights},
        **{"at": weights.T, "one": rational_array([[1], [1]]), "c": rational_array([[2, 5]])},
    }
    follows(
        (A - a @ at) @ one @ c,
        using=[(1, A @ one - a, c), (-1 * a, at @ one - sums_to, c)],
        models=[model],
        message="the gradient is not zero",
    )
