"""The gap of the reduction from maximal triple products."""

from __future__ import annotations

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import check, enclosure, note, proof
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.tensor_attention import tensor_attention
from attnproof.theory.paper.kron_attn.match3 import HARDNESS_GAP

a, y, m, n, q, X = scalars("a y m n q X")


def _numbers(**values) -> dict[str, object]:
    return {name: rational(value) for name, value in values.items()}


@check(
    HARDNESS_GAP,
    part="margins",
    establishes=proof(over="every n, d, t, γ ≤ 1 and β", by="non-negative combination"),
    claimed=dict(tau=4 * n**2 + q, times=5, mixed=2 * n),
    controls={
        "τ of 2n": dict(tau=2 * n + q),
        "one sixth": dict(times=6),
        "2n³ mixed pairs": dict(mixed=2 * n**3),
    },
)
def masses_of_both_cases(tau, times, mixed) -> None:
    """With τ = 4n² + q, q ≥ 0, and X = e^{β³t/d}: the dummy pair has the score h = (1 − γ/2)t, its
    exponential is X/τ; the 2n mixed pairs have e^0 = 1.

    No: all n² real scores are at most (1 − γ)t, so a ≤ n²y with y = X/τ², and the dummy has τy;
    τy + m − 4a ≥ 0 gives a/(a + τy + m) ≤ 1/5. Yes: a ≥ X, and X ≥ τ² since γ ≤ 1. The output is at
    least 1/(1 + 1/τ + 2n/X), and 1/τ + 2n/X ≤ 1/(4n²) + 1/(8n³): the first since τ ≥ 4n², the
    second since X ≥ τ² ≥ 16n⁴.
    """
    entails(
        tau * y + m - (times - 1) * a,
        given={"a": n**2 * y - a, "m": m, "y": y, "n": n - 1, "q": q},
        certificate=[(4, ("a",), ()), (1, ("m",), ()), (1, ("q", "y"), ())],
        models=[_numbers(a=4, n=2, y=1, m=0, q=0)],
        message="in the no case the output exceeds 1/5",
    )
    # Multiplied by a: the mass beside a is X/τ + 2n ≤ a(1/τ + 2n/X), since a ≥ X.
    entails(
        a * (X + 2 * n * tau) - X * (X + mixed * tau),
        given={"a": a - X, "X": X, "n": n - 1, "q": q},
        certificate=[
            (1, ("a", "X"), ()),
            (8, ("a",), (n,)),
            (8, ("a", "n"), (n,)),
            (2, ("a", "q"), ()),
            (2, ("a", "n", "q"), ()),
        ],
        models=[_numbers(a=2, X=1, n=1, q=0), _numbers(a=1, X=1, n=2, q=0)],
        message="in the yes case the output falls below the bound",
    )
    # X ≥ τ² and τ² − 16n⁴ = q(8n² + q).
    entails(
        tau**2 - 16 * n**4,
        given={"q": q},
        certificate=[(8, ("q",), (n,)), (1, ("q", "q"), ())],
        models=[_numbers(q=0, n=2)],
        message="the square of τ is smaller",
    )
    entails(
        X - 16 * n**4,
        given={"X": X - (4 * n**2 + q) ** 2, "q": q},
        certificate=[(1, ("X",), ()), (8, ("q",), (n,)), (1, ("q", "q"), ())],
        models=[_numbers(X=16, n=1, q=0)],
        message="X is smaller than 16n⁴",
    )


def _layer(queries, first, second, cube: arb, middle: int) -> list[arb]:
    """β³ multiplies the scores; vectors a, b, c ∈ {0, 1}^D fill the first half of the width d = 2D,
    the dummy token h entries of the second."""
    half = len(queries[0])

    def rows(vectors, tail):
        return [[*vector, *[tail] * half] for vector in vectors]

    # ⟨ones, K₁, K₂⟩ over the second half is h for the dummy pair and 0 for every mixed pair.
    dummy = [0] * half + [1] * middle + [0] * (half - middle)
    query = np.array(rows(queries, 1), dtype=object)
    keys = [np.array([*rows(vectors, 0), dummy], dtype=object) for vectors in (first, second)]
    values = np.array([[arb(1)]] * len(first) + [[arb(0)]], dtype=object)
    return tensor_attention(
        query,
        keys,
        [values, values],
        scale=cube / (2 * half),
        power=lambda s: np.vectorize(lambda score: score.exp(), otypes="O")(s),
    )[:, 0].tolist()


def _vector(ones: int, length: int = 24) -> list[int]:
    return [1] * ones + [0] * (length - ones)


@check(
    HARDNESS_GAP,
    part="instances",
    establishes=enclosure(bound="n = 6, D = 24, t = 8, γ = 1/2: the extremal instances"),
    claimed=dict(factor=1, least="0.9930", most="1/5", shown=("4.91", "4.93")),
    controls={
        "0.3 of β³": dict(factor="3/10"),
        "one half of β³": dict(factor="1/2"),
        "yes above 0.994": dict(least="0.994"),
        "β at most 4.9": dict(shown=("4.8", "4.9")),
    },
)
def extremal_instances(factor, least, most, shown) -> None:
    """Yes: one pair (b, c) has ⟨a, b, c⟩ = t, the others 0. No: all 36 have (1 − γ)t. With 0.3 of
    β³ the order is reversed: 0.810 in the yes case, 0.877 in the no case."""
    with precision(96):
        count, length, top = 6, 48, 8
        cube = ball(factor) * 2 * length / (ball("1/2") * top)
        cube = cube * (2 * arb(count).log() + arb(4).log())
        yes = _layer(
            [_vector(8)], [_vector(8)] + [_vector(0)] * 5, [_vector(8)] + [_vector(0)] * 5, cube, 6
        )[0]
        no = _layer([_vector(8)], [_vector(4)] * 6, [_vector(4)] * 6, cube, 6)[0]
        size = cube ** ball("1/3")
        at_most(no, yes, "the cases are in the reversed order", yes=yes, no=no)
        at_most(ball(least), yes, "the output of the yes case is smaller", yes=yes)
        at_most(no, ball(most), "the output of the no case is larger", no=no)
        at_most(ball(shown[0]), size, "β is smaller", beta=size)
        at_most(size, ball(shown[1]), "β is larger", beta=size)
        note(yes=yes.str(6), no=no.str(6), beta=size.str(5))
