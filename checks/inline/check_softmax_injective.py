"""Softmax attention: collisions of queries are differences along which all keys agree."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.inline.injectivity import SOFTMAX_INJECTIVE

# x, y are the columns b^{Kp}, b^{Kq}, u the row of ones; z, w the inverses of their sums.
x, y, u = letters("x y u")
t, z, w, v = scalars("t z w v")


def _exponentials() -> dict[str, object]:
    first = rational_array([[1], [2], [4]])
    return {
        **{"x": first, "y": 8 * first, "u": rational_array([[1, 1, 1]])},
        **{"t": rational(8), "z": rational("1/7"), "w": rational("1/56"), "v": rational(56)},
    }


@check(
    SOFTMAX_INJECTIVE,
    part="collisions",
    establishes=proof(over="every N, d and K, every base"),
    claimed=dict(first=z * x, second=w * y, factor=v * z),
    controls={
        "not normalised": dict(first=x, second=y),
        "second not normalised": dict(second=y),
        "normalised twice": dict(first=z * z * x, second=w * w * y),
        "factor inverted": dict(factor=w * v * v),
        "factor one": dict(factor=FreeElement.one()),
    },
)
def common_factors_cancel(first, second, factor) -> None:
    """If K(q − p) = c1, then y = b^{Kq} = t b^{Kp} = t x with t = b^c; and then z x = w y, where
    z u x = 1 and w u y = 1. Conversely, z x = w y with v w = 1 gives y = v z x, so b^{K(q − p)}
    has equal entries; as b^· is injective (classical), so has K(q − p).

    Machine-checked: both directions. Classical: b^{a+c} = b^a b^c, and injectivity.
    """
    sum_x, sum_y, multiple = z * u * x - 1, w * u * y - 1, y - t * x
    follows(
        first - second,
        using=[
            (-z * x, sum_y, 1),
            (w * y, sum_x, 1),
            (z * w * x * u, multiple, 1),
            (-z * w, multiple, u * x),
        ],
        models=[_exponentials()],
        message="proportional exponentials do not give the same weights",
    )
    follows(
        y - factor * x,
        using=[(v, w * y - z * x, 1), (-1, v * w - 1, y)],
        models=[_exponentials()],
        message="equal weights do not give that multiple",
    )


C, K, o, p, q = letters("C K o p q")
a, b = scalars("a b")


@check(
    SOFTMAX_INJECTIVE,
    part="logarithms",
    establishes=proof(over="every N, d and K"),
    claimed=dict(difference=C * (K * p - a * o) - C * (K * q - b * o), keys=C * K),
    controls={
        "not centred": dict(difference=K * p - a * o - K * q + b * o, keys=K),
        "one of them centred": dict(difference=C * (K * p - a * o) - (K * q - b * o)),
        "keys not centred": dict(keys=K),
        "sum of the logarithms": dict(difference=C * (K * p - a * o) + C * (K * q - b * o)),
    },
)
def centring_removes_the_normaliser(difference, keys) -> None:
    """log S(p) = Kp − a1 with a = log Σ_s e^{k_s·p}; the centring matrix C has C1 = 0."""
    centring = rational_array([["1/2", "-1/2"], ["-1/2", "1/2"]])
    model = {
        "C": centring,
        "K": rational_array([[1, 2], [3, 5]]),
        "o": rational_array([[1], [1]]),
        "p": rational_array([[1], [0]]),
        "q": rational_array([[0], [1]]),
        **{"a": rational(3), "b": rational(7)},
    }
    follows(
        difference - keys * (p - q),
        using=[(-a, C * o, 1), (b, C * o, 1)],
        models=[model],
        message="the centred logarithms differ by something else",
    )


def _constant_along(keys: np.ndarray, difference: np.ndarray) -> bool:
    products = keys @ difference
    return bool((products == products[0]).all())


def _with_ones(keys: np.ndarray) -> int:
    return rank(np.concatenate([keys, keys[:, :1] * 0 + 1], axis=1))


def _key_matrices():
    for tokens, width in ((1, 1), (2, 1), (3, 1), (2, 2), (3, 2)):
        for entries in product((-1, 0, 1), repeat=tokens * width):
            yield rational_array(np.reshape(entries, (tokens, width)).tolist())


GRID = {width: rational_array(list(product((-1, 0, 1), repeat=width))) for width in (1, 2)}
BOUND = "keys in {−1, 0, 1}, N ≤ 3, d ≤ 2; queries in {−1, 0, 1}^d"


@check(
    SOFTMAX_INJECTIVE,
    part="collisions",
    establishes=exact(bound=BOUND, by="enumeration in base two"),
    claimed=dict(collide=_constant_along),
    controls={
        "only along directions that every key annihilates": dict(
            collide=lambda keys, difference: bool((keys @ difference == 0).all())
        ),
        "never": dict(collide=lambda keys, difference: bool((difference == 0).all())),
        "the first two keys decide": dict(
            collide=lambda keys, difference: _constant_along(keys[:2], difference)
        ),
    },
)
def collisions_in_base_two(collide) -> None:
    """2^{KQ} is rational, so equal weights are decided, not estimated."""
    for keys in _key_matrices():
        queries = GRID[keys.shape[1]]
        weights = softmax_weights(queries @ keys.T, power_of_two)
        for i, j in product(range(len(queries)), repeat=2):
            if i < j:
                equal = bool((weights[i] == weights[j]).all())
                refute_unless(
                    equal == collide(keys, queries[i] - queries[j]),
                    "the weights of the two queries agree, or differ, against the statement",
                    keys=keys,
                    p=queries[i],
                    q=queries[j],
                    weights_p=weights[i],
                    weights_q=weights[j],
                )


@check(
    SOFTMAX_INJECTIVE,
    part="rank",
    establishes=exact(bound=BOUND, by="enumeration in base two, exact rank"),
    claimed=dict(injective=lambda keys: _with_ones(keys) == keys.shape[1] + 1),
    controls={
        "full rank of the keys": dict(injective=lambda keys: rank(keys) == keys.shape[1]),
        "as many keys as coordinates": dict(injective=lambda keys: len(keys) >= keys.shape[1]),
        "no two keys alike": dict(
            injective=lambda keys: len({tuple(map(str, row)) for row in keys}) == len(keys)
        ),
        "rank d of the extended matrix": dict(
            injective=lambda keys: _with_ones(keys) >= keys.shape[1]
        ),
    },
)
def rank_decides(injective) -> None:
    """Every direction annihilated by differences of two such rows is a multiple of a difference
    of two queries of the grid, so that the grid shows every failure."""
    found = 0
    for keys in _key_matrices():
        queries = GRID[keys.shape[1]]
        weights = softmax_weights(queries @ keys.T, power_of_two)
        distinct = len({tuple(map(str, row)) for row in weights})
        found += distinct == len(queries)
        refute_unless(
            (distinct == len(queries)) == injective(keys),
            "the queries of the grid are told apart, or not, against the statement",
            keys=keys,
            queries=len(queries),
            distinct_weights=distinct,
        )
    note(injective=found)


(G,) = letters("G")


@check(
    SOFTMAX_INJECTIVE,
    part="rank",
    establishes=proof(over="every N, d and K"),
    claimed=dict(extended=K * p - K * q - (a - b) * o, conclusion=p - q),
    controls={
        "the queries are opposite": dict(conclusion=p + q),
        "the first query vanishes": dict(conclusion=p),
        "sum of the logits": dict(extended=K * p + K * q - (a - b) * o),
    },
)
def left_inverse_of_the_extended_keys(extended, conclusion) -> None:
    """If rank [K, 1] = d + 1, there is G with GK = I and G1 = 0 (the first d rows of a left
    inverse). Then K(p − q) = c1 gives p − q = GK(p − q) = cG1 = 0. If the rank is less, a kernel
    vector (h, −c) of [K, 1] has h ≠ 0, as c1 = 0 only for c = 0: then Kh = c1, and the part on
    collisions says that 0 and h have the same weights.

    Machine-checked: the first implication. Classical: the left inverse and the kernel exist.
    """
    model = {
        "K": rational_array([[1, 0], [0, 1], [0, 0]]),
        "G": rational_array([[1, 0, -1], [0, 1, -1]]),
        "o": rational_array([[1], [1], [1]]),
        **{name: rational_array([[1], [2]]) for name in "pq"},
        **{"a": rational(5), "b": rational(5)},
    }
    altered = model | {"q": rational_array([[-1], [-2]])}
    steps = [
        (G, extended, 1),
        (-1, G * K - 1, p),
        (1, G * K - 1, q),
        (a - b, G * o, 1),
    ]
    holds_there = not extended.evaluate(model).any()
    follows(
        conclusion,
        using=steps,
        models=[model if holds_there else altered],
        message="equal logits up to a constant do not force equal queries",
    )
