"""On random data, gradient descent reaches tokens that are locally optimal."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.rational import to_float
from attnproof.theory.core import check, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.paper.att_svm.attention_loss import float_arrays, log_probabilities
from attnproof.theory.paper.att_svm.data_sets import data_set
from attnproof.theory.paper.att_svm.gradient_descent import ENDS_LOCALLY_OPTIMAL
from attnproof.theory.paper.att_svm.local_optimality import locally_optimal
from attnproof.theory.paper.att_svm.max_margin_matrix import max_margin_matrix
from attnproof.theory.paper.att_svm.normalised_descent import descent

LENGTH, SAMPLES, WIDTH = 8, 6, 10


def _random_data(random: np.random.Generator, sixty_fourths: int = 64):
    """Tokens and queries of unit norm, rounded to multiples of 1/64; a random head."""

    def directions(*shape):
        raw = random.standard_normal(shape)
        raw /= np.linalg.norm(raw, axis=-1, keepdims=True)
        return [
            [[Fraction(round(x * sixty_fourths), sixty_fourths) for x in row] for row in block]
            for block in raw.reshape(-1, shape[-2], shape[-1])
        ]

    tokens = directions(SAMPLES, LENGTH, WIDTH)
    queries, head = directions(SAMPLES, WIDTH)[0], directions(1, WIDTH)[0][0]
    return data_set("random", tokens, queries, head=head)


@check(
    ENDS_LOCALLY_OPTIMAL,
    establishes=sampled(over="n = 6, T = 8, d = 10, unit norm", by="runs; exact supports"),
    claimed=dict(checkpoints=(500, 1000, 2000, 4000, 8000), accepts=locally_optimal),
    controls={
        "within a thousand steps": dict(checkpoints=(500, 1000)),
        "globally optimal": dict(accepts=lambda data, chosen: chosen == data.optimal),
        "locally worst": dict(
            accepts=lambda data, chosen: locally_optimal(_opposite(data), chosen)
        ),
        "without steps": dict(checkpoints=(0,)),
    },
)
def descent_reaches_locally_optimal_tokens(checkpoints, accepts) -> None:
    """The tokens of the largest logits form α. The exact solution for α gives the supports.

    A run ends at the first checkpoint at which α is of the stated kind.
    """
    reached, best = [], 0
    for draw in independent_draws(16, seed=66):
        data = _random_data(draw.random)
        weight = draw.random.standard_normal((WIDTH, WIDTH))
        weight, done, arrays = weight / np.linalg.norm(weight), 0, float_arrays(data)
        for k in checkpoints:
            weight, done = descent(arrays, weight, k - done)[k - done], k
            logs = log_probabilities(*arrays[:2], weight)
            chosen = tuple(map(int, logs.argmax(axis=1)))
            accepted = accepts(data, chosen)
            if accepted:
                break
            found = to_float(max_margin_matrix(data.constraints(chosen)).matrix)
            correlation = (weight * found).sum() / np.linalg.norm(weight) / np.linalg.norm(found)
            note(**{f"not yet at step {k}": f"correlation {correlation:.4f} with another choice"})
        refute_unless(
            accepted,
            "the chosen tokens are not of that kind",
            steps=done,
            tokens=list(chosen),
            best=list(data.optimal),
            least_weight=float(np.exp(logs.max(axis=1)).min()),
            scores=[list(row) for row in data.scores],
        )
        reached.append(done)
        best += chosen == data.optimal
    note(globally_optimal=f"{best} of {len(reached)} runs", steps_until_reached=str(reached))


def _opposite(data):
    return replace(data, scores=tuple(tuple(-score for score in row) for row in data.scores))
