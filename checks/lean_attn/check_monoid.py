"""Merging partial softmax states: the laws of a commutative monoid."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, proof, refute_unless, smt
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.smt import unsatisfiable
from attnproof.theory.operator.online_softmax import (
    OnlineSoftmaxState,
    online_softmax_identity,
    online_softmax_merge,
)
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.lean_attn.merge import MONOID

# E_i = b^{m_i}; W a power b^M of any reference; f_i = b^{m_i − M}; o_i numerators.
E1, E2, E3, W, i, f1, f2 = scalars("E1 E2 E3 W i f1 f2")
o1, o2, o3, total, v = letters("o1 o2 o3 total v")
U, V, g, g3, h2, h3, k, k1 = scalars("U V g g3 h2 h3 k k1")

MODEL = {
    **dict(E1=rational(2), E2=rational(8), E3=rational(4), W=rational(8), i=rational("1/8")),
    **dict(f1=rational("1/4"), f2=rational(1), U=rational(8), V=rational(8), g=rational(1)),
    **dict(g3=rational("1/2"), h2=rational(1), h3=rational("1/2"), k=rational(1)),
    **dict(k1=rational("1/4")),
    **{name: rational_array([[n]]) for name, n in dict(o1=3, o2=5, o3=7, total=46, v=2).items()},
}


@check(
    MONOID,
    part="homomorphism",
    establishes=proof(over="every reference M, every width"),
    claimed=dict(merged=f1 * o1 + f2 * o2),
    controls={
        "first not rescaled": dict(merged=o1 + f2 * o2),
        "average": dict(merged=(o1 + o2) / 2),
        "one numerator lost": dict(merged=f2 * o2),
    },
)
def merging_adds(merged) -> None:
    """``b^M(b^{m_1−M}o_1 + b^{m_2−M}o_2) = b^{m_1}o_1 + b^{m_2}o_2``, from ``b^M b^{m−M} = b^m``.
    Denominators are the case of the value 1."""
    follows(
        W * merged - E1 * o1 - E2 * o2,
        using=[(1, W * f1 - E1, o1), (1, W * f2 - E2, o2)],
        models=[MODEL],
        message="merging does not add what it should",
    )


@check(
    MONOID,
    part="associativity",
    establishes=proof(over="all scores, every width"),
    claimed=dict(right=k1 * o1 + k * (h2 * o2 + h3 * o3)),
    controls={
        "inner merge not rescaled": dict(right=k1 * o1 + k * (o2 + o3)),
        "first not rescaled": dict(right=o1 + k * (h2 * o2 + h3 * o3)),
        "average of two merges": dict(right=(k1 * o1 + k * (h2 * o2 + h3 * o3)) / 2),
    },
)
def both_brackets(right) -> None:
    """U and V are the powers of the inner maxima, W that of the common outer one, i its inverse.
    Either bracket equals ``i(E_1o_1 + E_2o_2 + E_3o_3)``."""
    left = g * (f1 * o1 + f2 * o2) + g3 * o3
    unit = i * W - 1
    follows(
        left - right,
        using=[
            (-1, unit, left),
            (i, W * g - U, f1 * o1 + f2 * o2),
            (i, U * f1 - E1, o1),
            (i, U * f2 - E2, o2),
            (i, W * g3 - E3, o3),
            (1, unit, k1 * o1 + k * (h2 * o2 + h3 * o3)),
            (-i, W * k1 - E1, o1),
            (-i, W * k - V, h2 * o2 + h3 * o3),
            (-i, V * h2 - E2, o2),
            (-i, V * h3 - E3, o3),
        ],
        models=[MODEL],
        message="the brackets differ",
    )


@check(
    MONOID,
    part="maximum",
    establishes=smt(over="all real a, b, c", bounded=False),
    claimed=dict(inner="1"),
    controls={"inner mean": dict(inner="1/2"), "inner minimum": dict(inner="0")},
)
def maxima(inner) -> None:
    """The negation has no model. The inner operation is the stated multiple of the larger
    argument plus one minus that times the smaller."""
    import z3

    share = z3.RealVal(inner)
    a, b, c = z3.Reals("a b c")

    def operation(x, y):
        larger, smaller = z3.If(x >= y, x, y), z3.If(x >= y, y, x)
        return share * larger + (1 - share) * smaller

    def largest(x, y):
        return z3.If(x >= y, x, y)

    left, right = largest(operation(a, b), c), largest(a, operation(b, c))

    def recheck(a, b, c) -> bool:
        def mixed(x, y):
            return Fraction(inner) * max(x, y) + (1 - Fraction(inner)) * min(x, y)

        brackets = max(mixed(a, b), c) != max(a, mixed(b, c))
        return brackets or mixed(a, b) != mixed(b, a)

    unsatisfiable(
        [z3.Or(left != right, operation(a, b) != operation(b, a))],
        {"a": a, "b": b, "c": c},
        recheck=recheck,
        message="the brackets differ",
    )


@check(
    MONOID,
    part="concatenation",
    establishes=proof(over="every number of keys (induction), every width"),
    claimed=dict(appended=f2 * v),
    controls={"appended without its weight": dict(appended=v), "forgotten": dict(appended=0 * v)},
)
def one_more_key(appended) -> None:
    """Base: a single key has ``(s, 1, v)``, ``b^s·v`` being its term. Step: if ``b^m o`` is the sum
    ``T`` of the terms so far, merging in ``(s, 1, v)`` makes it ``T + b^s v``. So ``φ(f(X))`` is a
    sum over X, and φ of a merge is a sum over the union; φ is one to one for a given maximum."""
    follows(
        W * (f1 * o1 + appended) - total - E2 * v,
        using=[(1, W * f1 - E1, o1), (1, W * f2 - E2, v), (1, E1 * o1 - total, 1)],
        models=[MODEL | {"total": rational_array([[6]]), "E2": rational(4), "f2": rational("1/2")}],
        message="the key does not enter with its weight",
    )


def _grid() -> list[OnlineSoftmaxState]:
    states = [
        OnlineSoftmaxState(rational(m), rational(mass), rational_array([o]))
        for m, mass, o in product((-3, 0, 2), (1, 3), (-1, 0, 5))
    ]
    return [online_softmax_identity(1), *states]


def _plain(state: OnlineSoftmaxState) -> tuple:
    return state.maximum, state.denominator, state.numerator[0]


def merge_in_base_two(x: OnlineSoftmaxState, y: OnlineSoftmaxState) -> OnlineSoftmaxState:
    """The definition."""
    return online_softmax_merge(x, y, power_of_two)


def average_of_outputs(x: OnlineSoftmaxState, y: OnlineSoftmaxState) -> OnlineSoftmaxState:
    """The mean of two outputs, as if either had half the mass."""
    merged = merge_in_base_two(x, y)
    if x.maximum is None or y.maximum is None:
        return merged
    mean = (x.numerator / x.denominator + y.numerator / y.denominator) / 2
    return OnlineSoftmaxState(merged.maximum, rational(1), mean)


def later_reference(x: OnlineSoftmaxState, y: OnlineSoftmaxState) -> OnlineSoftmaxState:
    """The second maximum as the reference instead of the larger one."""
    if x.maximum is None or y.maximum is None:
        return merge_in_base_two(x, y)
    weight = power_of_two(np.array([x.maximum - y.maximum]))[0]
    return OnlineSoftmaxState(
        y.maximum, weight * x.denominator + y.denominator, weight * x.numerator + y.numerator
    )


@check(
    MONOID,
    part="laws of the definition",
    establishes=exact(bound="19 states including the identity, all 6859 triples, base 2"),
    claimed=dict(merge=merge_in_base_two),
    controls={
        "average of outputs": dict(merge=average_of_outputs),
        "second maximum as reference": dict(merge=later_reference),
    },
)
def laws(merge) -> None:
    """Commutativity, identity and associativity of the operator, exactly."""
    states = _grid()
    table = {(a, b): merge(states[a], states[b]) for a, b in product(range(len(states)), repeat=2)}
    for a, x in enumerate(states):
        refute_unless(
            _plain(table[a, 0]) == _plain(x) == _plain(table[0, a]), "no identity", state=_plain(x)
        )
    for a, b, c in product(range(1, len(states)), repeat=3):
        left, right = merge(table[a, b], states[c]), merge(states[a], table[b, c])
        refute_unless(
            _plain(left) == _plain(right),
            "the brackets differ",
            states=[_plain(states[index]) for index in (a, b, c)],
            left=_plain(left),
            right=_plain(right),
        )
        refute_unless(
            _plain(table[a, b]) == _plain(table[b, a]),
            "the order matters",
            states=[_plain(states[a]), _plain(states[b])],
        )
