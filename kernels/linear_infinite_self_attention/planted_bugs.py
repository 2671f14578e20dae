"""Bugs to plant in a kernel of linear infinite self-attention; see
`kernels.verification.planted_bugs`. What ``run`` cannot be led into is written out densely."""

from __future__ import annotations

from attnproof.kernels.infinite_self_attention.planted_bugs import (
    decay_forgotten,
    epsilon_forgotten,
)


def uniform_pooling(run, inputs, options):
    """q̄ = Σ q/(N + ε√d): every query has the weight 1."""
    query = inputs["query"].float()
    length, width = query.shape[-2:]
    pooled = query.sum(-2, keepdim=True) / (length + options["epsilon"] * width**0.5)
    return _scored(inputs, pooled, options)


def epsilon_beside_unscaled_norms(run, inputs, options):
    """q̄ = Σ ‖q‖q/(Σ‖q‖ + ε), without the √d that scaled queries bring in."""
    return _scored(inputs, _pooled(inputs, options["epsilon"]), options)


def no_rectifier(run, inputs, options):
    """Negative scores stay, in the sum, too."""
    shift = options["epsilon"] * inputs["query"].shape[-1] ** 0.5
    return _scored(inputs, _pooled(inputs, shift), options, rectified=False)


def _pooled(inputs, shift):
    query = inputs["query"].float()
    norm = query.norm(dim=-1, keepdim=True)
    return (norm * query).sum(-2, keepdim=True) / (norm.sum(-2, keepdim=True) + shift)


def _scored(inputs, pooled, options, *, rectified=True):
    value = inputs["value"]
    scores = inputs["key"].float() @ pooled.transpose(-1, -2) / pooled.shape[-1]
    scores = scores.relu() if rectified else scores
    row = (scores * value.float()).sum(-2, keepdim=True)
    row = options["gamma"] * row / (scores.sum(-2, keepdim=True) + options["epsilon"])
    return row.expand(value.shape).contiguous().to(value.dtype)


PLANTED = {
    "decay forgotten": decay_forgotten,
    "epsilon forgotten": epsilon_forgotten,
    "uniform pooling": uniform_pooling,
    "epsilon beside unscaled norms": epsilon_beside_unscaled_norms,
    "no rectifier": no_rectifier,
}
