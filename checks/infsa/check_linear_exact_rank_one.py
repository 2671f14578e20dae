"""Positive affinities of rank one: the scores are the left Perron vector, whatever the weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.elementwise import square_root
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.infinite_self_attention import affinity
from attnproof.theory.operator.linear_infinite_self_attention import key_scores
from attnproof.theory.paper.infsa.linear_variant import LINEAR_EXACT_RANK_ONE
from attnproof.theory.paper.infsa.perron_vector import is_left_perron_vector
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows
from attnproof.theory.paper.infsa.rectified_scores import rectified_scores

A0, A0t, a, w, x, xt, y, yt, onet = letters("A0 A0t a w x xt y yt onet")
c, d, s, t = scalars("c d s t")


def _models(names: str) -> list[dict[str, object]]:
    """Every letter from two exact instances of QKᵀ = x yᵀ, by the definitions."""
    models = []
    for rows, columns, width in (([1, 2, 5], [3, 1, 2], 1), ([2, 1, 3], [1, 4, 1], 2)):
        left, right = rational_array(rows), rational_array(columns)
        direction = rational_array([["3/5"], ["4/5"]][:width] if width == 2 else [[1]])
        query, key = np.outer(left, direction), np.outer(right, direction)
        norms = square_root((query * query).sum(axis=1))
        weights = norms / norms.sum()
        affinities = affinity(query, key)
        column = lambda vector: vector.reshape(-1, 1)
        models.append(
            {
                "A0": affinities,
                "A0t": affinities.T,
                "a": column(key_scores(query, key)),
                "w": column(weights),
                "x": column(left),
                "xt": column(left).T,
                "y": column(right),
                "yt": column(right).T,
                "onet": column(left * 0 + 1).T,
                "c": left @ weights,
                "d": rational(width),
                "s": (affinities.T @ weights).sum(),
                "t": right.sum(),
            }
        )
    return [{name: model[name] for name in names.split()} for model in models]


@check(
    LINEAR_EXACT_RANK_ONE,
    part="scores",
    establishes=proof(over="every N, every head width, every weights w, all Q and K as assumed"),
    claimed=dict(limit=y, total=t),
    controls={
        "right factor": dict(limit=x),
        "the weights themselves": dict(limit=w),
        "one more power step": dict(limit=A0t * y),
        "not normalised": dict(total=1),
        "opposite sign": dict(limit=-1 * y),
    },
)
def scores_are_the_column_factor(limit, total) -> None:
    """From s a = A0ᵀw (which `linear-exact` proves), d A0ᵀ = y xᵀ and 1ᵀa = 1, with the numbers
    c = xᵀw and t = 1ᵀy:

        d s a = y (xᵀw) = c y,  hence  d s = c t,  hence  c (t a − y) = 0,

    and c > 0 since x and w are positive. The weights enter only through c.
    """
    step = s * a - A0t * w
    rank_one = d * A0t - y * xt
    inner = xt * w - c
    follows(
        c * (total * a - limit),
        using=[
            (d, step, 1),
            (1, rank_one, w),
            (y, inner, 1),
            (-1 * a * onet * d, step, 1),
            (-1 * a * onet, rank_one, w),
            (-1 * a * onet * y, inner, 1),
            (d * s * a, onet * a - 1, 1),
            (-1 * c * a, onet * y - t, 1),
        ],
        models=_models("A0t a w x xt y onet c d s t"),
        message="the scores are not the stated vector",
    )


@check(
    LINEAR_EXACT_RANK_ONE,
    part="Perron vector",
    establishes=proof(over="every N, every head width, all Q and K as assumed"),
    claimed=dict(product=yt * A0, multiple=yt * x * yt),
    controls={
        "from the right": dict(product=A0 * y, multiple=y * yt * x),
        "of the transposed": dict(product=yt * A0t),
        "twice the eigenvalue": dict(multiple=2 * yt * x * yt),
        "norm of the factor as eigenvalue": dict(multiple=yt * y * yt),
    },
)
def column_factor_is_a_left_eigenvector(product, multiple) -> None:
    """d yᵀA0 = yᵀ(x yᵀ) = (yᵀx) yᵀ. That a positive left eigenvector of a positive matrix is the
    Perron vector is classical (Perron); the instances below decide it by the spectrum.
    """
    follows(
        d * product - multiple,
        using=[(yt, d * A0 - x * yt, 1)],
        models=_models("A0 A0t x y yt d"),
        message="the factor is no eigenvector for the stated value",
    )


def _rank_one_instances() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    yield rational_array([[1], [2], [5]]), rational_array([[3], [1], [2]])
    for draw in independent_draws(40, seed=17):
        tokens, width = int(draw.random.integers(2, 6)), int(draw.random.integers(1, 4))
        factors = rational_array(draw.random.integers(1, 9, tokens).tolist())
        direction = rational_norm_rows(draw.random, 1, width)[0]
        if draw.random.integers(0, 2):
            # All queries on one line, the keys anywhere on the positive side of it.
            key = rational_norm_rows(draw.random, tokens, width)
            products = key @ direction
            if any(product == 0 for product in products):
                draw.discard()
                continue
            facing = rational_array([1 if product > 0 else -1 for product in products])
            yield np.outer(factors, direction), facing[:, None] * key
        else:
            # All keys on one line, the queries anywhere on the positive side of it.
            query = rational_norm_rows(draw.random, tokens, width)
            products = query @ direction
            if any(product == 0 for product in products):
                draw.discard()
                continue
            facing = rational_array([1 if product > 0 else -1 for product in products])
            yield facing[:, None] * query, np.outer(factors, direction)


def _only(query: list, key: list):
    return lambda: [(rational_array(query), rational_array(key))]


ALTERED_INSTANCES = {
    "positive of rank two": dict(
        instances=_only([[1, 0], [0, 1]], [[2, 1], [1, 1]]), drops="rank one"
    ),
    "rank two, three tokens": dict(
        instances=_only([[1, 0], [0, 2], [3, 4]], [[2, 1], [1, 3], [1, 1]]), drops="rank one"
    ),
    "one query of opposite sign": dict(instances=_only([[1], [-3]], [[1], [1]]), drops="positive"),
}


@check(
    LINEAR_EXACT_RANK_ONE,
    part="scores",
    establishes=sampled(over="2 to 5 tokens, head width 1 to 3", by="exact rationals"),
    claimed=dict(factor=lambda logits: logits[0], instances=_rank_one_instances),
    controls={
        "right factor": dict(factor=lambda logits: logits[:, 0]),
        "product of both factors": dict(factor=lambda logits: logits[0] * logits[:, 0]),
        "constant vector": dict(factor=lambda logits: logits[0] * 0 + 1),
        "one key of opposite sign": dict(
            instances=_only([[1], [2]], [[3], [-1]]), drops="positive"
        ),
        **ALTERED_INSTANCES,
    },
)
def scores_on_instances(factor, instances) -> None:
    """y is read off the first row of QKᵀ, of which every row is a multiple. Compared by cross
    products with the scores before normalisation, which exist even where they vanish.
    """
    for query, key in instances():
        wanted = factor(query @ key.T)
        scores = rectified_scores(query, key)
        refute_unless(
            any(scores) and bool((np.outer(scores, wanted) == np.outer(wanted, scores)).all()),
            "the scores are no multiple of the stated vector",
            query=query,
            key=key,
            scores=scores,
            factor=wanted,
        )


@check(
    LINEAR_EXACT_RANK_ONE,
    part="Perron vector",
    establishes=sampled(over="2 to 5 tokens, head width 1 to 3", by="exact rationals"),
    claimed=dict(side=lambda affinities: affinities, instances=_rank_one_instances),
    controls={
        "right Perron vector": dict(side=lambda affinities: affinities.T),
        "symmetrised affinities": dict(side=lambda affinities: affinities + affinities.T),
        **ALTERED_INSTANCES,
    },
)
def scores_are_the_perron_vector(side, instances) -> None:
    """The operator's scores themselves against the spectrum of A0: uᵀA0 = ρuᵀ with ρ = tr A0, and
    every other eigenvalue is smaller (Schur–Cohn on the deflated matrix).
    """
    for query, key in instances():
        affinities, scores = affinity(query, key), rectified_scores(query, key)
        refute_unless(
            is_left_perron_vector(side(affinities), scores, affinities.trace()),
            "the scores are not the stated Perron vector",
            query=query,
            key=key,
            scores=scores,
            affinities=affinities,
        )
    note(scores_of_the_example=key_scores(*next(_rank_one_instances())))
