"""Positive affinities contract Hilbert's metric: instances, exact and in balls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.ball import ball, ball_array, precision
from attnproof.theory.algebra.elementwise import square_root
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, note, plot, refute_unless, sampled
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.infinite_self_attention import affinity
from attnproof.theory.operator.linear_infinite_self_attention import key_scores
from attnproof.theory.paper.infsa.hilbert_metric import largest_cross_ratio, spread
from attnproof.theory.paper.infsa.linear_variant import LINEAR_PERRON_CONTRACTION
from attnproof.theory.paper.infsa.perron_vector import left_perron_enclosure
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows

Pair = tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, int]]


def _realised(affinities: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Queries and keys with these logits and with norms proportional to these weights:
    Q = diag(w) and K = (diag(1/w) A)ᵀ. So every positive matrix and every start occurs."""
    zero = rational(0)
    query = np.array(
        [
            [weight if i == j else zero for j in range(len(weights))]
            for i, weight in enumerate(weights)
        ],
        dtype=object,
    )
    return query, (affinities / weights[:, None]).T


def _pair(
    affinities: list, weights: list, perron: list, root_of_cross_ratio: int | None = None
) -> Pair:
    """An instance with two tokens and a known left Perron vector; (√κ − 1, √κ + 1) as rate, and
    (1, 1), the trivial rate of an infinite diameter, without a root."""
    matrix, start = rational_array(affinities), rational_array(weights)
    query, key = _realised(matrix, start)
    root = root_of_cross_ratio
    return query, key, rational_array(perron), (root - 1, root + 1) if root else (1, 1)


def _pairs() -> Iterator[Pair]:
    yield _pair([[4, 1], [1, 4]], [2, 1], [1, 1], 4)
    for draw in independent_draws(60, seed=23):
        root = int(draw.random.integers(2, 6))
        rows, columns, perron, weights = (
            rational_array(draw.random.integers(1, 9, 2).tolist()) for _ in range(4)
        )
        # Scaling rows and columns keeps the cross ratio root². The columns are scaled such that
        # the drawn vector becomes a left eigenvector.
        matrix = rational_array([[root, 1], [1, root]]) * np.outer(rows, columns)
        matrix = matrix * (perron / (perron @ matrix))
        query, key = _realised(matrix, weights)
        yield query, key, perron, (root - 1, root + 1)


@check(
    LINEAR_PERRON_CONTRACTION,
    part="contraction",
    establishes=sampled(over="N = 2, cross ratios 4 to 25", by="exact rationals"),
    claimed=dict(exponents=lambda above, below: (above, below), pairs=_pairs, side="left"),
    controls={
        "an eighth of the diameter": dict(
            # tanh(Δ/8) = (k − 1)/(k + 1) with k⁴ = κ: 1/3 for the first instance, κ = 16.
            exponents=lambda above, below: (1, 3),
            pairs=lambda: [_pair([[4, 1], [1, 4]], [2, 1], [1, 1], 4)],
        ),
        "nine tenths of the rate": dict(exponents=lambda above, below: (9 * above, 10 * below)),
        "square of the rate": dict(exponents=lambda above, below: (above**2, below**2)),
        "right Perron vector": dict(side="right"),
        "one logit of opposite sign": dict(
            pairs=lambda: [_pair([[1, 1], [2, "-1/2"]], [1, 1], [2, 1])],
            drops="positive affinities",
        ),
        "one score rectified away": dict(
            pairs=lambda: [_pair([[1, 1], [2, -3]], [1, 1], [2, 1])], drops="positive affinities"
        ),
    },
)
def powers_of_the_distances(exponents, pairs, side: str) -> None:
    """For d_H(a, u) ≤ (p/q) d_H(w, u) with natural p, q: e^{q d_H(a, u)} ≤ e^{p d_H(w, u)}, which
    compares powers of rationals. Multiplied out, so that a score of zero counts as infinitely far.

    Without positive logits A0 has a zero, Δ is infinite and the claimed factor would be 1.
    """
    for query, key, perron, rate in pairs():
        affinities, scores = affinity(query, key), key_scores(query, key)
        norms = square_root((query * query).sum(axis=1))
        image = affinities.T @ perron
        if any(np.outer(image, perron).flat != np.outer(perron, image).flat):
            raise ValueError(f"{perron} is no left eigenvector of {affinities}")
        if side == "right":
            # The right Perron vector of the 2 × 2 matrix with the same eigenvalue.
            root = image[0] / perron[0]
            perron = np.array([affinities[0, 1], root - affinities[0, 0]], dtype=object)
        above, below = exponents(*rate)
        (highest, lowest), (upper, lower) = spread(scores, perron), spread(norms, perron)
        refute_unless(
            bool(highest**below * lower**above <= upper**above * lowest**below),
            "the scores are farther from the Perron vector than the factor allows",
            query=query,
            key=key,
            u=perron,
            scores=scores,
            spread_of_scores=[highest, lowest],
            spread_of_norms=[upper, lower],
            exponents=[above, below],
        )


def _positive_inputs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    yield _realised(rational_array([[4, 1], [1, 4]]), rational_array([2, 1]))
    yield _realised(rational_array([[9, 1], [1, 9]]), rational_array([10, 9]))
    for draw in independent_draws(60, seed=29):
        if draw.random.integers(0, 2):
            query = rational_norm_rows(draw.random, 5, 3, non_negative=True)
            key = rational_norm_rows(draw.random, 5, 3, non_negative=True)
        else:
            weights = rational_array(draw.random.integers(1, 9, 5).tolist())
            matrix = rational_array(draw.random.integers(1, 30, (5, 5)).tolist())
            query, key = _realised(matrix, weights)
        if any(entry <= 0 for entry in (query @ key.T).flat):
            draw.discard()
            continue
        yield query, key


def _log_spread(left: np.ndarray, right: np.ndarray):
    """``d_H(x, y)`` on balls: the largest of the logarithms over all pairs."""
    ratios = left / right
    distance = ball(0)
    for one in ratios:
        for other in ratios:
            distance = distance.max((one / other).log())
    return distance


@check(
    LINEAR_PERRON_CONTRACTION,
    part="contraction",
    establishes=sampled(over="N = 5, positive logits", by="ball arithmetic (Arb)"),
    claimed=dict(quarter=4, ratio=largest_cross_ratio, start=lambda norms: norms),
    controls={
        "an eighth of the diameter": dict(quarter=8),
        "a fifth of the diameter": dict(quarter=5),
        "quotient of entries instead of cross ratio": dict(
            ratio=lambda matrix: max(matrix.flat) / min(matrix.flat)
        ),
        "distance of the constant vector": dict(start=lambda norms: norms * 0 + 1),
    },
)
def enclosed_distances(quarter: int, ratio, start) -> None:
    """d_H and tanh in balls of 128 bits; the Perron vector is enclosed by exact powers of A0ᵀ,
    with an error far below the gap of the inequality. A comparison that the balls leave open is
    undecided, not passed.
    """
    worst = 0.0
    with precision(128):
        for query, key in _positive_inputs():
            affinities = affinity(query, key)
            perron = left_perron_enclosure(affinities, squarings=6)
            norms = square_root((query * query).sum(axis=1))
            scores = ball_array(key_scores(query, key))
            diameter = ball(ratio(affinities)).log()
            before = _log_spread(ball_array(start(norms)), perron)
            after = _log_spread(scores, perron)
            allowed = (diameter / quarter).tanh() * before
            at_most(
                after,
                allowed,
                "the scores are farther from the Perron vector than the factor allows",
                query=query,
                key=key,
            )
            worst = max(worst, float((after / allowed).mid()))
    note(worst_fraction_of_the_bound=f"{worst:.4f}")


@plot(LINEAR_PERRON_CONTRACTION)
def observed_against_allowed() -> Plot:
    """Observed contraction of Hilbert's metric against the factor, for pairs and five tokens."""
    series = []
    for tokens, label in ((2, "2 tokens"), (5, "5 tokens")):
        generator = np.random.default_rng(tokens)
        allowed, observed = [], []
        for _ in range(150):
            matrix = np.exp(generator.uniform(0.2, 2) * generator.standard_normal((tokens, tokens)))
            perron = np.ones(tokens)
            for _ in range(300):
                perron = matrix.T @ perron
                perron /= perron.sum()
            start = perron * np.exp(0.5 * generator.standard_normal(tokens))
            distance = lambda x, y: float(np.ptp(np.log(x / y)))
            allowed.append(float(np.tanh(np.log(largest_cross_ratio(matrix)) / 4)))
            observed.append(distance(matrix.T @ start, perron) / distance(start, perron))
        series.append(Series(label=label, x=allowed, y=observed, style="points"))
    series.append(Series(label="the bound", x=[0.0, 1.0], y=[0.0, 1.0], style="guide"))
    return Plot(
        title="How much closer to the Perron vector one power step comes",
        x_label="tanh(Δ/4)",
        y_label="d(a, u) / d(w, u)",
        series=series,
        caption="Random positive affinities and weights. Every point lies below the line; pairs of "
        "tokens come close to it.",
    )
