"""What the linear variant computes: one power step, exact where nothing is rectified."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.elementwise import maximum, square_root
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import ones_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, note, plot, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.infinite_self_attention import affinity
from attnproof.theory.operator.linear_infinite_self_attention import key_scores
from attnproof.theory.paper.infsa.linear_variant import LINEAR_EXACT
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows

K, Qt, A0, A0t, w, norms, pooled, a, one = letters("K Qt A0 A0t w norms pooled a one")
m, s, d = scalars("m s d")


def _example() -> tuple[np.ndarray, np.ndarray]:
    return rational_array([[1], [2], [5]]), rational_array([[3], [1], [2]])


def _wider_example() -> tuple[np.ndarray, np.ndarray]:
    return (
        rational_array([[3, 4, 0, 0], [1, 1, 1, 1], [0, 0, 2, 0]]),
        rational_array([[1, 2, 0, 1], [5, 1, 2, 0], [0, 3, 1, 1]]),
    )


def _norms(query: np.ndarray) -> np.ndarray:
    return square_root((query * query).sum(axis=1))


def _models(names: str) -> list[dict[str, object]]:
    """The letters that a proof speaks of, so that a witness shows nothing else."""
    models = [
        _model(*_example()),
        _model(*_wider_example()),
        _model(*_wider_example(), epsilon="1/100"),
    ]
    return [{name: model[name] for name in names.split()} for model in models]


def _model(query: np.ndarray, key: np.ndarray, epsilon: str = "0") -> dict[str, object]:
    """Every letter of the proofs from the definitions on exact queries and keys."""
    small = rational(epsilon)
    lengths, width = _norms(query), rational(query.shape[1])
    mass = lengths.sum() + 2 * small  # √d = 2; without ε it does not matter
    weights = lengths / mass
    mean = weights @ query
    scores = maximum(key @ mean / width)
    affinities = affinity(query, key)
    column = lambda vector: vector.reshape(-1, 1)
    return {
        "K": key,
        "Qt": query.T,
        "A0": affinities,
        "A0t": affinities.T,
        "w": column(weights),
        "norms": column(lengths),
        "pooled": column(mean),
        "a": column(key_scores(query, key, small)),
        "one": column(ones_like(query)),
        "m": mass,
        "s": scores.sum() + small,
        "d": width,
    }


@check(
    LINEAR_EXACT,
    establishes=proof(over="every N, d and d_v, every ε ≥ 0, every Q and K as assumed"),
    claimed=dict(step=A0t * w, factor=s, weighting=norms),
    controls={
        "power step from the right": dict(step=A0 * w),
        "two power steps": dict(step=A0t * A0t * w),
        "started at the constant vector": dict(step=A0t * one),
        "started at the norms, not normalised": dict(step=A0t * norms),
        "scores not normalised": dict(factor=1),
        "opposite sign": dict(step=-1 * A0t * w),
        "queries of equal weight": dict(weighting=one),
    },
)
def scores_are_a_power_step(step, factor, weighting) -> None:
    """From what the code does, line by line, to one product with A0ᵀ: with m the sum of the norms
    (plus ε) and s the sum of the scores (plus ε), and with A0 = QKᵀ/d where nothing is rectified,

        m w = ‖q‖,   q̄ = Qᵀw,   d s a = K q̄,   d A0ᵀ = K Qᵀ   imply   s a = A0ᵀ w.

    The rectifier is the identity on K q̄ as well, which is a non-negative combination of columns
    of K Qᵀ. For ε = 0, s is the sum of A0ᵀw because the scores sum to one.

    The models are built by the definitions, with ε = 0 and with ε = 1/100.
    """
    pooling = pooled - Qt * w
    scoring = d * s * a - K * pooled
    affinities = d * A0t - K * Qt
    follows(
        d * factor * a - d * step,
        using=[(1, scoring, 1), (K, pooling, 1), (-1, affinities, w)],
        models=_models("K Qt A0 A0t w norms pooled a one s d"),
        message="the scores are not the stated step",
    )
    # The weights themselves: the pooled query is the sum of the rows, each times its norm.
    follows(
        m * pooled - Qt * weighting,
        using=[(m, pooling, 1), (Qt, m * w - norms, 1)],
        models=_models("Qt w norms one pooled m"),
        message="the pooled query is not weighted by the norms",
    )


def _instances() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    yield _example()
    yield _wider_example()
    for draw in independent_draws(40, seed=3):
        tokens, width = int(draw.random.integers(2, 7)), int(draw.random.integers(1, 5))
        query = rational_norm_rows(draw.random, tokens, width, non_negative=True)
        key = rational_norm_rows(draw.random, tokens, width, non_negative=True)
        # A reflection common to queries and keys leaves the products as they are.
        signs = draw.random.choice((-1, 1), width)
        yield query * signs, key * signs


def _only(query: list, key: list):
    return lambda: [(rational_array(query), rational_array(key))]


@check(
    LINEAR_EXACT,
    establishes=sampled(
        over="2 to 6 tokens, head width 1 to 4, rows of rational norm", by="exact rationals"
    ),
    claimed=dict(
        step=lambda A, weights: A.T @ weights, weight=lambda norm: norm, instances=_instances
    ),
    controls={
        "power step from the right": dict(step=lambda A, weights: A @ weights),
        "two power steps": dict(step=lambda A, weights: A.T @ (A.T @ weights)),
        "no step": dict(step=lambda A, weights: weights),
        "equal weights": dict(weight=lambda norm: norm * 0 + 1),
        "squared norms": dict(weight=lambda norm: norm * norm),
        "one query of opposite sign": dict(
            instances=_only([[1], [2], [-1]], [[3], [-1], [2]]), drops="nothing rectified"
        ),
        "one key of mixed products": dict(
            instances=_only([[3, 4], [1, 0]], [[1, 0], [-4, 4]]), drops="nothing rectified"
        ),
        "no affinity": dict(
            instances=_only([[1, 0], [2, 0]], [[0, 1], [0, 3]]), drops="some affinity"
        ),
    },
)
def power_step_on_instances(step, weight, instances) -> None:
    """The operator's definition against A0ᵀw/(1ᵀA0ᵀw), with A0 from the definition of the pure
    variant and w from the norms.
    """
    for query, key in instances():
        weights = weight(_norms(query))
        powered = step(affinity(query, key), weights)
        refute_unless(
            powered.sum() != 0,
            "there is nothing to normalise: all affinities vanish",
            query=query,
            key=key,
            step=powered,
        )
        scores, wanted = key_scores(query, key), powered / powered.sum()
        refute_unless(
            bool((scores == wanted).all()),
            "the scores are not the normalised step",
            query=query,
            key=key,
            scores=scores,
            step=wanted,
        )
    note(scores_of_the_example=key_scores(*_example()))


@plot(LINEAR_EXACT)
def tokens_before_and_after_the_step() -> Plot:
    """Weights, scores and left Perron vector of ten tokens with positive affinities."""
    generator = np.random.default_rng(4)
    query, key = np.abs(generator.standard_normal((2, 10, 3)))
    start = np.linalg.norm(query, axis=1)
    tokens = [str(position + 1) for position in range(10)]
    shown = {
        "weights w": start / start.sum(),
        "scores a, one step": key_scores(query, key),
        "left Perron vector u": _left_perron(query, key),
    }
    return Plot(
        title="One power step from the norms of the queries",
        x_label="token",
        y_label="share",
        series=[
            Series(label=label, x=tokens, y=[float(entry) for entry in values], style="bars")
            for label, values in shown.items()
        ],
        caption="Ten tokens, head width 3, all affinities positive. One step already comes close; "
        "it is one step all the same.",
    )


def _left_perron(query: np.ndarray, key: np.ndarray) -> np.ndarray:
    vector = np.ones(len(key)) / len(key)
    for _ in range(200):
        vector = key @ (query.T @ vector)
        vector /= vector.sum()
    return vector
