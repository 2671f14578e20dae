"""Weights trained at one length, used at another."""

from __future__ import annotations

from fractions import Fraction

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    note,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.icl_linreg.debiased_gradient_descent import (
    LENGTH_GENERALISATION,
    LENGTH_GENERALISATION_BY_NORMALISATION,
)

# a = d(1 + σ²); n is the length L' of the context, L the training length, u = 1/n.
L, N, A, ETA, NOISE = variables("L n a eta noise")
STEP, COST, INVERSE = scalars("eta a u")


def _debiased(step, length, a, noise):
    return (
        1
        + noise
        - 2 * step * (length - 1) / length
        + step**2 * (length - 1) * (length + a) / length**2
    )


def _mean(step, length, a, noise, trained=None):
    return 1 + noise - 2 * step + step**2 * (1 + (a + 1) / length)


def _sum(step, length, a, noise, trained):
    """(η/L) Σ over L' tokens is the mean over L' tokens with the step ηL'/L."""
    return _mean(step * length / trained, length, a, noise)


def _twice_as_long(trained: int) -> list[int]:
    return [2 * trained, 4 * trained, 10 * trained]


@check(
    LENGTH_GENERALISATION,
    establishes=counterexample(over="d = 5, σ² = 1/10, L = 40, L' = 80"),
    claimed=dict(linear=_mean, lengths=_twice_as_long, trained_step=1),
    controls={
        "sum over tokens at the training length": dict(
            linear=_sum, lengths=lambda trained: [trained]
        ),
        "half the step": dict(trained_step=Fraction(1, 2)),
        "four times as long": dict(lengths=lambda trained: [4 * trained]),
    },
    repairs={"linear attention sums over tokens": dict(linear=_sum)},
)
def softmax_against_linear_attention(linear, lengths, trained_step) -> None:
    """The closed forms of exact-gd-risks at rational values."""
    noise, trained = Fraction(1, 10), 40
    a = 5 * (1 + noise)
    step = trained_step * trained / (trained + a + 1)
    for length in lengths(trained):
        ours, theirs = (
            _debiased(step, length, a, noise),
            linear(step, length, a, noise, trained),
        )
        refute_unless(
            ours < theirs,
            "linear attention has the smaller risk",
            length=length,
            step=step,
            debiased=ours,
            linear=theirs,
        )


@check(
    LENGTH_GENERALISATION_BY_NORMALISATION,
    part="debiased",
    establishes=proof(over="every d, σ², 0 < η < 2, lengths ≥ 2", by="non-negative combination"),
    claimed=dict(limit=lambda eta, noise: noise + (1 - eta) ** 2, room=1 - 2 * INVERSE),
    controls={
        "limit is the noise": dict(limit=lambda eta, noise: noise + 0 * eta),
        "limit without the noise": dict(limit=lambda eta, noise: (1 - eta) ** 2),
        "from length 1 on": dict(room=1 - INVERSE),
    },
)
def risk_decreases_to_its_limit(limit, room) -> None:
    """With u = 1/L' the risk is ``limit + (2η + η²(a − 1))u − η²a u²``, with the derivative
    ``η(2 − η) + η²a(1 − 2u)``: positive for u ≤ 1/2."""
    eta, a, noise, u = variables("eta a noise u")
    identical(
        _debiased(eta, 1 / u, a, noise),
        limit(eta, noise) + (2 * eta + eta**2 * (a - 1)) * u - eta**2 * a * u**2,
        "the limit is another",
    )
    entails(
        2 * STEP + STEP**2 * (COST - 1) - 2 * STEP**2 * COST * INVERSE,
        given={"step": STEP, "extra": 2 - STEP, "a": COST, "room": room},
        certificate=[(1, ("step", "extra"), ()), (1, ("a", "room"), (STEP,))],
        message="the risk increases with the length",
    )


@check(
    LENGTH_GENERALISATION_BY_NORMALISATION,
    part="sum over tokens",
    establishes=proof(over="every L, L', d, σ², η", by="rational-function identity"),
    claimed=dict(power=2),
    controls={"linear growth": dict(power=1), "no growth": dict(power=0)},
)
def risk_of_the_sum(power) -> None:
    """(η/L)Σ is (ηρ/L')Σ, so exact-gd-risks holds with the step ηρ."""
    ratio = N / L
    identical(
        _mean(ETA * ratio, N, A, NOISE),
        1 + NOISE - 2 * ETA * ratio + ETA**2 * ratio**power * (1 + (A + 1) / N),
        "the risk is another",
    )
    step = Fraction(40) / (40 + Fraction(13, 2))
    risks = [
        float(_sum(step, n, Fraction(11, 2), Fraction(1, 10), 40)) for n in (10, 40, 80, 160, 400)
    ]
    note(lengths="10, 40, 80, 160, 400", risk_of_the_sum=[round(risk, 3) for risk in risks])


@check(
    LENGTH_GENERALISATION_BY_NORMALISATION,
    part="mean over tokens",
    establishes=proof(over="every L', d, σ², η", by="rational-function identity"),
    claimed=dict(difference=lambda n, a, eta: eta * (2 * n * (1 - eta) - eta * a) / n**2),
    controls={
        "no difference": dict(difference=lambda n, a, eta: 0 * n),
        "without the noise in a": dict(
            difference=lambda n, a, eta: eta * (2 * n * (1 - eta) - eta * a / (1 + NOISE)) / n**2
        ),
    },
)
def difference_at_one_step(difference) -> None:
    """The two closed forms at the same step."""
    identical(
        _debiased(ETA, N, A, NOISE) - _mean(ETA, N, A, NOISE),
        difference(N, A, ETA),
        "the difference is another",
    )


@check(
    LENGTH_GENERALISATION_BY_NORMALISATION,
    part="after training",
    establishes=proof(over="every L, d, σ², L' ≥ L/2", by="non-negative combination"),
    claimed=dict(share=2),
    controls={"from a quarter on": dict(share=4), "from a third on": dict(share=3)},
)
def mean_wins_after_training(share) -> None:
    """``2L'(1 − η) − ηa = (2L'(a + 1) − La)/(L + a + 1)``: with L' = L/share + extra the numerator
    is ``2 extra (a + 1) + L`` for share 2, positive for L > 0."""
    identical(
        (2 * N * (1 - L / (L + A + 1)) - L / (L + A + 1) * A) * (L + A + 1),
        2 * N * (A + 1) - L * A,
        "the sign is decided elsewhere",
    )
    length, cost, extra = scalars("L a extra")
    entails(
        2 * (length * Fraction(1, share) + extra) * (cost + 1) - length * cost - length,
        given={"a": cost, "L": length, "extra": extra},
        certificate=[(2, ("extra", "a"), ()), (2, ("extra",), ())],
        message="the debiased step is better at some such length",
    )


@plot(LENGTH_GENERALISATION_BY_NORMALISATION)
def risk_at_other_lengths() -> Plot:
    noise, a, trained = 0.1, 5.5, 40
    step = trained / (trained + a + 1)
    lengths = [10, 14, 20, 28, 40, 57, 80, 113, 160, 226, 320]
    curves = {
        "debiased (softmax pair)": [_debiased(step, n, a, noise) for n in lengths],
        "linear attention, mean": [_mean(step, n, a, noise) for n in lengths],
        "linear attention, sum": [_sum(step, n, a, noise, trained) for n in lengths],
    }
    return Plot(
        title="Trained at 40 examples, d = 5, σ² = 0.1",
        x_label="examples in the context",
        y_label="risk",
        x_scale="log",
        y_scale="log",
        series=[
            *(Series(label=label, x=lengths, y=values) for label, values in curves.items()),
            Series(
                label="limit σ² + (1 − η)²",
                x=lengths,
                y=[noise + (1 - step) ** 2] * len(lengths),
                style="guide",
            ),
        ],
        caption="Without division by the length the risk explodes; with it, softmax is not needed.",
    )
