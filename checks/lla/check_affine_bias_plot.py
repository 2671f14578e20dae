"""How the ridge brings the bias of softmax attention back, direction by direction."""

from __future__ import annotations

import numpy as np

from attnproof.theory.core import Plot, Series, plot
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.paper.lla.affine_exactness import AFFINE_BIAS


@plot(AFFINE_BIAS)
def bias_against_the_ridge() -> Plot:
    """The operator's bias on the map ``k ↦ uᵀk`` for eigenvectors u of C, over that of softmax
    attention, and the curve λ/(c + λ)."""
    random = np.random.default_rng(0)
    keys = random.standard_normal((256, 3)) * np.array([2.0, 0.7, 0.2])
    query = np.array([0.5, 0.3, 0.2])
    weights = np.exp(keys @ query)
    shares = weights / weights.sum()
    mean = shares @ keys
    spread = (keys - mean).T @ (shares[:, None] * (keys - mean))
    values, basis = np.linalg.eigh(spread)
    ridges = [10.0 ** (k / 5) for k in range(-20, 11)]
    series = []
    for c, direction in zip(values[::-1], basis.T[::-1]):
        shown = []
        for shift in ridges:
            row = local_linear_weights(keys, query, weights, shift * weights.sum())
            shown.append(float(row @ keys @ direction - query @ direction))
        whole = float((mean - query) @ direction)
        series += [
            Series(label=f"c = {c:.2g}", x=ridges, y=[x / whole for x in shown], style="points"),
            Series(
                label=f"λ/(c + λ), c = {c:.2g}",
                x=ridges,
                y=[s / (float(c) + s) for s in ridges],
                style="guide",
            ),
        ]
    return Plot(
        title="Bias on linear values, as a share of softmax attention's",
        x_label="ridge λ, relative to the mass",
        y_label="share of the bias",
        series=series,
        caption="Along an eigenvector of the covariance of the keys with eigenvalue c the bias is "
        "the share λ/(c + λ) of softmax attention's: measured points lie on the curves.",
        x_scale="log",
    )
