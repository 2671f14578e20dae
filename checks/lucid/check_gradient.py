"""Where the gradient of preconditioned attention vanishes."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.dual import derivative_of, dual_array, value_of
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, counterexample, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.lucid_attention import lucid_attention, preconditioned_values
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.lucid.recall import JACOBIAN_STAYS, JACOBIAN_VANISHES

# Keys of squared norm 25 with integer products: the kernel 2^{kᵀk' − 25} is rational.
KEYS = rational_array([[3, 4], [5, 0], [4, 3], [0, 5], [-3, 4]])
VALUES = rational_array([[1, 0], [2, -1], [0, 3], [-2, 1], [4, 4]])


def _kernel(keys):
    return power_of_two(keys @ keys.T - 25)


def _jacobian_without_keys(weights, written):
    """``(diag a − aaᵀ)U``."""
    return weights[:, None] * (written - (weights @ written)[None, :])


@check(
    JACOBIAN_STAYS,
    establishes=counterexample(over="five keys of norm 5, V = L1, two queries"),
    claimed=dict(values=lambda lower: lower.sum(axis=1)[:, None], query=[1, 0]),
    controls={
        "another query": dict(query=[-1, 1]),
        "another multiple": dict(values=lambda lower: 3 * lower.sum(axis=1)[:, None]),
    },
    repairs={
        "values that are not L1": dict(values=lambda lower: VALUES[:, :1]),
        "one row of L1 doubled": dict(
            values=lambda lower: lower.sum(axis=1)[:, None] * rational_array([[2]] + 4 * [[1]])
        ),
    },
)
def gradient_is_not_zero(values, query) -> None:
    """With V = L1 every preconditioned value is 1, and the output is 1 whatever is asked."""
    kernel = _kernel(KEYS)
    stored = values(kernel * np.tri(len(KEYS), dtype=int))
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


def _power(scores):
    """``2^s`` and its derivative, in units of ln 2."""
    weights = power_of_two(value_of(scores))
    return dual_array(weights, weights * derivative_of(scores))


@check(
    JACOBIAN_VANISHES,
    part="formula",
    establishes=sampled(over="one set of five keys and queries, base 2", by="exact dual numbers"),
    claimed=dict(without_keys=_jacobian_without_keys),
    controls={
        "the mean write not subtracted": dict(
            without_keys=lambda weights, written: weights[:, None] * written
        ),
        "values in place of writes": dict(
            without_keys=lambda weights, written: _jacobian_without_keys(
                weights, VALUES[: len(weights)]
            )
        ),
    },
)
def derivative_of_the_operator(without_keys) -> None:
    """Every query moved along every direction; the derivative in units of ln 2."""
    kernel = _kernel(KEYS)
    written = preconditioned_values(kernel, VALUES)
    queries = rational_array([[1, 0], [0, 1], [1, -1], [2, 1], [-1, 1]])
    for channel in range(2):
        moved = rational_array([[int(channel == 0), int(channel == 1)]] * 5)
        outputs = lucid_attention(dual_array(queries, moved), KEYS, VALUES, kernel, power=_power)
        for t in range(5):
            weights = power_of_two(KEYS[: t + 1] @ queries[t])
            inner = without_keys(weights / weights.sum(), written[: t + 1])
            stated = (KEYS[: t + 1].T @ inner)[channel]
            found = derivative_of(outputs[t])
            refute_unless(
                bool((stated == found).all()),
                "the formula is not the derivative",
                token=t,
                channel=channel,
                derivative=found,
                stated=stated,
            )


largest, squares = scalars("largest squares")


@check(
    JACOBIAN_VANISHES,
    part="saturation",
    establishes=proof(over="every n, all weights of sum one", by="free algebra and combination"),
    claimed=dict(factor=2, trace=1),
    controls={"factor one": dict(factor=1), "twice the mass": dict(trace=2)},
)
def jacobian_of_softmax_is_small(factor, trace) -> None:
    """``xᵀ(diag a − aaᵀ)x = Σ a_j(x_j − x̄)²`` is not negative, so the norm is at most the trace
    ``Σ a_j − Σ a_j²``; with m the largest weight, ``Σ a_j² ≥ m²`` and
    ``2(1 − m) − (1 − Σ a_j²) = (1 − m)² + (Σ a_j² − m²)``."""
    x, xt = letters("x xt")
    middle = scalars("middle")[0]
    shares, entries = rational_array([["1/4"], ["3/4"]]), rational_array([[2], [-1]])
    model = {
        **{"A": rational_array([["1/4", 0], [0, "3/4"]]), "a": shares, "at": shares.T},
        **{"one": rational_array([[1], [1]]), "onet": rational_array([[1, 1]])},
        **{"x": entries, "xt": entries.T, "middle": (shares.T @ entries)[0, 0]},
    }
    onet = letters("onet")[0]
    follows(
        xt @ (A - a @ at) @ x - (xt - middle * onet) @ A @ (x - middle * one),
        using=[
            (-1 * xt @ a, at @ x - middle, 1),
            (middle, onet @ A - at, x),
            (middle * xt, A @ one - a, 1),
            (middle, at @ x - middle, 1),
            (-1 * middle * middle, onet @ A @ one - 1, 1),
        ],
        models=[model],
        message="the form is another",
    )
    entails(
        factor * (1 - largest) - (trace - squares),
        given={"Σa² − m²": squares - largest * largest, "1 − m": 1 - largest},
        certificate=[(1, ["Σa² − m²"], []), (1, [], [1 - largest])],
        message="the trace can be larger",
    )
