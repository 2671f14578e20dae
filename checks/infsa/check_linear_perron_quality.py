"""Does the linear variant approximate the dominant eigenvector? Not in general."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.core import check, counterexample, note, refute_unless
from attnproof.theory.operator.infinite_self_attention import affinity
from attnproof.theory.paper.infsa.linear_variant import LINEAR_PERRON_QUALITY
from attnproof.theory.paper.infsa.perron_vector import is_left_perron_vector
from attnproof.theory.paper.infsa.rectified_scores import rectified_scores

Instance = tuple[np.ndarray, np.ndarray, np.ndarray, object]


def _instance(query: list, key: list, perron: list, root: object) -> Instance:
    return rational_array(query), rational_array(key), rational_array(perron), rational(root)


def _outlier(length: int) -> Instance:
    """Two tokens that attend to each other, and one with a long query and a short key."""
    return _instance(
        [[1, 0], [1, 0], [0, length]], [[1, 0], [1, 0], [0, f"1/{length}"]], [1, 1, 0], 1
    )


def _cluster_and_outlier() -> Instance:
    """Twenty tokens of one direction, and one of another with the product 10."""
    return _instance([[1, 0]] * 20 + [[0, 100]], [[1, 0]] * 20 + [[0, "1/10"]], [1] * 20 + [0], 10)


def _only_one_row_survives() -> Instance:
    return _instance([[1], [-3]], [[1], [1]], [1, 1], 1)


def _opposite_queries() -> Instance:
    """Queries in opposite pairs: the pooled query is zero."""
    return _instance(
        [[1, 0], [-1, 0], [0, 1], [0, -1]],
        [[2, 1], [1, 1], [1, 2], [2, 2]],
        [3, 2, 3, 4],
        "3/2",
    )


def _positive_and_far(tokens: int, size: int) -> Instance:
    """All affinities positive, u constant, and one query that is much longer than the others."""
    query = [[0] * tokens for _ in range(tokens)]
    key = [[0] * tokens for _ in range(tokens)]
    for i in range(tokens):
        query[i][i] = size if i == 0 else 1
        for j in range(tokens):
            # The products are q_i·k_j = size if i = j, else 1.
            key[j][i] = f"{size if i == j else 1}/{query[i][i]}"
    return _instance(query, key, [1] * tokens, f"{size + tokens - 1}/{tokens}")


def _rank_one() -> Instance:
    return _instance([[1], [2], [5]], [[3], [1], [2]], [3, 1, 2], 15)


def _symmetric_pair() -> Instance:
    return _instance([[1, 0], [0, 2]], [[4, "1/2"], [1, 2]], [1, 1], "5/2")


@check(
    LINEAR_PERRON_QUALITY,
    establishes=counterexample(over="three tokens, head width two; a family with no bound"),
    claimed=dict(instance=lambda: _outlier(100), cosine="197/200"),
    repairs={
        "positive affinities of rank one": dict(instance=_rank_one, cosine="1"),
        "a positive pair of projective diameter log 16": dict(
            instance=_symmetric_pair, cosine="24/25"
        ),
        "an outlier of length one": dict(instance=lambda: _outlier(1), cosine="4/5"),
    },
    controls={
        "cosine one in ten": dict(cosine="1/10"),
        "cosine one in a thousand": dict(instance=lambda: _outlier(3000), cosine="1/1000"),
        "twenty tokens and an outlier": dict(instance=_cluster_and_outlier),
        "twenty tokens and an outlier, cosine one in ten": dict(
            instance=_cluster_and_outlier, cosine="1/10"
        ),
        "nothing survives the rectifier": dict(instance=_only_one_row_survives, cosine="0"),
        "queries in opposite pairs": dict(instance=_opposite_queries, cosine="0"),
        "positive pair": dict(instance=_symmetric_pair),
        "positive affinities of four tokens, cosine three fifths": dict(
            instance=lambda: _positive_and_far(4, 1000), cosine="3/5"
        ),
    },
)
def scores_against_the_perron_vector(instance, cosine: str) -> None:
    """cos²(a, u) = (aᵀu)²/((aᵀa)(uᵀu)) is rational, so the bound is compared squared. The scores
    are taken before normalisation, so that they exist even if all are zero: a zero vector
    approximates nothing.

    For the outlier of length c, A0 = (J ⊕ 1)/2 with J the 2 × 2 matrix of ones, u = (1, 1, 0), and
    the scores are proportional to (2, 2, c): cos² = 8/(8 + c²), below any bound for large c.
    """
    query, key, perron, root = instance()
    affinities = affinity(query, key)
    if not is_left_perron_vector(affinities, perron, root):
        raise ValueError(f"{perron} is not the left Perron vector of {affinities} for {root}")
    scores = rectified_scores(query, key)
    given = {
        "affinities": affinities,
        "u": perron,
        "rho": root,
        "query": query,
        "key": key,
        "a": scores,
    }
    refute_unless(any(scores), "all scores vanish: there is no direction at all", **given)
    product, lengths = scores @ perron, (scores @ scores) * (perron @ perron)
    squared = product * product / lengths
    note(squared_cosine=squared, cosine=f"{to_float(squared) ** 0.5:.4f}")
    bound = rational(cosine)
    refute_unless(
        product >= 0 and squared >= bound * bound,
        f"the cosine is less than {cosine}",
        **given,
        squared_cosine=squared,
    )
