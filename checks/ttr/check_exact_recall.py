"""What the exact layer recalls: everything if the keys are independent, a projection otherwise."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import inverse, rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.mesa_layer import mesa_layer
from attnproof.theory.paper.ttr.weighted_least_squares import EXACT_RECALL

M, K, KT, VT = letters("M K Kt Vt")
X = letters("X")[0]


@check(
    EXACT_RECALL,
    part="recalled",
    establishes=proof(over="every n, d, d_v and V; keys with a regular Gram matrix"),
    claimed=dict(solution=lambda inverse: VT @ inverse @ K),
    controls={
        "Gram matrix left out": dict(solution=lambda inverse: VT @ K),
        "Gram matrix twice": dict(solution=lambda inverse: VT @ inverse @ inverse @ K),
    },
)
def independent_keys_are_recalled(solution) -> None:
    """``M Kᵀ = Vᵀ (KKᵀ)^{-1} K Kᵀ = Vᵀ``. The Gram matrix of independent rows is regular."""
    keys, values = rational_array([[1, 2, 0], [0, 1, 1]]), rational_array([[1, 4], [2, -1]])
    model = {"K": keys, "Kt": keys.T, "Vt": values, "X": inverse(keys @ keys.T)}
    follows(
        solution(X) @ KT - VT,
        using=[(VT, X @ K @ KT - 1, 1)],
        models=[model],
        message="a stored value is not recalled",
    )


z, wt = letters("z wt")


@check(
    EXACT_RECALL,
    part="not otherwise",
    establishes=proof(over="every n, d, every M, every z with zᵀK = 0"),
    claimed=dict(dependence=KT @ z, vector=[1, 1, -1]),
    controls={
        "no dependence": dict(dependence=0 * KT @ z, vector=[1, 0, 0]),
        "sums of the keys": dict(dependence=0 * KT @ z, vector=[1, 1, 1]),
    },
)
def recalled_values_are_orthogonal_to_a_dependence(dependence, vector) -> None:
    """Values w that some M recalls have ``wᵀz = M Kᵀz = M (zᵀK)ᵀ = 0``. The values w = z would give
    ``zᵀz = 0``, which z ≠ 0 excludes."""
    keys, row = rational_array([[1, 0], [0, 1], [1, 1]]), rational_array([[2, 5]])
    model = {"K": keys, "Kt": keys.T, "M": row, "wt": row @ keys.T}
    follows(
        wt @ z,
        using=[(1, wt - M @ KT, z), (M, dependence, 1)],
        models=[{**model, "z": rational_array([[entry] for entry in vector])}],
        message="recalled values need not be orthogonal to z",
    )


@check(
    EXACT_RECALL,
    part="not otherwise",
    establishes=exact(bound="d + 1 keys on the moment curve, d ≤ 6"),
    claimed=dict(number=lambda d: d + 1),
    controls={"as many keys as channels": dict(number=lambda d: d)},
)
def more_keys_than_channels(number) -> None:
    """Some one-hot values cannot be recalled: they raise the rank of the keys by a column."""
    for width in range(1, 7):
        count = number(width)
        keys = rational_array([[i**power for power in range(width)] for i in range(1, count + 1)])
        columns = [
            np.concatenate([keys, rational_array([[int(i == j)] for i in range(count)])], axis=1)
            for j in range(count)
        ]
        refute_unless(
            max(rank(column) for column in columns) > rank(keys),
            "all values can be recalled",
            K=keys,
        )


P = letters("P")[0]


@check(
    EXACT_RECALL,
    part="mean error",
    establishes=proof(
        over="every n, d; an orthogonal projection has the trace of its rank (classical)",
    ),
    claimed=dict(error=lambda one: one - P),
    controls={
        "error of the projection": dict(error=lambda one: P),
        "twice": dict(error=lambda one: 2 * (one - P)),
    },
)
def error_of_one_hot_values(error) -> None:
    """For V = I the squared error is ``tr((I − Π)ᵀ(I − Π)) = tr(I − Π) = n − rank K``, from
    ``Π² = Π = Πᵀ``. The letter E stands for the identity."""
    identity = letters("E")[0]
    keys = rational_array([[1, 0], [0, 1], [1, 1]])
    projection = keys @ inverse(keys.T @ keys) @ keys.T
    model = {"E": rational_array(np.eye(3, dtype=int)), "P": projection}
    follows(
        (identity - P) @ (identity - P) - error(identity),
        using=[
            (1, P @ P - P, 1),
            (1, identity @ identity - identity, 1),
            (-1, identity @ P - P, 1),
            (-1, P @ identity - P, 1),
        ],
        models=[model],
        message="the squared error is another",
    )


@check(
    EXACT_RECALL,
    part="mean error",
    establishes=exact(bound="the stated keys: n = 6, d = 1, …, 5"),
    claimed=dict(stated=lambda n, r: rational(n - r) / n),
    controls={
        "rank alone": dict(stated=lambda n, r: rational(r) / n),
        "no error": dict(stated=lambda n, r: rational(0)),
    },
)
def error_of_the_layer(stated) -> None:
    """Moment-curve keys (1, i, i², …). The layer itself, asked for the first key at the last token,
    is a row of the projection on the columns; it has a ridge only while the keys do not yet span.
    The mean error is that of the projection."""
    for width in range(1, 6):
        keys = rational_array([[i**power for power in range(width)] for i in range(1, 7)])
        projection = keys @ inverse(keys.T @ keys) @ keys.T
        ones = rational_array([1] * 6)
        recalled = mesa_layer(
            np.concatenate([keys[1:], keys[:1]]),
            keys,
            rational_array(np.eye(6, dtype=int)),
            ones,
            lambda t, width=width: rational_array(
                (np.eye(width, dtype=int) * int(t < width)).tolist()
            ),
        )[-1]
        refute_unless(
            bool((recalled == projection[0]).all()),
            "the layer's last output is not the projection",
            K=keys,
            output=recalled,
        )
        error = (rational_array(np.eye(6, dtype=int)) - projection).trace() / 6
        refute_unless(
            error == stated(6, rank(keys)),
            "the mean squared error is another",
            K=keys,
            error=error,
            stated=stated(6, rank(keys)),
        )
        note(**{f"mean_error_at_d_{width}": error})
