"""The softmax denominator: invisible in front of a norm, and not always a gate."""

from __future__ import annotations

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.dual import Dual
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Refuted,
    Undecided,
    check,
    counterexample,
    enclosure,
    exact,
    note,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.softmax_rnn.denominator import (
    DENOMINATOR_IS_A_GATE,
    DENOMINATOR_RANGE,
    NORM_CANCELS_GATE,
)

y, E, one = letters("y E one")
gate, norm, inverse, gated_inverse, epsilon = scalars("gate norm inverse gated epsilon")


def _vector(gate_value="2") -> dict[str, object]:
    """y = (3, 4) of norm 5, and a gate."""
    chosen = rational(gate_value)
    return {
        **{"y": rational_array([[3], [4]]), "gate": chosen, "norm": rational(5)},
        **{"inverse": rational("1/5"), "epsilon": rational(1)},
    }


@check(
    NORM_CANCELS_GATE,
    part="norm",
    establishes=proof(over="every norm, width, y with a norm different from zero, every gate > 0"),
    claimed=dict(size=gate * norm, value="2", output=1 * y),
    controls={
        "epsilon inside the norm": dict(size=gate * norm + epsilon),
        "gate behind the norm": dict(output=gate * y),
        "norm of the vector itself": dict(size=1 * norm),
        "negative gate": dict(size=-1 * gate * norm, value="-2", drops="positive gate"),
    },
)
def gate_cancels(size, value, output) -> None:
    """``gy/‖gy‖ = y/‖y‖`` from ``‖gy‖ = g‖y‖``, which is |g|‖y‖ for a gate of any sign: with
    ``gated·‖gy‖ = 1`` and ``inverse·‖y‖ = 1``."""
    model = _vector(value)
    total = size.evaluate({**model})[0, 0]
    model["gated"] = 1 / total
    follows(
        gated_inverse * gate * y - inverse * output,
        using=[
            (-1 * gate * gated_inverse, inverse * norm - 1, y),
            (inverse, gated_inverse * size - 1, y),
        ],
        models=[{**model, "g": rational(value)}],
        message="the gate is visible behind the norm",
    )


mean, spread = letters("mean spread")


@check(
    NORM_CANCELS_GATE,
    part="layer norm",
    establishes=proof(over="every width, y that is not constant, every gate > 0"),
    claimed=dict(size=gate * norm, centred=lambda of: of - E @ of),
    controls={
        "epsilon inside": dict(size=gate * norm + epsilon),
        "centred by a constant": dict(centred=lambda of: of - one),
    },
)
def gate_cancels_in_the_layer_norm(size, centred) -> None:
    """Centring is linear, ``c(gy) = g c(y)`` with ``c(y) = y − Ey``, E averaging all entries; and
    the standard deviation is the norm of that up to a constant, so the part 'norm' applies to
    c(y)."""
    average = rational_array([["1/2", "1/2"], ["1/2", "1/2"]])
    model = {**_vector(), "E": average, "one": rational_array([[1], [1]]), "norm": rational("1/2")}
    model["inverse"] = rational(2)
    model["gated"] = 1 / size.evaluate({**model})[0, 0]
    follows(
        gated_inverse * centred(gate * y) - inverse * (y - E @ y),
        using=[
            (-1 * gate * gated_inverse, inverse * norm - 1, y - E @ y),
            (inverse, gated_inverse * size - 1, y - E @ y),
        ],
        models=[model],
        message="the gate is visible behind the layer norm",
    )


def _normalised(vector, shift):
    """``y / (‖y‖ + shift)`` for vectors along (3, 4), whose norm is five thirds of the first
    entry."""
    return vector / (vector[0] * rational(5) / 3 + shift)


@check(
    NORM_CANCELS_GATE,
    part="gradient",
    establishes=exact(
        bound="y = (3, 4), g = 1/2, 1, 2, 3: derivatives by dual numbers; for all y see 'norm'"
    ),
    claimed=dict(shift=0),
    controls={"epsilon of a tenth": dict(shift="1/10")},
)
def gate_gets_no_gradient(shift) -> None:
    """A constant function of g has the derivative zero; the quotient on dual numbers."""
    for value in ("1/2", "1", "2", "3"):
        dual = Dual(rational(value), rational(1))
        vector = rational_array([3, 4]) * dual
        slopes = [entry.derivative for entry in _normalised(vector, rational(shift))]
        refute_unless(
            all(slope == 0 for slope in slopes),
            "the gate gets a gradient",
            g=rational(value),
            gradient=slopes,
        )


def _gate(scores):
    return 1 / sum(ball(score).exp() for score in scores)


def _subtracted(scores):
    return _gate([score - max(scores) for score in scores])


@check(
    DENOMINATOR_IS_A_GATE,
    establishes=counterexample(over="the single score −5", by="ball arithmetic (Arb)"),
    claimed=dict(scores=(-5,), factor=_gate),
    controls={
        "two negative scores": dict(scores=(-2, -3)),
        "a single score −1": dict(scores=(-1,)),
    },
    repairs={
        "a score that is not negative": dict(scores=(-5, 0)),
        "maximum subtracted": dict(factor=_subtracted),
    },
)
def factor_is_at_most_one(scores, factor) -> None:
    """``1/e^{−5} = 148.4…``; with the maximum subtracted a single score gives exactly 1."""
    with precision(100):
        value = factor(scores)
        note(factor=value.str(6, radius=False))
        if value > 1:
            raise Refuted("the factor exceeds one", {"scores": list(scores), "factor": value})
        if not value <= 1:
            raise Undecided(f"{value.str(8)} is not separated from 1")
        refute_unless(True, "the factor exceeds one", factor=value)


total, largest, rest, factor, added = scalars("total largest rest factor added")


@check(
    DENOMINATOR_RANGE,
    part="range",
    establishes=proof(over="every length, all scores"),
    claimed=dict(threshold=1),
    controls={"threshold two": dict(threshold=2), "no threshold": dict(threshold=0)},
)
def at_most_one_means(threshold) -> None:
    """With G·s = 1 and s > 0: ``(1 − G)·s = s − 1``, so 1 − G and s − 1 have one sign, and G > 0. A
    score x ≥ 0 contributes e^x ≥ 1 to the sum of positive numbers."""
    model = {"factor": rational("2/3"), "total": rational("3/2")}
    follows(
        (1 - factor) * total - (total - threshold),
        using=[(-1, factor * total - 1, 1)],
        models=[model],
        message="the signs differ",
    )


@check(
    DENOMINATOR_RANGE,
    part="maximum subtracted",
    establishes=proof(over="every length, all scores", by="non-negative combination"),
    claimed=dict(top=1 + 0 * rest),
    controls={"mean subtracted instead": dict(top=0 * rest)},
)
def sum_is_at_least_one(top) -> None:
    """The largest score contributes e^0 = 1, the ``rest`` is a sum of exponentials."""
    entails(
        top + rest - 1,
        given={"other exponentials": rest},
        certificate=[(1, ["other exponentials"], [])],
        message="the sum can be below one",
    )


@check(
    DENOMINATOR_RANGE,
    part="not monotone",
    establishes=proof(over="every length, a fixed query", by="non-negative combination"),
    claimed=dict(new=1 * added),
    controls={"a term that is subtracted": dict(new=-1 * added)},
)
def fixed_query_lowers_the_factor(new) -> None:
    """The sum grows by an exponential, so its reciprocal falls."""
    entails(
        total + new - total,
        given={"exponential": added, "sum": total},
        certificate=[(1, ["exponential"], [])],
        message="the sum falls",
    )


@check(
    DENOMINATOR_RANGE,
    part="not monotone",
    establishes=enclosure(bound="keys 1, 1 and queries 1, −1"),
    claimed=dict(queries=(1, -1)),
    controls={"same query": dict(queries=(1, 1)), "larger query": dict(queries=(1, 2))},
)
def another_query_raises_it(queries) -> None:
    """G_1 = 1/e, and G_2 = 1/(2e^{−1}) = e/2 for the query −1."""
    with precision(100):
        first = _gate([queries[0]])
        second = _gate([queries[1], queries[1]])
        if not (second > first or second < first):
            raise Undecided("the two factors are not separated")
        refute_unless(bool(second > first), "the factor falls", first=first, second=second)
