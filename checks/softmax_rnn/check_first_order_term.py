"""Linear attention next to the first-order approximation of softmax attention."""

from __future__ import annotations

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import FreeElement, scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import check, counterexample, note, proof, refute_unless
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.equational import follows
from attnproof.theory.paper.softmax_rnn.first_order_term import (
    FIRST_ORDER_APPROXIMATION,
    LINEAR_ATTENTION_APPROXIMATES,
)

eps, x, mean, size, weight, share = scalars("eps x mean n weight share")


def _shares(scores, step, series):
    """Normalised weights from a series of the scores ``step · x``."""
    values = [series(rational(step) * rational(score)) for score in scores]
    return [value / sum(values, start=rational(0)) for value in values]


@check(
    LINEAR_ATTENTION_APPROXIMATES,
    establishes=counterexample(over="scores (1, −1/2), ε = 10⁻¹, …, 10⁻⁴", by="exact rationals"),
    claimed=dict(series=lambda y: y, scores=("1", "-1/2")),
    controls={
        "other scores": dict(scores=("1", "3", "-1")),
        "term of order two": dict(series=lambda y: y * y),
    },
    repairs={
        "with the term of order zero": dict(series=lambda y: 1 + y),
        "up to order two": dict(series=lambda y: 1 + y + y * y / 2),
    },
)
def small_scores(series, scores) -> None:
    """Softmax tends to 1/n, at the rate ε: within max|x|·ε of it. The term alone does not."""
    for exponent in range(1, 5):
        step = rational(1) / 10**exponent
        found = _shares(scores, step, series)
        distance = max(abs(share - rational(1) / len(scores)) for share in found)
        refute_unless(
            distance <= 3 * step,
            "the weights do not approach those of softmax attention",
            scores=[rational(score) for score in scores],
            epsilon=step,
            weights=found,
        )


@check(
    FIRST_ORDER_APPROXIMATION,
    part="truncation",
    establishes=proof(over="every number of keys and scores; modulo ε²"),
    claimed=dict(centred=x - mean),
    controls={"not centred": dict(centred=1 * x), "centred twice": dict(centred=x - 2 * mean)},
)
def truncation_is_centred(centred) -> None:
    """``(1 + ε(x − x̄))·(n + εnx̄) = n(1 + εx)`` modulo ε²: divided by n times the sum, the weight of
    the key. ``n + εnx̄`` is the sum of 1 + εx_l."""
    product = (1 + eps * centred) * (size + eps * size * mean) - size * (1 + eps * x)
    for order in (0, 1):
        follows(_coefficient(product, order), message=f"order {order} in ε is another")


def _coefficient(element: FreeElement, order: int) -> FreeElement:
    """The coefficient of ``ε^order``."""
    kept = {}
    for (central, word), value in element.terms.items():
        powers = dict(central)
        if powers.pop("eps", 0) == order:
            kept[tuple(sorted(powers.items())), word] = value
    return FreeElement(kept)


@check(
    FIRST_ORDER_APPROXIMATION,
    part="softmax",
    establishes=proof(
        over="every number of keys and scores; from e^y = 1 + y + O(y²)", by="free algebra"
    ),
    claimed=dict(series=lambda y, rest: 1 + y + rest * eps**2),
    controls={
        "half of the first order": dict(series=lambda y, rest: 1 + y / 2 + rest * eps**2),
        "no first order": dict(series=lambda y, rest: 1 + rest * eps**2),
    },
)
def exponential_to_first_order(series) -> None:
    """``e^{εx} = 1 + εx + ε²r`` with r bounded near ε = 0, and the same for the sum, ``n + εnx̄ +
    ε²R``. The product of the stated weight with the sum agrees with e^{εx} in the orders 0 and
    1."""
    rest, total = scalars("rest total")
    summed = size * series(eps * mean, total)
    product = (1 + eps * (x - mean)) * summed - size * (1 + eps * x + rest * eps**2)
    for order in (0, 1):
        follows(_coefficient(product, order), message=f"order {order} in ε is another")
    with precision(100):
        scores = [ball("1"), ball("-1/2")]
        exponentials = [(score / 10).exp() for score in scores]
        first = exponentials[0] / sum(exponentials)
        at_most(abs(first - ball("0.53743")), ball("1e-5"), "softmax at ε = 1/10")
    note(softmax_at_a_tenth=first.str(6, radius=False), first_order_truncation="11/20.5 = 0.53659")


@check(
    FIRST_ORDER_APPROXIMATION,
    part="term alone",
    establishes=proof(over="every number of keys, scores with a mean, ε ≠ 0"),
    claimed=dict(stated=x),
    controls={"centred": dict(stated=x - mean), "one": dict(stated=1 + 0 * x)},
)
def term_does_not_depend_on_epsilon(stated) -> None:
    """``weight·(εnx̄) = εx`` and ``share·(nx̄) = x`` give ``(weight − share)·εnx̄ = 0``, and εnx̄
    ≠ 0."""
    numbers = {"eps": rational("1/2"), "n": rational(2), "mean": rational("1/4")}
    value = rational(3)
    model = {**numbers, "x": value, "weight": value / (numbers["n"] * numbers["mean"])}
    wrong = _value(stated, model)
    model["share"] = wrong / (numbers["n"] * numbers["mean"])
    follows(
        (weight - share) * eps * size * mean,
        using=[
            (1, weight * eps * size * mean - eps * x, 1),
            (-1 * eps, share * size * mean - stated, 1),
        ],
        models=[model],
        message="the weight is another",
    )


def _value(element: FreeElement, model):
    return element.evaluate({**model})[0, 0]
