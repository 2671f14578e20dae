"""Positive affinities contract Hilbert's metric towards the left Perron vector: the proof."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.infsa.linear_variant import LINEAR_PERRON_CONTRACTION


def _small_points(*names: str, values: tuple[int, ...] = (1, 2, 3)) -> Iterator[dict[str, object]]:
    for entries in product(values, repeat=len(names)):
        yield {name: rational(entry) for name, entry in zip(names, entries, strict=True)}


def _weights_at_the_ends(lower_end, upper_end) -> None:
    """Step 1. Moving one t to the end that the signs of αY − βX name does not lower X/Y."""
    X, Y, alpha, beta, t, m, M = scalars("X Y alpha beta t m M")
    names = ("X", "Y", "alpha", "beta", "t", "m", "M")
    quotient_rises = lambda end: (
        (X + alpha * end) * (Y + beta * t) - (X + alpha * t) * (Y + beta * end)
    )
    entails(
        quotient_rises(upper_end(m, M)),
        given={"below": M - t, "rising": alpha * Y - beta * X, "above": t - m},
        certificate=[(1, ["below", "rising"], [])],
        models=_small_points(*names),
        message="moving a ratio to the upper end lowers the quotient",
    )
    entails(
        quotient_rises(lower_end(m, M)),
        given={"below": M - t, "falling": beta * X - alpha * Y, "above": t - m},
        certificate=[(1, ["above", "falling"], [])],
        models=_small_points(*names),
        message="moving a ratio to the lower end lowers the quotient",
    )


def _cross_ratio_of_classes(factor) -> None:
    """Step 2. The bound α_k β_l ≤ κ α_l β_k of the entries passes on to sums over two classes."""
    P, P_, Q, Q_, p, q, kappa = scalars("P P_ Q Q_ p q kappa")
    names = ("P", "P_", "Q", "Q_", "p", "q", "kappa")
    # One element (p, q) of the first class against the second class (P', Q'), grown by one.
    r, s = scalars("r s")
    entails(
        kappa * (P_ + r) * q - p * (Q_ + s),
        given={"so far": kappa * P_ * q - p * Q_, "one more": factor(kappa) * r * q - p * s},
        certificate=[(1, ["so far"], []), (1, ["one more"], [])],
        models=_small_points("P_", "Q_", "p", "q", "kappa", "r", "s"),
        message="a class does not inherit the bound of its elements",
    )
    # The first class, grown by one such element.
    entails(
        kappa * P_ * (Q + q) - (P + p) * Q_,
        given={
            "so far": kappa * P_ * Q - P * Q_,
            "one more": factor(kappa) * P_ * q - p * Q_,
        },
        certificate=[(1, ["so far"], []), (1, ["one more"], [])],
        models=_small_points(*names),
        message="two classes do not inherit the bound of their elements",
    )


def _derivative_in_logarithms(slope) -> None:
    """Step 3. d log R / d log s for R(s) = (P s + P')/(Q s + Q')."""
    s, P, P_, Q, Q_ = variables("s P P_ Q Q_")
    quotient = (P * s + P_) / (Q * s + Q_)
    identical(
        s * quotient.derivative(s) / quotient,
        slope(s * P, P_, s * Q, Q_),
        "the derivative in logarithmic coordinates is another",
    )


def _slope_at_most(root_of_cross_ratio, rate) -> None:
    """Step 4. The slope is at most (k − 1)/(k + 1) where the cross ratio is at most k².

    The four terms s P, P', s Q, Q' of step 3 are written as squares A², B², C², D².
    """
    k, A, B, C, D = scalars("k A B C D")
    above, below = rate(k)
    entails(
        above * (A * A + B * B) * (C * C + D * D) - below * (A * A * D * D - B * B * C * C),
        given={
            "k": k - 1,
            "cross ratio": root_of_cross_ratio(k) * B * C - A * D,
            "A": A,
            "B": B,
            "C": C,
            "D": D,
        },
        certificate=[
            (1, ["k"], [A * C - B * D]),
            (2, ["cross ratio", "A", "D"], []),
            (2, ["cross ratio", "B", "C"], []),
        ],
        models=_small_points("k", "A", "B", "C", "D", values=(1, 2, 3, 4)),
        message="the slope exceeds the rate",
    )


def _perron_vector_is_fixed(image) -> None:
    """Step 5. u enters through A0ᵀu = ρu, which Hilbert's metric does not tell from u."""
    A0, A0t, u = letters("A0 A0t u")
    (rho,) = scalars("rho")
    matrix, perron = rational_array([[4, 1], [2, 3]]), rational_array([[2], [1]])
    follows(
        image(A0, A0t, u) - rho * u,
        using=[(1, A0t * u - rho * u, 1)],
        models=[{"A0": matrix, "A0t": matrix.T, "u": perron, "rho": rational(5)}],
        message="the image of u is not a multiple of u",
    )


@check(
    LINEAR_PERRON_CONTRACTION,
    part="contraction",
    establishes=proof(
        over="every N, every positive A0, every weights w > 0",
        by="exact non-negative combinations, rational-function identity, induction",
    ),
    claimed=dict(
        root_of_cross_ratio=lambda k: k,
        rate=lambda k: (k - 1, k + 1),
        upper_end=lambda m, M: M,
        lower_end=lambda m, M: m,
        factor=lambda kappa: kappa,
        slope=lambda a, b, c, d: (a * d - b * c) / ((a + b) * (c + d)),
        image=lambda A0, A0t, u: A0t * u,
    ),
    controls={
        "an eighth of the diameter": dict(root_of_cross_ratio=lambda k: k * k),
        "a slightly smaller rate": dict(rate=lambda k: (4 * k - 4, 5 * k + 3)),
        "square of the rate": dict(
            rate=lambda k: ((k - 1) * (k - 1), (k + 1) * (k + 1)),
        ),
        "opposite sign of the diameter": dict(rate=lambda k: (1 - k, k + 1)),
        "ends exchanged": dict(upper_end=lambda m, M: m, lower_end=lambda m, M: M),
        "beyond the lower end": dict(lower_end=lambda m, M: 2 * M - m),
        "entries with twice the cross ratio": dict(factor=lambda kappa: 2 * kappa),
        "slope without the logarithm": dict(slope=lambda a, b, c, d: (a * d - b * c) / (c + d)),
        "slope of the transposed pair": dict(
            slope=lambda a, b, c, d: (b * c - a * d) / ((a + b) * (c + d))
        ),
        "right Perron vector": dict(image=lambda A0, A0t, u: A0 * u),
    },
)
def birkhoff_hopf(root_of_cross_ratio, rate, upper_end, lower_end, factor, slope, image) -> None:
    """The theorem of Birkhoff and Hopf for one product with A0ᵀ, from first principles.

    Two keys i, j with columns A_·i, A_·j of A0; w, u > 0; t_l = w_l/u_l between m and M with
    M/m = e^{d_H(w, u)}; α_l = A_li u_l and β_l = A_lj u_l. What has to be bounded is

        log [ (Σ α t / Σ α) / (Σ β t / Σ β) ],  with  α_k β_l ≤ κ α_l β_k  and  κ = e^Δ = k².

    1. One by one, every t_l may be moved to m or M without lowering Σ α t / Σ β t.
    2. Let P, P' be the sums of α over the l at M and at m, and Q, Q' those of β. Then
       P Q' ≤ κ P' Q, by induction over both classes; empty sums give 0 ≤ 0.
    3. R(s) = (P s + P')/(Q s + Q') with s = M/m, and its derivative in logarithmic coordinates.
    4. That derivative is at most (k − 1)/(k + 1) at every s ≥ 1: multiplying s into P and Q does
       not change the cross ratio.
    5. d_H(a, u) = d_H(A0ᵀw, A0ᵀu), as a and A0ᵀw, u and A0ᵀu are multiples of each other.

    Machine-checked: steps 1, 2, 4 as exact non-negative combinations, 3 as an identity of rational
    functions, 5 in the free algebra. Classical: log R(s) − log R(1) is at most log s times a bound
    of the derivative (mean value theorem); every non-negative number is a square;
    tanh((log κ)/4) = (√κ − 1)/(√κ + 1). That a is a multiple of A0ᵀw is `linear-exact`.
    """
    _weights_at_the_ends(lower_end, upper_end)
    _cross_ratio_of_classes(factor)
    _derivative_in_logarithms(slope)
    _slope_at_most(root_of_cross_ratio, rate)
    _perron_vector_is_fixed(image)


@check(
    LINEAR_PERRON_CONTRACTION,
    part="sharp",
    establishes=proof(over="N = 2, every k > 1", by="rational-function identity"),
    claimed=dict(rate=lambda k: (k - 1) / (k + 1), cross_ratio=lambda k: k * k),
    controls={
        "square of the rate": dict(rate=lambda k: (k - 1) * (k - 1) / ((k + 1) * (k + 1))),
        "rate of the doubled diameter": dict(rate=lambda k: (k * k - 1) / (k * k + 1)),
        "rate zero": dict(rate=lambda k: 0 * k),
        "cross ratio k": dict(cross_ratio=lambda k: k),
        "cross ratio k to the fourth": dict(cross_ratio=lambda k: k * k * k * k),
    },
)
def no_smaller_factor(rate, cross_ratio) -> None:
    """For A0 = [[k, 1], [1, k]], u = (1, 1) and w = (s, 1): A0ᵀw = (k s + 1, s + k), so the
    quotient of the distances tends, as s → 1, to the derivative in logarithmic coordinates at
    s = 1, by the definition of the derivative. It is the rate of the theorem, whose κ = k².
    """
    s, h = variables("s h")
    k = 1 + h * h  # so that every point is one with k ≥ 1
    quotient = (k * s + 1) / (s + k)
    slope = s * quotient.derivative(s) / quotient
    identical(_at_one(slope, h), rate(k), "the limit of the quotient is another")
    identical(k * k / (1 * 1), cross_ratio(k), "the cross ratio of the entries is another")


def _at_one(function, h):
    """``function`` of s and h at s = 1, as a function of h."""
    numerator, denominator = (
        sum(
            (
                int(coefficient.numerator) * h**power / int(coefficient.denominator)
                for (_, power), coefficient in part.terms()
            ),
            0 * h,
        )
        for part in (function.element.numer, function.element.denom)
    )
    return numerator / denominator
