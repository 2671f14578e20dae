"""Repeated passes of the delta rule are cyclic Kaczmarz projections."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational_array, to_float
from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one
from attnproof.theory.core import check, exact, note, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.gated_delta_rule import gated_delta_rule, gated_delta_step
from attnproof.theory.paper.ttr.recursive_least_squares import KACZMARZ_EPOCHS

S, T, k, kt, v, x, xt = letters("S T k kt v x xt")
(size,) = scalars("size")


def _pair(value: int) -> dict[str, object]:
    key, solution = rational_array([["3/5"], ["4/5"]]), rational_array([[value, 5]])
    return {
        **{"S": rational_array([[1, 2]]), "T": solution, "k": key, "kt": key.T},
        **{"v": solution @ key, "x": rational_array([[1], [3]]), "xt": rational_array([[1, 3]])},
    }


@check(
    KACZMARZ_EPOCHS,
    part="error",
    establishes=proof(over="every width, every S and S*, every unit key"),
    claimed=dict(step_size=1, factor=1 - k @ kt),
    controls={
        "half a step": dict(step_size=size),
        "error kept": dict(factor=1 + 0 * k @ kt),
        "reflected": dict(factor=1 - 2 * k @ kt),
    },
)
def error_is_projected(step_size, factor) -> None:
    """``S + (v − Sk)kᵀ − S* = (S − S*)(I − kkᵀ)`` from ``S*k = v``; S* is the letter T."""
    model = {**_pair(2), "size": rational_array([["1/2"]])[0, 0]}
    follows(
        gated_delta_step(S, k, kt, v, step_size, 1) - T - (S - T) @ factor,
        using=[(1, v - T @ k, kt)],
        models=[model],
        message="the error is not multiplied by the projection",
    )


@check(
    KACZMARZ_EPOCHS,
    part="no growth",
    establishes=proof(over="every width, every x, every unit key"),
    claimed=dict(lost=(xt @ k) @ (kt @ x), norm=1),
    controls={
        "twice the loss": dict(lost=2 * (xt @ k) @ (kt @ x)),
        "key of squared norm 4": dict(norm=4),
        "gain": dict(lost=-1 * (xt @ k) @ (kt @ x)),
    },
)
def projection_never_gains(lost, norm) -> None:
    """``xᵀ(I − kkᵀ)²x = xᵀx − (xᵀk)²`` from ``kᵀk = 1``. So the norm is kept only if xᵀk = 0, and
    then x itself is kept; through a whole pass only if x is orthogonal to every key, which within
    the span of the keys leaves x = 0."""
    model = _pair(2)
    if norm != 1:
        model |= {"k": 2 * model["k"], "kt": 2 * model["kt"]}
    projection = 1 - k @ kt
    follows(
        xt @ projection @ projection @ x - (xt @ x - lost),
        using=[(xt @ k, kt @ k - norm, kt @ x)],
        models=[model],
        message="the norm after the projection is another",
    )


KEYS = [["3/5", "4/5", 0], [0, "5/13", "12/13"]]


def _whole(keys: np.ndarray) -> np.ndarray:
    """``M = Π (I − k kᵀ)``."""
    product = np.eye(keys.shape[1], dtype=int).astype(object)
    for key in keys:
        product = product @ (np.eye(keys.shape[1], dtype=int) - np.outer(key, key))
    return product


def _pass(keys: np.ndarray) -> np.ndarray:
    """M in coordinates of the span: the matrix N with K M = N K."""
    return keys @ _whole(keys) @ keys.T @ inverse(keys @ keys.T)


@check(
    KACZMARZ_EPOCHS,
    part="rate",
    establishes=exact(
        bound="the keys (3/5, 4/5, 0) and (0, 5/13, 12/13), d_v = 1",
        by="exact rationals, Schur–Cohn",
    ),
    claimed=dict(values=[[1], [2]], epochs=4, span=_pass, power=lambda e: e),
    controls={
        "one pass fewer": dict(power=lambda e: e - 1),
        "whole space instead of the span": dict(span=_whole),
        "values that another row contradicts": dict(values=[[1], [2], [5]]),
    },
)
def passes_of_the_definition(values, epochs, span, power) -> None:
    """The recurrence itself, pass after pass, against ``S* − S*M^e``, where S* has least norm; and
    the spectral radius of M on the span, decided exactly. For two keys at angle φ its eigenvalues
    are 0 and cos²φ, so that it is the trace."""
    keys = rational_array(KEYS)
    if len(values) > len(keys):
        keys = np.concatenate([keys, keys[:1]])
    targets = rational_array(values)
    solved = keys[:2]
    least = targets[:2].T @ inverse(solved @ solved.T) @ solved
    product = _whole(keys)
    ones, state = rational_array([1] * len(keys)), 0 * least
    errors = []
    for _ in range(epochs):
        _, state = gated_delta_rule(keys, keys, targets, ones, state=state)
        errors.append(float(np.abs(to_float(state - least)).max()))
    stated = least
    for _ in range(power(epochs)):
        stated = stated @ product
    refute_unless(
        bool((state - least == -stated).all()),
        "the error after the passes is another",
        keys=keys,
        values=targets,
        error=state - least,
        stated=-stated,
    )
    refute_unless(
        spectral_radius_below_one(span(keys)),
        "the passes do not contract",
        keys=keys,
        matrix=span(keys),
    )
    note(error_by_pass=[f"{error:.3g}" for error in errors], spectral_radius=span(keys).trace())
