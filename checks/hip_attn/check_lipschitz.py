"""Scores that change slowly along the sequence."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.hierarchically_pruned_attention import (
    centre,
    first_token,
    hierarchical_selection,
)
from attnproof.theory.paper.hip_attn.search import LIPSCHITZ

best, kept, lower, L, h, h0 = scalars("best kept lower L h h0")


@check(
    LIPSCHITZ,
    part="descent",
    establishes=proof(over="every T and k (induction on the levels)", by="non-negative sums"),
    claimed=dict(bound=1),
    controls={"half the bound": dict(bound=Fraction(1, 2))},
)
def levels_of_the_descent(bound) -> None:
    """Let h be the length of the children when the interval of the largest key is dropped, h ≤ h_0
    = T/(2k). Its representative is within h/2 of that key, so every survivor's representative
    scores at least ``best − Lh/2``. Below it, representatives move by at most h/4, h/8, …, 1, and
    once more by 1: at most h/2 in all, so the last key scores at least ``kept − Lh/2``. If the
    interval is never dropped, the largest key is selected."""
    given = {
        "survivors": kept - best + L * h / 2,
        "descent": lower - kept + L * h / 2,
        "L": L,
        "h ≤ h0": h0 - h,
    }
    entails(
        lower - best + bound * L * h0,
        given=given,
        certificate=[(1, ["survivors"], []), (1, ["descent"], []), (1, ["L", "h ≤ h0"], [])],
        models=[
            {name: rational(value) for name, value in
             dict(best=2, kept=1, lower=0, L=1, h=2, h0=2).items()}
        ],
        message="the selected key can score less",
    )  # fmt: skip


@check(
    LIPSCHITZ,
    part="centres",
    establishes=exact(bound="lengths 2, 4, …, 2^16; other offsets shift everything", by="integers"),
    claimed=dict(representative=centre),
    controls={"first token": dict(representative=first_token)},
)
def distance_of_centres(representative) -> None:
    """The representative of an interval at 0 and those of its halves; other offsets shift all."""
    for exponent in range(1, 17):
        half = 2 ** (exponent - 1)
        whole = representative(0, 2 * half)
        for start in (0, half):
            moved = abs(representative(start, start + half) - whole)
            refute_unless(
                2 * moved <= max(half, 2), "representatives are farther apart",
                h=half, moved=moved,
            )  # fmt: skip


@check(
    LIPSCHITZ,
    part="descent",
    establishes=exact(bound="T = 8, k = 1, 2, 4, every walk with steps −1, 0, 1", by="integers"),
    claimed=dict(bound=lambda length, budget: length // (2 * budget)),
    controls={"a quarter of the bound": dict(bound=lambda length, budget: length // (8 * budget))},
)
def every_walk(bound) -> None:
    """All score vectors with steps of size at most L = 1."""
    for length, budget in ((8, 1), (8, 2), (8, 4)):
        for steps in product((-1, 0, 1), repeat=length - 1):
            scores = [0]
            for step in steps:
                scores.append(scores[-1] + step)
            found = hierarchical_selection(scores, budget)[0]
            gap = max(scores) - max(scores[i] for i in found)
            refute_unless(
                gap <= bound(length, budget), "the selected keys fall shorter", T=length, k=budget,
                scores=scores, selected=found, gap=gap, bound=bound(length, budget),
            )  # fmt: skip
