"""Keys and queries under which a chosen key gets nearly all the weight."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.operator.superlinear_attention import (
    anchors,
    span,
    superlinear_attention,
)
from attnproof.theory.paper.superlinear.reachability import REACHABILITY

HEIGHT = 12


def _chosen_anchor(wanted: int, newest: int, backward) -> int:
    """An anchor in whose span the key lies; the oldest one if it lies in none."""
    found = anchors(newest)
    return next((a for a in found if wanted in span(a, newest, backward, 0)), found[-1])


@check(
    REACHABILITY,
    part="weight",
    establishes=exact(bound="t ≤ 40, every key, one and two spans, A = 12"),
    claimed=dict(backward=2, search=(1, 0)),
    controls={
        "spans that reach back once": dict(backward=1, drops="reach"),
        "one query for search and attention": dict(search=(0, 1)),
    },
)
def weight_of_the_key(backward, search) -> None:
    """The operator with one value 1, the others 0: its output is the weight of that key."""
    reach = rational(backward)
    for newest in range(1, 41):
        for wanted in range(newest + 1):
            anchor = _chosen_anchor(wanted, newest, reach)
            keys = [[0, 0] for _ in range(newest + 1)]
            keys[anchor][0] += HEIGHT
            keys[wanted][1] += HEIGHT
            values = rational_array([[int(j == wanted)] for j in range(newest + 1)])
            others = len(anchors(newest)) - 1
            rest = len(span(anchor, newest, reach, 0)) - 1
            top = rational(2**HEIGHT)
            for best in (1, 2):
                weight = superlinear_attention(
                    rational_array(search),
                    rational_array([0, 1]),
                    rational_array(keys),
                    values,
                    best=best,
                    backward=reach,
                    forward=rational(0),
                    power=power_of_two,
                )[0]
                stated = top / (top + others) * top / (top + rest)
                refute_unless(
                    weight >= stated,
                    "the key gets less weight",
                    b=reach,
                    newest=newest,
                    key=wanted,
                    anchor=anchor,
                    weight=weight,
                    stated=stated,
                )


top, others, rest = scalars("top others rest")


@check(
    REACHABILITY,
    part="nearly all",
    establishes=proof(over="every A and all numbers of keys", by="non-negative combination"),
    claimed=dict(lost=others + rest),
    controls={
        "only the other keys": dict(lost=1 * rest),
        "half of it": dict(lost=(others + rest) / 2),
    },
)
def weight_tends_to_one(lost) -> None:
    """Multiplied by 2^A and both denominators, with T = 2^A:
    ``T³ − (T − n_a − n_s)(T + n_a)(T + n_s) = T(n_a² + n_an_s + n_s²) + n_an_s(n_a + n_s)``."""
    entails(
        top * top * top - (top - lost) * (top + others) * (top + rest),
        given={"T": top, "n_a": others, "n_s": rest},
        certificate=[
            (1, ["T"], [others]),
            (1, ["T", "n_a", "n_s"], []),
            (1, ["T"], [rest]),
            (1, ["n_s"], [others]),
            (1, ["n_a"], [rest]),
        ],
        message="the weight is not nearly one",
    )
