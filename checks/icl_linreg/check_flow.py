"""Gradient flow on the approximate loss."""

from __future__ import annotations

from functools import cache
from math import prod

import numpy as np
import pytest

from attnproof.theory.algebra.free_algebra import FreeElement, scalars
from attnproof.theory.core import check, measured, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.icl_linreg.approximate_loss import FLOW


def _gradient(omega, mu, c, dimension, power):
    """``∂L/∂ω = −2μ + 2bμ + 2cd (μ ∘ E(μ ∘ ω))`` and ``∂L/∂μ = −2ω + 2bω + 2cEμ``, b = μᵀω."""
    b = mu @ omega
    entries = power(np.outer(omega, omega))
    by_scale = (b - 1) * mu + c * dimension * mu * (entries @ (mu * omega))
    by_weight = (b - 1) * omega + c * (entries @ mu)
    return 2 * by_scale, 2 * by_weight


def _symbols(heads: int):
    omega = np.array(scalars(f"w{h}" for h in range(heads)))
    mu = np.array(scalars(f"u{h}" for h in range(heads)))
    entries = np.empty((heads, heads), dtype=object)
    for h, k in np.ndindex(heads, heads):
        (entries[h, k],) = scalars(f"E{min(h, k)}{max(h, k)}")
    return omega, mu, entries


def _derivative(element: FreeElement, name: str, dimension: FreeElement) -> FreeElement:
    """The partial derivative by ω_h or μ_h, with ``∂E_hk/∂ω_h = dω_k E_hk`` (2dω_h at k = h)."""
    result = FreeElement.constant(0)
    for (central, _), coefficient in element.terms.items():
        for position, (factor, exponent) in enumerate(central):
            inner = FreeElement.constant(1 if factor == name else 0)
            if factor[0] == "E" and name[0] == "w":
                for own, other in (factor[1:], factor[:0:-1]):
                    if own == name[1]:
                        inner = inner + dimension * scalars(f"w{other}")[0] * scalars(factor)[0]
            rest = [(symbol, power) for symbol, power in central]
            rest[position] = (factor, exponent - 1)
            others = prod(
                (scalars(symbol)[0] ** power for symbol, power in rest), start=inner * exponent
            )
            result = result + coefficient * others
    return result


@check(
    FLOW,
    part="balance",
    establishes=proof(
        over="every H (pairs of heads), d, c", by="derivatives in the free commutative algebra"
    ),
    claimed=dict(balance=lambda d, w, v: d * w * v - 1),
    controls={
        "conserved exactly": dict(balance=lambda d, w, v: 0 * d),
        "other sign of the exponent": dict(balance=lambda d, w, v: d * w * v + 1),
        "without the dimension": dict(balance=lambda d, w, v: w * v - 1),
    },
)
def balance_along_the_flow(balance) -> None:
    """The loss is a sum over pairs of heads, and so are both sides; hence H ≤ 3 shows every kind of
    term. The gradient is the derivative of the loss, taken symbol by symbol, E_hk being a symbol
    with the derivative of the exponential."""
    c, d = scalars("c d")
    for heads in (1, 2, 3):
        omega, mu, entries = _symbols(heads)
        loss = -2 * (mu @ omega) + (mu @ omega) ** 2 + c * (mu @ entries @ mu)
        velocity = sum(
            2 * omega[h] * _derivative(loss, f"w{h}", d) - 2 * mu[h] * _derivative(loss, f"u{h}", d)
            for h in range(heads)
        )
        stated = sum(
            4 * c * mu[h] * mu[k] * entries[h, k] * balance(d, omega[h], omega[k])
            for h, k in np.ndindex(heads, heads)
        )
        follows(velocity - stated, message=f"another rate with {heads} heads")


def _renamed(element: FreeElement, names: dict[str, str]) -> FreeElement:
    """Every scalar replaced by the one of the given name."""
    result = FreeElement.constant(0)
    for (central, _), coefficient in element.terms.items():
        result = result + prod(
            (scalars(names.get(name, name))[0] ** power for name, power in central),
            start=FreeElement.constant(coefficient),
        )
    return result


@check(
    FLOW,
    part="identical heads",
    establishes=proof(over="every H, c, d", by="derivatives in the free commutative algebra"),
    claimed=dict(equal={"w1": "w0", "u1": "u0"}, merged=2),
    controls={
        "equal scales only": dict(equal={"w1": "w0"}),
        "merged into a head of the same weight": dict(merged=1),
    },
)
def identical_heads_stay_identical(equal, merged) -> None:
    """Heads 0 and 1 have equal (ω, μ), hence equal entries of E; head 2 stands for any other, of
    which the gradient is a sum. Their gradients agree, so the flow keeps them equal. Two equal
    heads have the loss of one head of twice the weight; H of them, by induction, that of one head,
    which single-head-optimum bounds."""
    c, d = scalars("c d")
    alike = equal | {"E11": "E00", "E01": "E00", "E12": "E02"}
    omega, mu, entries = _symbols(3)
    loss = -2 * (mu @ omega) + (mu @ omega) ** 2 + c * (mu @ entries @ mu)
    for letter in "wu":
        first, second = (_renamed(_derivative(loss, f"{letter}{h}", d), alike) for h in (0, 1))
        follows(first - second, message="the two heads move apart")
    weights, scales = np.array([merged * mu[0], mu[2]]), omega[[0, 2]]
    kept = entries[np.ix_([0, 2], [0, 2])]
    single = -2 * (weights @ scales) + (weights @ scales) ** 2 + c * (weights @ kept @ weights)
    follows(_renamed(loss, alike) - single, message="one head has another loss")


@cache
def _flow(identical: bool, seed: int, steps: int = 100_000, size: float = 4e-3):
    from tqdm import tqdm

    random = np.random.default_rng(seed)
    omega, mu = 0.05 * random.standard_normal((2, 4))
    if identical:
        omega, mu = np.full(4, omega[0]), np.full(4, abs(mu[0]) * np.sign(omega[0]))
    for _ in tqdm(range(steps), desc="gradient flow", disable=None):
        by_scale, by_weight = _gradient(omega, mu, 1.1 / 40, 5, lambda x: np.exp(5 * x))
        omega, mu = omega - size * by_scale, mu - size * by_weight
    return omega, mu


@pytest.mark.slow
@check(
    FLOW,
    part="two signs",
    establishes=measured(over="three random starts of size 0.05, Euler steps of 0.004"),
    claimed=dict(identical=False, target=1 / (1 + 1.1 / 8)),
    controls={
        "identical heads at the start": dict(identical=True),
        "one as the target": dict(target=1.0),
    },
)
def two_signs_emerge(identical, target) -> None:
    """Signs, sizes, the sum of the weights and μᵀω at the end."""
    for seed in (0, 1, 2):
        omega, mu = _flow(identical, seed)
        note(**{f"scales, seed {seed}": [round(float(w), 4) for w in omega]})
        refute_unless(
            bool((omega > 0).any() and (omega < 0).any() and (omega * mu > 0).all())
            and bool(abs(omega).max() <= 1.05 * abs(omega).min())
            and bool(abs(mu.sum()) <= 0.01)
            and bool(abs(mu @ omega - target) <= 0.01),
            "the heads at the end are others",
            seed=seed,
            scales=omega,
            weights=mu,
        )
