"""Crosstalk of linear attention, and what one pass of the delta rule leaves of it."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, exact, plot, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule
from attnproof.theory.operator.gated_linear_attention import gated_linear_attention
from attnproof.theory.paper.ttr.crosstalk import LINEAR_CROSSTALK

G, V, L, U, X, W = letters("G V L U X W")
one, x = letters("one x")
rho, size, total = scalars("rho size total")

KEYS = [["3/5", "4/5", 0], [0, "5/13", "12/13"], ["8/17", 0, "15/17"], [1, 0, 0]]


others, v, k, kt = letters("others v k kt")


@check(
    LINEAR_CROSSTALK,
    part="error",
    establishes=proof(over="every n, d, d_v, every unit key"),
    claimed=dict(norm=1, stated=others @ k),
    controls={
        "key of squared norm 4": dict(norm=4),
        "own value as well": dict(stated=others @ k + v),
        "no crosstalk": dict(stated=0 * others @ k),
    },
)
def others_are_added(norm, stated) -> None:
    """The state is ``vkᵀ + O``, where O (the letter "others") holds the other pairs; at k it gives
    ``v(kᵀk) + Ok = v + Ok``."""
    root = 2 if norm == 4 else 1
    key = root * rational_array([["3/5"], ["4/5"]])
    model = {"k": key, "kt": key.T, "v": rational_array([[2]]), "others": rational_array([[1, 3]])}
    follows(
        (v @ kt + others) @ k - v - stated,
        using=[(v, kt @ k - norm, 1)],
        models=[model],
        message="the error is not the sum over the other pairs",
    )


@check(
    LINEAR_CROSSTALK,
    part="error",
    establishes=exact(
        bound="the four stated unit keys in three dimensions, all values: by linearity unit ones"
    ),
    claimed=dict(keys=KEYS, removed=lambda gram: np.eye(len(gram), dtype=int)),
    controls={
        "keys of length two": dict(keys=[[0, 0, 2], [1, 0, 0]], drops="unit keys"),
        "nothing removed": dict(removed=lambda gram: 0 * np.eye(len(gram), dtype=int)),
        "errors of earlier keys only": dict(
            removed=lambda gram: np.triu(np.ones(gram.shape, dtype=int))
        ),
    },
)
def error_of_the_definition(keys, removed) -> None:
    """The state after all tokens, asked for every key: ``K Sᵀ = GV``, so the error is
    ``(G − diag(‖k‖²))V + (diag(‖k‖²) − I)V``; the diagonal of G is that of I for unit keys."""
    keys = rational_array(keys)
    values = rational_array(np.eye(len(keys), dtype=int))
    _, state = gated_linear_attention(keys, keys, values)
    error = keys @ state.T - values
    gram = keys @ keys.T
    stated = gram - removed(gram) * gram
    refute_unless(
        bool((error == stated @ values).all()),
        "the error is not the sum over the other keys",
        K=keys,
        error=error,
        stated=stated,
    )


@check(
    LINEAR_CROSSTALK,
    part="equicorrelated",
    establishes=proof(over="every n, every ρ"),
    claimed=dict(on_ones=(size - 1) * rho, off_ones=-1 * rho),
    controls={
        "largest overlap": dict(on_ones=1 * rho),
        "n instead of n − 1": dict(on_ones=size * rho),
        "other sign": dict(off_ones=1 * rho),
    },
)
def eigenvalues_of_equal_overlaps(on_ones, off_ones) -> None:
    """``G − I = ρ(11ᵀ − I)``; the matrix 11ᵀ (the letter X) has ``X1 = n1`` and ``Xx = 0`` for x
    orthogonal to 1. The eigenvectors span the space."""
    model = {
        **{"X": rational_array([[1] * 3] * 3), "one": rational_array([[1], [1], [1]])},
        **{"x": rational_array([[1], [-1], [0]]), "size": rational(3), "rho": rational("1/3")},
    }
    error = rho * (X - 1)
    follows(
        error @ one - on_ones * one,
        using=[(rho, X @ one - size * one, 1)],
        models=[model],
        message="the eigenvalue on 1 is another",
    )
    follows(
        error @ x - off_ones * x,
        using=[(rho, X @ x, 1)],
        models=[model],
        message="the eigenvalue off 1 is another",
    )


@check(
    LINEAR_CROSSTALK,
    part="one pass of the delta rule",
    establishes=proof(over="every n; S_n = UᵀK with tril(G)U = V (the chunked form, β = 1)"),
    claimed=dict(left=-1 * U @ W @ V),
    controls={
        "earlier keys as well": dict(left=(1 - (L + U) @ W) @ V - L @ W @ V),
        "inverse left out": dict(left=-1 * U @ V),
        "other sign": dict(left=U @ W @ V),
    },
)
def later_keys_disturb(left) -> None:
    """``V − G W V = −U W V`` with ``G = L + U``, L lower triangular with the diagonal, and
    ``LW = 1``: only keys that come later disturb what was written."""
    lower = rational_array([[1, 0], ["1/3", 1]])
    model = {
        **{"G": rational_array([[1, "1/3"], ["1/3", 1]]), "L": lower, "W": inverse(lower)},
        **{"U": rational_array([[0, "1/3"], [0, 0]]), "V": rational_array([[1, 2], [3, 5]])},
    }
    follows(
        V - G @ W @ V - left,
        using=[(-1, G - L - U, W @ V), (-1, L @ W - 1, V)],
        models=[model],
        message="the error is another",
    )


@check(
    LINEAR_CROSSTALK,
    part="one pass of the delta rule",
    establishes=exact(bound="the four stated unit keys in three dimensions, all unit values"),
    claimed=dict(part_of=lambda gram: np.triu(gram, 1), step_size=1),
    controls={
        "whole Gram matrix": dict(part_of=lambda gram: gram),
        "half a step": dict(step_size="1/2"),
    },
)
def one_pass_of_the_definition(part_of, step_size) -> None:
    """The recurrence itself, asked for every stored key at the end."""
    keys = rational_array(KEYS)
    values = rational_array(np.eye(len(keys), dtype=int))
    steps = rational_array([step_size] * len(keys))
    _, state = gated_delta_rule(keys, keys, values, steps)
    gram = keys @ keys.T
    stated = -part_of(gram) @ inverse(np.tril(gram)) @ values
    refute_unless(
        bool((values - keys @ state.T == stated).all()),
        "the error after one pass is another",
        K=keys,
        error=values - keys @ state.T,
        stated=stated,
    )


@plot(LINEAR_CROSSTALK)
def norm_of_the_error() -> Plot:
    """Norm of the recall error at n = 16 keys with equal overlaps."""
    overlaps = [index / 20 for index in range(20)]
    linear, delta = [], []
    for overlap in overlaps:
        gram = (1 - overlap) * np.eye(16) + overlap * np.ones((16, 16))
        linear.append(float(np.linalg.norm(gram - np.eye(16), 2)))
        delta.append(float(np.linalg.norm(np.triu(gram, 1) @ np.linalg.inv(np.tril(gram)), 2)))
    return Plot(
        title="Recall error of 16 keys with equal overlaps",
        x_label="overlap of two keys",
        y_label="norm of the error",
        series=[
            Series(label="linear attention", x=overlaps, y=linear),
            Series(label="(n − 1)ρ", x=overlaps, y=[15 * each for each in overlaps], style="guide"),
            Series(label="one pass of the delta rule", x=overlaps, y=delta),
        ],
        caption="Linear attention has exactly (n − 1)ρ; one pass of the delta rule stays below 4.",
    )
