"""The exact layer under noise: its risk, that of linear attention, and which is smaller."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    measured,
    note,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.gated_linear_attention import gated_linear_attention
from attnproof.theory.paper.ttr.crosstalk import EXACT_ALWAYS_BETTER, EXACT_RISK

A, R, K, KT, q, qt, w, wt, n, nt = letters("A R K Kt q qt w wt n nt")
(scale,) = scalars("scale")

KEYS = rational_array([["3/5", "4/5"], ["5/13", "12/13"]])
SLOPE, QUERY = rational_array([1, 1]), rational_array([1, 0])


def _exact_layer(keys, values):
    return inverse(keys.T @ keys) @ keys.T @ values


def _linear_attention(keys, values):
    _, state = gated_linear_attention(keys, keys, values[:, None])
    return state[0]


def _risk(layer, keys, slope, query, deviation):
    """The expectation over independent noise ±σ, by enumeration of all signs."""
    total, signs = rational(0), list(product((-1, 1), repeat=len(keys)))
    for sign in signs:
        values = keys @ slope + deviation * rational_array(sign)
        total = total + (layer(keys, values) @ query - slope @ query) ** 2
    return total / len(signs)


@check(
    EXACT_ALWAYS_BETTER,
    establishes=counterexample(over="two unit keys with overlap 63/65, w = (1, 1), q = (1, 0)"),
    claimed=dict(deviation="1"),
    controls={"less noise": dict(deviation="1/2"), "more noise": dict(deviation="3")},
    repairs={"no noise": dict(deviation="0"), "little noise": dict(deviation="1/20")},
)
def exact_layer_wins(deviation) -> None:
    """Risks of both layers by enumeration, without ridge and with scale one."""
    sigma = rational(deviation)
    exact_risk = _risk(_exact_layer, KEYS, SLOPE, QUERY, sigma)
    linear_risk = _risk(_linear_attention, KEYS, SLOPE, QUERY, sigma)
    note(exact_layer=exact_risk, linear_attention=linear_risk)
    refute_unless(
        exact_risk <= linear_risk,
        "linear attention predicts better",
        K=KEYS,
        w=SLOPE,
        q=QUERY,
        sigma=sigma,
        exact_layer=exact_risk,
        linear_attention=linear_risk,
    )


def _numbers() -> dict[str, object]:
    matrix = KEYS.T @ KEYS
    slope, query, noise = SLOPE[:, None], QUERY[:, None], rational_array([[2], [-1]])
    return {
        **{"K": KEYS, "Kt": KEYS.T, "A": matrix, "R": inverse(matrix), "scale": rational("1/2")},
        **{"w": slope, "wt": slope.T, "q": query, "qt": query.T, "n": noise, "nt": noise.T},
    }


@check(
    EXACT_RISK,
    part="exact layer",
    establishes=proof(over="every n, d, independent keys, uncorrelated noise"),
    claimed=dict(variance=qt @ R @ q),
    controls={
        "covariance instead of its inverse": dict(variance=qt @ A @ q),
        "no correction": dict(variance=qt @ q),
    },
)
def variance_of_the_exact_layer(variance) -> None:
    """``ŵ − w = RKᵀε`` with ``R = A^{-1}``, from ``v = Kw + ε``; its product with q has the mean 0
    and the variance ``σ² qᵀRKᵀKRq = σ² qᵀRq``, because ``E εεᵀ = σ²I``. The letter n is ε."""
    model = _numbers()
    follows(
        R @ KT @ (K @ w + n) - w - R @ KT @ n,
        using=[(R, KT @ K - A, w), (1, R @ A - 1, w)],
        models=[model],
        message="the error is not linear in the noise",
    )
    follows(
        qt @ R @ KT @ K @ R @ q - variance,
        using=[(qt @ R, KT @ K - A, R @ q), (1, qt @ (R @ A - 1), R @ q)],
        models=[model],
        message="the variance is another",
    )


@check(
    EXACT_RISK,
    part="linear attention",
    establishes=proof(over="every n, d, keys, scale c, uncorrelated noise"),
    claimed=dict(systematic=wt @ (scale * A - 1) @ q, variance=scale**2 * qt @ A @ q),
    controls={
        "no systematic part": dict(systematic=0 * wt @ q),
        "scale once": dict(variance=scale * qt @ A @ q),
        "systematic part without the scale": dict(systematic=wt @ (A - 1) @ q),
    },
)
def risk_of_linear_attention(systematic, variance) -> None:
    """``cKᵀ(Kw + ε) − w = (cA − I)w + cKᵀε``: its product with q has the mean ``wᵀ(cA − I)q`` (A is
    symmetric) and the variance ``σ²c² qᵀAq``."""
    model = _numbers()
    follows(
        (scale * (wt @ KT + nt) @ K - wt) @ q - (systematic + scale * nt @ K @ q),
        using=[(scale * wt, KT @ K - A, q)],
        models=[model],
        message="the error has another systematic part",
    )
    follows(
        scale**2 * qt @ KT @ K @ q - variance,
        using=[(scale**2 * qt, KT @ K - A, q)],
        models=[model],
        message="the variance is another",
    )


@check(
    EXACT_RISK,
    part="no noise",
    establishes=proof(over="every n, d, independent keys"),
    claimed=dict(solution=R @ KT),
    controls={
        "linear attention": dict(solution=scale * KT),
        "inverse twice": dict(solution=R @ R @ KT),
    },
)
def exact_layer_without_noise(solution) -> None:
    """With ``ε = 0`` the exact layer returns ``ŵᵀq = wᵀq``: its risk is 0, and that of linear
    attention is the square of the part 'linear attention'."""
    follows(
        solution @ (K @ w + n) - w,
        using=[(solution, n, 1), (R, KT @ K - A, w), (1, R @ A - 1, w)],
        models=[_numbers() | {"n": rational_array([[0], [0]])}],
        message="the layer errs without noise",
    )


def _errors(pairs: int, noise: float, runs: int = 40) -> tuple[float, float, float]:
    """Mean squared errors at fresh unit queries, d = 32: linear, exact, ridge 0.3."""
    generator = np.random.default_rng(pairs)
    found = []
    for _ in range(runs):
        keys, queries, slope = (generator.standard_normal((m, 32)) for m in (pairs, 64, 32))
        keys /= np.linalg.norm(keys, axis=1, keepdims=True)
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
        slope /= np.sqrt(32)
        values = keys @ slope.T + noise * generator.standard_normal((pairs, 32))
        truth = queries @ slope.T
        gram = keys.T @ keys
        solved = [
            values.T @ keys * 32 / (pairs + 32),
            values.T @ keys @ np.linalg.pinv(gram),
            values.T @ keys @ np.linalg.inv(gram + 0.3 * np.eye(32)),
        ]
        found.append([np.mean((queries @ state.T - truth) ** 2) for state in solved])
    return tuple(float(each) for each in np.mean(found, axis=0))


@check(
    EXACT_RISK,
    part="no noise",
    establishes=measured(over="d = 32, n = 16, 32, 64, 40 runs each", by="simulation"),
    claimed=dict(noise=0.0),
    controls={"with noise": dict(noise=0.3)},
)
def exact_layer_wins_in_simulation(noise) -> None:
    """Random unit keys, with linear attention at a scale that suits isotropic keys."""
    for pairs in (16, 32, 64):
        linear, solved, _ = _errors(pairs, noise)
        refute_unless(
            solved <= linear, "the exact layer is worse", n=pairs, linear=linear, exact=solved
        )


@plot(EXACT_RISK)
def risk_by_number_of_pairs() -> Plot:
    """The three layers under noise 0.3."""
    counts = [8, 16, 24, 28, 32, 36, 40, 48, 64, 96, 128, 192, 256]
    rows = [_errors(count, 0.3, runs=12) for count in counts]
    names = ["linear attention", "exact layer, no ridge", "exact layer, ridge 0.3"]
    return Plot(
        title="Prediction error under noise, 32 key channels",
        x_label="pairs",
        y_label="mean squared error",
        series=[
            Series(label=name, x=counts, y=[row[index] for row in rows])
            for index, name in enumerate(names)
        ],
        caption="Without a ridge the exact layer is worst where pairs and channels balance.",
        x_scale="log",
        y_scale="log",
    )
