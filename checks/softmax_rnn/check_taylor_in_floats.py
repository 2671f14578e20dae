"""The 80-term series in double precision: digits lost for negative scores, kept by a reciprocal."""

from __future__ import annotations

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    enclosure,
    note,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rounding import gamma, unit_roundoff
from attnproof.theory.paper.softmax_rnn.truncation import (
    TAYLOR_IN_FLOATS,
    TAYLOR_IN_FLOATS_RECIPROCAL,
)

TOLERANCE = "1/1000000"


def series_in_floats(x: float, order: int = 79) -> float:
    """``T_N(x)`` in float64, term by term: t_m = t_{m−1}·x/m, added in order of m."""
    term = total = 1.0
    for m in range(1, order + 1):
        term = term * x / m
        total = total + term
    return total


def _reciprocal(x: float) -> float:
    return series_in_floats(x) if x >= 0 else 1.0 / series_in_floats(-x)


def _relative_error(value: float, x: float):
    return abs(ball(value) * (-ball(x)).exp() - 1)


@check(
    TAYLOR_IN_FLOATS,
    establishes=counterexample(over="x = −30, in float64", by="ball arithmetic (Arb)"),
    claimed=dict(computed=series_in_floats, scores=(-30.0,)),
    controls={
        "score −40": dict(scores=(-40.0,)),
        "score −20": dict(scores=(-20.0,)),
        "score 60": dict(scores=(60.0,)),
    },
    repairs={
        "reciprocal of the series at −x": dict(computed=_reciprocal),
        "scores that are not negative": dict(scores=(0.0, 10.0, 30.0, 40.0)),
    },
)
def series_of_eighty_terms(computed, scores) -> None:
    """``fl(T_79(−30))`` is negative, while e^{−30} is 9.4·10^{−14}."""
    with precision(200):
        for x in scores:
            value = computed(x)
            error = _relative_error(value, x)
            refute_unless(
                bool(error <= ball(TOLERANCE)),
                "the computed value is another",
                x=x,
                computed=value,
                exponential=ball(x).exp(),
                relative_error=error,
            )


theta, previous, allowed, step = scalars("theta previous allowed step")


@check(
    TAYLOR_IN_FLOATS_RECIPROCAL,
    part="rounding",
    establishes=proof(
        over="every N and x ≥ 0 without overflow or underflow; Higham's lemma 3.1 (classical)",
        by="rounding analysis and non-negative combination",
    ),
    claimed=dict(per_term=2, per_sum=1, largest_sign=1),
    controls={
        "terms of both signs": dict(largest_sign=-1),
        "one rounding per term forgotten": dict(per_term=1, per_sum=1),
    },
)
def relative_error_of_positive_terms(per_term, per_sum, largest_sign) -> None:
    """The m-th term is the product of m quotients x/l and m roundings of each kind: 2m factors
    (1 + δ). It then takes part in N − m + 1 sums at most: in all not more than
    ``2m + (N − m + 1) ≤ 3N`` factors for 1 ≤ m ≤ N (the first term has N). Positive terms that each
    have a relative error of at most γ have a sum with that error: ``|Σ t_mθ_m| ≤ γ Σ t_m``. Here
    for two terms s and t, and the count of factors for every m ≤ N."""
    for order in range(1, 80):
        needed = max(2 * m + (order - m + 1) for m in range(1, order + 1))
        counted = per_term * order + per_sum * order
        refute_unless(needed <= counted, "there are more rounding factors", N=order, needed=needed)
    first, second, other = scalars("first second other")
    entails(
        allowed * (first + largest_sign * second) - theta * first - other * second,
        given={
            "s": first,
            "t": second,
            "γ − θ": allowed - theta,
            "γ − θ'": allowed - other,
            "γ": allowed,
        },
        certificate=[(1, ["γ − θ", "s"], []), (1, ["γ − θ'", "t"], [])],
        message="the error of a sum exceeds that of its terms",
    )


def _left_out(x, order: int = 79):
    """``1 − T_N(x)e^{−x}`` for x ≥ 0, by Horner's rule in balls."""
    total = ball(1)
    for m in range(order, 0, -1):
        total = 1 + total * ball(x) / m
    return 1 - total * (-ball(x)).exp()


def _allowed(reach, order: int = 79):
    """What rounding and truncation may do up to ``reach``. The reciprocal of 1 − e is below
    1 + e(1 + 2e) for e < 1/2, which the factor covers."""
    error = ball(gamma(3 * order + 1, unit_roundoff("float64"))) + _left_out(reach, order)
    return error * (1 + 2 * error)


@check(
    TAYLOR_IN_FLOATS_RECIPROCAL,
    part="double precision",
    establishes=proof(
        over="every float64 x with |x| ≤ 30", by="rounding analysis and ball arithmetic (Arb)"
    ),
    claimed=dict(reach=30, order=79),
    controls={"scores up to 60": dict(reach=60), "forty terms": dict(order=40)},
)
def error_for_every_score(reach, order) -> None:
    """The part 'rounding' gives γ_{3N}, one more factor for the division. What is left out,
    ``1 − T_N(x)e^{−x}``, has the derivative ``x^N e^{−x}/N! ≥ 0`` (from T_N' = T_{N−1}, see the
    claim 'positivity'), so on [0, 30] it is largest at 30. Terms underflow for
    x below 1/100 only, and then shrink: they change a sum of at least 1 by less than 2^{−1000}."""
    with precision(200):
        allowed = _allowed(reach, order)
        at_most(allowed, ball(TOLERANCE), "the error can exceed the tolerance", reach=reach)
        note(allowed=allowed.str(3, radius=False))


@check(
    TAYLOR_IN_FLOATS_RECIPROCAL,
    part="double precision",
    establishes=enclosure(bound="1201 equally spaced scores in [−30, 30], against e^x in balls"),
    claimed=dict(computed=_reciprocal, reach=30),
    controls={
        "series at negative scores": dict(computed=series_in_floats),
        "scores up to 60": dict(reach=60),
    },
)
def observed_errors(computed, reach) -> None:
    """The program itself at many scores, against what the analysis allows up to 30."""
    with precision(200):
        worst, allowed = 0.0, _allowed(30)
        for index in range(-600, 601):
            x = reach * index / 600
            error = _relative_error(computed(x), x)
            at_most(error, allowed, "the computed value is another", x=x)
            worst = max(worst, float(error / allowed))
        note(largest_share_of_the_bound=f"{worst:.3g}")


@plot(TAYLOR_IN_FLOATS)
def error_by_score() -> Plot:
    """Relative error of both ways to compute e^x."""
    scores = [float(x) for x in range(-40, 41)]
    with precision(200):
        plain = [max(float(_relative_error(series_in_floats(x), x)), 1e-17) for x in scores]
        repaired = [max(float(_relative_error(_reciprocal(x), x)), 1e-17) for x in scores]
    return Plot(
        title="Relative error of 80 terms in float64",
        x_label="score x",
        y_label="relative error",
        series=[
            Series(label="series", x=scores, y=plain),
            Series(label="reciprocal for x < 0", x=scores, y=repaired),
        ],
        caption="Below −15 the series has no correct digit; its reciprocal keeps them.",
        y_scale="log",
    )
