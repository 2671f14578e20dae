"""Bugs to plant in a kernel of infinite self-attention, all hops; see
`kernels.verification.planted_bugs`."""

from __future__ import annotations

from attnproof.kernels.infinite_self_attention.planted_bugs import (
    epsilon_forgotten,
    logits,
    one_hop,
    transposed_map,
)


def first_hop_missing(run, inputs, options):
    """The sum starts at t = 2."""
    return run(inputs, options) - one_hop(inputs, _normalised(inputs, options), options)


def values_included(run, inputs, options):
    """The sum starts at t = 0: (I − γÂ)^{-1} V."""
    return run(inputs, options) + inputs["value"]


def four_hops(run, inputs, options):
    """The series is cut after four hops."""
    weights, hop = _normalised(inputs, options), inputs["value"].float()
    total = 0 * hop
    for _ in range(4):
        hop = options["gamma"] * weights @ hop
        total = total + hop
    return total.to(inputs["value"].dtype)


def _normalised(inputs, options):
    scores = logits(inputs).relu()
    return scores / (scores.norm(dim=(-1, -2), keepdim=True) + options["epsilon"])


PLANTED = {
    "transposed map": transposed_map,
    "epsilon forgotten": epsilon_forgotten,
    "first hop missing": first_hop_missing,
    "values included": values_included,
    "cut after four hops": four_hops,
}
