"""The local residual: a band, what it adds to InLine attention, and what stays out of reach."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.counting import Tally, counting_array
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like, rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, exact, proof, refute_unless, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.inline_attention import inline_attention_weights
from attnproof.theory.paper.inline.local_residual import local_residual
from attnproof.theory.paper.inline.weight_matrix import LOCAL_RESIDUAL

# F holds φ(q_i) in its rows, P the key features in its columns, o (v) the column of ones as long
# as the keys (queries), u the row of ones; n = 1/N.
F, P, o, v, u = letters("F P o v u")
(n,) = scalars("n")
SCORES = F * P


def _model() -> dict[str, object]:
    return {
        "F": rational_array([[1, 2], [3, -1], [0, 1]]),
        "P": rational_array([[1, 0, 2], [0, 1, 1]]),
        "o": rational_array([[1], [1], [1]]),
        "v": rational_array([[1], [1], [1]]),
        "u": rational_array([[1, 1, 1]]),
        "n": rational("1/3"),
    }


def _window(radius: int) -> int:
    return 2 * radius + 1


@check(
    LOCAL_RESIDUAL,
    part="band",
    establishes=exact(bound="N ≤ 21, r ≤ 3, d_v ≤ 3", by="counting numbers run through it"),
    claimed=dict(bound=lambda N, r, e: _window(r) * N * e),
    controls={
        "window of the radius": dict(bound=lambda N, r, e: max(r, 1) * N * e),
        "independent of the length": dict(bound=lambda N, r, e: 4 * _window(r) * e),
        "one channel": dict(bound=lambda N, r, e: _window(r) * N),
    },
)
def a_band_costs_its_width(bound) -> None:
    """Multiplications of the residual, counted; at the ends the window is cut off."""
    for N, r, e in product((1, 3, 8, 21), (0, 1, 3), (1, 3)):
        tally = Tally()
        value = counting_array(np.ones((N, e)), tally)
        local_residual(counting_array(np.ones((N, _window(r))), tally), value)
        counted = tally.counts["multiply"]
        refute_unless(
            counted <= bound(N, r, e),
            "more multiplications than stated",
            N=N,
            r=r,
            d_v=e,
            counted=counted,
            stated=bound(N, r, e),
        )


V, E, A, B, J, R = letters("V E A B J R")


@check(
    LOCAL_RESIDUAL,
    part="values with mean zero",
    establishes=proof(over="every N, D, d_v, φ, Q and K"),
    claimed=dict(at_zero=n * o * u * V + V, output=F * P * V),
    controls={
        "no residual": dict(at_zero=n * o * u * V),
        "twice the residual": dict(at_zero=n * o * u * V + 2 * V),
        "output with the values added": dict(output=F * P * V + V),
        "output twice": dict(output=2 * F * P * V),
    },
)
def centred_values_pass(at_zero, output) -> None:
    """Let u V = 0. With φ(q) = 0 the InLine weights are n 1 u, and n 1 u V + V = V. Without the
    residual, I V = F P V − n F P 1 u V + n 1 u V = F (P V), whose rank is at most D (classical),
    so that it is not V once rank V ≥ D + 1.
    """
    model = _model() | {"V": rational_array([[1, 0, 1], [0, 1, 1], [-1, -1, -2]])}
    mean = u * V
    follows(at_zero - V, using=[(n * o, mean, 1)], models=[model], message="V does not pass")
    follows(
        (SCORES - n * SCORES * o * u + n * v * u) * V - output,
        using=[(-n * SCORES * o, mean, 1), (n * v, mean, 1)],
        models=[model],
        message="the output has another factorisation",
    )


@check(
    LOCAL_RESIDUAL,
    part="values with mean zero",
    establishes=exact(bound="N = 6, D = 2, V of rank 5", by="exact rationals and rank"),
    claimed=dict(middle=1, shift=0),
    controls={
        "no residual": dict(middle=0),
        "twice the residual": dict(middle=2),
        "values with another mean": dict(shift=1),
    },
)
def six_values_pass_through_the_operators(middle, shift) -> None:
    """InLine weights at zero features plus a residual with window three, run on rationals."""
    value = identity_like(rational_array([[0] * 6] * 6))[:, :5]
    value[5] = -1 * value[:5].sum(axis=0)
    value = value + shift
    keys = rational_array([[i, i * i] for i in range(6)])
    averaging = inline_attention_weights(rational_array([[0, 0]] * 6), keys)
    residual = local_residual(rational_array([[0, middle, 0]] * 6), value)
    refute_unless(
        bool((averaging @ value + residual == value).all()) and rank(value) >= 3,
        "the values do not pass, or have too small a rank",
        value=value,
        output=averaging @ value + residual,
    )


@check(
    LOCAL_RESIDUAL,
    part="not the identity",
    establishes=proof(
        over="every N, D and r", by="factorisation in the free algebra; rank of a product, cited"
    ),
    claimed=dict(selected=E * A * B * J),
    controls={
        "selected twice": dict(selected=2 * E * A * B * J),
        "opposite sign": dict(selected=-E * A * B * J),
        "residual selected": dict(selected=E * R * J),
    },
)
def disjoint_windows_need_rank(selected) -> None:
    """Let I + R = 1 with I = A B of inner width D + 1. E selects the rows 1, 1 + w, 1 + 2w, …,
    w = 2r + 1; their windows are disjoint, and J holds the indicators of the windows in its
    columns. A selected row of I = 1 − R is zero off its window and sums to one, so E I J = 1, of
    size ⌈N/w⌉. As 1 = (E A)(B J) has rank at most D + 1 (classical), N ≤ w (D + 1).

    Machine-checked: the factorisation here, and E (1 − R) J = 1 for symbolic bands of small size
    in the next check; the argument for it, two lines above, holds at every size.
    """
    block = rational_array([[0, 1, 0]] * 3)
    model = {
        "A": rational_array([[1]] * 3),
        "B": rational_array([[0, 1, 0]]),
        "R": identity_like(block) - block,
        "E": rational_array([[0, 1, 0]]),
        "J": rational_array([[1], [1], [1]]),
    }
    follows(
        selected - 1,
        using=[(E, A * B + R - 1, J), (1, E * (1 - R) * J - 1, 1)],
        models=[model],
        message="the selected rows do not give the identity",
    )


def _band(N: int, r: int, last) -> np.ndarray:
    """A band of variables; the last entry of a row's window is ``last`` of the others."""
    windows = [range(max(0, i - r), min(N, i + r + 1)) for i in range(N)]
    names = [f"x{i + 1}_{j + 1}" for i in range(N) for j in windows[i]]
    entries = iter(variables(names))
    matrix = np.full((N, N), next(iter(variables(names))) * 0, dtype=object)
    for i, window in enumerate(windows):
        for j in window:
            matrix[i, j] = next(entries)
        others = [matrix[i, j] for j in window[:-1]]
        matrix[i, window[-1]] = last(sum(others, matrix[0, 0] * 0), matrix[i, window[-1]])
    return matrix


@check(
    LOCAL_RESIDUAL,
    part="not the identity",
    establishes=symbolic(bound="N ≤ 7, r ≤ 2, every band whose rows sum to zero"),
    claimed=dict(
        last=lambda others, free: -others, selected=lambda r: _window(r), reach=lambda r: r
    ),
    controls={
        "windows of r + 1": dict(selected=lambda r: r + 1),
        "windows of 2r": dict(selected=lambda r: max(2 * r, 1)),
        "rows with any sum": dict(last=lambda others, free: free),
        "window cut short": dict(reach=lambda r: max(r - 1, 0)),
    },
)
def selected_rows_see_their_windows(last, selected, reach) -> None:
    """E (1 − R) J = 1 for every band R with R 1 = 0, which I 1 = 1 and I + R = 1 force."""
    for N, r in product(range(1, 8), (0, 1, 2)):
        residual = _band(N, r, last)
        rest = identity_like(residual) - residual
        rows = list(range(0, N, selected(r)))
        sums = np.array(
            [[rest[i, max(0, k - reach(r)) : k + reach(r) + 1].sum() for k in rows] for i in rows],
            dtype=object,
        )
        identical(sums, np.eye(len(rows), dtype=int), "the selected rows see other windows")
