"""Softmax attention as local constant regression, and what equal key norms are needed for."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    exact,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.ttr.local_regression import (
    QKNORM_COSPHERE,
    QKNORM_NECESSARY,
    SOFTMAX_IS_LOCAL_CONSTANT,
)

v, vt, c, ct, s, st = letters("v vt c ct s st")
weight, total, before = scalars("weight total before")


@check(
    SOFTMAX_IS_LOCAL_CONSTANT,
    establishes=proof(over="every n (induction), d_v, all positive weights"),
    claimed=dict(divisor=lambda total, weight: total + weight, curvature=total + weight),
    controls={
        "last weight forgotten": dict(curvature=1 * total),
        "sum divided by the earlier weights": dict(divisor=lambda total, weight: 1 * total),
    },
)
def gap_to_the_mean(divisor, curvature) -> None:
    """Adding a pair to a sum with the mean s and the total weight W: the new mean m has
    ``(W + w)m = Ws + wv``, and for every c

        W‖c − s‖² + w‖v − c‖² = (W + w)‖c − m‖² + terms without c,

    which is seen from the coefficients of c: ``‖c‖²`` has W + w on both sides, and the linear term
    is ``−2(Ws + wv)ᵀc``. Base: one pair, m = v. A positive multiple of ‖c − m‖² has its only
    minimum at m. The letter s is the earlier mean, the letters m, mt the new one."""
    m, mt = letters("m mt")
    earlier, value = rational_array([[1], [2]]), rational_array([[4], [-1]])
    kept, added = rational(3), rational(2)
    new = (kept * earlier + added * value) / divisor(kept, added)
    model = {
        **{"v": value, "vt": value.T, "s": earlier, "st": earlier.T, "m": new, "mt": new.T},
        **{"c": rational_array([[1], [1]]), "ct": rational_array([[1, 1]])},
        **{"total": kept, "weight": added},
    }
    of = divisor(total, weight)
    at = lambda x, xt: total * (xt - st) @ (x - s) + weight * (vt - xt) @ (v - x)
    follows(
        at(c, ct) - at(m, mt) - curvature * (ct - mt) @ (c - m),
        using=[
            (ct - mt, of * m - total * s - weight * v, 1),
            (1, of * mt - total * st - weight * vt, c - m),
        ],
        models=[model],
        message="the gap to the mean is another",
    )


def _softmax(keys, query):
    """Base 2 with integer scores: exactly rational."""
    return softmax_weights((keys @ query)[None, :], power_of_two)[0]


def _gaussian(keys, centre):
    """``2^{−‖c − k‖²/2}``, normalised; differences of squared norms must be even integers."""
    squared = [((key - centre) ** 2).sum() for key in keys]
    scores = rational_array([Fraction(str(squared[0] - each)) / 2 for each in squared])
    return softmax_weights(scores[None, :], power_of_two)[0]


@check(
    QKNORM_NECESSARY,
    establishes=counterexample(
        over="keys (1, 2), (2, −1), (−2, 1); query (3, 1); base 2, that is τ = 1/ln 2"
    ),
    claimed=dict(keys=[[1, 2], [2, -1], [-2, 1]], query=[3, 1]),
    controls={
        "another query": dict(query=[0, -2]),
        "keys on a larger circle": dict(keys=[[3, 4], [5, 0], [-4, 3]]),
    },
    repairs={
        "unit vectors": dict(keys=[[1, 0], [0, 1], [-1, 0]], query=[0, 1]),
        "keys of different norms": dict(keys=[[1, 0], [3, 0], [0, 1]]),
        "a key three times as long": dict(keys=[[1, 2], [3, 6], [-2, 1]]),
    },
)
def agreement_needs_unit_vectors(keys, query) -> None:
    """The statement: where the weights agree, all norms are one. Refuted by weights that agree
    with norms √5 and √10."""
    keys, query = rational_array(keys), rational_array(query)
    softmax = _softmax(keys, query)
    agree = bool((softmax == _gaussian(keys, query)).all())
    norms = [(key * key).sum() for key in keys] + [(query * query).sum()]
    refute_unless(
        not agree or all(norm == 1 for norm in norms),
        "the weights agree without unit vectors",
        K=keys,
        q=query,
        softmax=softmax,
        squared_norms=norms,
    )


q, qt, k, kt = letters("q qt k kt")
m, mt, x, xt, k2, k2t = letters("m mt x xt k2 k2t")
level = scalars("level")[0]


@check(
    QKNORM_COSPHERE,
    part="weights",
    establishes=proof(over="every width, temperature one by rescaling"),
    claimed=dict(extra=kt @ k, centre=(q, qt)),
    controls={
        "no extra weight": dict(extra=0 * kt @ k),
        "extra weight twice": dict(extra=2 * kt @ k),
        "query twice": dict(centre=(2 * q, 2 * qt)),
    },
)
def exponents_agree(extra, centre) -> None:
    """``2qᵀk = ‖q‖² − ‖q − k‖² + ‖k‖²``, from ``qᵀk = kᵀq``."""
    c0, c0t = centre
    query, key = rational_array([[1], [3]]), rational_array([[2], [1]])
    follows(
        2 * qt @ k - (qt @ q - (c0t - kt) @ (c0 - k) + extra),
        using=[(1, qt @ k - kt @ q, 1)],
        models=[{"q": query, "qt": query.T, "k": key, "kt": key.T}],
        message="the exponents differ",
    )


@check(
    QKNORM_COSPHERE,
    part="another centre",
    establishes=proof(over="every n, d, q, m: two keys at a time"),
    claimed=dict(centre=(q + m, qt + mt), ratio=1),
    controls={
        "centre at the query": dict(centre=(1 * q, 1 * qt)),
        "centre on the other side": dict(centre=(q - m, qt - mt)),
        "half the bandwidth": dict(ratio=2),
    },
)
def difference_of_log_ratios(centre, ratio) -> None:
    """Weights agree after normalisation exactly if their log-ratios do, for every two keys. Twice
    the difference of the log-ratios of the keys k and l is

        2qᵀ(k − l) + ‖c − k‖² − ‖c − l‖² = ‖k − m‖² − ‖l − m‖²  for c = q + m,

    which vanishes exactly if k and l are equally far from m. With m = 0 it is the part 'centred at
    the query'. Products of two vectors commute: qᵀk = kᵀq and so on."""
    c0, c0t = centre
    vectors = {"q": [[1], [3]], "k": [[2], [1]], "k2": [[0], [5]], "m": [[1], [-2]]}
    model = {name: rational_array(column) for name, column in vectors.items()}
    model |= {"qt": model["q"].T, "kt": model["k"].T, "k2t": model["k2"].T, "mt": model["m"].T}
    squared = lambda a, at, b, bt: (at - bt) @ (a - b)
    follows(
        2 * qt @ (k - k2)
        + ratio * (squared(c0, c0t, k, kt) - squared(c0, c0t, k2, k2t))
        - (squared(k, kt, m, mt) - squared(k2, k2t, m, mt)),
        using=[(1, qt @ k - kt @ q, 1), (-1, qt @ k2 - k2t @ q, 1)],
        models=[model],
        message="the log-ratios differ by something else",
    )


@check(
    QKNORM_COSPHERE,
    part="centred at the query",
    establishes=proof(over="every n, d, q: two keys at a time"),
    claimed=dict(centre=(q, qt), left=kt @ k - k2t @ k2),
    controls={
        "norm of the query": dict(left=kt @ k - k2t @ k2 + qt @ q),
        "centre at zero": dict(centre=(0 * q, 0 * qt)),
    },
)
def log_ratios_at_the_query(centre, left) -> None:
    """``2qᵀ(k − l) + ‖q − k‖² − ‖q − l‖² = ‖k‖² − ‖l‖²``: zero exactly for equal norms, and the
    query has dropped out."""
    c0, c0t = centre
    vectors = {"q": [[1], [3]], "k": [[2], [1]], "k2": [[0], [5]]}
    model = {name: rational_array(column) for name, column in vectors.items()}
    model |= {"qt": model["q"].T, "kt": model["k"].T, "k2t": model["k2"].T}
    follows(
        2 * qt @ (k - k2) + (c0t - kt) @ (c0 - k) - (c0t - k2t) @ (c0 - k2) - left,
        using=[(1, qt @ k - kt @ q, 1), (-1, qt @ k2 - k2t @ q, 1)],
        models=[model],
        message="the log-ratios differ by something else",
    )


@check(
    QKNORM_COSPHERE,
    part="centred at the query",
    establishes=exact(bound="the three stated keys of squared norm 25, all queries in {−2, …, 2}²"),
    claimed=dict(keys=[[3, 4], [5, 0], [-4, 3]]),
    controls={
        "one key shorter": dict(keys=[[3, 4], [5, 0], [1, 2]], drops="keys of equal norm"),
        "the farther key wins": dict(keys=[[1, 0], [3, 0]], drops="keys of equal norm"),
    },
)
def weights_of_the_definition(keys) -> None:
    """Softmax attention itself to the base 2 against the Gaussian smoother."""
    keys = rational_array(keys)
    for entries in np.ndindex(5, 5):
        query = rational_array([entry - 2 for entry in entries])
        softmax, gaussian = _softmax(keys, query), _gaussian(keys, query)
        refute_unless(
            bool((softmax == gaussian).all()),
            "softmax is not the Gaussian smoother",
            K=keys,
            q=query,
            softmax=softmax,
            gaussian=gaussian,
        )


@check(
    QKNORM_COSPHERE,
    part="shift",
    establishes=proof(over="every n, d, q, c: the factor is common to all keys"),
    claimed=dict(shifted=qt @ (k + c) - qt @ (k2 + c)),
    controls={
        "one key alone": dict(shifted=qt @ (k + c) - qt @ k2),
        "norms divided": dict(shifted=qt @ (k + c) - 2 * qt @ (k2 + c)),
    },
)
def shift_of_all_keys(shifted) -> None:
    """The log-ratio of two weights is ``qᵀ(k − l)``, in which c cancels."""
    follows(shifted - qt @ (k - k2), message="the weights change")


@check(
    QKNORM_COSPHERE,
    part="another centre",
    establishes=exact(bound="the stated keys; rank decides whether a centre exists"),
    claimed=dict(keys=[[0, 0], [2, 0], [0, 4], [2, 4]]),
    controls={"a key off the circle": dict(keys=[[0, 0], [2, 0], [0, 4], [4, 4]])},
)
def centre_exists(keys) -> None:
    """``‖k_i − m‖`` is constant for some m exactly if ``2Km + r·1 = (‖k_i‖²)`` is solvable, which
    the ranks of the two matrices decide; and then the weights agree at the centre q + m."""
    keys = rational_array(keys)
    squares = (keys * keys).sum(axis=1)[:, None]
    left = np.concatenate([2 * keys, 0 * squares + 1], axis=1)
    refute_unless(
        rank(left) == rank(np.concatenate([left, squares], axis=1)),
        "the keys lie on no sphere",
        K=keys,
    )
    query, centre = rational_array([1, -1]), rational_array([1, 2])
    refute_unless(
        bool((_softmax(keys, query) == _gaussian(keys, query + centre)).all()),
        "the weights differ at the shifted centre",
        K=keys,
        q=query,
    )


@plot(QKNORM_COSPHERE)
def weight_of_the_farther_key() -> Plot:
    """Two keys on a line, query on the nearer one."""
    queries = [index / 10 for index in range(-20, 41)]
    softmax = [1 / (1 + float(np.exp(-query))) for query in queries]
    gaussian = [
        1 / (1 + float(np.exp(((query - 2) ** 2 - (query - 1) ** 2) / 2))) for query in queries
    ]
    return Plot(
        title="Weight of the key 2 against the key 1",
        x_label="query",
        y_label="weight of the key 2",
        series=[
            Series(label="softmax", x=queries, y=softmax),
            Series(label="Gaussian smoother", x=queries, y=gaussian),
            Series(label="equal weights", x=[-2, 4], y=[0.5, 0.5], style="guide"),
        ],
        caption="At the query 1 softmax prefers the farther key 2 (0.731); the smoother does not.",
    )
