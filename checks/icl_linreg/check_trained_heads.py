"""One and two softmax heads trained on linear regression in context."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from attnproof.theory.core import check, measured, note, refute_unless
from attnproof.theory.paper.icl_linreg.trained_heads import TRAINED_HEADS

DIMENSION, LENGTH, NOISE = 3, 24, 0.1
BEST = 1 + NOISE - (LENGTH - 1) / (LENGTH + DIMENSION + NOISE * DIMENSION)
OVER = "one and two heads, seed 0, 4000 steps of Adam on batches of 256"


@cache
def _train(heads: int, shuffled: bool = False, steps: int = 4000, seed: int = 0):
    """Train and measure.

    Returns:
        Key-query matrices KᵀQ of shape (H, d + 1, d), since the last column meets the zero in the
        query token; output rows of shape (H, d + 1); the risk on 40 000 fresh samples.
    """
    import torch
    from tqdm import tqdm

    random = torch.Generator().manual_seed(seed)
    width = DIMENSION + 1
    shapes = [(heads, width, width)] * 3 + [(heads, 1, width)]
    limit = width**-0.5
    parameters = [
        ((2 * torch.rand(shape, generator=random) - 1) * limit).requires_grad_() for shape in shapes
    ]
    key, query, value, output = parameters

    def sample(count: int):
        weights = torch.randn(count, DIMENSION, 1, generator=random) / DIMENSION**0.5
        tokens = torch.randn(count, LENGTH + 1, DIMENSION, generator=random)
        labels = tokens @ weights
        labels = labels + NOISE**0.5 * torch.randn(labels.shape, generator=random)
        if shuffled:
            labels = labels[torch.randperm(count, generator=random)]
        context = torch.cat([tokens, labels], -1)[:, :LENGTH]
        return context, tokens[:, LENGTH], labels[:, LENGTH, 0]

    def risk(context, asked, target):
        products = (key.transpose(1, 2) @ query)[:, :, :DIMENSION]
        scores = torch.einsum("nlw,hwd,nd->nhl", context, products, asked) / width**0.5
        mixed = torch.softmax(scores, -1) @ context
        prediction = torch.einsum("nhw,hw->n", mixed, (output @ value)[:, 0])
        return ((prediction - target) ** 2).mean()

    optimiser = torch.optim.Adam(parameters, lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in tqdm(range(steps), desc=f"training {heads} heads", disable=None):
        optimiser.zero_grad()
        risk(*sample(256)).backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        products = (key.transpose(1, 2) @ query)[:, :, :DIMENSION] / width**0.5
        rows = (output @ value)[:, 0]
        return products.numpy(), rows.numpy(), float(risk(*sample(40000)))


def _scales(products: np.ndarray) -> np.ndarray:
    """``ω_h``: the mean of the diagonal."""
    return np.trace(products[:, :DIMENSION], axis1=1, axis2=2) / DIMENSION


def _weighted(shares: np.ndarray, products: np.ndarray, rows: np.ndarray) -> float:
    weights = abs(_scales(products) * rows[:, -1])
    return float((weights * shares).sum() / weights.sum())


def _identity_share(products: np.ndarray) -> np.ndarray:
    """Share of the squared norm that the projection on (I; 0) carries."""
    return DIMENSION * _scales(products) ** 2 / (products**2).sum((1, 2))


def _exchange_share(products: np.ndarray) -> np.ndarray:
    """Share that the projection on the matrix of the cyclic shift carries."""
    shift = np.roll(np.eye(DIMENSION), 1, axis=0)
    inner = (products[:, :DIMENSION] * shift).sum((1, 2))
    return inner**2 / DIMENSION / (products**2).sum((1, 2))


@pytest.mark.slow
@check(
    TRAINED_HEADS,
    part="key-query matrix",
    establishes=measured(over=OVER),
    claimed=dict(share=_identity_share, shuffled=False),
    controls={
        "multiple of a permutation": dict(share=_exchange_share),
        "labels of other tasks": dict(shuffled=True),
    },
    timeout=120,
)
def key_query_matrices(share, shuffled) -> None:
    """In the control the labels of each sample belong to another one, so nothing can be learnt."""
    for heads in (1, 2):
        products, rows, _ = _train(heads, shuffled)
        carried = _weighted(share(products), products, rows)
        note(**{f"share, {heads} heads": round(carried, 4)})
        refute_unless(
            carried >= 0.95,
            "the key-query matrices are no multiples of the pattern",
            heads=heads,
            share=carried,
            products=products.astype(float),
        )


def _last(rows: np.ndarray) -> np.ndarray:
    return rows[:, -1] ** 2 / (rows**2).sum(1)


def _first(rows: np.ndarray) -> np.ndarray:
    return rows[:, 0] ** 2 / (rows**2).sum(1)


@pytest.mark.slow
@check(
    TRAINED_HEADS,
    part="output",
    establishes=measured(over=OVER),
    claimed=dict(share=_last),
    controls={
        "first entry": dict(share=_first),
        "all but the last": dict(share=lambda rows: 1 - _last(rows)),
    },
    timeout=120,
)
def output_rows(share) -> None:
    """The heads read out the label and nothing else."""
    for heads in (1, 2):
        products, rows, _ = _train(heads)
        carried = _weighted(share(rows), products, rows)
        note(**{f"share, {heads} heads": round(carried, 4)})
        refute_unless(
            carried >= 0.95,
            "the output rows read out something else",
            heads=heads,
            share=carried,
            rows=rows.astype(float),
        )


@pytest.mark.slow
@check(
    TRAINED_HEADS,
    part="opposite signs",
    establishes=measured(over=OVER),
    claimed=dict(sign=-1, combined=lambda mu: mu.sum(), same=1),
    controls={
        "equal signs": dict(sign=1),
        "equal output weights": dict(combined=lambda mu: mu[0] - mu[1]),
        "scale and weight of opposite sign": dict(same=-1),
    },
    timeout=120,
)
def two_heads_are_opposite(sign, combined, same) -> None:
    """Signs, sizes and the sum of the output weights."""
    products, rows, _ = _train(2)
    omega, mu = _scales(products).astype(float), rows[:, -1].astype(float)
    note(scales=[round(w, 3) for w in omega], weights=[round(m, 3) for m in mu])
    refute_unless(
        bool(sign * omega[0] * omega[1] > 0)
        and bool((same * omega * mu > 0).all())
        and bool(abs(combined(mu)) <= abs(mu).sum() / 20)
        and bool(abs(abs(omega[0]) - abs(omega[1])) <= abs(omega).max() / 5),
        "the two heads are not opposite in this sense",
        scales=omega,
        weights=mu,
    )


@pytest.mark.slow
@check(
    TRAINED_HEADS,
    part="risk",
    establishes=measured(over=OVER),
    claimed=dict(pair=2, single=1, best=BEST),
    controls={
        "one head does as well": dict(pair=1),
        "two heads do as badly": dict(single=2),
        "Bayes risk at twenty times the length": dict(best=NOISE * 1.05),
    },
    timeout=120,
)
def risk_after_training(pair, single, best) -> None:
    """Against the best risk of debiased gradient descent, a closed form (exact-gd-risks)."""
    (*_, two), (*_, one) = _train(pair), _train(single)
    note(risk_two=round(two, 4), risk_one=round(one, 4), best_of_debiased=round(best, 4))
    refute_unless(
        abs(two - best) <= best / 20 and one > 3 * best / 2,
        "the risks are not as stated",
        two_heads=two,
        one_head=one,
        best=best,
    )
