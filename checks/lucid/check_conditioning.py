"""How well the triangular preconditioner is conditioned."""

from __future__ import annotations

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.positive_semidefinite import positive_semidefinite
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    enclosure,
    exact,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.ball_comparison import contains
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.lucid.preconditioner import CONDITIONING

KEYS = rational_array([["3/5", "4/5"], [1, 0], ["5/13", "12/13"], ["4/5", "3/5"], [0, 1]])

x, xt, L, LT, G = letters("x xt L Lt G")
half_form, size_x, image = scalars("form size image")


@check(
    CONDITIONING,
    part="smallest",
    establishes=proof(over="every n, every positive semidefinite kernel with unit diagonal"),
    claimed=dict(share=1, form=half_form),
    controls={
        "kernel alone": dict(share=0),
        "a form that may be negative": dict(form=half_form - size_x),
    },
)
def smallest_singular_value(share, form) -> None:
    """``L + Lᵀ = G + I`` (unit diagonal), so ``2xᵀLx = xᵀGx + ‖x‖²`` with xᵀLx = xᵀLᵀx. With
    ``‖Lx‖‖x‖ ≥ xᵀLx`` and xᵀGx ≥ 0: ``2‖Lx‖‖x‖ ≥ ‖x‖²``, and every singular value is at least
    1/2."""
    lower = rational_array([[1, 0], ["1/2", 1]])
    column = rational_array([[1], [3]])
    follows(
        2 * xt @ L @ x - xt @ G @ x - share * xt @ x,
        using=[(xt, L + LT - G - 1, x), (1, xt @ L @ x - xt @ LT @ x, 1)],
        models=[
            {
                **{"L": lower, "Lt": lower.T, "x": column, "xt": column.T},
                "G": rational_array([[1, "1/2"], ["1/2", 1]]),
            }
        ],
        message="twice the form is another",
    )
    entails(
        2 * image - size_x,
        given={
            "Cauchy–Schwarz": 2 * image - (form + size_x),
            "xᵀGx": half_form,
        },
        certificate=[(1, ["Cauchy–Schwarz"], []), (1, ["xᵀGx"], [])],
        message="the image can be shorter",
    )


def _smallest_squared(kernel) -> bool:
    """Whether ``LᵀL − I/4`` is positive semidefinite."""
    lower = kernel * np.tri(len(kernel), k=-1, dtype=int)
    lower = lower + rational_array(np.eye(len(kernel), dtype=int))
    quarter = rational("1/4") * np.eye(len(kernel), dtype=int)
    return positive_semidefinite(lower.T @ lower - quarter)


@check(
    CONDITIONING,
    part="smallest",
    establishes=exact(bound="the stated kernels: kᵀk of five unit keys, and all ones at n = 6"),
    claimed=dict(kernels=(KEYS @ KEYS.T, rational_array([[1] * 6] * 6))),
    controls={
        "overlaps of minus one": dict(
            kernels=(rational_array((2 * np.eye(6, dtype=int) - 1).tolist()),),
            drops="positive semidefinite",
        ),
        "keys of length two": dict(kernels=(rational_array([[4] * 6] * 6),), drops="unit diagonal"),
    },
)
def singular_values_of_kernels(kernels) -> None:
    """``LᵀL ⪰ I/4`` by exact pivots."""
    for kernel in kernels:
        refute_unless(_smallest_squared(kernel), "a singular value is below one half", G=kernel)


a, b, c, s = scalars("a b c s")


@check(
    CONDITIONING,
    part="largest",
    establishes=proof(over="every n: eigenvectors of a tridiagonal matrix"),
    claimed=dict(eigenvalue=2 - 2 * c),
    controls={"plus": dict(eigenvalue=2 + 2 * c), "half": dict(eigenvalue=1 - c)},
)
def norm_of_the_triangle(eigenvalue) -> None:
    """``T^{−1} = D`` has ones on and −1 below the diagonal, and DᵀD is 2 on the diagonal (1 in the
    last place), −1 beside it. For ``x_j = cos((n − j + 1/2)θ)`` with ``θ = π/(2n + 1)``, three
    neighbours satisfy ``2x_j − x_{j−1} − x_{j+1} = (2 − 2cos θ)x_j``: with a, b the cosine and
    sine of the middle angle and c, s those of θ the neighbours are ac + bs and ac − bs. At the
    last place x_{n+1} = x_n (the cosine is even); at the first x_0 = cos(π/2) = 0. All x_j are
    positive, so by Perron this is the largest singular value of T:
    ``‖T‖² = 1/(2 − 2cos θ) = 1/(4 sin²(θ/2))``. For ``0 ≤ L ≤ T`` entrywise, ``‖L‖ ≤ ‖T‖``."""
    follows(
        2 * a - (a * c + b * s) - (a * c - b * s) - eigenvalue * a,
        message="the eigenvalue is another",
    )


@check(
    CONDITIONING,
    part="largest",
    establishes=enclosure(bound="n ≤ 40: TTᵀx = ‖T‖²x on the stated vector"),
    claimed=dict(divisor=lambda n: 4 * n + 2),
    controls={"4n": dict(divisor=lambda n: 4 * n), "4n + 4": dict(divisor=lambda n: 4 * n + 4)},
)
def triangle_in_balls(divisor) -> None:
    """The vector and the norm in ball arithmetic, through the definition of T itself."""
    with precision(160):
        for n in range(1, 41):
            angle = arb.pi() / (2 * n + 1)
            vector = [((ball(n - j) - ball("1/2") + 1) * angle).cos() for j in range(1, n + 1)]
            norm = 1 / (2 * (arb.pi() / divisor(n)).sin())
            image = [sum(vector[i:]) for i in range(n)]
            back = [sum(image[: j + 1]) for j in range(n)]
            for place in range(n):
                contains(back[place], norm * norm * vector[place], "not an eigenvector", n=n)


smallest, largest = scalars("smallest largest")


@check(
    CONDITIONING,
    part="condition",
    establishes=proof(over="every n", by="non-negative combination"),
    claimed=dict(factor=2),
    controls={"factor one": dict(factor=1)},
)
def quotient_of_the_bounds(factor) -> None:
    """``σ_max/σ_min ≤ 2σ_max ≤ 2‖T‖`` because 2σ_min ≥ 1; here κ·σ_min = σ_max."""
    condition = scalars("condition")[0]
    entails(
        factor * largest - condition,
        given={
            "2σ_min ≥ 1": 2 * smallest - 1,
            "σ_max ≤ ‖T‖": largest - condition * smallest,
            "κ": condition,
        },
        certificate=[(2, ["σ_max ≤ ‖T‖"], []), (1, ["κ", "2σ_min ≥ 1"], [])],
        message="the condition number can be larger",
    )


@plot(CONDITIONING)
def condition_number_by_length() -> Plot:
    """Condition number of L for identical and for random keys, with the bound."""
    generator = np.random.default_rng(0)
    lengths = [4, 8, 16, 32, 64, 128, 256]
    same, spread, bound = [], [], []
    for n in lengths:
        same.append(float(np.linalg.cond(np.tri(n))))
        keys = generator.standard_normal((n, 4))
        keys *= 2 / np.linalg.norm(keys, axis=1, keepdims=True)
        spread.append(float(np.linalg.cond(np.tril(np.exp(keys @ keys.T / 2 - 2)))))
        bound.append(float(1 / np.sin(np.pi / (4 * n + 2))))
    below = [100 * (1 - reached / allowed) for reached, allowed in zip(same, bound)]
    return Plot(
        title="Condition number of the preconditioner",
        x_label="length",
        y_label="condition number",
        series=[
            Series(label="bound", x=lengths, y=bound, style="guide"),
            Series(label="identical keys", x=lengths, y=same),
            Series(label="random keys, d = 4", x=lengths, y=spread),
        ],
        caption=f"Identical keys stay below the bound, which grows like 4n/π, by {below[0]:.2g} % "
        f"at n = {lengths[0]} and by {below[-1]:.2g} % at n = {lengths[-1]}.",
        x_scale="log",
        y_scale="log",
    )
