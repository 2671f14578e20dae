"""How large the outputs are under Frobenius normalisation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    plot,
    proof,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.held_premises import held_premises
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.infinite_self_attention import (
    frobenius_norm,
    frobenius_normalised,
    infinite_self_attention,
)
from attnproof.theory.paper.infsa.attention_map import OUTPUT_DECAY

# Y and F: squared norms of the outputs (before γ) and of the map's rows so far; y and f those of
# one more row; s = ‖V‖_2².
Y, F, y, f, s, gamma, N = scalars("Y F y f s gamma N")


@check(
    OUTPUT_DECAY,
    part="bound",
    establishes=proof(over="every N (induction), every V", by="exact non-negative combinations"),
    claimed=dict(room=1 - F, bound=gamma * gamma * s, row=s * f - y),
    controls={
        "rows that sum to one": dict(room=N - F),
        "half the spectral norm": dict(bound=gamma * gamma * s / 4),
        "values left out": dict(bound=gamma * gamma),
        "rows bounded by N times as much": dict(row=s * f * N - y),
    },
)
def outputs_are_bounded_by_the_spectral_norm(room, bound, row) -> None:
    """A row a of Â gives an output of squared norm y = ‖Vᵀa‖² ≤ s f, f = ‖a‖², by the definition
    of the spectral norm (the axiom). Summed over rows, Y ≤ s F; with F = ‖Â‖_F² ≤ 1,
    ‖γÂV‖_F² = γ²Y ≤ γ²s. Divided by N it is the mean square of the token norms.

    The map of a row-stochastic matrix has only F ≤ N.
    """
    entails(
        s * (F + f) - (Y + y),
        given={
            "so far": s * F - Y,
            "row": row,
            **{"s": s, "f": f, "F": F, "y": y, "Y": Y, "N": N - 1},
        },
        certificate=[(1, ["so far"], []), (1, ["row"], [])],
        message="one more row breaks the bound",
    )
    entails(
        bound - gamma * gamma * Y,
        given={
            "so far": s * F - Y,
            "room": room,
            **{"s": s, "F": F, "gamma": gamma, "N": N - 1, "Y": Y},
        },
        certificate=[(1, ["so far"], [gamma]), (1, ["room", "s"], [gamma])],
        message="the outputs are larger than the bound",
    )


A0, P, PT, V, VT, x, xs, ONES = letters("A0 P Pt V Vt x xs o")
c, norm, u, root, w, i, lam, mu = scalars("c norm u root w i lam mu")


def _permutation_model(normaliser: Callable) -> dict[str, object]:
    """Four tokens, so that √N = 2; P swaps two of them, and x is their difference."""
    matrix = rational_array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    value = rational_array([[1, 0], [2, 1], [0, 3], [-1, 1]])
    swapped = rational_array([[1], [-1], [0], [0]])
    size = normaliser(3 * matrix)
    return {
        **{"P": matrix, "Pt": matrix.T, "V": value, "Vt": value.T, "x": swapped, "xs": swapped.T},
        **{"o": rational_array([[1]] * 4), "c": rational(3), "norm": size, "u": 1 / size},
        **{"root": rational(2), "w": rational("1/2"), "N": rational(4)},
        **{"i": 1 / (size + 6), "gamma": rational("19/20"), "lam": rational(-1)},
        **{"mu": rational(-1)},
    }


def _row_sum(matrix: np.ndarray):
    return matrix[0].sum()


ORTHOGONAL = PT * P - 1
NORM, INVERSE, ROOT = norm * norm - c * c * N, u * norm - 1, root * root - N
WEIGHT, POSITIVE = w * root - 1, i * (norm + c * root) - 1
# norm = c √N, from (norm − c√N)(norm + c√N) = 0, and then u c = 1/√N.
SIZE = [(i, NORM, 1), (-1 * i * c * c, ROOT, 1), (-1 * (norm - c * root), POSITIVE, 1)]
SCALE = [
    (w, INVERSE, 1),
    *((-1 * w * u * left, premise, right) for left, premise, right in SIZE),
    (-1 * u * c, WEIGHT, 1),
]


@check(
    OUTPUT_DECAY,
    part="permutation",
    establishes=proof(over="every N, every permutation matrix, every V"),
    claimed=dict(normaliser=frobenius_norm, factor=w),
    controls={
        "one over N": dict(factor=w * w),
        "no decay": dict(factor=FreeElement.one()),
        "rows that sum to one": dict(normaliser=_row_sum),
    },
)
def permutation_by_the_root_of_its_size(normaliser, factor) -> None:
    """A₀ᵀA₀ = c²PᵀP = c²I has trace c²N, so ‖A₀‖_F = c√N; with u its inverse and w = 1/√N,
    Y = γ u c P V = γ w P V, and tr(YᵀY) = γ²w² tr(VᵀPᵀPV) = γ²w² tr(VᵀV).
    """
    model = _permutation_model(normaliser)
    follows(
        (c * PT) * (c * P) - c * c,
        using=[(c * c, ORTHOGONAL, 1)],
        models=[model],
        message="the squares of the affinities are not c² times the identity",
    )
    follows(
        gamma * u * c * P * V - gamma * factor * P * V,
        using=held_premises([(gamma * a, premise, b * P * V) for a, premise, b in SCALE], model),
        models=[model],
        message="the outputs are not scaled by the stated factor",
    )
    follows(
        (gamma * factor * VT * PT) * (gamma * factor * P * V)
        - gamma * gamma * factor * factor * VT * V,
        using=[(gamma * gamma * factor * factor * VT, ORTHOGONAL, V)],
        models=[model],
        message="the permutation changes the norm",
    )


@check(
    OUTPUT_DECAY,
    part="spectral radius",
    establishes=proof(over="every N, every permutation matrix, every eigenvalue"),
    claimed=dict(normaliser=frobenius_norm, modulus=w, constant=w),
    controls={
        "one": dict(modulus=FreeElement.one()),
        "one over N": dict(modulus=w * w),
        "constant vector with eigenvalue one": dict(constant=FreeElement.one()),
        "rows that sum to one": dict(normaliser=_row_sum),
    },
)
def eigenvalues_by_the_root_of_the_size(normaliser, modulus, constant) -> None:
    """Let Px = λx and x* its conjugate transpose, x*Pᵀ = μx* with μ the conjugate of λ. From
    x*PᵀPx = x*x follows (|λ|² − 1) x*x = 0, so that |λ/√N|² = 1/N. And P1 = 1.
    """
    model = _permutation_model(normaliser)
    eigen, adjoint = P * x - lam * x, xs * PT - mu * xs
    follows(
        (u * c * lam) * (u * c * mu) * xs * x - modulus * modulus * xs * x,
        using=held_premises(
            [
                *((a * (u * c + w), premise, b * lam * mu * xs * x) for a, premise, b in SCALE),
                (-1 * w * w, adjoint, P * x),
                (-1 * w * w * mu * xs, eigen, 1),
                (w * w * xs, ORTHOGONAL, x),
            ],
            model,
        ),
        models=[model],
        message="an eigenvalue has another modulus",
    )
    follows(
        u * c * P * ONES - constant * ONES,
        using=held_premises(
            [
                *((a, premise, b * P * ONES) for a, premise, b in SCALE),
                (w, P * ONES - ONES, 1),
            ],
            model,
        ),
        models=[model],
        message="the constant vector has another eigenvalue",
    )


@plot(OUTPUT_DECAY)
def output_norm_over_tokens() -> Plot:
    """Mean token norm for sharp, Gaussian and softmax attention, as the number of tokens grows."""
    generator = np.random.default_rng(20260300175)
    tokens, width = [16, 32, 64, 128, 256, 512, 1024], 32
    norms: dict[str, list[float]] = {}
    for count in tokens:
        query, key, value = generator.standard_normal((3, count, width))
        outputs = {
            "Frobenius, each token its own": 0.95 * frobenius_normalised(np.eye(count)) @ value,
            "Frobenius, Gaussian logits": infinite_self_attention(query, key, value, 0.95),
            "row sums, each token its own": 0.95 * value,
            "guide 5.3/√N": np.full((count, 1), 5.3 / np.sqrt(count)),
        }
        for label, output in outputs.items():
            norms.setdefault(label, []).append(float(np.sqrt((output**2).sum(axis=1)).mean()))
    axis = [float(count) for count in tokens]
    return Plot(
        title="Mean norm of the outputs over the number of tokens",
        x_label="number of tokens N",
        y_label="mean token norm",
        x_scale="log",
        y_scale="log",
        series=[
            Series(label=label, x=axis, y=values, style="guide" if "guide" in label else "line")
            for label, values in norms.items()
        ],
        caption="Gaussian values of width 32 with mean zero, γ = 0.95. Such values average out: "
        "under the Frobenius norm the outputs fall like one over the root of N, while values that "
        "all tokens share need not. Rows that sum to one keep their size where attention is sharp.",
    )
