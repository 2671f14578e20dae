"""The approximate loss against the true risk, by simulation."""

from __future__ import annotations

from functools import cache

import numpy as np

from attnproof.theory.core import check, measured, note, refute_unless
from attnproof.theory.paper.icl_linreg.approximate_loss import APPROXIMATION_ACCURACY
from attnproof.theory.paper.icl_linreg.approximate_loss_function import approximate_loss

NOISE = 0.1


@cache
def _quadratic_forms(scales: tuple[float, ...], length: int, dimension: int, draws: int):
    """Per draw of tokens and query, the coefficients of the risk in μ: with the rows P_h of softmax
    weights, ``R(μ) = ‖XᵀPᵀμ − q‖²/d + σ²(‖Pᵀμ‖² + 1)`` after the expectation over β and ε.

    Returns:
        Quadratic (draws, H, H), linear (draws, H) and constant (draws,) coefficients.
    """
    random = np.random.default_rng(length)
    tokens = random.standard_normal((draws, length, dimension))
    query = random.standard_normal((draws, dimension))
    scores = np.einsum("nld,nd->nl", tokens, query)[:, None] * np.array(scales)[:, None]
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    means = weights @ tokens
    quadratic = means @ means.swapaxes(1, 2) / dimension
    quadratic += NOISE * weights @ weights.swapaxes(1, 2)
    linear = np.einsum("nhd,nd->nh", means, query) / dimension
    return quadratic, linear, (query**2).sum(1) / dimension + NOISE


def _risk(scales, weights, length: int, dimension: int, draws: int = 20000):
    """Mean risk and its standard error."""
    quadratic, linear, constant = _quadratic_forms(tuple(scales), length, dimension, draws)
    mu = np.array(weights)
    values = quadratic @ mu @ mu - 2 * linear @ mu + constant
    return values.mean(), values.std() / np.sqrt(draws)


def _pair(length: int):
    return (0.13, -0.13), (3.45, -3.45)


def _single(length: int):
    return (5**-0.5,), (5**0.5 / (1 + (1 + NOISE) * 5 * np.e / length),)


def _between(layer, low, high) -> None:
    """Three standard errors on either side."""
    shown = {}
    for length in (10, 20, 40, 100):
        scales, weights = layer(length)
        risk, error = _risk(scales, weights, length, 5)
        loss = float(approximate_loss(np.array(scales), np.array(weights), length, 5, NOISE))
        shown[f"L = {length}"] = f"loss {loss:.3f}, risk {risk:.3f} ± {error:.3f}"
        refute_unless(
            bool(low <= (risk - 3 * error - loss) / risk)
            and bool((risk + 3 * error - loss) / risk <= high),
            "the relative error of the approximate loss is outside the interval",
            length=length,
            loss=float(loss),
            risk=float(risk),
            standard_error=float(error),
        )
    note(**shown)


@check(
    APPROXIMATION_ACCURACY,
    part="pair",
    establishes=measured(over="d = 5, σ² = 0.1, four lengths, 20 000 draws"),
    claimed=dict(layer=_pair, low=0.04, high=0.15),
    controls={
        "within three percent": dict(low=-0.03, high=0.03),
        "too large, not too small": dict(low=-0.15, high=-0.04),
        "larger scale, same product": dict(layer=lambda length: ((0.5, -0.5), (0.9, -0.9))),
    },
)
def accuracy_for_a_pair(layer, low, high) -> None:
    """Relative error at the scale and weight that the source's training ended at."""
    _between(layer, low, high)


@check(
    APPROXIMATION_ACCURACY,
    part="single head",
    establishes=measured(over="d = 5, σ² = 0.1, four lengths, 20 000 draws"),
    claimed=dict(layer=_single, low=0.04, high=0.15),
    controls={
        "within three percent": dict(low=-0.03, high=0.03),
        "too large, not too small": dict(low=-0.15, high=-0.04),
    },
)
def accuracy_for_one_head(layer, low, high) -> None:
    """Relative error at the minimiser of the approximate loss."""
    _between(layer, low, high)


@check(
    APPROXIMATION_ACCURACY,
    part="best scale",
    establishes=measured(over="d = 3, L = 24, σ² = 0.1, 20 000 common draws"),
    claimed=dict(better=0.8, worse=3**-0.5),
    controls={
        "the other way round": dict(better=3**-0.5, worse=0.8),
        "still larger scale": dict(better=1.4),
    },
)
def larger_scale_for_one_head(better, worse) -> None:
    """Each scale at its best weight for these draws; the difference on common draws exceeds five
    of its standard errors."""
    values = []
    for scale in (better, worse):
        quadratic, linear, constant = _quadratic_forms((scale,), 24, 3, 20000)
        mu = linear.mean() / quadratic.mean()
        values.append(quadratic[:, 0, 0] * mu**2 - 2 * linear[:, 0] * mu + constant)
        note(**{f"scale {scale:.3f}": f"weight {mu:.3f}, risk {values[-1].mean():.4f}"})
    difference = values[1] - values[0]
    error = difference.std() / np.sqrt(len(difference))
    refute_unless(
        bool(difference.mean() > 5 * error),
        "the first scale is not better",
        gain=float(difference.mean()),
        standard_error=float(error),
    )
