"""What preconditioned attention recalls."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import (
    check,
    counterexample,
    note,
    prime_field,
    proof,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.lucid_attention import lucid_attention, preconditioned_values
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.lucid.recall import EXACT_RECALL, LATEST

G, L, W, V, R = letters("G L W V R")

# Keys of squared norm 25 with integer products: the kernel 2^{kᵀk' − 25} is rational.
KEYS = rational_array([[3, 4], [5, 0], [4, 3], [0, 5], [-3, 4]])
VALUES = rational_array([[1, 0], [2, -1], [0, 3], [-2, 1], [4, 4]])


def _kernel(keys):
    return power_of_two(keys @ keys.T - 25)


@check(
    EXACT_RECALL,
    establishes=counterexample(over="two keys with overlap 1/2, values 0 and 1"),
    claimed=dict(kernel=[[1, "1/2"], ["1/2", 1]], values=[[0], [1]]),
    controls={"another overlap": dict(kernel=[[1, "1/3"], ["1/3", 1]])},
    repairs={
        "orthogonal keys": dict(kernel=[[1, 0], [0, 1]]),
        "one key": dict(kernel=[[1]], values=[[3]]),
    },
)
def every_stored_value_is_recalled(kernel, values) -> None:
    """The first value is 0; asked for its key the layer answers ``u_1 + ½u_2 = ½``."""
    kernel, values = rational_array(kernel), rational_array(values)
    recalled = kernel @ preconditioned_values(kernel, values)
    refute_unless(
        bool((recalled == values).all()),
        "a stored value is not recalled",
        G=kernel,
        values=values,
        recalled=recalled,
    )


@check(
    LATEST,
    part="error",
    establishes=proof(over="every n and width, every kernel with unit diagonal"),
    claimed=dict(error=R @ W @ V),
    controls={
        "other sign": dict(error=-1 * R @ W @ V),
        "inverse left out": dict(error=R @ V),
        "whole kernel": dict(error=G @ W @ V),
    },
)
def later_keys_disturb(error) -> None:
    """``G = L + R`` with R above the diagonal and ``LW = 1``: ``GWV − V = RWV``."""
    lower = rational_array([[1, 0], ["1/2", 1]])
    model = {
        **{"G": rational_array([[1, "1/2"], ["1/2", 1]]), "L": lower, "W": inverse(lower)},
        **{"R": rational_array([[0, "1/2"], [0, 0]]), "V": rational_array([[2, 1], [3, 5]])},
    }
    follows(
        G @ W @ V - V - error,
        using=[(1, G - L - R, W @ V), (1, L @ W - 1, V)],
        models=[model],
        message="the error is another",
    )


row, last = letters("row last")


@check(
    LATEST,
    part="newest",
    establishes=proof(over="every t: it is a row of LU = V"),
    claimed=dict(row_of=row),
    controls={"earlier rows as well": dict(row_of=row + last), "twice": dict(row_of=2 * row)},
)
def newest_value_is_recalled(row_of) -> None:
    """Row t of L is what the newest key sees: ``Σ_{j≤t} G_tj u_j = (LU)_t = v_t``. The letter row
    is e_tᵀL, last is e_tᵀ."""
    lower = rational_array([[1, 0], ["1/2", 1]])
    model = {
        **{"L": lower, "W": inverse(lower), "V": rational_array([[2, 1], [3, 5]])},
        **{"last": rational_array([[0, 1]]), "row": rational_array([["1/2", 1]])},
    }
    follows(
        row_of @ W @ V - last @ V,
        using=[(1, row - last @ L, W @ V), (last, L @ W - 1, V)],
        models=[model],
        message="the newest value is not recalled",
    )


total, rest = scalars("total rest")


@check(
    LATEST,
    part="scale",
    establishes=sampled(
        over="one set of five keys of norm 5, base 2, queries equal to the keys",
        by="exact rationals",
    ),
    claimed=dict(scaled=lambda value, total: value / total),
    controls={
        "not scaled": dict(scaled=lambda value, total: value),
        "mean": dict(scaled=lambda value, total: value / 5),
    },
)
def value_times_a_number(scaled) -> None:
    """The operator itself, softmax denominator included; the numbers lie between 1/t and 1."""
    kernel = _kernel(KEYS)
    output = lucid_attention(KEYS, KEYS, VALUES, kernel, power=power_of_two)
    scales = []
    for t in range(len(KEYS)):
        mass = kernel[t, : t + 1].sum()
        refute_unless(
            bool((output[t] == scaled(VALUES[t], mass)).all()),
            "the output is another multiple",
            t=t,
            output=output[t],
            value=VALUES[t],
            mass=mass,
        )
        refute_unless(1 <= mass <= t + 1, "the scale leaves [1/t, 1]", t=t, mass=mass)
        scales.append(float(1 / float(int(mass.p)) * int(mass.q)))
    note(scales=[f"{scale:.4f}" for scale in scales])


@check(
    LATEST,
    part="scale",
    establishes=proof(
        over="every t and kernel with entries in [0, 1]", by="non-negative combination"
    ),
    claimed=dict(own=1),
    controls={"own entry missing": dict(own=0)},
)
def scale_is_at_most_one(own) -> None:
    """The output is ``Σ w_ju_j/Σ w_j`` with ``w_j = γG_tj``; the factor γ cancels, the numerator is
    v_t by the part 'newest', and the denominator ``Σ_{j≤t} G_tj`` has G_tt = 1 and other entries in
    [0, 1]."""
    entails(
        own + rest - 1,
        given={"others": rest},
        certificate=[(1, ["others"], [])],
        message="the denominator can be below one",
    )


@check(
    LATEST,
    part="scale",
    establishes=proof(
        over="every t and kernel with entries in [0, 1]", by="non-negative combination"
    ),
    claimed=dict(own=1),
    controls={"own entry two": dict(own=2)},
)
def scale_is_at_least_its_share(own) -> None:
    """The t − 1 other entries are at most one each, so the denominator is at most t."""
    entails(
        total - own - rest,
        given={"others": rest, "each at most one": total - 1 - rest},
        certificate=[(1, ["each at most one"], [])],
        message="the denominator can be above t",
    )


@check(
    LATEST,
    part="identical keys",
    establishes=prime_field(bound="n = 10, d = 3, d_v = 2; weights s² + 1 in place of powers"),
    claimed=dict(share=lambda t: t),
    controls={"the value itself": dict(share=lambda t: 1), "one less": dict(share=lambda t: t + 1)},
)
def share_of_the_newest_value(share) -> None:
    """All weights are equal, and the sum of the first t writes is v_t. For all t this is the part
    'newest' with G = 1, divided by t."""

    def defect(queries, key, values):
        keys = np.stack([key] * 10)
        kernel = 0 * np.outer(values[:, 0], values[:, 0]) + 1
        output = lucid_attention(
            queries, keys, values, kernel, power=lambda scores: scores * scores + 1
        )
        return np.stack([share(t + 1) * output[t] - values[t] for t in range(10)])

    vanishes(
        defect, [(10, 3), (3,), (10, 2)], seed=6, message="the output is another share of the value"
    )
