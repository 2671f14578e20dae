"""Interaction rank of time-varying recurrences and of convolutions, from the maps themselves."""

from __future__ import annotations

import numpy as np

from attnproof.theory.core import Plot, Series, check, exact, note, plot, refute_unless
from attnproof.theory.paper.heads_ssm.effective_blocks import (
    effective_blocks,
    interaction_rank,
)
from attnproof.theory.paper.heads_ssm.scattered import scattered
from attnproof.theory.paper.heads_ssm.time_varying import LTV_AND_SELECTIVE
from attnproof.theory.paper.heads_ssm.time_varying_recurrence import time_varying_recurrence


def _varying(length: int, states: int, outputs: int, inputs: int) -> tuple:
    return (
        scattered(length, states, states, shift=1) - 6,
        scattered(length, states, inputs, shift=2) - 6,
        scattered(length, outputs, states, shift=5) - 6,
    )


def _constant(length: int, states: int, outputs: int, inputs: int) -> tuple:
    return tuple(np.stack([one[0]] * length) for one in _varying(length, states, outputs, inputs))


def _triangle(n: int, p: int, d: int) -> int:
    return min(n * (n + 1) // 2, p * d)


@check(
    LTV_AND_SELECTIVE,
    part="time-varying",
    establishes=exact(bound="p, d ≤ 3, N = max(p, d), n ≤ 5", by="exact rank at one witness"),
    claimed=dict(coefficients=_varying, states=max, stated=_triangle),
    controls={
        "constant coefficients": dict(coefficients=_constant),
        "states of the smaller width": dict(states=min),
        "one state": dict(states=lambda p, d: 1),
        "square of the length": dict(stated=lambda n, p, d: min(n * n, p * d)),
        "one per distance": dict(stated=lambda n, p, d: min(n, p * d)),
        "no saturation": dict(stated=lambda n, p, d: n * (n + 1) // 2),
    },
)
def rank_of_a_varying_recurrence(coefficients, states, stated) -> None:
    """The map fed with unit inputs; n(n + 1)/2 blocks of size p × d span at most the minimum, and
    a choice of coefficients that reaches it makes it the generic value."""
    found = {}
    for outputs, inputs, length in np.ndindex(3, 3, 5):
        p, d, n = outputs + 1, inputs + 1, length + 1
        given = coefficients(n, states(p, d), p, d)
        blocks = effective_blocks(lambda x, given=given: time_varying_recurrence(*given, x), n, d)
        reached = interaction_rank(blocks)
        if p == d == 3:
            found[n] = reached
        refute_unless(
            reached == stated(n, p, d),
            "the interaction rank is another",
            n=n,
            transition=given[0],
            input_matrix=given[1],
            output_matrix=given[2],
            rank=reached,
            stated=stated(n, p, d),
        )
    note(rank_by_length_at_three=str(found))


def _convolved(taps: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    return np.stack(
        [
            sum(taps[lag] @ tokens[i - lag] for lag in range(min(len(taps), i + 1)))
            for i in range(len(tokens))
        ]
    )


@check(
    LTV_AND_SELECTIVE,
    part="convolution",
    establishes=exact(bound="p, d ≤ 3, w ≤ 6, n = w and w + 2", by="exact rank at one witness"),
    claimed=dict(
        taps=lambda w, p, d: scattered(w, p, d, shift=5), stated=lambda w, p, d: min(w, p * d)
    ),
    controls={
        "equal taps": dict(taps=lambda w, p, d: np.stack([scattered(p, d)] * w)),
        "one per tap": dict(stated=lambda w, p, d: w),
        "triangle of taps": dict(stated=lambda w, p, d: min(w * (w + 1) // 2, p * d)),
    },
)
def rank_of_a_convolution(taps, stated) -> None:
    """The map fed with unit inputs; a block per tap, however long the sequence is."""
    for outputs, inputs, count in np.ndindex(3, 3, 6):
        p, d, w = outputs + 1, inputs + 1, count + 1
        kernel = taps(w, p, d)
        for length in (w, w + 2):
            blocks = effective_blocks(lambda x, kernel=kernel: _convolved(kernel, x), length, d)
            reached = interaction_rank(blocks)
            refute_unless(
                reached == stated(w, p, d),
                "the interaction rank is another",
                taps=kernel,
                n=length,
                rank=reached,
                stated=stated(w, p, d),
            )


@plot(LTV_AND_SELECTIVE)
def ranks_by_length() -> Plot:
    """Interaction rank over the length: varying and constant coefficients, one decay per token."""
    lengths = list(range(1, 7))
    ranks = {"time-varying, p = d = N = 3": [], "constant, p = d = N = 3": [], "one decay": []}
    for n in lengths:
        for label, coefficients in zip(ranks, (_varying, _constant), strict=False):
            given = coefficients(n, 3, 3, 3)
            run = lambda x, given=given: time_varying_recurrence(*given, x)
            ranks[label].append(interaction_rank(effective_blocks(run, n, 3)))
        ranks["one decay"].append(1)
    return Plot(
        title="Interaction rank by length",
        x_label="length n",
        y_label="dim span of the blocks",
        series=[Series(label=label, x=lengths, y=y) for label, y in ranks.items()],
        caption="Coefficients that vary reach the full space of matrices after a few tokens; "
        "constant ones add at most one operator per distance; a scalar-identity head has one.",
    )
