"""For row-stochastic attention the lifetime is the same for every token."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import determinant, identity_like, inverse, ones_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, note, plot, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.absorbing_markov_chain import trajectories
from attnproof.theory.paper.infsa.transient_block import row_stochastic
from attnproof.theory.paper.infsa.visit_statistics import ROW_STOCHASTIC_LIFETIME

# p = P(T > k) for every start, q = γ^k, delta = 1/(1 − γ), o the ones, r the row of the start.
A, N, o, p, r = letters("A N o p r")
gamma, delta, q = scalars("gamma delta q")


@check(
    ROW_STOCHASTIC_LIFETIME,
    establishes=proof(over="every n, every k (induction), every γ ≠ 1"),
    claimed=dict(survival=gamma * q, mean=delta, variance=gamma * delta * delta),
    controls={
        "survival one step longer": dict(survival=q),
        "survival of the complement": dict(survival=(1 - gamma) * q),
        "mean without the first step": dict(mean=gamma * delta),
        "mean squared": dict(mean=delta * delta),
        "variance without the discount": dict(variance=delta * delta),
        "variance with one factor": dict(variance=gamma * delta),
        "variance of both discounts": dict(variance=gamma * gamma * delta * delta),
    },
)
def lifetime_is_geometric(survival, mean, variance) -> None:
    """P(T > k) = B^k 1 for B = γA. If it is γ^k 1, the next one is γA γ^k 1 = γ^{k+1} 1, since
    A1 = 1; for k = 0 it is 1. Likewise (I − γA)1 = (1 − γ)1, so N1 = 1/(1 − γ) 1, and
    (2N − I)t − t∘t = (2/(1 − γ) − 1 − 1/(1 − γ)) t = γ/(1 − γ)² 1.

    Machine-checked: step, mean, variance. That t = N1 is the mean and (2N − I)t − t∘t the variance
    is the claim used.
    """
    attention, discount = row_stochastic(), rational("17/20")
    scale = 1 / (1 - discount)
    identity = identity_like(attention)
    ones = rational_array([[1]] * 3)
    models = [
        {
            "A": attention,
            "N": inverse(identity - discount * attention),
            "o": ones,
            "p": discount * ones,
            "r": identity[:1, :],
            "gamma": discount,
            "q": discount,
            "delta": scale,
        }
    ]
    rows = A * o - o
    inverse_of_difference = N * (1 - gamma * A) - 1
    scaling = delta * (1 - gamma) - 1
    follows(
        gamma * A * p - survival * o,
        using=[(gamma * A, p - q * o, 1), (gamma * q, rows, 1)],
        models=models,
        message="the survival probability is not the stated one",
    )
    follows(
        N * o - mean * o,
        using=[
            (delta, inverse_of_difference, o),
            (delta * gamma * N, rows, 1),
            (-1, scaling, N * o),
        ],
        models=models,
        message="the expected lifetime is not the stated one",
    )
    lifetime, picked = N * o - delta * o, r * o - 1
    follows(
        r * (2 * N - 1) * N * o - r * N * o * r * N * o - variance,
        using=[
            (r * (2 * N - 1) + 2 * delta * r - delta * r * o * r, lifetime, 1),
            (-r, lifetime, r * N * o),
            (delta * delta - delta, picked, 1),
            (-delta * delta, picked, r * o),
            (delta, scaling, 1),
        ],
        models=models,
        message="the variance of the lifetime is not the stated one",
    )


def _cases() -> Iterator[tuple[np.ndarray, object]]:
    yield row_stochastic(), rational("17/20")
    for draw in independent_draws(20, seed=41):
        size = int(draw.random.integers(2, 4))
        weights = rational_array(draw.random.integers(0, 6, (size, size)).tolist())
        totals = weights.sum(axis=1)
        if (totals == 0).any():
            draw.discard()
            continue
        yield weights / totals[:, None], rational(int(draw.random.integers(0, 20))) / 20


def _one(rows: list[list[object]], discount: str):
    return lambda: [(rational_array(rows), rational(discount))]


@check(
    ROW_STOCHASTIC_LIFETIME,
    establishes=sampled(over="2 or 3 tokens; every trajectory of up to 4 steps"),
    claimed=dict(mean=lambda g: 1 / (1 - g), survival=lambda g, k: g**k, cases=_cases),
    controls={
        "mean without the first step": dict(mean=lambda g: g / (1 - g)),
        "survival one step longer": dict(survival=lambda g, k: g ** max(k - 1, 0)),
        "one row sum perturbed": dict(
            cases=_one([["1/2", "1/4"], ["1/2", "1/2"]], "1/2"), drops="row-stochastic"
        ),
        "a negative entry": dict(
            cases=_one([["3/2", "-1/2"], ["1/2", "1/2"]], "1/2"), drops="non-negative"
        ),
        "discount one": dict(cases=_one([["1/2", "1/2"], ["1/2", "1/2"]], "1"), drops="discount"),
    },
)
def lifetimes_do_not_tell_tokens_apart(mean, survival, cases) -> None:
    """P(T > k) by enumeration of trajectories is γ^k from every start, and the row sums of the
    kernel are all 1/(1 − γ): a constant vector, which ranks nothing.
    """
    for attention, discount in cases():
        block = discount * attention
        identity = identity_like(block)
        refute_unless(
            determinant(identity - block) != 0,
            "I − γA is singular: trajectories never end",
            A=attention,
            gamma=discount,
        )
        lifetimes = fundamental_matrix(attention, discount) @ ones_like(attention)
        refute_unless(
            bool((lifetimes == mean(discount)).all()),
            "the expected lifetimes are not all the stated number",
            A=attention,
            gamma=discount,
            lifetimes=lifetimes,
        )
        for start, k in np.ndindex(block.shape[0], 5):
            walks = list(trajectories(block, start, k))
            refute_unless(
                all(walk.probability >= 0 for walk in walks),
                "a trajectory has a negative probability",
                A=attention,
                gamma=discount,
                probabilities=[walk.probability for walk in walks],
            )
            alive = sum((w.probability for w in walks if not w.absorbed), start=rational(0))
            refute_unless(
                alive == survival(discount, k),
                "the probability of living longer than k steps is another one",
                A=attention,
                gamma=discount,
                start=start,
                k=k,
                alive=alive,
            )
    note(lifetime_at_17_over_20=1 / (1 - rational("17/20")))


@plot(ROW_STOCHASTIC_LIFETIME)
def row_sums_and_column_sums() -> Plot:
    """Row and column sums of the kernel of a softmax attention matrix."""
    generator = np.random.default_rng(8)
    scores = np.exp(1.5 * generator.standard_normal((12, 12)))
    attention = scores / scores.sum(axis=1, keepdims=True)
    kernel = np.linalg.inv(np.eye(12) - 0.85 * attention)
    token = [float(k + 1) for k in range(12)]
    return Plot(
        title="Row sums of the kernel are blind, column sums are not (softmax attention, γ = 0.85)",
        x_label="token",
        y_label="sum of the kernel",
        series=[
            Series(label="row sum: lifetime", x=token, y=kernel.sum(axis=1).tolist()),
            Series(
                label="column sum: visits received",
                x=token,
                y=kernel.sum(axis=0).tolist(),
                style="points",
            ),
        ],
        caption="Every row sums to 1/(1 − γ) = 20/3.",
    )
