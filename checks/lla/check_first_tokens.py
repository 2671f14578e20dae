"""Exactness on affine values needs one key more than there are channels."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import (
    check,
    proof,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.lla.affine_exactness import (
    FIRST_TOKENS,
)

# Z holds k_j − q as rows, G is the inverse of ZZᵀ, s the weights, a the value at all keys.
Z, ZT, G, S, X, SHARE, ONE = letters("Z Zt G s x a one")


@check(
    FIRST_TOKENS,
    part="not with fewer",
    establishes=proof(over="every n and d, all weights"),
    claimed=dict(at_query=0),
    controls={"an affine map that is a at the query too": dict(at_query=1)},
)
def affine_map_that_keys_cannot_tell(at_query) -> None:
    """The affine map ``f(k) = (k − q)ᵀx`` is a at all keys and 0 at the query. Weights of sum one
    return ``sZx = s1a = a``. Refuted: that the error a − f(q) is not a."""
    keys, row = rational_array([[1, 2], [0, 1]]), rational_array([["1/3", "2/3"]])
    ones, direction = rational_array([[1], [1]]), rational_array([[-1], [1]])
    model = {"Z": keys, "one": ones, "s": row, "x": direction, "a": rational_array([[1]])}
    follows(
        S @ Z @ X - at_query * SHARE - SHARE,
        using=[(S, Z @ X - ONE @ SHARE, 1), (1, S @ ONE - 1, SHARE)],
        models=[model],
        message="the error is another",
    )


@check(
    FIRST_TOKENS,
    part="first tokens",
    establishes=proof(over="every n ≤ d"),
    claimed=dict(direction=ZT @ G @ ONE),
    controls={
        "not inverted": dict(direction=ZT @ ONE),
        "no transpose": dict(direction=Z @ G @ ONE),
    },
)
def direction_that_sees_all_keys_alike(direction) -> None:
    """The rows of Z are independent: from ``Σ c_j z_j = 0`` follows ``Σ c_j k_j = (Σ c_j) q``; if
    the sum is not zero, q lies in the affine hull of the keys, and if it is zero, the keys are
    affinely dependent. So ``ZZᵀ`` has an inverse G, and ``x = ZᵀG1`` has ``Zx = 1``."""
    keys = rational_array([[1, 2], [0, 1]])
    model = {"Z": keys, "Zt": keys.T, "G": inverse(keys @ keys.T), "one": rational_array([[1]] * 2)}
    follows(
        Z @ direction - ONE,
        using=[(1, Z @ ZT @ G - 1, ONE)],
        models=[model],
        message="the direction does not see all keys alike",
    )
