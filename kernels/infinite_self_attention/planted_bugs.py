"""Bugs to plant in a kernel of infinite self-attention, one hop; see
`kernels.verification.planted_bugs`. What ``run`` cannot be led into is written out densely."""

from __future__ import annotations


def decay_forgotten(run, inputs, options):
    """γ = 1: the operator is proportional to γ."""
    return run(inputs, options) / options["gamma"]


def transposed_map(run, inputs, options):
    """Queries and keys exchanged: Âᵀ instead of Â."""
    return run({**inputs, "query": inputs["key"], "key": inputs["query"]}, options)


def epsilon_forgotten(run, inputs, options):
    """ε = 0."""
    return run(inputs, {**options, "epsilon": 0.0})


def no_rectifier(run, inputs, options):
    """Negative affinities stay, in the norm, too."""
    scores = logits(inputs)
    norm = scores.norm(dim=(-1, -2), keepdim=True) + options["epsilon"]
    return one_hop(inputs, scores / norm, options)


def rows_normalised(run, inputs, options):
    """Every row is divided by a norm of its own, as softmax would have it."""
    scores = logits(inputs).relu()
    norm = scores.norm(dim=-1, keepdim=True) + options["epsilon"]
    return one_hop(inputs, scores / norm, options)


def epsilon_under_the_root(run, inputs, options):
    """√(‖A0‖² + ε) instead of ‖A0‖ + ε."""
    scores = logits(inputs).relu()
    norm = ((scores * scores).sum((-1, -2), keepdim=True) + options["epsilon"]).sqrt()
    return one_hop(inputs, scores / norm, options)


def logits_divided_by_the_root(run, inputs, options):
    """QKᵀ/√d, as in softmax attention. Without ε the scale would cancel."""
    scores = logits(inputs).relu() * inputs["query"].shape[-1] ** 0.5
    norm = scores.norm(dim=(-1, -2), keepdim=True) + options["epsilon"]
    return one_hop(inputs, scores / norm, options)


def logits(inputs):
    """``QKᵀ/d`` in float32."""
    query, key = inputs["query"].float(), inputs["key"].float()
    return query @ key.transpose(-1, -2) / query.shape[-1]


def one_hop(inputs, weights, options):
    """``γ · weights · V`` in the dtype of the values."""
    value = inputs["value"]
    return (options["gamma"] * weights @ value.float()).to(value.dtype)


PLANTED = {
    "decay forgotten": decay_forgotten,
    "transposed map": transposed_map,
    "epsilon forgotten": epsilon_forgotten,
    "epsilon under the root": epsilon_under_the_root,
    "logits divided by the root of the width": logits_divided_by_the_root,
    "no rectifier": no_rectifier,
    "rows normalised instead of the map": rows_normalised,
}
